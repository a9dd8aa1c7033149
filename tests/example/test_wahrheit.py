"""The truth of the example is in its figures: what differs truly differs, and the survey has the published shape."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.example import arbeitsmarkt, bevoelkerung
from analysis.example.kreis import gemeinden, musterkreis, ortsteile
from analysis.example.schreiben import SEED

PUBLISHED = {
    # Sozialbefragung 2023 of the Altenburger Land: 1,620 answers
    "with children": (0.328, lambda d: d[d.KI01 > 0].KI01 == 1),
    "parents who want more care offers": (0.481, lambda d: d[d.KI02 > 0].KI02 == 1),
    "parents who want youth facilities": (0.656, lambda d: d[d.KI01 == 1].KI03_01.dropna() == 2),
    "parents who want better clubs": (0.566, lambda d: d[d.KI01 == 1].KI03_02.dropna() == 2),
    "parents who want Horte and flexible hours": (0.269, lambda d: d[d.KI01 == 1].KI03_03.dropna() == 2),
    "satisfied with children": (0.55, lambda d: d[(d.KI01 == 1) & (d.ZU02 > 0)].ZU02 >= 4),
    "satisfied without children": (0.514, lambda d: d[(d.KI01 == 2) & (d.ZU02 > 0)].ZU02 >= 4),
    "dissatisfied with children": (0.138, lambda d: d[(d.KI01 == 1) & (d.ZU02 > 0)].ZU02 <= 2),
    "dissatisfied without children": (0.128, lambda d: d[(d.KI01 == 2) & (d.ZU02 > 0)].ZU02 <= 2),
    "single parents": (0.104, lambda d: d[(d.KI01 == 1) & (d.HH01_01 > 0)].HH01_01 == 1),
}


@pytest.fixture(scope="module")
def survey(ganz) -> pd.DataFrame:
    text = ganz["befragung/rdata_musterkreis_2023.csv"].decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    table = pd.DataFrame(rows, columns=header)
    table = table[table.MODE == "interview"]
    numbers = table.drop(columns=[c for c in table if c.startswith(("OF", "TIME_R"))])
    return numbers.apply(lambda column: pd.to_numeric(column, errors="coerce"))


def within_chance(hits: pd.Series, share: float) -> bool:
    """Whether a share is within 3.5 binomial standard errors of the one that is expected."""
    return abs(hits.mean() - share) < 3.5 * math.sqrt(share * (1 - share) / len(hits))


def test_1620_of_6000_answered(ganz, survey):
    frame = pd.read_csv(io.BytesIO(ganz["befragung/ziehung_musterkreis_2023.csv"]), sep=";", encoding="utf-8-sig")
    assert frame.n_gezogen.sum() == 6000 and frame.n_geantwortet.sum() == len(survey) == 1620
    assert 70_000 < frame.N.sum() < 80_000 and len(frame) == 8 * 5 * 2
    about = yaml.safe_load(ganz["befragung/befragung.yaml"])["befragung"]
    assert about["ziehung"]["je_raum"] == frame.groupby("raum", sort=False).n_gezogen.sum().to_dict()
    answered = frame.groupby("altersgruppe").n_geantwortet.sum() / frame.groupby("altersgruppe").n_gezogen.sum()
    assert answered["18-29"] < answered["45-64"] < answered["65-79"]
    by_area = frame.groupby("raum").n_geantwortet.sum() / frame.groupby("raum").n_gezogen.sum()
    assert by_area.idxmin() == "99099.nord"


@pytest.mark.parametrize("what", PUBLISHED)
def test_the_survey_has_the_published_shape(survey, what):
    share, hits = PUBLISHED[what]
    assert within_chance(hits(survey), share)


def test_poverty_from_income_brackets_is_near_the_published_shares(ganz, survey):
    """12.2 % at risk of poverty and 24.7 % more with a low income, from brackets with points drawn within them."""
    about = yaml.safe_load(ganz["befragung/befragung.yaml"])["befragung"]["fragen"]["EK01"]["klassen"]
    d = survey[(survey.EK01 > 0) & (survey.HH01_01 > 0) & (survey.HH01_02 >= 0) & (survey.HH01_03 >= 0)]
    low = d.EK01.map({code: bounds[0] for code, bounds in about.items()})
    high = d.EK01.map({code: bounds[1] or 7000 for code, bounds in about.items()})
    income = low + (high - low) * np.random.default_rng(1).random(len(d))
    equivalised = income / (1 + 0.5 * (d.HH01_01 - 1 + d.HH01_02) + 0.3 * d.HH01_03)
    median = yaml.safe_load(ganz["wahrheit.yaml"])["befragung"]["median_eur"]
    assert len(d) > 1200
    assert abs((equivalised < 0.6 * median).mean() - 0.122) < 0.035
    assert abs(((equivalised >= 0.6 * median) & (equivalised < 0.85 * median)).mean() - 0.247) < 0.045
    assert abs(equivalised.median() / median - 1) < 0.05


def test_about_a_hundred_items_of_every_kind(ganz):
    rows = csv.DictReader(
        io.StringIO(ganz["befragung/variables_musterkreis_2023.csv"].decode("utf-8-sig")), delimiter="\t"
    )
    table = pd.DataFrame(rows)
    items = table[table.INPUT != "SYSTEM"]
    assert 95 <= len(items) <= 130
    assert {"SELECTION", "SCALE", "MULTIPLE CHOICE", "OPEN"} == set(items.INPUT)
    columns = ganz["befragung/rdata_musterkreis_2023.csv"].decode("utf-8-sig").split("\r\n")[0].split("\t")
    assert [c.strip('"') for c in columns] == table.VAR.tolist()


def test_every_code_stands_in_the_codebook(ganz, survey):
    rows = csv.DictReader(
        io.StringIO(ganz["befragung/values_musterkreis_2023.csv"].decode("utf-8-sig")), delimiter="\t"
    )
    known = pd.DataFrame(rows).groupby("VAR").RESPONSE.apply(lambda codes: set(map(int, codes)))
    for column in ("RA01", "EK01", "KI02", "EK03_01", "ZU02", "AL06", "SC01"):
        assert set(survey[column].dropna().astype(int)) - {-9, -1} <= known[column], column
    assert set(survey.ZU01_05.dropna()) <= {-9, -1, 1, 2, 3, 4, 5}


def test_filters_hide_what_was_not_asked(survey):
    assert survey.KI02[survey.KI01 != 1].isna().all() and survey.GE03_01[survey.GE02 != 1].isna().all()
    assert survey.KI02[survey.KI01 == 1].notna().mean() > 0.95


def test_open_answers_hold_every_trap_once(ganz):
    from analysis.example.antworten import texte

    text = ganz["befragung/rdata_musterkreis_2023.csv"].decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    said = [row["OF03_01"] for row in rows]
    assert all(said.count(trap) == 1 for trap in texte()["fallen"])
    assert any("\n" in s for s in said) and any("\t" in s for s in said) and any('"' in s for s in said)


def test_poverty_is_the_same_everywhere_but_in_one_planungsraum(ganz):
    alle = yaml.safe_load(ganz["wahrheit.yaml"])["befragung"]["alle"]
    arm = pd.Series(alle["arm_je_planungsraum"])
    others = arm.drop("99099.nord")
    assert arm["99099.nord"] > 1.6 * others.mean()
    # 6,700 to 11,500 adults each: three standard errors around what the seven have in common
    assert (abs(others - others.mean()) < 3 * math.sqrt(0.11 * 0.89 / 6700)).all()


def test_an_item_with_a_true_difference_shows_it_and_one_without_does_not(survey):
    d = survey[(survey.ZU01_05 > 0) & (survey.ZU01_01 > 0)]
    hochland, others = d[d.SC01 == 8], d[~d.SC01.isin([7, 8])]
    assert others.ZU01_05.mean() - hochland.ZU01_05.mean() > 0.5
    error = d.ZU01_01.std() * math.sqrt(1 / len(hochland) + 1 / len(others))
    assert abs(others.ZU01_01.mean() - hochland.ZU01_01.mean()) < 3.5 * error


@pytest.fixture(scope="module")
def unemployed() -> pd.DataFrame:
    """Unemployed and residents of 15 to 64 per year and Ortsteil, Decembers."""
    stand = bevoelkerung.entwicklung(SEED)
    counts = arbeitsmarkt.arbeitslose(SEED, stand).xs(4, level="quartal").reset_index()
    able = pd.concat(
        {
            year: pd.Series(np.bincount(e.ortsteil[(year - e.jahrgang >= 15) & (year - e.jahrgang < 65)], minlength=50))
            for year, e in stand.items()
        },
        names=["jahr", "teil"],
    )
    counts = counts.merge(able.rename("faehig").reset_index(), on=["jahr", "teil"], validate="1:1")
    return counts.join(ortsteile()[["ags", "planungsraum"]], on="teil")


def test_unemployment_is_truly_higher_in_two_planungsraeume(unemployed):
    flat = unemployed[~unemployed.ags.isin(musterkreis()["arbeitslosigkeit"]["trend"]["gemeinden"])]
    sums = flat.groupby("planungsraum")[["arbeitslose", "faehig"]].sum()
    rate = sums.arbeitslose / sums.faehig
    higher = rate.loc[["99099.nord", "99099.uhrenstedt"]]
    same = rate.drop(higher.index)
    assert (higher / same.mean()).between(1.55, 1.85).all() and (same / same.mean()).between(0.93, 1.07).all()


def test_the_trend_is_in_three_gemeinden(unemployed):
    sums = unemployed.groupby(["ags", "jahr"])[["arbeitslose", "faehig"]].sum()
    rate = (sums.arbeitslose / sums.faehig).unstack("jahr")
    grown = rate[[2022, 2023, 2024]].mean(axis=1) / rate[[2015, 2016, 2017]].mean(axis=1)
    with_trend = musterkreis()["arbeitslosigkeit"]["trend"]["gemeinden"]
    assert len(with_trend) == 3 and (grown[with_trend] > 1.6).all()
    large = gemeinden().ags[gemeinden().einwohner > 3000].tolist()
    assert grown[[ags for ags in large if ags not in with_trend]].between(0.8, 1.2).all()


def test_three_groups_of_gemeinden_differ(ganz):
    ages = pd.read_csv(io.BytesIO(ganz["lieferungen/kennzahlen/altersgruppen_99099.csv"]), sep=";", dtype=str)
    last = ages[(ages.stichtag == "2024-12-31") & (ages.ags != "99099")]
    wide = last.assign(wert=last.wert.str.replace(",", ".").astype(float)).pivot(
        index="ags", columns="groesse", values="wert"
    )
    total = wide[["bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"]].sum(axis=1)
    young, old = wide.bevoelkerung_unter_18 / total, wide.bevoelkerung_ab_65 / total
    members = yaml.safe_load(ganz["wahrheit.yaml"])["gruppen"]["mitglieder"]
    assert {name: len(ags) for name, ags in members.items()} == {"land": 16, "stadt": 5, "umland": 9}
    assert young[members["umland"]].mean() > young[members["stadt"]].mean() > young[members["land"]].mean()
    assert old[members["land"]].min() > old[members["umland"]].max()
    e = bevoelkerung.entwicklung(SEED)[2024]
    foreign = pd.Series(e.auslaender).groupby(ortsteile().ags.to_numpy()[e.ortsteil]).mean()
    assert foreign[members["stadt"]].min() > foreign[members["land"]].max()


def test_two_seeds_have_the_same_truth_but_not_the_same_chance(unemployed):
    other = arbeitsmarkt.arbeitslose(1, bevoelkerung.entwicklung(1))
    assert other.arbeitslose.sum() != 0
    assert not np.array_equal(other.xs(4, level="quartal").arbeitslose.to_numpy(), unemployed.arbeitslose.to_numpy())
    assert abs(other.arbeitslose.sum() / 4 / unemployed.arbeitslose.sum() - 1) < 0.03


@pytest.fixture(scope="module")
def series(ganz) -> pd.DataFrame:
    """Yearly figures of the Kreis from 2012 on: a row per day, a column per quantity."""
    rows = pd.read_csv(io.BytesIO(ganz["lieferungen/kennzahlen/reihen_99099.csv"]), sep=";", dtype={"ags": str})
    return rows.pivot(index="stichtag", columns="groesse", values="wert")


def share(series: pd.DataFrame, part: str, whole: str) -> pd.Series:
    both = series[[part, whole]].dropna()
    return (both[part] / both[whole]).set_axis(both.index.str[:4].astype(int))


def test_children_with_benefits_fall_until_2021_and_rise_from_2022(series):
    """As the Sozialstrategie of the Altenburger Land says of its own series."""
    nef = share(series, "nef_unter_15", "bevoelkerung_unter_15")
    assert list(nef.index) == list(range(2012, 2025))
    assert (
        nef.idxmin() == 2021
        and (nef.loc[:2021].diff().dropna() < 0).all()
        and (nef.loc[2021:].diff().dropna() > 0).all()
    )
    families = share(series, "bedarfsgemeinschaften_mit_kindern", "bedarfsgemeinschaften")
    assert families.loc[2012:2014].mean() > 1.4 * families.loc[2019:2021].mean() < families.loc[2023:].mean() * 1.2
    course = musterkreis()["grundsicherung"]["kinder_verlauf"]
    assert min(course, key=course.get) == 2021 and list(course) == list(range(2012, 2025))


def test_what_is_declared_without_trend_has_none_and_what_rises_rises(series):
    from scipy.stats import linregress

    wahr = musterkreis()["reihen"]
    flat = share(series, "seu_motorik_auffaellig", "seu_untersuchte")
    n = series.seu_untersuchte.dropna().mean()
    expected = wahr["konstant"]["seu_motorik_auffaellig"]
    assert (abs(flat - expected) < 3.5 * math.sqrt(expected * (1 - expected) / n)).all()
    assert linregress(flat.index, flat).pvalue > 0.05
    low, high = wahr["stetig"]["seu_sprache_auffaellig"]
    rising = linregress(*(lambda s: (s.index, s))(share(series, "seu_sprache_auffaellig", "seu_untersuchte")))
    assert rising.pvalue < 0.001 and rising.slope == pytest.approx((high - low) / 12, rel=0.35)


def test_births_deaths_and_moves_explain_the_population(ganz):
    stand, moves = bevoelkerung.verlauf(SEED)
    sums = moves.groupby("jahr").sum()
    for year in range(2016, 2025):
        change = sums.geburten[year] - sums.sterbefaelle[year] + sums.zuzuege[year] - sums.fortzuege[year]
        assert len(stand[year]) - len(stand[year - 1]) == change
    rows = pd.read_csv(
        io.BytesIO(ganz["lieferungen/kennzahlen/reihen_gemeinden_99099.csv"]), sep=";", dtype={"ags": str}
    )
    births = rows[rows.groesse == "geburten"].groupby("stichtag").wert.sum()
    assert births.tolist() == sums.geburten.tolist() and len(births) == 9


def test_the_gemeinden_add_up_to_the_series_of_the_kreis(ganz, series):
    rows = pd.read_csv(
        io.BytesIO(ganz["lieferungen/kennzahlen/reihen_gemeinden_99099.csv"]), sep=";", dtype={"ags": str}
    )
    sums = rows.groupby(["groesse", "stichtag"]).wert.sum()
    for (groesse, day), n in sums.items():
        assert series.loc[day, groesse] == n
