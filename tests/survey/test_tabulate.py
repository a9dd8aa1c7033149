from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answers import reasons, valid
from analysis.codebook import NICHT_GEWAEHLT, Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError
from analysis.sources.befragung import load
from analysis.survey.answer_codes import coded
from analysis.survey.design import EINZELN, Kalibrierung, design
from analysis.survey.estimates import mean, share
from analysis.survey.intervals import few
from analysis.survey.tabulate import battery, multiple_response, tabulate

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "expected" / "survey"


def item(name: str, typ: str, codes=(), **more) -> Frage:
    return Frage(name, typ, (Merkmal(name, typ, labels={c: f"Antwort {c}" for c in codes}, **more),))


API = Codebuch((
    item("essen", "skala", range(1, 6)), item("klasse", "skala", range(1, 5)), item("plaetze", "zahl"),
    item("stype", "einfach", "EHM"), item("awards", "einfach", ("No", "Yes")),
    item("sch.wide", "einfach", ("No", "Yes")),
))  # fmt: skip
NHANES = Codebuch((item("alter", "skala", range(1, 5)), item("chol", "einfach", (0, 1))))


def data(name: str) -> pd.DataFrame:
    frame = pd.read_csv(EXPECTED / f"data_tables_{name}.csv")
    return frame.astype({c: "Int64" for c in ("essen", "klasse", "plaetze", "alter", "chol") if c in frame})


def designs() -> dict:
    strat, clus, two, nhanes = (data(name) for name in ("apistrat", "apiclus1", "apiclus2", "nhanes"))
    klumpen = design(clus, "pw", einheit="dnum", umfang="fpc")
    margins = pd.get_dummies(clus.stype, drop_first=True).astype(float).assign(eins=1.0, api99=clus.api99)
    root = np.sqrt(klumpen.gewicht)
    step = Kalibrierung(np.linalg.qr(margins.to_numpy() * root[:, None])[0], clus.gewicht_greg.to_numpy() / root)
    return {
        "srs": (strat, API, design(strat, "pw")),
        "geschichtet": (strat, API, design(strat, "pw", schicht="stype", umfang="fpc")),
        "klumpen": (clus, API, klumpen),
        "zweistufig": (two, API, design(two, einheit=["dnum", "snum"], umfang=["fpc1", "fpc2"])),
        "kalibriert": (clus, API, klumpen.mit_gewicht(clus.gewicht_greg, step)),
        "nhanes": (nhanes, NHANES, design(nhanes, "WTMEC2YR", schicht="SDMVSTRA", einheit="SDMVPSU")),
    }


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return pd.read_csv(EXPECTED / "tables.csv", dtype={"auspraegung": str}, keep_default_na=False, na_values=[""])


@pytest.mark.parametrize("name", ["srs", "geschichtet", "klumpen", "zweistufig", "kalibriert", "nhanes"])
def test_tables_equal_those_of_r(name, expected):
    daten, book, sample = designs()[name]
    table = tabulate((daten, book), sample, daten.gebiet)
    table = table.assign(auspraegung=table.auspraegung.map(lambda c: np.nan if c is None else str(c)))
    keys = ["raum", "merkmal", "auspraegung", "kennzahl"]
    both = expected[expected.design == name].merge(table.astype({k: object for k in keys}), on=keys, how="left",
                                                   suffixes=("_r", ""), validate="1:1")  # fmt: skip
    assert len(both) == (expected.design == name).sum() and both.n.notna().all()
    value = both.anteil.fillna(both.mittelwert)
    known = both.df >= 1
    assert (both.n == both.n_r).all() and (both.freiheitsgrade == both.df).all()
    np.testing.assert_allclose(value, both.wert, rtol=1e-9, atol=1e-15)
    # what a stratum or a calibration fixes has an error of 0; in R what rounding leaves of it
    np.testing.assert_allclose(both.se[known], both.se_r[known], rtol=1e-7, atol=1e-12)
    assert both.se[~known].isna().all()
    share_rows = both.kennzahl == "anteil"
    rare = share_rows & few(both.anteil.fillna(0.5), both.se, both.n, both.freiheitsgrade, both.n_effektiv)
    same = known & both.unten_r.notna() & ~rare & ~both.fest & (both.se > 0)
    assert same.sum() >= 5
    np.testing.assert_allclose(both.unten[same], both.unten_r[same], rtol=1e-7)
    np.testing.assert_allclose(both.oben[same], both.oben_r[same], rtol=1e-7)
    assert both.fest.any() == (name == "kalibriert")


def test_the_questionnaire_of_the_example_equals_item_by_item():
    survey = load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")
    random = np.random.default_rng(5)
    n = len(survey.daten)
    frame = pd.DataFrame({"w": random.uniform(0.5, 4, n), "h": random.integers(0, 5, n), "u": np.arange(n) // 2})
    frame["h"] = frame.h.groupby(frame.u).transform("first")
    sample = design(frame, "w", schicht="h", einheit="u")
    table = tabulate(survey, sample, survey.raum)
    book = survey.codebuch
    assert set(table.raum) == {"gesamt", *survey.raum.dropna()}
    assert set(table.merkmal) == {m.spalte for f in book.fragen for m in f.items
                                  if f.typ not in ("offen", "datum", "technisch")}  # fmt: skip
    for column in ("AL06", "ZU01_09", "EK01", "KI03_01", "KI02", "WO02_01"):
        frage, answers = book.frage(column), valid(survey.daten, book, column)
        for raum in (None, survey.raum):
            rows = table[(table.merkmal == column) & ((table.raum == "gesamt") == (raum is None))]
            if frage.typ in ("skala", "zahl"):
                _same(rows[rows.kennzahl == "mittelwert"], "mittelwert", mean(sample, answers.rename("x"), raum))
            if frage.typ != "zahl":
                codes = list(rows[rows.kennzahl == "anteil"].auspraegung.unique())
                known = [frage.gewaehlt, 1] if frage.typ == "mehrfach" else codes
                found = share(sample, answers, raum, known)
                keep = [k[-1] if raum is not None else k for k in found.wert.index]
                _same(rows[rows.kennzahl == "anteil"], "anteil", found, np.isin(keep, codes))


def _same(rows, name, found, keep=slice(None)):
    np.testing.assert_allclose(rows[name], found.wert.to_numpy()[keep], rtol=1e-10, atol=0)
    np.testing.assert_allclose(rows.se, found.se.to_numpy()[keep], rtol=1e-10, atol=1e-13)
    assert (rows.n == found.n[keep]).all() and (rows.freiheitsgrade == found.freiheitsgrade[keep]).all()


def test_what_is_a_valid_answer_is_what_the_codebook_says():
    survey = load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")
    answers = coded(survey.daten, survey.codebuch)
    missing = reasons(survey.daten, survey.codebuch, answers.merkmale)
    assert ((answers.platz < 0) == (missing != "").to_numpy()).all()


def test_options_of_which_only_the_chosen_are_noted():
    book = Codebuch((
        item("K", "einfach", (1, 2), fehlend={-9: "nicht_beantwortet"}),
        Frage("M", "mehrfach", tuple(Merkmal(f"M{n}", "mehrfach", labels={"Y": "ja"}, leer=NICHT_GEWAEHLT)
                                     for n in (1, 2)), filter=conditions("K=1"), gewaehlt="Y"),
    ))  # fmt: skip
    daten = pd.DataFrame({"K": pd.array([1, 1, 1, 2, -9, 1], dtype="Int64"),
                          "M1": pd.array(["Y", None, None, None, None, "Y"], dtype="string"),
                          "M2": pd.array(["Y", "Y", None, None, None, None], dtype="string")})  # fmt: skip
    sample = design(daten.assign(w=1.0), "w")
    assert ((coded(daten, book).platz < 0) == (reasons(daten, book) != "").to_numpy()).all()
    options = multiple_response(tabulate((daten, book), sample), book, "M")
    assert options.index.tolist() == ["M1", "M2"] and (options.gefragt == 4).all() and (options.n == 3).all()
    np.testing.assert_allclose(options.anteil, [2 / 3, 2 / 3])
    assert options.basis.unique().tolist() == ["Befragte, die die Frage beantwortet haben (K: Antwort 1)"]
    with pytest.raises(InputError, match="question K is of the type einfach; expected mehrfach"):
        multiple_response(tabulate((daten, book), sample), book, "K")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(EINZELN[1:]), st.integers(0, 2), st.booleans())
def test_random_samples_equal_item_by_item(seed, lonely, calibrations, clusters):
    random = np.random.default_rng(seed)
    n = int(random.integers(12, 60))
    frame = pd.DataFrame({"w": 10 ** random.uniform(-2, 2, n), "u": np.arange(n) // (3 if clusters else 1)})
    frame["h"] = frame.u % random.integers(1, 5)
    sample = design(frame, "w", schicht="h", einheit="u", einzeln="anpassen")
    sample = type(sample)(sample.gewicht, sample.stufen, lonely if not sample.stufen[0].einzeln.all() else "anpassen")
    for _ in range(calibrations):
        root, factor = np.sqrt(sample.gewicht), random.uniform(0.8, 1.2, n)
        basis = np.linalg.qr(np.column_stack([np.ones(n), random.random(n)]) * root[:, None])[0]
        sample = sample.mit_gewicht(sample.gewicht * factor, Kalibrierung(basis, root * factor))
    raum = pd.Series(random.choice(["a", "b", "c", None], n), dtype="string")
    daten = pd.DataFrame({c: pd.array(random.choice([1, 2, 3, pd.NA], n), dtype="Int64") for c in "xy"})
    book = Codebuch((item("x", "skala", (3, 1, 2, 4)), item("y", "einfach", (1, 2, 3))))
    table = tabulate((daten, book), sample, raum)
    for codes, column in (([3, 1, 2, 4], "x"), ([1, 2, 3], "y")):
        for domain in (None, raum):
            rows = table[(table.merkmal == column) & ((table.raum == "gesamt") == (domain is None))]
            for kind, found in (("anteil", share(sample, daten[column], domain, codes)),
                                ("mittelwert", mean(sample, daten[column], domain))):  # fmt: skip
                if kind == "mittelwert" and column == "y":
                    continue
                part = rows[rows.kennzahl == kind]
                np.testing.assert_allclose(part[kind], found.wert, rtol=1e-10)
                # a variance that is nothing but rounding is 0
                np.testing.assert_allclose(part.se, found.se, rtol=1e-8, atol=2e-6 * found.se.max())
                assert (part.freiheitsgrade == found.freiheitsgrade).all() and (part.n == found.n).all()


def test_pieces_of_a_large_table_are_the_table(monkeypatch):
    daten, book, sample = designs()["klumpen"]
    whole = tabulate((daten, book), sample, daten.gebiet)
    monkeypatch.setattr("analysis.survey.table_sums._ZELLEN", 50)
    pd.testing.assert_frame_equal(tabulate((daten, book), sample, daten.gebiet), whole)


def test_a_battery_is_one_frame():
    items = [Merkmal(f"Z{n}", "skala", f"Punkt {n}", {1: "nein", 3: "ja"}, bereich=(1, 3)) for n in (1, 2)]
    questions = tuple(Frage(m.spalte, "skala", (m,), batterie="z") for m in items)
    book = Codebuch((*questions, item("E", "einfach", (1, 2))), {"z": "Zufriedenheit"})
    daten = pd.DataFrame({"Z1": [1, 2, 3, 3], "Z2": [3, 3, None, 3], "E": [1, 1, 1, 1]})
    table = tabulate((daten, book), design(daten.assign(w=1), "w"))
    frame = battery(table, book, "z")
    assert frame.index.tolist() == ["Z1", "Z2"] and frame.label.tolist() == ["Punkt 1", "Punkt 2"]
    assert frame[[1, 2, 3]].to_numpy().tolist() == [[0.25, 0.25, 0.5], [0, 0, 1]]
    assert frame.n.tolist() == [4, 3] and frame.mittelwert.tolist() == [2.25, 3]
    with pytest.raises(InputError, match=r"no rows of Z1 in the area 'Nord'; its areas are gesamt"):
        battery(table, book, "z", "Nord")


def test_one_respondent_nobody_and_everybody():
    book = Codebuch((item("x", "skala", (1, 2)), item("leer", "einfach", (1, 2)), item("z", "zahl")))
    daten = pd.DataFrame({"x": [1, 1, 1, 2, None], "leer": [None] * 5, "z": [1.0, 2, 3, 4, None]})
    raum = pd.Series(["a", "a", "a", "b", "c"], dtype="category")
    table = tabulate((daten, book), design(daten.assign(w=[1, 1e6, 1, 1, 1]), "w"), raum)
    one = table[table.raum == "b"].set_index(["merkmal", "kennzahl"])
    assert (one.n.loc["x"] == 1).all() and one.loc["x", ["se", "unten", "oben"]].isna().all(axis=None)
    assert one.loc["z", ["se", "unten", "oben"]].isna().all(axis=None)
    nobody = table[(table.merkmal == "leer") | (table.raum == "c")]
    assert nobody[["anteil", "mittelwert", "se", "unten", "oben"]].isna().all(axis=None) and (nobody.n == 0).all()
    every = table[(table.raum == "a") & (table.merkmal == "x") & (table.auspraegung == 1)].iloc[0]
    same = table[(table.raum == "a") & (table.kennzahl == "mittelwert") & (table.merkmal == "x")].iloc[0]
    assert same.mittelwert == 1 and same.se == 0 and np.isnan(same.unten) and np.isnan(same.oben)
    assert every.anteil == 1 and every.se == 0 and 0 < every.unten < 0.6 and every.oben == 1


@pytest.mark.parametrize(
    ("daten", "message"),
    [
        ({"x": [1, 7, 2], "z": [1, 2, 3]}, r"respondent 2 of 3, x: .*7.*; expected one of the codes 1, 2 \(1 answers"),
        ({"x": ["1", "2", "1"], "z": [1, 2, 3]}, r"respondent 1 of 3, x: '1'; expected one of the codes 1, 2"),
        ({"x": [1, 1.5, 2], "z": [1, 2, 3]}, r"respondent 2 of 3, x: .*1\.5"),
        ({"x": [1, 1, 2], "z": ["1", "viel", "2"]}, r"respondent 2 of 3, z: 'viel'; expected a number"),
        ({"x": [1, 1, 2], "z": [1.0, np.inf, 2]}, r"respondent 2 of 3, z: .*inf.*; expected a number"),
        ({"x": [1, 1, 2]}, r"the column 'z' of the codebook is not in the data"),
        ({"x": [1, 1], "z": [1, 1]}, r"tabulate: 2 respondents in the data, 3 in the design"),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused(daten, message):
    book = Codebuch((item("x", "einfach", (1, 2)), item("z", "zahl")))
    sample = design(pd.DataFrame({"w": [1.0, 1, 1]}), "w")
    with pytest.raises(InputError, match=message):
        tabulate((pd.DataFrame(daten), book), sample)


def test_areas_that_do_not_fit_are_refused():
    book, daten = Codebuch((item("x", "einfach", (1, 2)),)), pd.DataFrame({"x": [1, 2, 1]})
    sample = design(daten.assign(w=1), "w")
    for raum, message in (
        (pd.Series(["a", "b"]), "2 areas for 3 respondents"),
        (pd.Series(["a", "b", "a"], index=[2, 1, 0]), "another index than the data"),
        (pd.Series(["gesamt", "b", "a"]), "an area is called 'gesamt'"),
    ):
        with pytest.raises(InputError, match=message):
            tabulate((daten, book), sample, raum)
    for raum in ([True, False, True], pd.array([1, 2, None], dtype="Int64"), pd.Categorical(["x", None, "y"])):
        assert tabulate((daten, book), sample, pd.Series(raum)).raum.nunique() in (2, 3)


def test_the_order_of_respondents_changes_nothing():
    daten, book, sample = designs()["geschichtet"]
    other = daten.sample(frac=1, random_state=3)
    again = tabulate((other, book), design(other, "pw", schicht="stype", umfang="fpc"), other.gebiet)
    pd.testing.assert_frame_equal(again, tabulate((daten, book), sample, daten.gebiet), rtol=1e-9, atol=1e-15)


def test_what_is_no_survey_is_refused():
    daten = pd.DataFrame({"x": [1, 2, 1]})
    book, sample = Codebuch((item("x", "einfach", (1, 2)),)), design(daten.assign(w=1), "w")
    for wrong, message in (
        ("befragung.yaml", "tabulate: str; expected a survey"),
        ((pd.concat([daten, daten], axis=1), book), "the column 'x' stands twice"),
    ):
        with pytest.raises(InputError, match=message):
            tabulate(wrong, sample)
    with pytest.raises(InputError, match="the areas are a table"):
        tabulate((daten, book), sample, daten)
