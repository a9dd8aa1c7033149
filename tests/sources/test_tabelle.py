import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.cli import main
from analysis.errors import InputError
from analysis.sources import lieferbeschreibung, tabelle
from analysis.sources.tabellenentwurf import draft
from analysis.store import Store

AKG = """\
lieferbeschreibung: tabelle
titel: Arbeitslose nach Planungsräumen
quelle: ba
erkennung: {blatt: "Arbeitslose*", texte: [Arbeitslose nach Gebieten des Auftraggebers]}
kopf: {ab: Gebietsschlüssel, zeilen: 3}
stichtag: {in: text, muster: "Berichtsmonat: {monat} {jahr}"}
gebiet:
  in: spalte
  kopf: [Gebietsschlüssel]
  schluessel: eigene
  zuordnung: {N1: "99099.nord", M1: "99099.mitte"}
spalten:
  - {groesse: arbeitslose, kopf: [Arbeitslose von 15 bis unter 65 Jahren, Insgesamt]}
  - {groesse: arbeitslose_sgb3, kopf: [Arbeitslose von 15 bis unter 65 Jahren, davon, SGB III]}
  - {groesse: arbeitslose_sgb2, kopf: [Arbeitslose von 15 bis unter 65 Jahren, davon, SGB II]}
  - {groesse: arbeitslose_unter_25, kopf: [Arbeitslose von 15 bis unter 65 Jahren, unter 25 Jahre]}
  - {groesse: langzeitarbeitslose, kopf: [Arbeitslose von 15 bis unter 65 Jahren, darunter, Langzeitarbeitslose]}
auslassen:
  - {grund: Summenzeilen, gleich: [GES], anzahl: 1}
"""

AKG_ROWS = [
    ["Arbeitslose nach Gebieten des Auftraggebers"],
    ["Kreis (Gebietsstand Dezember 2023)"],
    ["Berichtsmonat: Dezember 2023"],
    [],
    ["Gebiets-\nschlüssel", "Gebiet", "Arbeitslose von 15 bis unter 65 Jahren"],
    [None, None, "Insgesamt", "davon", None, "darunter"],
    [None, None, None, "SGB III", "SGB II", "unter 25 Jahre", "Langzeit-\narbeitslose¹⁾"],
    [1, 2, 3, 4, 5, 6, 7],
    ["N1", "Nord", 1204, "402", "802", 96, 410],
    ["M1", "Mitte", 233, "*", "*", 11, "-"],
    ["GES", "Insgesamt", 1437, 500, 937, 107, 410],
    [],
    ["1) Ein Jahr und länger arbeitslos"],
    ["* Zahlenwerte kleiner 3 und zugehörige Differenzen werden nicht gezeigt."],
    ["© Statistik der Bundesagentur für Arbeit", None, None, None, "Erstellt am 02.01.2024"],
]
AKG_MERGED = ["A1:G1", "A5:A7", "B5:B7", "C5:G5", "C6:C7", "D6:E6", "F6:G6"]


CELLS = st.one_of(
    st.none(), st.integers(-3, 3000), st.booleans(), st.dates(dt.date(1999, 1, 1), dt.date(2030, 1, 1)),
    st.sampled_from(["*", "=A1", "{x}", "a: b, #", "Mai 2023", "31.02.2023", "16077001", "VG: A", '"', "x\ny", "%"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
)  # fmt: skip


def workbook(path, sheets, hidden=()):
    """Workbook of sheets: name → (rows, merged ranges)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, (rows, merged) in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in merged:
            sheet.merge_cells(area)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


@pytest.fixture
def akg(tmp_path):
    def write(rows=AKG_ROWS, merged=AKG_MERGED, beschreibung=AKG, name="lieferung.xlsx", **further):
        (tmp_path / "akg.yaml").write_text(beschreibung, encoding="utf-8")
        sheets = {"Impressum": ([["Impressum"]], []), "Arbeitslose 12-2023": (rows, merged), **further}
        return workbook(tmp_path / name, sheets, hidden=further)

    return write


@pytest.fixture
def alone(tmp_path):
    """Write a file where no description of a user lies beside it."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)

    def write(rows, merged=(), name="tabelle.xlsx", sheet="Tabelle"):
        return workbook(folder / name, {sheet: (rows, merged)})

    return write


def changed(row, column, value, rows=AKG_ROWS):
    rows = [list(r) for r in rows]
    rows[row - 1] += [None] * (column - len(rows[row - 1]))
    rows[row - 1][column - 1] = value
    return rows


def read(path):
    delivery = sources.read(path, katalog())
    assert delivery.leser == "tabelle 1"
    return delivery.beobachtungen, delivery.ausgelassen


def wide(table, column="wert"):
    return table.pivot(index="ags", columns="groesse", values=column)


def test_own_area_keys_merged_headers_signs_and_footnotes(akg):
    table, left_out = read(akg(Werkstatt=([["Arbeitslose nach Gebieten des Auftraggebers"]], [])))
    assert set(table.stichtag) == {dt.date(2023, 12, 31)} and set(table.quelle) == {"ba"}
    values = wide(table)
    assert values.loc["99099.nord"].to_dict() == {
        "arbeitslose": 1204, "arbeitslose_sgb2": 802, "arbeitslose_sgb3": 402, "arbeitslose_unter_25": 96,
        "langzeitarbeitslose": 410,
    }  # fmt: skip
    assert values.loc["99099.mitte", "langzeitarbeitslose"] == 0
    reasons = wide(table, "grund").loc["99099.mitte"]
    assert reasons[reasons != ""].to_dict() == {"arbeitslose_sgb2": "geheim", "arbeitslose_sgb3": "geheim"}
    assert left_out == {
        "worksheets that the description does not read": 1, "hidden worksheets": 1, "Summenzeilen": 1,
        "columns that the description does not name": 1, "rows of column numbers": 1,
    }  # fmt: skip


def test_a_redelivery_changes_what_differs_and_the_same_again_nothing(akg, tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        delivered = akg()  # a workbook holds the second in which it was written
        assert store.import_file(delivered).neu == 10
        assert store.import_file(delivered).schon_importiert
        done = store.import_file(akg(changed(10, 7, 5)))
        assert (done.neu, done.geaendert, done.unveraendert) == (0, 1, 9)
        assert store.import_file(tmp_path / "akg.yaml").zeilen == 0


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (9, 3, "=SUM(D9:E9)", r"'Arbeitslose 12-2023', cell C9: a formula \(=SUM\(D9:E9\)\) of arbeitslose; expected"),
        (9, 3, "viele", r"cell C9: value 'viele' of arbeitslose; expected a number or one of"),
        (9, 3, None, "cell C9: value '' of arbeitslose"),
        (9, 3, True, "cell C9: value 'True' of arbeitslose"),
        (9, 3, "1.5", "cell C9: value '1.5' of arbeitslose"),
        (9, 3, 1204.5, "arbeitslose is 1204.5; expected a whole number"),
        (9, 3, -4, "arbeitslose is -4; expected a count of 0 or more"),
        (9, 3, 1205, "the parts of arbeitslose in 99099.nord.* add up to 1204, expected 1205"),
        (9, 1, "N9", "row 9: area 'N9'; expected one of the 2 that the description lists"),
        (9, 1, None, "row 9: area ''"),
        (9, 1, "=A1", "row 9: area '=A1'"),
        (10, 1, "N1", "row 10 of sheet .*arbeitslose of 99099.nord on 31.12.2023 stands already in row 9"),
        (3, 1, "Berichtsmonat: Dez 2023", None),
        (3, 1, "Berichtsmonat: 12/2023", "one date .* is expected above or below the table; found none"),
        (3, 1, "Berichtsmonat: 2023", "found none"),
        (2, 1, "Berichtsmonat: November 2023", "found 30.11.2023, 31.12.2023"),
        (5, 1, "Schlüssel", "no cell 'Gebietsschlüssel' where the header should begin; found "),
        (7, 5, "SGB III", "davon / SGB III' fits 2 columns: D .*, E .*; expected exactly one"),
        (7, 5, "SGB 2", "no column with the header '.*SGB II'; found A: Gebietsschlüssel; .*E: .* / davon / SGB 2"),
        (7, 7, "Langzeitarbeitslose *)", None),
        (7, 7, "Langzeitarbeitslose1", None),
        (11, 1, "SUMME", "0 rows to leave out .Summenzeilen.; expected 1"),
        (14, 3, 5, "cell C14: '5' below the end of the table"),
        (14, 3, "*", "cell C14: '\\*' below the end of the table"),
        (15, 4, "-", "cell D15: '-' below the end of the table"),
        (13, 3, "Stand: Januar 2024", None),
        (9, 8, "Anmerkung", None),
    ],
)  # fmt: skip
def test_a_changed_cell_is_read_or_named(akg, tmp_path, row, column, value, message):
    path = akg(changed(row, column, value))
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        before = store.fingerprint()
        if message is None:
            assert store.import_file(path).neu == 10
        else:
            with pytest.raises(InputError, match=message) as caught:
                store.import_file(path)
            assert "lieferung.xlsx" in str(caught.value) and "\n" not in str(caught.value)
            assert store.fingerprint() == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("titel: Arbeitslose nach Planungsräumen\n", "", "'titel' is a required property"),
        ("99099.mitte", "99099/mitte", "akg.yaml, gebiet, 'M1': AGS '99099/mitte' is not a key"),
        ("groesse: arbeitslose,", "groesse: arbeitlose,", "akg.yaml: Größe 'arbeitlose' .*did you mean arbeitslose"),
        ("quelle: ba", "quelle: bafa", "akg.yaml: there is no source 'bafa'"),
        ("quelle: ba", "quelle: genesis", "expected `zeichen` and `zahlen`"),
        ("{monat} {jahr}", "{mond} {jahr}", r"akg.yaml: pattern .*placeholder \{mond\}"),
        ("{monat} {jahr}", "{monat}", "stichtag.muster"),
        ("gleich: [GES]", "muster: '['", r"auslassen, '\[': not a regular expression"),
        ("gleich: [GES], anzahl: 1", "gleich: [GES], anzahl: 2", "1 rows to leave out .*expected 2"),
        ("[Gebietsschlüssel]", "[Gebiete]", "no column with the header 'Gebiete'"),
        ("zeilen: 3", "zeilen: 20", "the header should end in row 24; the table has 15 rows"),
        ("{groesse: arbeitslose, ", "{", "spalten, .*: expected a `groesse`"),
    ],
)
def test_a_wrong_description_is_named(akg, old, new, message):
    assert old in AKG
    with pytest.raises(InputError, match=message):
        sources.read(akg(beschreibung=AKG.replace(old, new, 1)), katalog())


def test_descriptions_lie_beside_the_file_above_it_or_in_the_workspace(akg, tmp_path, monkeypatch):
    path = akg()
    data = tmp_path / "w" / "data"
    monkeypatch.setattr(lieferbeschreibung.workspace, "data", lambda: data)
    for folder in (tmp_path / "oben", data / "lieferungen"):
        folder.mkdir(parents=True)
        (tmp_path / "akg.yaml").rename(folder / "akg.yaml")
        inner = tmp_path / "oben" / folder.parent.name
        inner.mkdir()
        assert len(read(Path(shutil.copy(path, inner)))[0]) == 10
        (folder / "akg.yaml").rename(tmp_path / "akg.yaml")
    assert len(read(path)[0]) == 10
    shutil.copy(tmp_path / "akg.yaml", tmp_path / "noch.yaml")
    with pytest.raises(InputError, match=r"akg\.yaml and .*noch\.yaml describe this file"):
        sources.read(path, katalog())


def test_other_yaml_beside_the_file_is_not_looked_at(akg, tmp_path):
    (tmp_path / "anderes.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "binaer.yaml").write_bytes(b"\xff\x00lieferbeschreibung: tabelle")
    (tmp_path / "ordner.yaml").mkdir()
    assert len(read(akg())[0]) == 10
    (tmp_path / "noch.yaml").write_text("lieferbeschreibung: tabelle\na: [", encoding="utf-8")
    with pytest.raises(InputError, match="noch.yaml: not valid YAML"):
        sources.read(akg(), katalog())


def test_a_hidden_sheet_alone_is_not_read(tmp_path):
    path = workbook(
        tmp_path / "x.xlsx", {"Blatt": ([["x"]], []), "Arbeitslose": (AKG_ROWS, AKG_MERGED)}, hidden=["Arbeitslose"]
    )
    (tmp_path / "akg.yaml").write_text(AKG, encoding="utf-8")
    with pytest.raises(InputError, match="no known format"):
        sources.read(path, katalog())
    with pytest.raises(InputError, match="no description of a table fits"):
        tabelle.read(path, katalog())


GEMEINDEN = [
    ["Arbeitslose nach Gemeinden"],
    ["Berichtsmonat:", "März 2024"],
    ["Gemeindeschlüssel", "Gemeinde", "Arbeitslose", None, None, None, None, "Arbeitslosenquote"],
    [None, None, "Insgesamt", "SGB III", "SGB II", "unter 25 Jahre", "Ausländer", None],
    [16077001, "Altenburg, Stadt", 1500, 500, 1000, 120, 300, 8.1],
    ["16077002", "Dobitschen", 8, 3, 5, "*", "-", "x"],
    ["Kreisangehörige Gemeinden"],
    ["16 0 77 003", "Göllnitz", ".", "*", "*", "-", "-", "x"],
    ["16077", "Altenburger Land", 3000, 1000, 2000, 250, 500, 6.9],
    ["Zusammen", None, 3000, 1000, 2000, 250, 500, 6.9],
    ["Erstellungsdatum: 28.03.2024, Statistik-Service Ost"],
]


def test_the_shipped_description_of_unemployed_by_gemeinde(alone):
    table, left_out = read(alone(GEMEINDEN, ["C3:G3", "A3:A4", "B3:B4", "H3:H4"]))
    values = wide(table)
    assert values.loc["16077001"].to_dict() == {
        "arbeitslose": 1500, "arbeitslose_sgb3": 500, "arbeitslose_sgb2": 1000, "arbeitslose_unter_25": 120,
        "arbeitslose_auslaendisch": 300,
    }  # fmt: skip
    assert set(values.index) == {"16077001", "16077002", "16077003", "16077"}
    assert wide(table, "grund").loc["16077003"].tolist() == ["unbekannt", "", "geheim", "geheim", ""]
    assert set(table.stichtag) == {dt.date(2024, 3, 31)}
    assert left_out == {
        "Summenzeilen": 1, "rows without an area and a value (headings)": 1,
        "columns that the description does not name": 2,
    }  # fmt: skip


def test_a_header_without_a_given_height_ends_at_the_first_number_or_heading(alone):
    merged = ["C3:G3", "A3:A4", "B3:B4", "H3:H4"]
    table = read(alone(GEMEINDEN, merged))[0]
    three = [*GEMEINDEN[:4], [None, None, "Anzahl", "Anzahl", "Anzahl", "Anzahl", "Anzahl", "%"], *GEMEINDEN[4:]]
    with pytest.raises(InputError, match="no column with the header 'Insgesamt.*C: Arbeitslose / Insgesamt / Anzahl"):
        read(alone(three, merged))
    counts = [*three[:4], [None, None, *["Anzahl"] * 6], *GEMEINDEN[4:]]
    assert read(alone(counts, merged))[0].wert.equals(table.wert)
    heading = [*GEMEINDEN[:4], ["Kreisangehörige Gemeinden"], *GEMEINDEN[4:]]
    for rows, ranges in ((heading, merged), (heading, ["C3:G3"])):
        assert read(alone(rows, ranges))[0].drop(columns="zeile").equals(table.drop(columns="zeile"))


def test_a_day_of_the_month_is_stored_under_its_end(alone):
    rows = changed(2, 1, "Stichtag: 14. Dezember 2023", changed(2, 2, None, GEMEINDEN))
    assert set(read(alone(rows, ["C3:G3"]))[0].stichtag) == {dt.date(2023, 12, 31)}


def test_the_shipped_description_of_sgb2(alone):
    rows = [
        ["Grundsicherung für Arbeitsuchende (SGB II)"],
        ["Bedarfsgemeinschaften und ihre Mitglieder"],
        ["Berichtsmonat: Juni 2023, Datenstand: September 2023"],
        ["Region", "Bedarfsgemeinschaften (BG)", "Personen in Bedarfsgemeinschaften (PERS)", "darunter"],
        [None, None, None, "Erwerbsfähige Leistungs-\nberechtigte (ELB)", "NEF unter 15 Jahren"],
        ["16077 Altenburger Land", 3456, 6100, 4400, "1.500"],
        ["16077001 Altenburg, Stadt", 1800, 3300, 2300, "*"],
    ]
    table, _ = read(alone(rows, ["A4:A5", "B4:B5", "C4:C5", "D4:E4"]))
    assert wide(table).loc["16077"].to_dict() == {
        "bedarfsgemeinschaften": 3456, "personen_in_bg": 6100, "erwerbsfaehige_leistungsberechtigte": 4400,
        "nef_unter_15": 1500,
    }  # fmt: skip
    assert set(table.stichtag) == {dt.date(2023, 6, 30)}


BESCHAEFTIGTE = [
    ["Gemeindedaten der sozialversicherungspflichtig Beschäftigten nach Wohn- und Arbeitsort"],
    ["Stichtag: 30. Juni 2023"],
    ["Schlüssel", "Gemeinde", "am Wohnort", None, "am Arbeitsort", None],
    [None, None, "Insgesamt", "Frauen", "Insgesamt", "Frauen"],
    ["16077001", "Altenburg, Stadt", "11.500", 5400, "*", "*"],
]


def test_the_shipped_description_of_employees(alone):
    path = alone(BESCHAEFTIGTE, ["A3:A4", "B3:B4", "C3:D3", "E3:F3"], sheet="Gemeindedaten")
    table, _ = read(path)
    assert table.groesse.tolist() == ["beschaeftigte_am_wohnort", "beschaeftigte_am_arbeitsort"]
    assert table.wert.tolist()[0] == 11500 and table.grund.tolist() == ["", "geheim"]
    assert set(table.stichtag) == {dt.date(2023, 6, 30)}
    with pytest.raises(InputError, match="is stored under the last day of a quarter, not 31.05.2023"):
        read(alone(changed(2, 1, "Stichtag: 31. Mai 2023", BESCHAEFTIGTE), ["C3:D3", "E3:F3"], sheet="Gemeindedaten"))


def test_the_shipped_description_of_a_report_with_quantities_in_rows(alone):
    rows = [
        ["Eckwerte des Arbeitsmarktes im Kreis"],
        ["Merkmale", "Dez 2023", "Nov 2023", "Okt 2023", "Veränderung gegenüber", None, None],
        [None, None, None, None, "Vormonat", None, "Vorjahresmonat (Dez 2022)"],
        [None, None, None, None, "absolut", "in %", "absolut"],
        ["Bestand an Arbeitsuchenden"],
        ["Insgesamt", 5000, 4900, 4800, 100, 2.0, 50],
        ["Bestand an Arbeitslosen"],
        ["Insgesamt", 3000, 2900, 2950, 100, 3.4, -20],
        ["dar.: 53,3% Männer", 1600, "1.550", 1500, 50, 3.2, -5],
        ["46,7% Frauen", 1400, 1350, 1450, 50, 3.2, -15],
        ["Langzeitarbeitslose", 900, 890, "*", 10, 1.1, 1],
        ["Arbeitslosenquoten"],
        ["Männer", 6.5, 6.4, 6.3, "x", "x", "x"],
        ["© Statistik der Bundesagentur für Arbeit"],
    ]
    merged = ["A2:A4", "B2:B4", "C2:C4", "D2:D4", "E2:G2", "E3:F3"]
    table, left_out = read(alone(rows, merged, "amr-16077-0-202312-xlsx.xlsx", "Eckwerte"))
    assert set(table.ags) == {"16077"}
    values = table.pivot(index="stichtag", columns="groesse", values="wert")
    assert values.arbeitslose.to_dict() == {
        dt.date(2023, 10, 31): 2950, dt.date(2023, 11, 30): 2900, dt.date(2023, 12, 31): 3000,
    }  # fmt: skip
    assert values.arbeitslose_maennlich.tolist() == [1500, 1550, 1600]
    assert table[table.grund == "geheim"].stichtag.tolist() == [dt.date(2023, 10, 31)]
    assert left_out["rows that the description does not name"] == 2
    missing = [row for row in rows if row[0] != "Bestand an Arbeitslosen"]
    with pytest.raises(InputError, match=r"no row \['Bestand an Arbeitslosen', 'Insgesamt'\] with a value; found"):
        read(alone(missing, merged, "amr-16077-0-202312-xlsx.xlsx", "Eckwerte"))


TLS = """\
"Bevölkerung der Gemeinden am 31.12.2022 nach Geschlecht";;;;
"Thüringen";;;;
;;;;
Schlüssel;"Gemeinde, Verwaltungsgemeinschaft";Bevölkerung;;
;;Insgesamt;männlich;weiblich
16077001;"Altenburg, Stadt";"31 048";"14 973";"16 075"
;"VG: Pleißenaue";"1 520";800;720
16077002;Dobitschen;460 1);230 p;230
16077003;Göllnitz;.;-;(230)
;"erfüllende Gemeinde Altenburg, Stadt";"31 508";"15 203";"16 305"
16077;Landkreis Altenburger Land;"89 393";"44 000";"45 393"
;;;;
1) Gebietsstand 31.12.2022;;;;
Quelle: Thüringer Landesamt für Statistik;;;;
"""


SHIPPED = Path(tabelle.__file__).with_name("tabellen")
SHIPPED_CSV = (SHIPPED / "tls_bevoelkerung_gemeinden_csv.yaml").read_text(encoding="utf-8")


def tls(tmp_path, text=TLS, encoding="cp1252"):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tls.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_above_their_members_blanks_and_footnotes_of_the_landesamt(tmp_path):
    table, left_out = read(tls(tmp_path))
    assert wide(table).loc["16077001"].to_dict() == {
        "bevoelkerung": 31048, "bevoelkerung_maennlich": 14973, "bevoelkerung_weiblich": 16075,
    }  # fmt: skip
    assert wide(table, "guete").loc["16077002", "bevoelkerung_maennlich"] == "vorlaeufig"
    assert wide(table).loc["16077002", "bevoelkerung"] == 460
    assert wide(table, "grund").loc["16077003", "bevoelkerung"] == "unbekannt"
    assert wide(table, "guete").loc["16077003", "bevoelkerung_weiblich"] == "eingeschraenkt"
    assert left_out["Verwaltungsgemeinschaften (Summe ihrer Mitglieder)"] == 1
    assert left_out["erfüllende Gemeinden (Summe mit ihren Nachbarn)"] == 1
    assert read(tls(tmp_path, TLS.replace("\n", "\r\n")))[0].equals(table)


STAND = """\
Bevölkerung der Gemeinden nach Geschlecht zum 31.12.2023;;;;
Gebietsstand: 31.12.2024;;;;
Gemeindeschlüssel;Gemeinde;Bevölkerung;;
;;Insgesamt;männlich;weiblich
16077001;Altenburg, Stadt;31 005;15 005;16 000
"""


@pytest.mark.parametrize(
    "text",
    [
        STAND,
        STAND.replace("Gebietsstand: 31.12.2024;", "Gebietsstand;31.12.2024"),
        STAND.replace("zum ", "am ") + "Stand: 15.03.2024;;;;\n",
        STAND.replace(" zum 31.12.2023", "") + "Stand: 31.12.2023;;;;\nQuelle: abgerufen am 31.12.2024;;;;\n",
    ],
)
def test_the_date_of_the_numbers_is_not_that_of_the_territory_or_the_making(tmp_path, text):
    assert set(read(tls(tmp_path, text))[0].stichtag) == {dt.date(2023, 12, 31)}
    other = text.replace("31.12.2023", "")
    if "Stand: 15" not in text:
        with pytest.raises(InputError, match="is expected above or below the table; found none"):
            read(tls(tmp_path, other))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"31 048"', '"31 04"', "row 6, column 3: value '31 04' of bevoelkerung"),
        ('"31 048"', '"- 1 520"', "row 6: bevoelkerung is -1520; expected a count"),
        ("16077003;", "1607700;", "row 9: area '1607700'; expected a key of 2, 3, 5 or 8 digits"),
        ("männlich;weiblich", "weiblich;weiblich", "header 'weiblich' fits 2 columns"),
        (";Insgesamt;", ";Summe;", "no column with the header"),
        ("am 31.12.2022", "am 30.06.2022", "bevoelkerung is stored under 31 December, not 30.06.2022"),
        ("am 31.12.2022", "am 31.13.2022", "states a day that does not exist"),
        ('"89 393"', '"89 393', "row"),
        ("Statistik;;;;\n", "Statistik", "no line end"),
    ],
)
def test_a_damaged_csv_is_named(tmp_path, old, new, message):
    assert old in TLS
    with pytest.raises(InputError, match=message):
        read(tls(tmp_path, TLS.replace(old, new, 1)))


def test_a_csv_in_another_encoding_is_never_misread(tmp_path):
    table = read(tls(tmp_path))[0]
    for encoding in ("utf-8", "utf-8-sig"):
        assert read(tls(tmp_path, encoding=encoding))[0].equals(table)
    (tmp_path / "a" / "b" / "eigene.yaml").write_text(SHIPPED_CSV.replace("[utf-8, cp1252]", "cp1252"), "utf-8")
    with pytest.raises(InputError, match="where the header should begin; found"):
        read(tls(tmp_path, encoding="utf-8"))


def test_worksheets_of_months_are_read_together(akg, tmp_path):
    monthly = AKG.replace("texte: [Arbeitslose nach Gebieten des Auftraggebers]", 'blatt: "* 20??"').replace(
        '{in: text, muster: "Berichtsmonat: {monat} {jahr}"}', '{in: blattname, muster: "{monat} {jahr}"}'
    )
    monthly = monthly.replace('blatt: "Arbeitslose*", ', "")
    (tmp_path / "akg.yaml").write_text(monthly, encoding="utf-8")
    sheets = {"Sept 2023": (AKG_ROWS, AKG_MERGED), "Dez. 2023": (AKG_ROWS, AKG_MERGED), "Impressum": ([["x"]], [])}
    table, left_out = read(workbook(tmp_path / "monate.xlsx", sheets))
    assert table.groupby("stichtag").size().to_dict() == {dt.date(2023, 9, 30): 5 * 2, dt.date(2023, 12, 31): 5 * 2}
    assert left_out["Summenzeilen"] == 2


def test_kreise_by_name_and_numbers_in_a_workbook(alone):
    rows = [
        ["Bevölkerung der kreisfreien Städte und Landkreise am 31.12.2022 nach Geschlecht"],
        ["Kreisfreie Stadt\nLandkreis\nLand", "Bevölkerung", None, None],
        [None, "insgesamt", "männlich", "weiblich"],
        ["Erfurt, Stadt", "214 969", 105000, 109969],
        ["Altenburger Land", 88356, 43300, 45056],
        ["Landkreis Eichsfeld", 98800, 49000, 49800],
        ["Landkreise", 1500000, 700000, 800000],
        ["Thüringen", "2 126 846", "1 050 000", "1 076 846"],
    ]
    table, left_out = read(alone(rows, ["A2:A3", "B2:D2"]))
    assert wide(table).bevoelkerung.to_dict() == {"16": 2126846, "16051": 214969, "16061": 98800, "16077": 88356}
    assert left_out == {"Zwischensummen": 1}
    with pytest.raises(InputError, match="area 'Landkreis Eichsfelde'; expected the name of a Kreis"):
        read(alone(changed(6, 1, "Landkreis Eichsfelde", rows), ["A2:A3", "B2:D2"]))


LANG = """\
lieferbeschreibung: tabelle
titel: Zeitreihe
quelle: ba
csv: {kodierung: utf-8, trennzeichen: tab}
erkennung: {texte: [Zeitreihe der Arbeitslosen]}
kopf: {von: 2, bis: 2}
stichtag: {in: spalte, kopf: [Monat], muster: "{monat} {jahr}", nach_unten: true}
gebiet: {in: fest, wert: "99099"}
zeichen: {"*": geheim, "": "null"}
zahlen: {dezimal: ".", tausender: ","}
guete: vorlaeufig
spalten: [{groesse: arbeitslose, kopf: [Arbeitslose]}]
"""


def test_dates_in_a_column_one_area_and_own_signs(tmp_path):
    (tmp_path / "lang.yaml").write_text(LANG, encoding="utf-8")
    path = tmp_path / "lang.txt"
    path.write_text(
        "Zeitreihe der Arbeitslosen\nMonat\tArbeitslose\nMär. 2023\t1,204\nJuni 2023\t*\nSept 2023\t\n",
        encoding="utf-8",
    )
    table, _ = read(path)
    assert table.stichtag.tolist() == [dt.date(2023, 3, 31), dt.date(2023, 6, 30), dt.date(2023, 9, 30)]
    assert table.wert.tolist()[::2] == [1204, 0] and table.grund.tolist() == ["", "geheim", ""]
    assert table.guete.tolist() == ["vorlaeufig", "", "vorlaeufig"]


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (9, 9, None, None),
        (11, 3, 1438, "cell C11: sum 1438 of arbeitslose; expected 1437, what the other rows of 31.12.2023 add up to"),
        (11, 4, 401, "cell D11: sum 401 of arbeitslose_sgb3; expected at least 402, what the other rows"),
        (11, 5, 802, None),
        (11, 5, 801, "cell E11: sum 801 of arbeitslose_sgb2; expected at least 802"),
        (11, 3, "=C9+C10", r"cell C11: a formula \(=C9\+C10\) of arbeitslose"),
        (11, 6, "*", None),
        (11, 3, "1.437", None),
        (11, 3, "viele", "cell C11: value 'viele' of arbeitslose; expected a number or one of"),
        (10, 6, 12, "cell F11: sum 107 of arbeitslose_unter_25; expected 108"),
    ],
)  # fmt: skip
def test_a_sum_row_is_checked_where_the_description_says_so(akg, row, column, value, message):
    path = akg(changed(row, column, value), beschreibung=AKG.replace("anzahl: 1}", "summe: true}"))
    if message is None:
        assert read(path)[1]["Summenzeilen"] == 1
    else:
        with pytest.raises(InputError, match=message):
            read(path)


def test_sums_are_those_of_their_day(tmp_path):
    description = LANG.replace('{in: fest, wert: "99099"}', "{in: spalte, kopf: [AGS]}")
    description += "auslassen: [{grund: Summen, kopf: [AGS], gleich: Summe, summe: true}]\n"
    (tmp_path / "lang.yaml").write_text(description, encoding="utf-8")
    path = tmp_path / "lang.txt"
    rows = "Mai 2023\t99099001\t5\n\t99099002\t7\n\tSumme\t12\nJuni 2023\t99099001\t1\n\t99099002\t*\n\tSumme\t{}\n"
    for total, message in (
        (4, None),
        (0, "sum 0 of arbeitslose; expected at least 1, what the other rows of 30.06.2023"),
    ):
        text = "Zeitreihe der Arbeitslosen\nMonat\tAGS\tArbeitslose\n" + rows.format(total)
        path.write_text(text, encoding="utf-8")
        if message is None:
            assert read(path)[1]["Summen"] == 2
        else:
            with pytest.raises(InputError, match=message):
                read(path)


def test_a_workbook_of_the_old_format_with_dates_in_cells(tmp_path):
    description = LANG.replace("csv: {kodierung: utf-8, trennzeichen: tab}\n", "").replace(
        'in: spalte, kopf: [Monat], muster: "{monat} {jahr}"', 'in: spalte, kopf: [Stand], muster: "{datum}"'
    )
    description = description.replace("texte: [Zeitreihe der Arbeitslosen]", "blatt: Eckwerte")
    description = description.replace('{in: fest, wert: "99099"}', "{in: spalte, kopf: [Schlüssel]}")
    (tmp_path / "alt.yaml").write_text(description.replace("kopf: [Arbeitslose]", "kopf: [Insgesamt]"), "utf-8")
    table, left_out = read(Path(shutil.copy(Path(__file__).with_name("files") / "eckwerte.xls", tmp_path)))
    assert table.ags.tolist() == ["99099001", "99099002"] and table.wert.tolist()[0] == 1234
    assert table.grund.tolist() == ["", "geheim"] and set(table.stichtag) == {dt.date(2023, 12, 31)}
    assert left_out == {"hidden worksheets": 1}


def test_merged_cells_without_text_below_the_table_do_no_harm(akg):
    table = read(akg())[0]
    assert read(akg(merged=[*AKG_MERGED, "A18:B40"]))[0].equals(table)


def test_every_shipped_description_is_complete_and_recognises_no_other_file(tmp_path):
    shipped = sorted(Path(lieferbeschreibung.__file__).with_name("tabellen").glob("*.yaml"))
    assert len(shipped) >= 6
    for path in shipped:
        assert sources.read(path, katalog()).beobachtungen.empty
        quantities = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert quantities["quelle"] in ("ba", "tls")
    other = workbook(tmp_path / "andere.xlsx", {"Tabelle1": ([["Monat", "Wert"], ["Januar", 1]], [])})
    assert not tabelle.recognises(sources.probe(other))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(akg, tmp_path, data):
    content = bytearray(akg().read_bytes())
    place = len(content) * data.draw(st.integers(0, 999)) // 1000  # its length depends on the time of writing
    match data.draw(st.sampled_from(["cut", "overwrite", "part", "cells"])):
        case "cut":
            del content[place:]
        case "overwrite":
            content[place : place + 40] = bytes(data.draw(st.binary(min_size=40, max_size=40)))
        case "part":
            content = bytearray(_with_changed_part(bytes(content), data))
        case "cells":
            strange = st.sampled_from(
                [None, "", "\ufeff", "x" * 30_000, "=1+1", 1e300, -1, "*", dt.datetime(2023, 1, 1)]
            )
            rows = changed(data.draw(st.integers(5, 12)), data.draw(st.integers(1, 8)), data.draw(strange))
            content = bytearray(akg(rows).read_bytes())
    path = tmp_path / "kaputt.xlsx"
    path.write_bytes(bytes(content))
    _imports_or_refuses(path, tmp_path)


def _with_changed_part(content: bytes, data) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = data.draw(st.sampled_from(names))
        for name in names:
            text = old.read(name)
            if name == victim:
                cut = len(text) * data.draw(st.integers(0, 100)) // 100
                text = text[:cut] + data.draw(st.sampled_from([b"", b"\0", b"<c>", b"</row>", text[cut:][::-1]]))
            new.writestr(name, text)
    return out.getvalue()


def _imports_or_refuses(path, tmp_path):
    store_file = tmp_path / "s.duckdb"
    with Store(store_file, read_only=False) as store:
        before = store.fingerprint()
        try:
            done = store.import_file(path)
        except InputError as error:
            assert path.name in str(error) and store.fingerprint() == before
        else:
            assert done.zeilen in (0, 10, 8, 6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_csv_is_read_or_refused(tmp_path, data):
    content = bytearray(TLS.encode("cp1252"))
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "overwrite", "insert", "repeat", "separator"])):
        case "cut":
            del content[place:]
        case "overwrite":
            content[place] = data.draw(st.integers(0, 255))
        case "insert":
            stray = [b"\xef\xbb\xbf", b"\0", b'"', b";", b"\n", b"\x81", b"9" * 1_000_000]
            content[place:place] = data.draw(st.sampled_from(stray))
        case "repeat":
            content += content[:place]
        case "separator":
            content = content.replace(b";", data.draw(st.sampled_from([b",", b"\t", b"|"])))
    path = tls(tmp_path)
    path.write_bytes(bytes(content))
    try:
        delivery = sources.read(path, katalog())
    except InputError as error:
        assert "tls.csv" in str(error)
    else:
        assert delivery.beobachtungen.wert.isna().sum() == (delivery.beobachtungen.grund != "").sum()


def test_a_draft_describes_a_workbook_so_far_that_an_analyst_completes_it(akg, tmp_path, capsys):
    path = akg()
    (tmp_path / "akg.yaml").unlink()
    assert main(["describe", str(path)]) == 0
    text = capsys.readouterr().out
    assert "# Blatt 'Arbeitslose 12-2023': 15 Zeilen, 7 Spalten (hier beschrieben)" in text
    assert "kopf: {ab: Gebietsschlüssel, zeilen: 3}  # Zeilen 5 bis 7" in text
    assert "kopf: [Arbeitslose von 15 bis unter 65 Jahren, davon, SGB II]}  # Spalte E" in text
    beside = tmp_path / "entwurf.yaml"
    beside.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"entwurf\.yaml, gebiet, 'N1': AGS 'TODO' is not a key"):
        sources.read(path, katalog())
    description = yaml.safe_load(text)
    description["gebiet"]["zuordnung"] = {"N1": "99099.nord", "M1": "99099.mitte"}
    description["spalten"] = [{**description["spalten"][0], "groesse": "arbeitslose"}]
    description["auslassen"][0]["gleich"] = ["GES"]
    beside.write_text(yaml.safe_dump(description | {"quelle": "ba"}, allow_unicode=True), encoding="utf-8")
    assert read(path)[0].wert.tolist() == [1204, 233]


def test_a_draft_of_a_csv_names_encoding_separator_and_sums(tmp_path):
    text = draft(tls(tmp_path))
    assert "csv: {kodierung: cp1252, trennzeichen: ;}" in text
    assert "kopf: {ab: Schlüssel, zeilen: 2, fuellen: true}" in text
    assert "gebiet: {in: spalte, kopf: [Schlüssel], schluessel: amtlich}" in text
    assert "erkennung: {texte: [Bevölkerung der Gemeinden am, Thüringen]}" in text
    assert '  - {grund: Verwaltungsgemeinschaften, beginnt: "VG:"}' in text
    assert "stichtag: {in: text, muster: '{datum}'}  # Bevölkerung der Gemeinden am 31.12.2022 nach Geschlecht" in text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, max_size=5), max_size=8), st.booleans())
def test_a_draft_is_made_of_any_workbook(tmp_path, rows, merge):
    path = workbook(tmp_path / "irgendwas.xlsx", {"Blatt": (rows, ["A1:B2"] if merge else [])})
    try:
        text = draft(path)
    except InputError as error:
        assert "irgendwas.xlsx" in str(error)
    else:
        assert yaml.safe_load(text)["lieferbeschreibung"] == "tabelle"


@pytest.mark.parametrize("content", [b"", b"\0\1", b"PK\3\4kaputt", b'"offen;1\n', b"a\n", b"\xff\xfea\0;\0b\0\n\0"])
def test_a_draft_of_no_table_is_refused_or_empty(tmp_path, content, capsys):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert main(["describe", str(path)]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err
