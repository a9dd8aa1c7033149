import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import melderegister, planungsraeume
from analysis.catalogue import katalog
from analysis.errors import InputError

Y22, Y23 = dt.date(2022, 12, 31), dt.date(2023, 12, 31)
A, B, C = "99099001.altstadt", "99099001.neustadt", "99099002.dorf"


def register(*rows: tuple, **changes) -> pd.DataFrame:
    """Rows (stichtag, ortsteil, jahrgang, geschlecht, staatsangehoerigkeit, personen or a reason)."""
    columns = ["stichtag", "ortsteil", "jahrgang", "geschlecht", "staatsangehoerigkeit", "personen"]
    table = pd.DataFrame(rows, columns=columns).astype({"personen": object})
    is_reason = table.personen.map(lambda p: isinstance(p, str)).astype(bool)
    return table.assign(
        grund=table.personen.where(is_reason, ""),
        personen=pd.to_numeric(table.personen.mask(is_reason, np.nan)).astype("Int64"),
        offen=False,
        amt=table.ortsteil.map(lambda o: "99099_land" if o == C else "99099_stadt"),
    ).assign(**changes)


def ortsteile(*names: str, **changes) -> pd.DataFrame:
    rows = [{"ortsteil": o, "amt": "99099_land" if o == C else "99099_stadt", "name": o, "ab": None, "bis": None,
             "darf_fehlen": False} for o in names or (A, B, C)]  # fmt: skip
    return pd.DataFrame(rows).astype({"ab": object, "bis": object}).assign(**changes)


SMALL = register(
    (Y23, A, 2005, "w", "deutsch", 7),  # 18 at the end of 2023
    (Y23, A, 2006, "m", "nichtdeutsch", 5),  # 17
    (Y23, B, 1958, "w", "deutsch", 11),  # 65
    (Y23, B, 1959, "m", "deutsch", 13),  # 64
    (Y23, C, 2008, "m", "deutsch", 2),  # 15
    (Y23, C, 2009, "w", "nichtdeutsch", 3),  # 14
)


def sums(table: pd.DataFrame) -> dict:
    return {(r.raum, r.gruppe): r.grund or int(r.personen) for r in table.itertuples()}


def test_age_groups_by_full_years_at_the_end_of_the_year():
    seen = sums(melderegister.count(SMALL, melderegister.by_gemeinde(ortsteile(), [Y23])))
    assert seen == {
        ("99099001", "insgesamt"): 36, ("99099001", "unter_18"): 5, ("99099001", "18_64"): 20,
        ("99099001", "ab_65"): 11, ("99099001", "unter_15"): 0, ("99099001", "15_64"): 25,
        ("99099002", "insgesamt"): 5, ("99099002", "unter_18"): 5, ("99099002", "18_64"): 0,
        ("99099002", "ab_65"): 0, ("99099002", "unter_15"): 3, ("99099002", "15_64"): 2,
    }  # fmt: skip


def test_by_sex_and_citizenship_nobody_is_zero():
    wanted = ("geschlecht", "staatsangehoerigkeit")
    table = melderegister.count(SMALL, melderegister.by_kreis(ortsteile(), [Y23]), wanted, {"insgesamt": (0, None)})
    seen = {(r.geschlecht, r.staatsangehoerigkeit): int(r.personen) for r in table.itertuples()}
    assert seen == {("m", "deutsch"): 15, ("m", "nichtdeutsch"): 5, ("w", "deutsch"): 18, ("w", "nichtdeutsch"): 3}


def test_a_suppressed_part_makes_the_sum_secret():
    rows = register((Y23, A, 2005, "w", "deutsch", "geheim"), (Y23, B, 1958, "w", "deutsch", 11))
    seen = sums(melderegister.count(rows, melderegister.by_gemeinde(ortsteile(A, B), [Y23])))
    assert seen["99099001", "insgesamt"] == "geheim" and seen["99099001", "18_64"] == "geheim"
    assert seen["99099001", "unter_18"] == 0 and seen["99099001", "ab_65"] == 11


def test_a_sum_without_one_of_its_ortsteile_is_no_number():
    only = SMALL[SMALL.ortsteil != B]
    seen = sums(melderegister.count(only, melderegister.by_gemeinde(ortsteile(), [Y23])))
    assert {v for (raum, _), v in seen.items() if raum == "99099001"} == {"unbekannt"}
    assert seen["99099002", "insgesamt"] == 5
    assert set(sums(melderegister.count(only, melderegister.by_kreis(ortsteile(), [Y23]))).values()) == {"unbekannt"}
    empty = ortsteile(darf_fehlen=[False, True, False])
    assert sums(melderegister.count(only, melderegister.by_kreis(empty, [Y23])))["99099", "insgesamt"] == 17
    ended = ortsteile(bis=[None, Y22, None])
    assert sums(melderegister.count(only, melderegister.by_kreis(ended, [Y23])))["99099", "insgesamt"] == 17
    all_three = melderegister.by_kreis(ortsteile(), [Y23], ["99099001", "99099002", "99099003"])
    assert set(sums(melderegister.count(SMALL, all_three)).values()) == {"unbekannt"}


def test_an_open_end_that_reaches_across_a_limit_is_unknown():
    rows = register((Y23, A, 1963, "w", "deutsch", 4), (Y23, A, 2000, "w", "deutsch", 9), offen=[True, False])
    seen = sums(melderegister.count(rows, melderegister.by_ortsteil(ortsteile(A), [Y23])))
    assert (seen[A, "insgesamt"], seen[A, "unter_18"]) == (13, 0)
    assert seen[A, "18_64"] == seen[A, "ab_65"] == seen[A, "15_64"] == "unbekannt"  # "60 and older"
    rows = register((Y23, A, 1958, "w", "deutsch", 4), (Y23, A, 2000, "w", "deutsch", 9), offen=[True, False])
    seen = sums(melderegister.count(rows, melderegister.by_ortsteil(ortsteile(A), [Y23])))
    assert (seen[A, "ab_65"], seen[A, "18_64"]) == (4, 9)  # "65 and older"


def test_observations_of_gemeinden():
    seen = melderegister.observations(SMALL, melderegister.by_gemeinde(ortsteile(), [Y23]))
    values = dict(zip(zip(seen.ags, seen.groesse, strict=True), seen.wert, strict=True))
    assert values["99099001", "melderegister_bevoelkerung"] == 36
    assert values["99099001", "melderegister_auslaendisch"] == 5
    assert set(seen.groesse) <= set(katalog().groessen) and len(seen) == 14
    german = melderegister.observations(
        SMALL[SMALL.staatsangehoerigkeit == "deutsch"], melderegister.by_gemeinde(ortsteile(), [Y23])
    ).query("groesse == 'melderegister_auslaendisch'")
    assert german.wert.tolist() == [0, 0]
    unknown = SMALL.assign(staatsangehoerigkeit="unbekannt")
    unclear = melderegister.observations(unknown, melderegister.by_gemeinde(ortsteile(), [Y23]))
    foreign = unclear[unclear.groesse == "melderegister_auslaendisch"]
    assert foreign.grund.tolist() == ["unbekannt"] * 2 and foreign.wert.isna().all()
    assert unclear[unclear.groesse == "melderegister_bevoelkerung"].wert.tolist() == [36, 5]


def test_sums_of_planungsraeume_change_with_their_members():
    raeume = pd.DataFrame(
        [("99099", "99099.nord", "Nord", "99099001", dt.date(2020, 1, 1), Y22),
         ("99099", "99099.sued", "Süd", C, dt.date(2020, 1, 1), None),
         ("99099", "99099.nord", "Nord", A, Y23, None), ("99099", "99099.sued", "Süd", B, Y23, None)],
        columns=["kreis", "planungsraum", "name", "mitglied", "ab", "bis"],
    ).astype({"bis": object})  # fmt: skip
    both = pd.concat([SMALL, SMALL.assign(stichtag=Y22)], ignore_index=True)
    members = pd.concat([planungsraeume.members(raeume, day) for day in (Y22, Y23)])
    table = melderegister.count(both, melderegister.by_members(ortsteile(), members), (), {"insgesamt": (0, None)})
    assert table.personen.tolist() == [36, 5, 12, 29] and table.raum.tolist() == ["99099.nord", "99099.sued"] * 2
    table = melderegister.count(both, melderegister.by_members(ortsteile(C), members), (), {"insgesamt": (0, None)})
    # a Gemeinde of which no Ortsteil is known has no sum; an Ortsteil that was delivered needs no description
    assert table.grund.tolist() == ["unbekannt", "", "", ""]


def test_completeness_names_what_is_missing_and_what_changed():
    earlier = register(
        (Y22, A, 2005, "w", "deutsch", 7),
        (Y22, B, 2003, "w", "deutsch", 1),
        *((Y22, A, jahr, "m", "deutsch", 1) for jahr in (2004, *range(2006, 2022))),
        (Y22, C, 2022, "m", "deutsch", 1),
    )
    later = register(*((Y23, A, jahr, "m", "deutsch", 1) for jahr in range(2003, 2024) if jahr != 2010))
    found = melderegister.completeness(pd.concat([earlier, later], ignore_index=True), ortsteile())
    assert list(found.itertuples(index=False, name=None)) == [
        ("amt_fehlt", "99099_land", Y23, "keine Lieferung"),
        ("jahrgang_fehlt", "99099_stadt", Y22, "2022"),
        ("jahrgang_fehlt", "99099_stadt", Y23, "2010"),
        ("ortsteil_fehlt", "99099_stadt", Y23, B),
        ("ortsteil_weg", "99099_stadt", Y23, B),
    ]
    again = pd.concat([earlier[earlier.ortsteil != B], later.assign(ortsteil=B)], ignore_index=True)
    found = melderegister.completeness(again, ortsteile())
    assert found[found.art == "ortsteil_neu"].was.tolist() == [B]


def test_nothing_is_missing_in_a_complete_delivery():
    rows = register(*((Y23, o, jahr, "m", "deutsch", 1) for o in (A, B, C) for jahr in range(1940, 2024)))
    assert melderegister.completeness(rows, ortsteile()).empty


def test_the_difference_to_the_official_population_is_a_statement():
    kreise = melderegister.count(SMALL, melderegister.by_kreis(ortsteile(), [Y23]))
    official = pd.DataFrame([("99099", Y23, "bevoelkerung", 40.0, "")],
                            columns=["ags", "stichtag", "groesse", "wert", "grund"])  # fmt: skip
    row = melderegister.against_official(kreise, official, toleranz_prozent=3).iloc[0]
    # 36 + 5 = 41 residents, 1 more than 40: 2.5 per cent
    assert (row.melderegister_personen, row.differenz_personen, row.differenz_prozent) == (41, 1, 2.5)
    assert row.in_toleranz and row.aussage == (
        "Das Melderegister zählt 1 Personen (2,5 %) mehr als die amtliche Fortschreibung; "
        "das liegt innerhalb der Toleranz von 3,0 %."
    )
    row = melderegister.against_official(kreise, official.assign(wert=50.0)).iloc[0]
    assert not row.in_toleranz and "9 Personen (18,0 %) weniger" in row.aussage and "außerhalb" in row.aussage
    for missing, reason in ((official[:0], "unbekannt"), (official.assign(wert=np.nan, grund="geheim"), "geheim")):
        row = melderegister.against_official(kreise, missing).iloc[0]
        assert row.grund == reason and not row.in_toleranz and "die amtliche Zahl fehlt" in row.aussage
    gone = melderegister.count(SMALL[SMALL.ortsteil != C], melderegister.by_kreis(ortsteile(), [Y23]))
    assert "die Summe des Melderegisters fehlt" in melderegister.against_official(gone, official).aussage[0]


def test_planungsraeume_add_up_observations_with_their_reasons():
    raeume = pd.DataFrame(
        [("99099", "99099.nord", "Nord", f"9909900{n}", dt.date(2020, 1, 1), None) for n in (1, 2)]
        + [("99099", "99099.sued", "Süd", "99099003", dt.date(2020, 1, 1), None)],
        columns=["kreis", "planungsraum", "name", "mitglied", "ab", "bis"],
    ).astype({"bis": object})  # fmt: skip
    columns = ["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"]
    given = pd.DataFrame(
        [("99099001", Y22, "bevoelkerung", 10, "", "", "genesis"),
         ("99099002", Y22, "bevoelkerung", 5, "", "geschaetzt", "melderegister"),
         ("99099003", Y22, "bevoelkerung", 7, "", "", "genesis"),
         ("99099001", Y23, "bevoelkerung", 10, "", "", "genesis"),
         ("99099002", Y23, "bevoelkerung", np.nan, "geheim", "", "genesis"),
         ("99099", Y23, "bevoelkerung", 99, "", "", "genesis")], columns=columns,
    )  # fmt: skip
    table = planungsraeume.aggregate(given, raeume, katalog())
    assert table.astype({"wert": object}).where(table.notna(), None).to_dict("split")["data"] == [
        ["99099.nord", Y22, "bevoelkerung", 15.0, "", "geschaetzt", "genesis, melderegister"],
        ["99099.nord", Y23, "bevoelkerung", None, "geheim", "", "genesis"],
        ["99099.sued", Y22, "bevoelkerung", 7.0, "", "", "genesis"],
        ["99099.sued", Y23, "bevoelkerung", None, "unbekannt", "", ""],
    ]
    with pytest.raises(InputError, match="auslaenderanteil is a rate and cannot be added up"):
        planungsraeume.aggregate(given.assign(groesse="auslaenderanteil"), raeume, katalog())
    assert planungsraeume.aggregate(given, raeume.assign(ab=dt.date(2030, 1, 1)), katalog()).empty


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from([A, B, C]), st.integers(1910, 2023), st.sampled_from("mwdx"),
                  st.sampled_from(["deutsch", "nichtdeutsch"]), st.integers(0, 500)),
        min_size=1, max_size=40, unique_by=lambda r: r[:4],
    ),
    seed=st.randoms(),
)  # fmt: skip
def test_groups_add_up_whatever_the_order(rows, seed):
    table = register(*((Y23, *row) for row in rows))
    expected = ortsteile(*sorted(set(table.ortsteil)))
    seen = sums(melderegister.count(table, melderegister.by_kreis(expected, [Y23])))
    assert seen["99099", "insgesamt"] == sum(row[-1] for row in rows)
    parts = ("unter_18", "18_64", "ab_65"), ("unter_15", "15_64", "ab_65")
    for groups in parts:
        assert sum(seen["99099", g] for g in groups) == seen["99099", "insgesamt"]
    mixed = list(rows)
    seed.shuffle(mixed)
    again = register(*((Y23, *row) for row in mixed))
    assert sums(melderegister.count(again, melderegister.by_kreis(expected, [Y23]))) == seen


def test_a_gemeinde_has_one_office_and_a_delivery_holds_all_ortsteile():
    columns = ["stichtag", "amt", "ortsteil"]
    places = ["ortsteil", "amt"]
    day = dt.date(2023, 12, 31)
    stored = pd.DataFrame([[day, "a", "99099001.x"], [day, "a", "99099001.y"]], columns=columns)
    known = pd.DataFrame([["99099001.x", "a"], ["99099001.y", "a"]], columns=places)
    assert melderegister.conflicts(stored, known, stored, known) == []
    part = melderegister.conflicts(stored[:1], known, stored, known)
    assert len(part) == 1 and "holds nothing of 99099001.y" in part[0]
    other = melderegister.conflicts(
        pd.DataFrame([[day, "b", "99099001.z"]], columns=columns),
        pd.DataFrame([["99099001.z", "b"]], columns=places),
        stored,
        known,
    )
    assert other == [
        "Gemeinde 99099001 belongs to the office a already; expected one office for all its Ortsteile"
    ]  # fmt: skip
    assert melderegister.conflicts(stored[:1], known[:1], stored, known) == []  # the other Ortsteil is no longer there
