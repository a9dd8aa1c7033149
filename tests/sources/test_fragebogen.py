import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from survey_files import HEAD, sosci

from analysis.answers import chosen, reasons
from analysis.codebook import FEHLGRUENDE, Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError
from analysis.sources import befragung
from analysis.sources.fragebogen import codebook_csv, read_codebook

YAML = HEAD + "  format: tabelle\n  daten: daten.csv\n  codebuch: {fragebogen: codebuch.csv}\n"
DATA = """nr;wohnort;kinder;anzahl;wunsch_a;wunsch_b;einkommen;bemerkung
1;1;1;2;1;0;2;"Mehr Busse; bitte"
2;2;2;;0;0;99;
3;1;1;-1;1;1;1;Danke
"""
CODEBOOK = """variable;frage;typ;text;code;label;fehlend;filter;batterie;von;bis;gewaehlt;leer
nr;;technisch;;;laufende Nummer;;;;;;;
wohnort;;einfach;Wo wohnen Sie?;1;Auental;;;;;;;
wohnort;;;;2;Bergen;;;;;;;
kinder;;einfach;Kinder im Haushalt?;1;ja;;;;;;;
kinder;;;;2;nein;;;;;;;
anzahl;;zahl;Wie viele?;;;;kinder=1;;0;20;;
anzahl;;;;-1;weiß nicht;weiss_nicht;;;;;;
wunsch_a;wunsch;mehrfach;Was fehlt?;;Jugendclub;;;;;;1;
wunsch_a;;;;0;nein;;;;;;;
wunsch_a;;;;1;ja;;;;;;;
wunsch_b;wunsch;mehrfach;;;Vereine;;;;;;;
wunsch_b;;;;0;nein;;;;;;;
wunsch_b;;;;1;ja;;;;;;;
einkommen;;klasse;Einkommen?;1;wenig;;;;0;1000;;
einkommen;;;;2;viel;;;;1000;;;
einkommen;;;;99;keine Angabe;verweigert;;;;;;
bemerkung;;offen;Noch etwas?;;;;;;;;;nicht_beantwortet
"""


@pytest.fixture
def export(tmp_path):
    def write(data=DATA, codebook=CODEBOOK, yaml=YAML, encoding="utf-8"):
        (tmp_path / "daten.csv").write_bytes(data.encode(encoding))
        (tmp_path / "codebuch.csv").write_bytes(codebook.encode(encoding))
        (tmp_path / "befragung.yaml").write_text(yaml, encoding="utf-8")
        return tmp_path / "befragung.yaml"

    return write


def test_data_and_codebook_are_read(export):
    survey = befragung.load(export())
    book = survey.codebuch
    assert [q.key for q in book.fragen] == ["nr", "wohnort", "kinder", "anzahl", "wunsch", "einkommen", "bemerkung"]
    assert book.frage("wunsch").gewaehlt == 1 and book.merkmal("wunsch_b").label == "Vereine"
    assert book.frage("einkommen").klassen == {1: (0, 1000), 2: (1000, None)}
    assert book.merkmal("anzahl").bereich == (0, 20) and book.frage("wohnort").text == "Wo wohnen Sie?"
    why = reasons(survey.daten, book)
    assert why.anzahl.tolist() == ["", "nicht_gezeigt", "weiss_nicht"]
    assert why.einkommen.tolist() == ["", "verweigert", ""] and why.bemerkung[1] == "nicht_beantwortet"
    assert chosen(survey.daten, book, "wunsch").sum().tolist() == [2, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_other_separators_and_encodings_give_the_same(export, encoding, separator):
    expected = befragung.load(export())
    yaml = YAML.replace("  daten:", "  kodierung: latin-1\n  daten:") if encoding == "latin-1" else YAML
    text = DATA.replace("Busse; bitte", "Busse# bitte").replace(";", separator).replace("#", ";")
    other = befragung.load(export(text, CODEBOOK.replace(";", separator), yaml, encoding))
    assert other.daten.equals(expected.daten) and other.codebuch == expected.codebuch


def test_workbooks_are_read_and_formulas_refused(export, tmp_path):
    expected = befragung.load(export())
    for name, text in (("daten", DATA.replace('"Mehr Busse; bitte"', "X")), ("codebuch", CODEBOOK)):
        book = openpyxl.Workbook()
        for row in text.splitlines():
            cells = [int(c) if c.lstrip("-").isdigit() else c or None for c in row.split(";")]
            book.active.append(["Mehr Busse; bitte" if c == "X" else c for c in cells])
        book.save(tmp_path / f"{name}.xlsx")
    path = export(yaml=YAML.replace(".csv", ".xlsx"))
    other = befragung.load(path)
    assert other.daten.equals(expected.daten) and other.codebuch == expected.codebuch
    book = openpyxl.load_workbook(tmp_path / "daten.xlsx")
    book.active["C3"] = "=1+1"
    book.save(tmp_path / "daten.xlsx")
    with pytest.raises(InputError, match=r"daten\.xlsx, sheet 'Sheet', cell C3: a formula \(=1\+1\); expected a value"):
        befragung.load(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("variable;frage", "merkmal;frage", "there is no column 'variable'"),
        (";gewaehlt;", ";gewählt;", "no such column in a codebook: 'gewählt'"),
        ("wohnort;;;;2", ";;;;2", "row 4: there is no variable"),
        ("wohnort;;;;2", "wohnort;;;;1", "row 4, wohnort: the code 1 stands twice"),
        ("kinder;;;;2", "kinder;;zahl;;2", "two values in the column typ: 'einfach' and 'zahl'"),
        ("nr;;technisch", "nr;;nummer", "no type 'nummer'; expected one of einfach"),
        (";weiss_nicht;", ";egal;", "no reason 'egal'"),
        ("kinder=1", "kinder=7", "asks for kinder=7, a code that it cannot have"),
        ("kinder=1", "kind=1", "filter names 'kind'"),
        ("kinder=1", "kinder", "'kinder' is not COLUMN=code"),
        (";0;1000", ";0;tausend", "row 15, einkommen: the bound 'tausend' is not a number"),
        (";1000;;;\n", ";900;;;\n", "the brackets of the codes 1 and 2 overlap"),
        ("wunsch_b;;;;0", "wunsch_c;;;;0", "the rows of 'wunsch_b' do not stand together"),
        (";1;\nwunsch_a;;;;0", ";;\nwunsch_a;;;;0", "without the code that means chosen"),
        ("bemerkung;;offen;Noch etwas?;;", "bemerkung;;offen;Noch etwas?;1;gut", "codes with meanings in a variable"),
    ],
)
def test_a_codebook_that_is_wrong_is_refused_with_its_row(export, old, new, message):
    assert old in CODEBOOK
    with pytest.raises(InputError, match=message):
        befragung.load(export(codebook=CODEBOOK.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2;2;2;;", "2;3;2;;", "daten.csv, row 3, wohnort: '3'; expected one of the codes 1, 2"),
        ("1;1;1;2;", "1;1;1;21;", "row 2, anzahl: '21'; expected a number from 0 to 20"),
        ("nr;wohnort", "nr;ort", "the column 'ort' is not in the codebook"),
        ("nr;wohnort", "nr;kinder", "row 1: the column 'kinder' stands twice"),
        ("3;1;1;-1;1;1;1;Danke\n", "3;1;1\n", "row 4: 3 columns; expected 8; is the file truncated"),
        ("3;1;1;-1;1;1;1;Danke\n", "3;1;1;-1;1;1;1;Dan", "the last row has no line end"),
        ("1;1;1;2;", "1;1;1;2,5;", None),
        ("1;1;1;2;", "1;1;1;1.234,5;", "row 2, anzahl: '1.234,5'; expected a number"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_their_row(export, old, new, message):
    assert old in DATA
    path = export(DATA.replace(old, new, 1))
    if message is None:
        assert befragung.load(path).daten.anzahl[0] == 2.5
        return
    with pytest.raises(InputError, match=message):
        befragung.load(path)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12)
CODES = st.dictionaries(st.integers(0, 50), TEXT, min_size=1, max_size=4)
LOST = st.dictionaries(st.integers(-9, -1), st.sampled_from(FEHLGRUENDE), max_size=3)


@st.composite
def codebooks(draw):
    questions = []
    for number in range(draw(st.integers(1, 5))):
        typ = draw(st.sampled_from(["einfach", "mehrfach", "skala", "zahl", "offen", "klasse"]))
        items, codes = [], draw(CODES)
        for item in range(draw(st.integers(1, 3))):
            lost = draw(LOST) if typ != "offen" else {}
            bereich = (
                draw(st.sampled_from([None, (1, 5), (None, 7), (None, None)])) if typ in ("skala", "zahl") else None
            )
            items.append(Merkmal(
                f"V{number}_{item}", typ, draw(TEXT), {} if typ in ("zahl", "offen") else codes, lost,
                {c: draw(TEXT) for c in lost}, draw(st.sampled_from(FEHLGRUENDE)), bereich,
            ))  # fmt: skip
        klassen = {c: (float(c), float(c) + 1) for c in codes} if typ == "klasse" else {}
        questions.append(Frage(
            f"V{number}", typ, tuple(items), draw(TEXT), draw(st.sampled_from(["", "a_b"])), draw(TEXT), klassen,
            conditions("V0_0>=1") if number and draw(st.booleans()) else (),
            next(iter(codes)) if typ == "mehrfach" else None,
        ))  # fmt: skip
    return Codebuch(tuple(questions))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(codebooks())
def test_a_codebook_survives_being_written_and_read(tmp_path, book):
    path = tmp_path / "geschrieben.csv"
    path.write_text(codebook_csv(book), encoding="utf-8")
    assert read_codebook(path) == book


def test_the_codebook_of_another_tool_survives_too(tmp_path):
    book = befragung.load(sosci(tmp_path)).codebuch
    path = tmp_path / "geschrieben.csv"
    path.write_text(codebook_csv(book), encoding="utf-8")
    assert read_codebook(path).fragen == book.fragen
