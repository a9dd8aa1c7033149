"""k-means: groups around their means, many starts and many resamples at once."""

import numpy as np

STARTS = 10
"""Starts of k-means; the one with the smallest sum of squares counts."""

VERFEINERT = 3
"""Starts with the smallest sums of squares, in which single areas may still change."""

_RUNDEN, _GEWINN = 300, 1e-9
"""Most steps of one start; part of the sum of squares from which a change is a gain."""


def kmeans(matrix: np.ndarray, auswahl: np.ndarray, k: int, zufall: np.ndarray) -> np.ndarray:
    """k-means groups of each resample of the areas.

    Lloyd's algorithm from k-means++ starts (Arthur, Vassilvitskii 2007), then, from the three best, changes of single
    areas as long as one makes the sum of squares smaller (the criterion of Hartigan, Wong 1979, R `kmeans`): with few
    areas Lloyd's steps alone often end too early. All resamples and starts go side by side.

    Parameters
    ----------
    matrix
        Areas × indicators.
    auswahl
        Which areas each resample contains, resamples × areas.
    zufall
        Uniform random numbers, resamples × starts × k, that choose the first means.

    Returns
    -------
    numpy.ndarray
        Resamples × areas, from 0; also for areas that a resample does not contain (the nearest mean).
    """
    x = matrix - matrix.mean(axis=0)
    resamples, starts, _ = zufall.shape
    member = np.repeat(auswahl.T, starts, axis=1)
    labels, within = _lloyd(x, member, _first_means(x, member, zufall.reshape(-1, k).T))
    promising = np.argsort(within.reshape(resamples, starts), axis=1, kind="stable")[:, :VERFEINERT]
    runs = (promising + np.arange(resamples)[:, None] * starts).ravel()
    labels, within = _exchange(x, member[:, runs], labels[:, runs], k)
    # starts that found the same groups differ by rounding only: the first of them counts
    within = within.reshape(promising.shape)
    best = (within <= within.min(axis=1, keepdims=True) * (1 + 1e-9)).argmax(axis=1)
    return labels.T.reshape(*promising.shape, -1)[np.arange(resamples), best]


def _first_means(x: np.ndarray, member: np.ndarray, zufall: np.ndarray) -> np.ndarray:
    """Areas to start from, each next one with a chance by its squared distance to those chosen: k × runs × p."""
    squares = (x**2).sum(axis=1)
    runs = member.shape[1]
    centres = np.empty((len(zufall), runs, x.shape[1]))
    chance = member.astype(float)
    for j, u in enumerate(zufall):
        below = chance.cumsum(axis=0)
        pick = (below <= u * below[-1]).sum(axis=0)
        # every distinct area is chosen already: any that is a member
        pick = np.where(pick < len(x), pick, member.argmax(axis=0))
        centres[j] = x[pick]
        distance = squares[:, None] + squares[pick] - 2 * x @ x[pick].T
        distance[distance < 1e-12 * squares.max()] = 0
        chance = np.minimum(chance, distance) if j else distance * member
    return centres


def _lloyd(x: np.ndarray, member: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Groups (areas × runs) at the end of each run, and the sum of squares within; `centres` is worked in."""
    k, runs, _ = centres.shape
    with_one = np.column_stack([x, np.ones(len(x))])
    squares = member.T.astype(float) @ (x**2).sum(axis=1)
    found, within = np.zeros((len(x), runs), np.int8), np.zeros(runs)
    active, before = np.arange(runs), np.int8(-1)
    for step in range(_RUNDEN):
        labels, score = nearest(x, centres)
        done = ~((labels != before) & member).any(axis=0) | (step == _RUNDEN - 1)
        if done.any():
            at = active[done]
            found[:, at] = labels[:, done]
            within[at] = squares[at] - 2 * (score[:, done] * member[:, done]).sum(axis=0)
            active, member, labels, centres = active[~done], member[:, ~done], labels[:, ~done], centres[:, ~done]
            if not len(active):
                break
        before = labels
        for j in range(k):
            total = ((labels == j) & member).astype(float).T @ with_one
            filled = total[:, -1] > 0
            centres[j, filled] = total[filled, :-1] / total[filled, -1:]
    return found, within


def _exchange(x: np.ndarray, member: np.ndarray, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups when no change of a single area makes the sum of squares within smaller, and that sum.

    All areas that gain change at once; where this makes the sum larger only the one that gains most does.
    """
    found, within = labels.copy(), np.full(labels.shape[1], np.inf)
    active, trial, single = np.arange(labels.shape[1]), labels, labels
    several = np.ones(len(active), bool)
    for _ in range(_RUNDEN):
        gain, target, total = _gains(x, member, trial, k)
        better = total < within[active]
        at = active[better]
        found[:, at], within[at] = trial[:, better], total[better]
        gaining = gain > _GEWINN * total
        further = better & gaining.any(axis=0)
        going = further | (~better & several)
        if not going.any():
            break
        best = np.arange(len(x))[:, None] == gain.argmax(axis=0)
        trial = np.where(further, np.where(gaining, target, trial), single)[:, going]
        single = np.where(further & best, target, np.where(further, found[:, active], single))[:, going]
        active, member, several = active[going], member[:, going], further[going]
    return found, within


def _gains(x: np.ndarray, member: np.ndarray, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the best change of each area gains, the group it goes to (areas × runs), and the sum of squares within."""
    runs = labels.shape[1]
    with_one = np.column_stack([x, np.ones(len(x))])
    homes = [(labels == j) & member for j in range(k)]
    total = np.array([home.astype(float).T @ with_one for home in homes])
    size = total[..., -1]
    centres = total[..., :-1] / np.maximum(size, 1)[..., None]
    distance = (centres**2).sum(axis=2).ravel() - 2 * x @ centres.reshape(-1, x.shape[1]).T
    distance += (x**2).sum(axis=1)[:, None]
    best, target = np.full(labels.shape, np.inf), np.zeros(labels.shape, np.int8)
    leaving, within = np.zeros(labels.shape), np.zeros(runs)
    for j, home in enumerate(homes):
        part = distance[:, j * runs : (j + 1) * runs]
        own = part * home
        within += own.sum(axis=0)
        leaving += own * np.where(size[j] > 1, size[j] / np.maximum(size[j] - 1, 1), 0)
        cost = part * (size[j] / (size[j] + 1))
        cost[home] = np.inf
        np.maximum(target, (cost < best).view(np.int8) * np.int8(j), out=target)
        np.minimum(best, cost, out=best)
    return np.where(member, leaving - best, -np.inf), target, within


def nearest(x: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the nearest centre (areas × runs; the first of equal ones), and x·c - c²/2 of it."""
    k, runs, p = centres.shape
    score = x @ centres.reshape(-1, p).T - (centres**2).sum(axis=2).ravel() / 2
    best, labels = score[:, :runs].copy(), np.zeros((len(x), runs), np.int8)
    for j in range(1, k):
        other = score[:, j * runs : (j + 1) * runs]
        # j is higher than all numbers before: the maximum sets it without a branch per area
        np.maximum(labels, (other > best).view(np.int8) * np.int8(j), out=labels)
        np.maximum(best, other, out=best)
    return labels, best
