"""How often intervals of the whole chain, from the design to the bounds, cover a share of a known population."""

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design import design
from analysis.survey.estimates import mean
from analysis.survey.intervals import share_intervals
from analysis.survey.schaetzung import Schaetzung

BIG, DRAWN, ODDS = np.array([900, 1400, 2100, 3300]), np.array([130, 160, 220, 310]), np.array([0.7, 0.9, 1.0, 1.2])
SAMPLES, AT_ONCE = 10_000, 500


def estimates(aim: float) -> tuple[float, list[Schaetzung]]:
    """True share, and its estimates from samples of four strata drawn at unlike rates; one column is one sample."""
    random = np.random.default_rng(2023)
    having = np.round(aim * ODDS * BIG).astype(int)
    stratum = np.repeat(np.arange(4), DRAWN)
    place = np.concatenate([np.arange(n) for n in DRAWN])
    frame = pd.DataFrame({"h": stratum, "w": (BIG / DRAWN)[stratum], "umfang": BIG[stratum]})
    plan = design(frame, "w", schicht="h", umfang="umfang")
    found = []
    for _ in range(SAMPLES // AT_ONCE):
        hits = random.hypergeometric(having, BIG - having, DRAWN, size=(AT_ONCE, 4))
        found.append(mean(plan, pd.DataFrame((place[:, None] < hits[:, stratum].T).astype(float))))
    return having.sum() / BIG.sum(), found


def covered(true: float, found: list[Schaetzung], variance: float = 1.0) -> float:
    """Part of the intervals that hold the true share, with variances multiplied by a factor."""
    bounds = [
        share_intervals(Schaetzung(s.wert, s.kovarianz * variance, s.freiheitsgrade, s.n), "logit") for s in found
    ]
    both = pd.concat(bounds)
    return float(((both.unten <= true) & (true <= both.oben)).mean())


@pytest.mark.parametrize("aim", [0.6, 0.35, 0.2])
def test_common_shares_are_covered_as_often_as_said_and_a_wrong_variance_would_show(aim):
    true, found = estimates(aim)
    assert 0.935 <= covered(true, found) <= 0.965
    assert covered(true, found, 0.8) < 0.935 and covered(true, found, 1.2) > 0.965
