"""Chance from uniform numbers alone, so that a seed gives the same figures on every machine and NumPy version."""

import numpy as np

THEMEN = ("bevoelkerung", "melderegister", "fortschreibung", "arbeitsmarkt", "sozialleistungen", "flaechen", "ziehung")
THEMEN += ("haushalte", "antworten", "ausfall", "ablauf", "texte", "beschaeftigung", "reihen")
"""Topics with a stream of their own: drawing more in one changes nothing in the others."""


def strom(seed: int, thema: str) -> np.random.Generator:
    """Stream of random numbers of a topic; only `random()` is called on it."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, THEMEN.index(thema)])))


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    """About normal numbers with mean 0 and variance 1: the sum of twelve uniform ones minus six."""
    return rng.random((n, 12)).sum(axis=1) - 6


def waehlen(rng: np.random.Generator, gewichte: np.ndarray, n: int | None = None) -> np.ndarray:
    """Index drawn in proportion to weights.

    Parameters
    ----------
    rng
        Stream.
    gewichte
        One row of weights for all draws, or one row per draw.
    n
        Number of draws; needed for one row of weights.
    """
    gewichte = np.asarray(gewichte, float)
    grenzen = gewichte.cumsum(axis=-1)
    if gewichte.ndim == 1:
        u = rng.random(n) * grenzen[-1]
        return np.minimum(np.searchsorted(grenzen, u, side="right"), len(gewichte) - 1)
    u = rng.random(len(gewichte))[:, None] * grenzen[:, -1:]
    return np.minimum((u >= grenzen).sum(axis=1), gewichte.shape[1] - 1)


def auswahl(rng: np.random.Generator, gewichte: np.ndarray, n: int) -> np.ndarray:
    """Indices of exactly n units, each with a chance in proportion to its weight.

    Systematic in random order; no weight may be above the n-th part of their sum.
    """
    gewichte = np.asarray(gewichte, float)
    order = np.argsort(rng.random(len(gewichte)), kind="stable")
    bounds = gewichte[order].cumsum()
    marks = np.arange(n) + rng.random()
    return np.sort(order[np.searchsorted(bounds / bounds[-1] * n, marks, side="right")])
