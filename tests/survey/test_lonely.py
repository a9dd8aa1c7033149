"""A stratum with one unit: errors under all four rules, whole and in domains, against R survey (lonely.R)."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey.design import Design, Kalibrierung, design
from analysis.survey.estimates import mean, ratio, share, total
from analysis.survey.quantiles import quantile

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"
REGELN = {"remove": "weglassen", "certainty": "weglassen", "adjust": "anpassen", "average": "mitteln"}
SAMPLES = {"elemente": "apistrat", "klumpen": "apiclus1", "zweistufig": "apiclus2", "kalibriert": "apiclus1"}
DOMAINS = {
    "alle": lambda x: None,
    "ausgezeichnet": lambda x: x.awards == 1,
    "grundschule": lambda x: x.stype == "E",
    "bis_m": lambda x: x.letter < "N",
}


@cache
def expected() -> pd.DataFrame:
    return pd.read_csv(EXPECTED / "lonely.csv")


def sample(name: str, rule: str) -> tuple[Design, pd.DataFrame]:
    data = pd.read_csv(EXPECTED / "data_lonely.csv")
    data = data[data["sample"] == SAMPLES[name]].reset_index(drop=True)
    data["schicht"] = data.stype + data.letter
    if name == "elemente":
        return design(data, "pw", schicht="schicht", einzeln=rule), data
    if name == "zweistufig":
        units = {"einheit": ["dnum", "snum"], "umfang": ["fpc1", "fpc2"]}
        return design(data, schicht="letter", einzeln=rule, **units), data
    plain = design(data, "pw", schicht="letter", einheit="dnum", einzeln=rule)
    if name == "klumpen":
        return plain, data
    after, root = pd.read_csv(EXPECTED / "lonely_kalibriert.csv").gewicht.to_numpy(), np.sqrt(plain.gewicht)
    margins = np.column_stack([np.ones(len(data)), data.stype == "H", data.stype == "M"])
    return plain.mit_gewicht(after, Kalibrierung(np.linalg.qr(margins * root[:, None])[0], after / root)), data


def estimated(name: str, rule: str, part: str) -> pd.DataFrame:
    """Columns `wert` and `se` per statistic."""
    plan, data = sample(name, rule)
    inside = DOMAINS[part](data)
    found = {
        "mittelwert": mean(plan, data.api00, inside),
        "mit_luecken": mean(plan, data.acs46, inside),
        "summe": total(plan, data.stu, inside),
        "verhaeltnis": ratio(plan, data.api00, data.api99, inside),
        "anteil": share(plan, data.schwide, inside, [0, 1]),
    }
    median = quantile(plan, data.api00, 0.5, inside).iloc[-1]
    rows = {kind: (s.wert.iloc[-1], s.se.iloc[-1]) for kind, s in found.items()} | {"median": (median.wert, median.se)}
    return pd.DataFrame(rows, index=["wert", "se"]).T


def of_r(name: str, rule: str, part: str, also_domains: bool = False) -> pd.DataFrame:
    x = expected()
    x = x[(x.design == name) & (x.regel == rule) & (x.bereich == part) & (x.im_bereich == also_domains)]
    return x.set_index("kennzahl")[["wert", "se"]]


@pytest.mark.parametrize("part", DOMAINS)
@pytest.mark.parametrize("rule", REGELN)
@pytest.mark.parametrize("name", SAMPLES)
def test_errors_equal_those_of_r(name, rule, part):
    values = of_r(name, rule, part)
    if (name, rule) == ("zweistufig", "average"):  # districts with one school have no other stratum to take a mean of
        assert values.se.isna().all()
        with pytest.raises(InputError, match=r"stage 2: .* have one unit .*\(einzeln: weglassen, anpassen\)"):
            estimated(name, REGELN[rule], part)
        return
    found = estimated(name, REGELN[rule], part).loc[values.index]
    np.testing.assert_allclose(found.wert, values.wert, rtol=1e-9)
    if rule == "average" and name != "kalibriert":
        found, values = found.drop("median"), values.drop("median")  # its bounds are answers, they jump
        se = values.se * [growth(name, part, kind) for kind in values.index]
    else:
        se = values.se
    np.testing.assert_allclose(found.se, se, rtol=1e-7)


def growth(name: str, part: str, kind: str) -> float:
    """How much larger an error is than that of R, which forgets strata that have nobody in the domain."""
    plan, data = sample(name, "mitteln")
    stratum, lonely = plan.stufen[0].schicht, plan.stufen[0].einzeln
    inside = pd.Series(True, data.index) if part == "alle" else DOMAINS[part](data)
    there = np.unique(stratum[inside & data.acs46.notna() if kind == "mit_luecken" else inside])
    in_r, here = len(there) / (~lonely[there]).sum(), len(lonely) / (~lonely).sum()
    return np.sqrt(here / in_r)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_r_refuses_is_refused(name):
    assert of_r(name, "fail", "alle").se.isna().all()
    with pytest.raises(InputError, match=r"strata have one unit .*einzeln: weglassen, anpassen"):
        sample(name, "fehler")


def test_the_option_of_r_for_domains_changes_nothing_where_strata_are_left_out():
    for name in SAMPLES:
        for part in DOMAINS:
            pd.testing.assert_frame_equal(of_r(name, "remove", part, True), of_r(name, "remove", part), rtol=1e-12)
