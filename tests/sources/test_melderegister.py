import datetime as dt
import time

import melde_files
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from melde_files import ABSCHNITTE, ALTER_QUER, BREIT, COUNTS, JE_BLATT, LANG, LAYOUTS, ORTSTEILE, WERTE, book, write

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources import meldeamt, meldemuster, melderegister
from analysis.store import Store

DAY = dt.date(2023, 12, 31)
KEY = ["ortsteil", "jahrgang", "geschlecht", "staatsangehoerigkeit"]


def counts(path) -> list[tuple]:
    """Rows with residents of the file's Bestand, without the office and the day."""
    table = sources.read(path, katalog()).bestaende["melderegister"]
    table = table[(table.personen != 0).fillna(True)]
    return [tuple(row) for row in table[[*KEY, "personen"]].itertuples(index=False)]


def lang(tmp_path, old: str, new: str, **changes):
    assert old in LANG
    return write(tmp_path / "amt", "lang", LANG.replace(old, new).encode("latin-1"), **changes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_counts(tmp_path, layout):
    path = write(tmp_path / "amt", layout)
    delivery = sources.read(path, katalog())
    table = delivery.bestaende["melderegister"]
    assert counts(path) == COUNTS
    assert set(table.stichtag) == {DAY} and set(table.amt) == {"99099_muster"}
    assert table[table.offen & (table.personen != 0)].jahrgang.tolist() == [1924]
    # by hand, see melde_files: ages at 31.12.2023 are the year minus the year of birth
    expected = {
        ("99099001", "bevoelkerung"): 34, ("99099001", "unter_18"): 4, ("99099001", "18_64"): 0,
        ("99099001", "ab_65"): 30, ("99099001", "unter_15"): 4, ("99099001", "15_64"): 0,
        ("99099001", "auslaendisch"): 4, ("99099007", "bevoelkerung"): 8, ("99099007", "unter_18"): 3,
        ("99099007", "18_64"): 0, ("99099007", "ab_65"): 5, ("99099007", "unter_15"): 1, ("99099007", "15_64"): 2,
        ("99099007", "auslaendisch"): 2,
    }  # fmt: skip
    seen = delivery.beobachtungen
    assert dict(zip(zip(seen.ags, seen.groesse, strict=True), seen.wert, strict=True)) == {
        (ags, f"melderegister_{name}"): value for (ags, name), value in expected.items()
    }


def test_what_was_not_stored_is_counted(tmp_path):
    left_out = {name: sources.read(write(tmp_path / name, name), katalog()).ausgelassen for name in LAYOUTS}
    assert left_out["lang"] == {"footnotes": 1, "sums, which agree with their parts": 1}
    # the workbook has 7 rows and 3 sum rows; a total per row, and five cells in each sum row, one of them a formula
    assert left_out["breit"] == {
        "sheets that are not read": 1,
        "sums, which agree with their parts": 6 + 3 * 5 - 1,
        "sums that cannot be checked (suppressed cells or formulas)": 1,
    }
    assert left_out["personen"] == {"columns that are not read (Familienname, Geburtsdatum)": 2}
    assert left_out["abschnitte"] == {"rows that the YAML passes over": 2}


def test_nothing_of_a_person_but_the_counts_is_kept(tmp_path):
    path = write(tmp_path / "amt", "personen")
    delivery = sources.read(path, katalog())
    kept = " ".join(table.to_csv() for table in (*delivery.bestaende.values(), delivery.beobachtungen))
    assert "Geheim" not in kept and "-03-04" not in kept
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(path)
    assert b"Geheimer" not in (tmp_path / "s.duckdb").read_bytes()
    dates = {"jahrgang": "Geburtsdatum", **{k: v for k, v in melde_files.EINZELN.items()}}
    with pytest.raises(InputError, match="row 2: an exact date of birth, which is not read; expected a year") as error:
        sources.read(write(tmp_path / "amt", "personen", spalten=dates), katalog())
    assert "03-04" not in str(error.value)


def test_the_yaml_itself_brings_the_ortsteile(tmp_path):
    write(tmp_path / "amt", "lang")
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        assert store.import_file(tmp_path / "amt" / "amt.yaml").neu == 2
        table = store.bestand("ortsteile")
        assert table.ortsteil.tolist() == ["99099001.altstadt", "99099007.bergdorf"]
        assert set(table.amt) == {"99099_muster"} and table.ab.isna().all()


def test_a_redelivery_replaces_what_it_no_longer_holds(tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(write(tmp_path / "amt", "lang"))
        first = store.fingerprint()
        assert store.import_file(write(tmp_path / "amt", "lang")).schon_importiert
        store.import_file(lang(tmp_path, "Bergdorf;2023;W;D;1\n", "", summen=None, ueberlesen=["Insgesamt"]))
        register = store.bestand("melderegister")
        assert len(register) == 6 and 2023 not in set(register.jahrgang)
        store.import_file(write(tmp_path / "amt", "lang"))
        assert store.fingerprint() == first


def test_a_suppressed_count_stays_a_reason(tmp_path):
    path = lang(tmp_path, "Bergdorf;2006;M;479;2", "Bergdorf;2006;M;479;<3")
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        done = store.import_file(path)
        register = store.bestand("melderegister").set_index("jahrgang")
        assert register.loc[2006, "grund"] == "geheim" and pd.isna(register.loc[2006, "personen"])
        seen = store.observations().query("ags == '99099007'").set_index("groesse")
    assert done.ausgelassen["sums that cannot be checked (suppressed cells or formulas)"] == 1
    # born 2006: 17 at the Stichtag, so it is in the total, under 18, 15 to 64 and foreign; not in the others
    secret = {"bevoelkerung", "unter_18", "15_64", "auslaendisch"}
    assert set(seen.index[seen.grund == "geheim"]) == {f"melderegister_{s}" for s in secret}
    assert seen.wert["melderegister_ab_65"] == 5 and seen.wert["melderegister_unter_15"] == 1


def test_cells_that_the_yaml_joins_are_added_up(tmp_path):
    two = "Altstadt;2010;W;163;4\nAltstadt;2010;W;475;6"
    path = lang(tmp_path, "Altstadt;2010;W;163;4", two, summen=None, ueberlesen=["Insgesamt"])
    assert ("99099001.altstadt", 2010, "w", "nichtdeutsch", 10) in counts(path)
    parts = [{**ORTSTEILE[0], "teile": ["Altstadt Nord"]}, ORTSTEILE[1]]
    path = lang(tmp_path, "Alt-Stadt;1950;M;D;12", "Altstadt;1950;M;D;4\nAltstadt Nord;1950;M;D;8", ortsteile=parts)
    assert counts(path) == COUNTS


def test_an_unknown_year_of_birth_is_left_out_and_counted(tmp_path):
    special = [{"text": "vor 1925", "jahrgang_bis": 1924}, {"text": "0000", "auslassen": True}]
    path = lang(tmp_path, "Insgesamt;;;;42", "Bergdorf;0000;M;D;2\nInsgesamt;;;;44", besondere=special)
    assert counts(path) == COUNTS
    delivery = sources.read(path, katalog())
    assert delivery.ausgelassen["rows without a year of birth, as the YAML says (2 persons)"] == 1


def test_ortsteile_have_their_time(tmp_path):
    new = {**ORTSTEILE[1], "schluessel": "99099007.neudorf", "name": "Neudorf", "ab": dt.date(2024, 1, 1)}
    path = write(tmp_path / "amt", "lang", ortsteile=[*ORTSTEILE, new])
    assert sources.read(path, katalog()).beobachtungen.grund.eq("").all()
    path = lang(tmp_path, "Bergdorf;2023", "Neudorf;2023", ortsteile=[*ORTSTEILE, new])
    with pytest.raises(InputError, match="row 10: Ortsteil 'Neudorf' is unknown on 31.12.2023; .*'bergdorf'"):
        sources.read(path, katalog())


def test_a_gemeinde_without_one_of_its_ortsteile_has_no_sum(tmp_path):
    more = {"schluessel": "99099007.talheim", "name": "Talheim", "gemeinde": "99099007"}
    seen = sources.read(write(tmp_path / "amt", "lang", ortsteile=[*ORTSTEILE, more]), katalog()).beobachtungen
    assert set(seen.grund[seen.ags == "99099007"]) == {"unbekannt"} and seen.wert[seen.ags == "99099001"].notna().all()
    empty = {**more, "darf_fehlen": True}
    seen = sources.read(write(tmp_path / "amt", "lang", ortsteile=[*ORTSTEILE, empty]), katalog()).beobachtungen
    assert seen.grund.eq("").all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Bergdorf;1950", "Bergdorv;1950", "row 8: Ortsteil 'Bergdorv' is unknown on 31.12.2023; .* 'bergdorf'"),
        ("Bergdorf;1950;M", "Bergdorf;1950;Y", r"row 8: geschlecht 'Y' is unknown; expected one of 'M', 'männlich'"),
        ("1950;M;D;12", "1950;M;D;zwölf", "row 5, column 'Anzahl': 'zwölf'; expected a whole number of persons"),
        ("1950;M;D;12", "1950;M;D;-12", "row 5, column 'Anzahl': '-12'; a negative number"),
        ("1950;M;D;12", "1950;M;D;12,5", "row 5, column 'Anzahl': '12,5'; expected a whole number"),
        ("1950;M;D;12", "1950;M;D;(12)", "a number in brackets"),
        ("1950;M;D;12", "1950;M;D;", "row 5, column 'Anzahl': None; expected a whole number"),
        ("1950;M;D;12", "1950;M;D;*", r"row 5, column 'Anzahl': '\*'; expected .* a sign of the YAML"),
        ("Bergdorf;2023", "Bergdorf;2024", "row 10: Jahrgang 2024 is not plausible; expected 1908 to 2023"),
        ("Bergdorf;2023", "Bergdorf;1907", "row 10: Jahrgang 1907 is not plausible; expected 1908 to 2023"),
        ("Bergdorf;2023", "Bergdorf;1920", "row 10: Jahrgang 1920 lies within an open end"),
        ("Bergdorf;2023", "Bergdorf;jung", "row 10: 'jung' is no year of birth; expected a year or a text"),
        ("Bergdorf;2023;W;D;1", "Bergdorf;1950;M;D;1", "row 10: .* stands already in .*row 8"),
        ("Alt-Stadt;1950;M;D;12", "Alt-Stadt;1950;W;D;12", "row 6: .* stands already in .*row 5"),
        ("Insgesamt;;;;42", "Insgesamt;;;;43", "row 11: the sum is 43; the parts add up to 42"),
        ("Insgesamt;;;;42\n", "", "no row 'Insgesamt' .* truncated"),
        ("Geburtsjahr", "Jahr", "row 3: column 'Geburtsjahr' is missing; found Ortsteil, Jahr, Geschlecht"),
        ("Geburtsjahr", "Anzahl", "row 3: column 'Geburtsjahr' is missing"),
        ("Altstadt;2010;W;163;4", "Altstadt;2010;W;163", "row 7: 4 columns; expected 5; is the file truncated"),
        ("Altstadt;2010;W;163;4", "Altstadt;2010;W;163;4;7", "row 7: 6 columns; expected 5"),
        ("Altstadt;2010;W;163;4", "Ortsteil;Geburtsjahr;Geschlecht;Staatsang.;Anzahl", "row 7: geschlecht .Geschl"),
        ("Stand: 31. Dezember 2023", "Stand: 30. Juni 2023", "row 1: the Stichtag is 30.06.2023; expected 31 December"),
        ("Stand: 31. Dezember 2023", "Stand: 31. Dezember 2022", "31.12.2022, but the file name says 2023"),
        ("Stand: 31. Dezember 2023", "Stand: 31. Brumaire 2023", "is not a date"),
        ("Stand: 31. Dezember 2023", "Stand unbekannt", "no Stichtag found; expected 'Stand: {datum}'"),
        ("Stand: 31. Dezember 2023;", "Stand: 31.12.2023;Stand: 31.12.2022", "two dates of this form"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path, old, new, message):
    path = lang(tmp_path, old, new)
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        before = store.fingerprint()
        with pytest.raises(InputError, match=message):
            store.import_file(path)
        assert store.fingerprint() == before and store.imports().empty


@pytest.mark.parametrize(
    ("sheet", "row", "column", "cell", "message"),
    [
        ("Bestand", 4, 2, "=6+6", "row 5, column 'männlich deutsch': a formula; expected a whole number"),
        ("Bestand", 4, 1, "=1950", "row 5: a formula in the column of jahrgang"),
        ("Bestand", 2, 2, "Deutsche", "column 'männlich deutsch' is missing; found Ortsteil, Jahrgang"),
        ("Bestand", 2, 6, "ohne Angabe", "column 'gesamt' is missing"),
        ("Bestand", 4, 6, 28, "row 5: the sum is 28; the parts add up to 27"),
        ("Bestand", 6, 4, 17, "row 7: the sum is 17; the parts add up to 18"),
        ("Bestand", 4, 2, True, "row 5, column 'männlich deutsch': True; expected a whole number"),
        ("Bestand", 4, 2, dt.datetime(2023, 1, 1), "expected a whole number"),
        ("Bestand", 10, 0, "Bergdorf", "no Ortsteil|'' is no year|row 11"),
    ],
)
def test_a_wrong_cell_of_a_workbook_is_named(tmp_path, sheet, row, column, cell, message):
    rows = [[*r, *[None] * (7 - len(r))] for r in BREIT]
    rows[row][column] = cell
    with pytest.raises(InputError, match=message):
        sources.read(write(tmp_path / "amt", "breit", book({sheet: rows})), katalog())


def test_a_column_that_the_yaml_does_not_know_is_not_dropped(tmp_path):
    rows = [[*r, *[None] * (7 - len(r)), None] for r in BREIT]
    rows[2][7], rows[4][7] = "divers", 1
    with pytest.raises(InputError, match="column 'gesamt divers' is not described|column 'divers' is not described"):
        sources.read(write(tmp_path / "amt", "breit", book({"Bestand": rows})), katalog())
    more = ALTER_QUER.replace("\tSumme", "\tBemerkung\tSumme").replace("\t12\t0\t12", "\t12\t0\tneu\t12")
    with pytest.raises(InputError, match="columns; expected 10|'Bemerkung' is no age"):
        sources.read(write(tmp_path / "amt", "alter_quer", more.encode()), katalog())


def test_sheets_are_those_that_the_yaml_says(tmp_path):
    for sheets, message in (
        ({"Tabelle1": BREIT}, "the sheets are 'Tabelle1'; expected one sheet 'Bestand'"),
        ({"Leer": []}, "the sheets are all empty"),
    ):
        with pytest.raises(InputError, match=message):
            sources.read(write(tmp_path / "amt", "breit", book(sheets)), katalog())
    strange = book({**JE_BLATT, "Sonstiges": [["x"]]})
    with pytest.raises(InputError, match="Sonstiges'.*no row of the first 40 has the columns|name is not of the form"):
        sources.read(write(tmp_path / "amt", "je_blatt", strange), katalog())
    twice = book({**JE_BLATT, "OT Alt-Stadt": JE_BLATT["OT Altstadt"]})
    with pytest.raises(InputError, match="sheet 'OT Alt-Stadt', row 2: .* stands already in .*sheet 'OT Altstadt'"):
        sources.read(write(tmp_path / "amt", "je_blatt", twice), katalog())
    with pytest.raises(InputError, match="speaks of worksheets; expected a workbook"):
        sources.read(write(tmp_path / "amt", "je_blatt", b"Alter;Personen\n"), katalog())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amt": "Müster"}, r"meldeamt\.amt: 'Müster' does not match"),
        ({"kreis": "16077"}, r"expected the key of its Gemeinde \(99099001\) in the Kreis 16077"),
        ({"datei": "{jahr}.csv"}, "meldeamt.datei: '{jahr}.csv' fits everything"),
        ({"datei": "EWO_*.csv", "stichtag": {"aus": "dateiname"}}, "expected {jahr} or {datum} in datei"),
        ({"form": "tabelle"}, "'tabelle' is not one of"),
        ({"fest": {"geschlecht": "m"}}, "geschlecht stands in spalten and fest; expected exactly one place"),
        ({"spalten": {"ortsteil": "Ortsteil", "personen": "Anzahl"}}, "jahrgang or alter has no place"),
        ({"form": "personen"}, "form personen needs no column personen"),
        ({"form": "breit"}, "form breit needs a list personen or in_spalten"),
        ({"werte": {"geschlecht": WERTE["geschlecht"]}}, "what do the cells of staatsangehoerigkeit mean"),
        ({"werte": {**WERTE, "geschlecht": {"m": ["M"], "w": ["m"]}}}, "'m' means m and w"),
        ({"ortsteile": [ORTSTEILE[0], {**ORTSTEILE[1], "schreibweisen": ["ALTSTADT"]}]}, "'altstadt' is also 9909900"),
        ({"ortsteile": [ORTSTEILE[0], ORTSTEILE[0]]}, "99099001.altstadt stands twice|non-unique"),
        ({"ortsteile": [{**ORTSTEILE[0], "gemeinde": "99099002"}]}, r"expected the key of its Gemeinde \(99099002\)"),
        ({"ortsteile": [{**ORTSTEILE[0], "ab": "2019-01-01"}]}, "ab is '2019-01-01'; expected a date without quotes"),
        ({"ortsteile": [{**ORTSTEILE[0], "ab": dt.date(2019, 1, 1), "bis": dt.date(2018, 1, 1)}]}, "is before ab"),
        ({"summen": ["Summe {wert}"]}, "meldeamt.summen: {wert} has no meaning"),
        ({"ueberlesen": ["*"]}, "fits everything"),
        ({"zeichen": {"*": 0}}, "0 is not one of"),
        ({"zeichen": {"12": "geheim"}}, "zeichen: '12' should not be valid under"),
        ({"besondere": [{"text": "*", "auslassen": True}]}, r"meldeamt.besondere: '\*' fits everything"),
        ({"unbekannt": 1}, "'unbekannt' was unexpected"),
        ({"spalten": {**melde_files.EINZELN, "jahrgang": "Anzahl", "personen": "Anzahl"}}, "named for two things"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_yaml_is_named(tmp_path, changes, message):
    path = write(tmp_path / "amt", "lang", **changes)
    with pytest.raises(InputError, match=message):
        melderegister.read(tmp_path / "amt" / "amt.yaml", katalog())
        melderegister.read(path, katalog())


def test_the_yaml_is_found_near_the_file(tmp_path, monkeypatch):
    path = write(tmp_path / "amt", "lang")
    inner = tmp_path / "amt" / "2023"
    inner.mkdir()
    assert counts(path.rename(inner / path.name)) == COUNTS
    elsewhere = tmp_path / "anderswo"
    elsewhere.mkdir()
    path = (inner / path.name).rename(elsewhere / "ewo_2023.CSV")
    with pytest.raises(InputError, match="no YAML of a Meldeamt describes a file of this name"):
        sources.read(path, katalog(), "melderegister")
    monkeypatch.setattr("analysis.workspace.data", lambda: tmp_path / "data")
    (tmp_path / "data" / "lieferungen").mkdir(parents=True)
    (tmp_path / "amt" / "amt.yaml").rename(tmp_path / "data" / "lieferungen" / "stadt.yml")
    assert counts(path) == COUNTS
    for name in ("a.yaml", "b.yaml"):
        (elsewhere / name).write_bytes((tmp_path / "data" / "lieferungen" / "stadt.yml").read_bytes())
    with pytest.raises(InputError, match="a.yaml and b.yaml both describe a file of this name"):
        sources.read(path, katalog())


def test_a_broken_yaml_beside_other_files_does_not_hinder_them(tmp_path):
    path = write(tmp_path / "amt", "lang")
    (tmp_path / "amt" / "kaputt.yaml").write_text("meldeamt:\n  datei: [\n")
    (tmp_path / "amt" / "zahl.yaml").write_text("meldeamt:\n  datei: 5\n")
    assert counts(path) == COUNTS


def test_further_ways_to_write_are_read(tmp_path):
    crlf = LANG.replace("\n", "\r\n").encode()
    assert counts(write(tmp_path / "a", "lang", b"\xef\xbb\xbf" + crlf, kodierung="utf-8")) == COUNTS
    blanks = LANG.replace("Geburtsjahr", " geburtsjahr ").replace("1950;M", " 1950 ; männlich")
    assert counts(write(tmp_path / "b", "lang", blanks.encode("latin-1"))) == COUNTS
    more = LANG.replace("\n", ";\n").replace("Anzahl;", "Anzahl;Bemerkung").replace("M;D;12;", "M;D;12;neu")
    assert counts(write(tmp_path / "c", "lang", more.encode("latin-1"))) == COUNTS
    thousands = LANG.replace("M;D;12", "M;D;1.012").replace(";;;;42", ";;;;1.042")
    assert ("99099001.altstadt", 1950, "m", "deutsch", 1012) in counts(
        write(tmp_path / "d", "lang", thousands.encode("latin-1"), tausender=".")
    )
    two = ["Gemeinde", "Ortsteil"]
    names = [{**o, "schreibweisen": [f"Muster / {o['name']}", "Muster / Alt-Stadt"][: 1 + (n == 0)]}
             for n, o in enumerate(ORTSTEILE)]  # fmt: skip
    lines = LANG.splitlines(keepends=True)
    wide = [*lines[:2], "Gemeinde;" + lines[2], *("Muster;" + line for line in lines[3:10]), ";" + lines[10]]
    columns = {**LAYOUTS["lang"][2]["spalten"], "ortsteil": two}
    path = write(tmp_path / "e", "lang", "".join(wide).encode("latin-1"), spalten=columns, ortsteile=names)
    assert counts(path) == COUNTS


def test_ortsteile_as_columns(tmp_path):
    text = """Jahrgang;Geschlecht;Staatsang.;Altstadt;Bergdorf;zusammen
1924;W;D;3;0;3
1950;M;D;12;5;17
1950;W;D;15;0;15
2006;M;A;0;2;2
2010;W;A;4;0;4
2023;W;D;0;1;1
"""
    path = write(
        tmp_path / "amt", "lang", text.encode(), kopfzeile=1, form="breit", in_spalten="ortsteil",
        spalten={"jahrgang": "Jahrgang", "geschlecht": "Geschlecht", "staatsangehoerigkeit": "Staatsang."},
        summen=None, summenspalten=["zusammen"],
        stichtag={"aus": "dateiname"}, besondere=[{"text": "1924", "jahrgang_bis": 1924}],
    )  # fmt: skip
    assert counts(path) == COUNTS


def test_a_total_of_a_section_and_one_of_everything(tmp_path):
    text = (
        ABSCHNITTE.replace("Ortsteil: Bergdorf|||\n", "Summe|||34\nOrtsteil: Bergdorf|||\n") + "Summe|||8\nAlles|||42\n"
    )
    sums = ["Summe", {"text": "Alles", "ueber": ["ortsteil"]}]
    path = write(tmp_path / "a", "abschnitte", text.encode("utf-16"), summen=sums)
    assert counts(path) == COUNTS
    assert sources.read(path, katalog()).ausgelassen["sums, which agree with their parts"] == 3
    wrong = text.replace("Alles|||42", "Alles|||41").encode("utf-16")
    with pytest.raises(InputError, match="row 15: the sum is 41; the parts add up to 42"):
        sources.read(write(tmp_path / "a", "abschnitte", wrong, summen=sums), katalog())
    named = LANG.replace("Insgesamt;;;;42", "Summe Bergdorf;;;;8").encode("latin-1")
    with pytest.raises(InputError, match=r"99099001.altstadt has no row 'Summe \{ortsteil\}'"):
        sources.read(write(tmp_path / "b", "lang", named, summen=["Summe {ortsteil}"]), katalog())


def test_several_years_in_one_file_or_workbook(tmp_path):
    rows = [r.split(",") for r in melde_files.persons().splitlines()]
    both = [",".join(r) for r in rows] + [",".join(["2024-12-31", *r[1:]]) for r in rows[1:]]
    path = write(tmp_path / "a", "personen", "\n".join([*both, ""]).encode())
    with pytest.raises(InputError, match="row 44: the Stichtag is 31.12.2024, but the file name says 2023"):
        sources.read(path, katalog())
    path = write(tmp_path / "a", "personen", path.read_bytes(), datei="Einzelliste_*.csv")
    table = sources.read(path, katalog())
    register = table.bestaende["melderegister"]
    assert register.groupby("stichtag").personen.sum().to_dict() == {DAY: 42, dt.date(2024, 12, 31): 42}
    assert set(table.beobachtungen.stichtag) == {DAY, dt.date(2024, 12, 31)}
    changed = {"blatt": "Bestand*", "stichtag": {"aus": "blatt", "muster": "Bestand zum {datum}"}}
    path = write(tmp_path / "b", "breit", book({"Bestand zum 1.1.2024": BREIT}), **changed)
    with pytest.raises(InputError, match="the Stichtag is 01.01.2024; expected 31 December"):
        sources.read(path, katalog())
    changed["stichtag"]["vortag"] = True
    assert counts(write(tmp_path / "b", "breit", book({"Bestand zum 1.1.2024": BREIT}), **changed)) == COUNTS


def test_other_formats_are_not_taken_for_a_meldeamt(tmp_path, tidy_file):
    write(tmp_path, "lang")
    other = tidy_file("99099;2023-12-31;bevoelkerung;1;;;genesis")
    assert sources.reader(sources.probe(other)) == "tidy"


def damage(content: bytes, draw) -> bytes:
    """The file as an accident may leave it."""
    at = draw(st.integers(0, max(len(content) - 1, 0)))
    lines = content.split(b"\n")
    n = draw(st.integers(0, len(lines) - 1))
    kinds = {
        "truncate": lambda: content[:at],
        "nul": lambda: content[:at] + b"\0" + content[at:],
        "bom": lambda: content[:at] + b"\xef\xbb\xbf" + content[at:],
        "byte": lambda: content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :],
        "row_twice": lambda: b"\n".join([*lines[:n], lines[n], *lines[n:]]),
        "header_again": lambda: b"\n".join([*lines[:n], lines[2 % len(lines)], *lines[n:]]),
        "without_row": lambda: b"\n".join(lines[:n] + lines[n + 1 :]),
        "shifted": lambda: b"\n".join([*lines[:n], b";" + lines[n], *lines[n + 1 :]]),
        "separator": lambda: content.replace(b";", b","),
        "utf8": lambda: content.decode("latin-1").encode("utf-8"),
        "utf16": lambda: content.decode("latin-1").encode("utf-16"),
        "huge_cell": lambda: content[:at] + b"x" * 1_000_000 + content[at:],
        "quote": lambda: content[:at] + b'"' + content[at:],
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]()


@settings(max_examples=45, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), layout=st.sampled_from(["lang", "lang", "alter_quer", "abschnitte", "breit", "je_blatt"]))
def test_a_damaged_file_never_changes_the_store_without_a_word(tmp_path_factory, data, layout):
    folder = tmp_path_factory.mktemp("schaden")
    path = write(folder, layout, damage(LAYOUTS[layout][1], data.draw))
    with Store(folder / "s.duckdb", read_only=False) as store:
        before = store.fingerprint()
        try:
            store.import_file(path)
        except InputError as error:
            assert str(path.name) in str(error) and len(str(error)) < 1500
            assert store.fingerprint() == before
        else:
            register = store.bestand("melderegister")
            assert set(register.ortsteil) <= {o["schluessel"] for o in ORTSTEILE} and (register.personen >= 0).all()
            assert register.personen.sum() <= 10_000_000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 3000), cell=st.sampled_from([None, 5, "x", [], {}, "{jahr}{jahr}", True, "(((", "*" * 50]))
def test_a_damaged_yaml_is_an_input_error(tmp_path_factory, at, cell):
    folder = tmp_path_factory.mktemp("yaml")
    path = write(folder, "breit")
    content = yaml.safe_load((folder / "amt.yaml").read_text(encoding="utf-8"))["meldeamt"]
    keys = sorted(content)
    content[keys[at % len(keys)]] = cell
    (folder / "amt.yaml").write_text(yaml.safe_dump({"meldeamt": content}), encoding="utf-8")
    for file in (folder / "amt.yaml", path):
        try:
            melderegister.read(file, katalog())
        except InputError as error:
            assert str(error)


def test_a_hundred_thousand_rows_need_seconds(tmp_path):
    rows = [f"{o};{y};{s};{n:03};1" for o in ("Altstadt", "Bergdorf") for y in range(1925, 2024)
            for s in "MW" for n in range(260)]  # fmt: skip
    text = "\n".join([*LANG.splitlines()[:3], *rows, f"Insgesamt;;;;{len(rows)}", ""])
    path = write(tmp_path / "amt", "lang", text.encode("latin-1"))
    began = time.perf_counter()
    table = sources.read(path, katalog()).bestaende["melderegister"]
    assert len(rows) > 100_000 and table.personen.sum() == len(rows)
    assert time.perf_counter() - began < 30


def test_the_header_of_a_total_column_is_no_total_row(tmp_path):
    totals = "Insgesamt\t\t\t1\t4\t2\t32\t3\t42\n"
    text = ALTER_QUER.replace("Summe", "Insgesamt") + totals
    changed = {"summen": ["Insgesamt"], "summenspalten": ["Insgesamt"]}
    assert counts(write(tmp_path / "amt", "alter_quer", text.encode(), **changed)) == COUNTS
    assert (
        counts(write(tmp_path / "amt", "alter_quer", text.encode(), summen=["Insgesamt"], summenspalten=None)) == COUNTS
    )
    for lost in (totals, totals + "Bergdorf\tweiblich\tdeutsch\t1\t0\t0\t0\t0\t1\n"):
        cut = "".join(line for line in text.splitlines(keepends=True) if line not in lost)
        for change in (changed, {**changed, "summenspalten": None}):
            with pytest.raises(
                InputError, match="no row 'Insgesamt'.*only the header of a column, .*summenspalten; is"
            ):
                sources.read(write(tmp_path / "amt", "alter_quer", cut.encode(), **change), katalog())
    with pytest.raises(InputError, match="there is no column 'Gesamt'"):
        sources.read(write(tmp_path / "amt", "alter_quer", summenspalten=["Summe", "Gesamt"]), katalog())
    # a total column gives every Ortsteil a total, which is not its row
    cut = [row for row in BREIT if row[0] != "Summe Bergdorf"]
    with pytest.raises(InputError, match=r"99099007.bergdorf has no row 'Summe \{ortsteil\}'"):
        sources.read(write(tmp_path / "amt", "breit", book({"Bestand": cut})), katalog())


def test_every_sheet_has_its_total(tmp_path):
    cut = {**JE_BLATT, "OT Bergdorf": JE_BLATT["OT Bergdorf"][:-2]}
    with pytest.raises(InputError, match="sheet 'OT Bergdorf': there is no row 'Summe'.*truncated"):
        sources.read(write(tmp_path / "amt", "je_blatt", book(cut)), katalog())
    # the total over the sheets stands in one of them
    more = {**JE_BLATT, "OT Bergdorf": [*JE_BLATT["OT Bergdorf"], ["Alle Ortsteile", None, None, 42]]}
    sums = ["Summe", {"text": "Alle Ortsteile", "ueber": ["ortsteil"]}]
    assert counts(write(tmp_path / "amt", "je_blatt", book(more), summen=sums)) == COUNTS
    with pytest.raises(InputError, match="there is no row 'Alle Ortsteile'"):
        sources.read(write(tmp_path / "amt", "je_blatt", summen=sums), katalog())


def test_a_file_without_germans_is_refused(tmp_path):
    codes = {**WERTE, "staatsangehoerigkeit": {"deutsch": ["000"], "nichtdeutsch": ["*"]}}
    text = melde_files.persons().replace(",000\n", ",0\n")
    persons = text + "".join(text.splitlines(keepends=True)[1:11])
    assert persons.count("\n") == 53
    path = write(tmp_path / "amt", "personen", persons.encode(), werte=codes)
    with pytest.raises(InputError, match="nobody of 52 persons on 31.12.2023 is deutsch, .* are '0', '163' .*werte"):
        sources.read(path, katalog())
    # one German is enough, and so few persons may all be foreigners
    path.write_text(persons.replace(",0\n", ",000\n", 1), encoding="utf-8")
    assert sources.read(path, katalog()).bestaende["melderegister"].personen.sum() == 52
    assert len(counts(write(tmp_path / "amt", "personen", text.encode(), werte=codes))) == len(COUNTS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",Altstadt,", ",Geheimer,", "row 2: Ortsteil a text of 8 characters is unknown on 31.12.2023"),
        (",2,000", ",Geheimer,000", "row 2: geschlecht a text of 8 characters is unknown; expected one of"),
        (",2,000", ",9,000", "row 2: geschlecht '9' is unknown"),
        (",000\r\n", ",Geheimer\r\n", "row 2: staatsangehoerigkeit a text of 8 characters is unknown"),
        (",1924,", ",Geheimer,", "row 2: a text of 8 characters is no year of birth"),
        ("31.12.2023,", "Geheimer,", "row 2: a text of 8 characters is not a date"),
        ("31.12.2023,", "04.03.1924,", "row 2: another day than 31 December"),
        ("Ortsteil", "Geheimer", "row 1: column 'Ortsteil' is missing; found 7 columns"),
    ],
)
def test_a_message_does_not_quote_a_name(tmp_path, old, new, message):
    text = melde_files.persons().replace("\n", "\r\n")
    codes = {
        "geschlecht": {"m": ["1"], "w": ["2"]},
        "staatsangehoerigkeit": {"deutsch": ["000"], "nichtdeutsch": ["163"]},
    }
    path = write(tmp_path / "amt", "personen", text.encode(), werte=codes)
    assert counts(path) == COUNTS and old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    with pytest.raises(InputError, match=message) as error:
        sources.read(path, katalog())
    assert "geheimer" not in str(error.value).casefold() and "1924-03" not in str(error.value)


def test_a_pattern_with_many_wildcards_does_not_hang(tmp_path):
    began = time.perf_counter()
    many = "*a" * 25 + "*b{jahr}.csv"
    write(tmp_path / "amt", "lang", datei=many)
    with pytest.raises(InputError, match=r"meldeamt.datei: pattern '\*a.*: 26 of \* and \?; expected at most 4"):
        melderegister.read(tmp_path / "amt" / "amt.yaml", katalog())
    assert meldeamt.find(tmp_path / "amt" / ("a" * 200 + ".csv")) is None
    write(tmp_path / "amt", "breit", blatt="?" * 5)
    with pytest.raises(InputError, match=r"amt.yaml, meldeamt.blatt: pattern .*5 of \* and \?"):
        melderegister.read(tmp_path / "amt" / "amt.yaml", katalog())
    assert all(meldemuster.match("*a*a*a*b", "a" * n) is None for n in range(280, 300))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("EWO*_*_{jahr}*.csv", "EWO_a_b_2019_2023_neu.csv", {"jahr": "2023"}),
        ("*aab*b", "aaab aab b", {}),
        ("*a?c*d", "abbabc d", {}),
        ("*ab*ab", "ab", None),
        ("a*b*", "acb", {}),
        ("Summe * {ortsteil}", "Summe der Stadt Altstadt", {"ortsteil": "altstadt"}),
    ],
)
def test_a_pattern_finds_what_a_reader_sees(pattern, text, found):
    assert meldemuster.match(pattern, text) == found


def test_a_lost_part_of_the_residents_is_asked_about():
    sizes = {name: g.sprung for name, g in katalog().groessen.items() if name.startswith("melderegister_")}
    # within one year of a wave of refugees the number of foreigners may grow by a quarter
    assert len(sizes) == 7 and sizes.pop("melderegister_auslaendisch") == 0.3 and set(sizes.values()) == {0.1}


def test_a_corrected_gemeinde_takes_the_old_sum_and_the_old_ortsteil_with_it(tmp_path):
    """Bergdorf was described as part of 99099007 and lies in 99099008."""
    corrected = [ORTSTEILE[0], {**ORTSTEILE[1], "schluessel": "99099008.bergdorf", "gemeinde": "99099008"}]
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(write(tmp_path / "a", "breit"))
        before = store.observations(["melderegister_bevoelkerung"])
        assert dict(zip(before.ags, before.wert, strict=True)) == {"99099001": 34, "99099007": 8}
        done = store.import_file(write(tmp_path / "b", "breit", ortsteile=corrected))
        assert done.entfallen > 0
        after = store.observations(["melderegister_bevoelkerung"])
        assert dict(zip(after.ags, after.wert, strict=True)) == {"99099001": 34, "99099008": 8}
        assert store.bestand("ortsteile").ortsteil.tolist() == ["99099001.altstadt", "99099008.bergdorf"]
        assert len(store.history("99099007", "melderegister_bevoelkerung")) == 1
        assert store.import_file(tmp_path / "b" / "Bevoelkerung_31.12.2023.xlsx").schon_importiert


def test_an_earlier_year_keeps_its_sums_and_ortsteile(tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(write(tmp_path / "a", "breit"))
        fingerprint = store.fingerprint()
        store.import_file(write(tmp_path / "b", "breit"))
        assert store.fingerprint() == fingerprint


def test_a_second_office_for_the_same_gemeinde_is_refused(tmp_path):
    other = [ORTSTEILE[0], {**ORTSTEILE[1], "schluessel": "99099007.talheim"}]
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(write(tmp_path / "a", "breit"))
        fingerprint = store.fingerprint()
        with pytest.raises(InputError, match="Gemeinde 99099001 belongs to the office 99099_muster already"):
            store.import_file(write(tmp_path / "b", "breit", amt="zweites", ortsteile=other))
        assert store.fingerprint() == fingerprint
