"""Gaussian mixture: groups as overlapping clouds, many resamples at once."""

import numpy as np

STREUUNG_MINDESTENS = 0.01
"""Added to each variance, so that no cloud shrinks to one area (scikit-learn `reg_covar`)."""

_RUNDEN, _GENAU = 100, 1e-3
"""Most steps, and gain of the mean log-likelihood below which a run ends (scikit-learn's defaults)."""


def gmm(matrix: np.ndarray, auswahl: np.ndarray, anfang: np.ndarray, k: int) -> np.ndarray:
    """Groups of a Gaussian mixture with one variance per indicator and cloud, for each resample.

    Parameters
    ----------
    matrix
        Areas × indicators.
    auswahl
        Which areas each resample contains, resamples × areas.
    anfang
        Groups to start from (those of k-means), resamples × areas, from 0.

    Returns
    -------
    numpy.ndarray
        Most probable cloud, resamples × areas, from 0.

    Notes
    -----
    EM algorithm; equal to scikit-learn `GaussianMixture(covariance_type="diag", reg_covar=0.01)` from equal starts.
    """
    x = matrix - matrix.mean(axis=0)
    powers = np.column_stack([np.ones(len(x)), x, x**2])
    p, runs = x.shape[1], len(auswahl)
    member = auswahl.T
    share = ((anfang.T[:, None, :] == np.arange(k)[:, None]) & member[:, None, :]).astype(float)
    sizes = member.sum(axis=0)
    found = np.empty((len(x), runs), np.int8)
    active, before = np.arange(runs), np.full(runs, -np.inf)
    for step in range(_RUNDEN):
        total = (powers.T @ share.reshape(len(x), -1)).reshape(2 * p + 1, k, len(active))
        count = total[0] + 10 * np.finfo(float).eps
        mean = total[1 : p + 1] / count
        variance = total[p + 1 :] / count - mean**2 + STREUUNG_MINDESTENS
        constant = np.log(count / count.sum(axis=0)) - 0.5 * (
            p * np.log(2 * np.pi) + np.log(variance).sum(axis=0) + (mean**2 / variance).sum(axis=0)
        )
        factors = np.concatenate([constant[None], mean / variance, -0.5 / variance])
        logs = (powers @ factors.reshape(2 * p + 1, -1)).reshape(len(x), k, -1)
        highest = logs.max(axis=1, keepdims=True)
        share = np.exp(logs - highest)
        whole = share.sum(axis=1, keepdims=True)
        likelihood = ((highest + np.log(whole))[:, 0] * member).sum(axis=0) / sizes
        done = (np.abs(likelihood - before) < _GENAU) | (step == _RUNDEN - 1)
        if done.any():
            found[:, active[done]] = logs[:, :, done].argmax(axis=1)
            if done.all():
                break
        keep = ~done
        share = (share / whole * member[:, None, :])[:, :, keep]
        active, before, member, sizes = active[keep], likelihood[keep], member[:, keep], sizes[keep]
    return found.T
