"""The equations of calibration: factors g = F(x'λ) with which weighted sums reach their totals, solved by Newton.

The factors minimise a distance to 1, which is a convex problem without other minima; its dual is what is solved here,
in an orthonormal basis of the calibration variables and with a step that is halved until it helps. Where no solution
comes, a linear programme tells whether there is none.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, sparse

from analysis.errors import InputError

VERFAHREN = ("linear", "raking", "logit")

TOLERANZ = 1e-10
"""Largest deviation of a total, relative to it, that counts as reached."""

_KEINE = 1e-6
"""Relative deviation that no weights avoid: above it there is no solution."""


@dataclass(frozen=True)
class Aufgabe:
    """What to solve.

    Attributes
    ----------
    x, summen
        Calibration variables, respondents × variables, and their totals in the population.
    gewicht
        Weight before.
    basis, ziel
        Orthonormal basis of x times the root of the weights, and the totals in its terms.
    unten, oben
        Bounds of the factor per respondent, infinite for none.
    """

    x: np.ndarray
    summen: np.ndarray
    gewicht: np.ndarray
    basis: np.ndarray
    ziel: np.ndarray
    unten: np.ndarray
    oben: np.ndarray
    verfahren: str
    namen: list[str]

    @cached_property
    def wurzel(self) -> np.ndarray:
        """Root of the weights."""
        return np.sqrt(self.gewicht)

    def abweichung(self, g: np.ndarray) -> np.ndarray:
        """Weighted totals minus those of the population, relative to the larger of total and sum of amounts."""
        weighted = self.gewicht * g
        size = np.maximum(np.abs(self.summen), np.abs(weighted) @ np.abs(self.x))
        return (weighted @ self.x - self.summen) / np.where(size > 0, size, 1.0)


def solve(task: Aufgabe, durchgaenge: int) -> tuple[np.ndarray, int]:
    """Factors per respondent and the number of iterations.

    Raises
    ------
    InputError
        No weights within the bounds have these totals, or none were found.
    """
    _check_reach(task)
    eta = np.zeros(len(task.ziel))
    g, slope, dual = _factors(task, eta)
    for iteration in range(1, durchgaenge + 1):
        gradient = task.basis.T @ (task.wurzel * g) - task.ziel
        step = _newton_step(task.basis, slope, gradient)
        eta, (g, slope, dual), moved = _search(task, eta, step, gradient, dual)
        deviation = np.abs(task.abweichung(g)).max()
        if deviation < TOLERANZ:
            return g, iteration
        if not moved:
            break
    _refuse(task, g, iteration)


def _factors(task: Aufgabe, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Factors, their slope, and the dual function at `eta`."""
    u, low, high = (task.basis @ eta) / task.wurzel, task.unten, task.oben
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if task.verfahren == "logit":
            # written by the share of the way from one bound to the other, so that large u do not overflow
            a = (high - low) / ((high - 1) * (1 - low))
            share = 1 / (1 + (high - 1) / (1 - low) * np.exp(-a * u))
            g = low + (high - low) * share
            slope = (high - low) * a * share * (1 - share)
            integral = low * u + (high - low) / a * np.logaddexp(np.log(high - 1), np.log(1 - low) + a * u)
        else:
            free = 1 + u if task.verfahren == "linear" else np.exp(u)
            g = np.clip(free, low, high)
            inside = (free > low) & (free < high)
            slope = np.where(inside, 1.0 if task.verfahren == "linear" else free, 0.0)
            if task.verfahren == "linear":
                integral = np.where(inside, u + u * u / 2, g * u - (g - 1) ** 2 / 2)
            else:
                integral = np.where(inside, free, g * u + g - g * np.log(np.where(g > 0, g, 1.0)))
        dual = float(task.gewicht @ integral - task.ziel @ eta)
    return g, slope, dual


def _newton_step(basis: np.ndarray, slope: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Newton's step; where too few respondents can still move, all count a little."""
    hessian = basis.T @ (slope[:, None] * basis)
    sizes = np.linalg.eigvalsh(hessian)
    if sizes[0] < 1e-9 * max(sizes[-1], 1e-300):
        floor = max(1e-3 * slope.mean(), 1e-9)
        hessian = basis.T @ (np.maximum(slope, floor)[:, None] * basis)
    return -np.linalg.solve(hessian, gradient)


def _search(task: Aufgabe, eta, step, gradient, dual):
    """Halve the step until the dual function falls; near the solution, where that is lost in rounding, the distance."""
    length, slope = 1.0, float(gradient @ step)
    before = float(np.abs(gradient).max())
    close = -slope < 1e-9 * task.gewicht.sum()
    for _ in range(60):
        new = eta + length * step
        found = _factors(task, new)
        if np.isfinite(found[0]).all() and np.isfinite(found[2]):
            near = float(np.abs(task.basis.T @ (task.wurzel * found[0]) - task.ziel).max())
            if found[2] <= dual + 1e-4 * length * slope or (close and near < before):
                return new, found, True
        length /= 2
    return eta, _factors(task, eta), False


def _check_reach(task: Aufgabe) -> None:
    """Refuse a total that lies outside of what the bounds allow for its variable alone."""
    up, down = np.maximum(task.x, 0), np.minimum(task.x, 0)
    low, high = (np.where(np.isinf(b), b, task.gewicht * b)[:, None] for b in (task.unten, task.oben))
    with np.errstate(invalid="ignore"):  # 0 times infinite: who does not count
        least = (np.where(up > 0, up * low, 0.0) + np.where(down < 0, down * high, 0.0)).sum(axis=0)
        most = (np.where(up > 0, up * high, 0.0) + np.where(down < 0, down * low, 0.0)).sum(axis=0)
    room = 1e-9 * np.abs(task.summen)
    outside = (task.summen < least - room) | (task.summen > most + room)
    if outside.any():
        i = int(np.flatnonzero(outside)[0])
        before = task.gewicht @ task.x[:, i]
        needed = f", a factor of {task.summen[i] / before:.4g} on average" if before > 0 else ""
        raise InputError(
            f"calibration: the bounds cannot be met: {task.namen[i]} has {before:,.6g} in the sample and "
            f"{task.summen[i]:,.6g} in the population{needed}; the bounds allow {least[i]:,.6g} to {most[i]:,.6g}"
        )


def _refuse(task: Aufgabe, g: np.ndarray, iteration: int) -> None:
    deviation, where = _nearest(task)
    if deviation > _KEINE:
        what = "within the bounds " if np.isfinite(task.oben).any() or (task.unten > 0).any() else "above 0 "
        raise InputError(
            f"calibration: no weights {what}have all these totals; with the nearest ones {task.namen[where]} still "
            f"deviates by {deviation:.2%} of its total"
        )
    relative = np.abs(task.abweichung(g))
    worst = int(np.argmax(relative))
    raise InputError(
        f"calibration: no convergence after {iteration} iterations; {task.namen[worst]} deviates by "
        f"{task.gewicht * g @ task.x[:, worst] - task.summen[worst]:,.6g} ({relative[worst]:.2g} of its total)"
    )


def _nearest(task: Aufgabe) -> tuple[float, int]:
    """Largest relative deviation of the weights within the bounds whose deviations have the smallest sum."""
    size = np.where(task.summen != 0, np.abs(task.summen), np.maximum(task.gewicht @ np.abs(task.x), 1e-300))
    k, n = len(size), len(task.gewicht)
    equations = sparse.hstack(
        [sparse.csc_matrix((task.gewicht[:, None] * task.x / size).T), sparse.eye(k), -sparse.eye(k)]
    )
    bounds = np.vstack([np.column_stack([task.unten, task.oben]), np.tile([0.0, np.inf], (2 * k, 1))])
    cost = np.concatenate([np.zeros(n), np.ones(2 * k)])
    found = optimize.linprog(cost, A_eq=equations, b_eq=task.summen / size, bounds=bounds, method="highs")
    if found.status != 0:
        return 0.0, 0
    deviation = found.x[n : n + k] + found.x[n + k :]
    return float(deviation.max()), int(np.argmax(deviation))
