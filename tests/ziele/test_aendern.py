"""Changing a state: one entry more in the history, nothing else, all or nothing; in YAML and in XLSX."""

import datetime as dt
import difflib
import os

import openpyxl
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_format import KLEIN

from analysis.cli import main
from analysis.errors import InputError
from analysis.yaml_files import load_yaml
from analysis.ziele import mappe
from analysis.ziele.aendern import setzen
from analysis.ziele.katalog import UMSETZUNG
from analysis.ziele.lesen import lesen
from analysis.ziele.umwandeln import kommentare

BEISPIEL = ROOT / "data" / "musterkreis" / "ziele_99099.yaml"
TAG = dt.date(2025, 2, 3)


@pytest.fixture
def datei(tmp_path):
    path = tmp_path / "ziele.yaml"
    path.write_bytes(BEISPIEL.read_bytes())
    return path


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_only_the_state_the_history_and_the_date_change(datei):
    before = datei.read_text(encoding="utf-8")
    assert setzen(datei, "1.1.2", "erledigt", "Das Formular gilt: „ein Blatt“.", TAG) == "laufend"
    assert changed(before, datei.read_text(encoding="utf-8")) == [
        "-  stand: 2024-12-31",
        "+  stand: 2025-02-03",
        "-      umsetzung: laufend",
        "+      umsetzung: erledigt",
        '+        - {datum: 2025-02-03, von: laufend, auf: erledigt, grund: "Das Formular gilt: „ein Blatt“."}',
    ]
    assert lesen(datei).nach_code["1.1.2"].verlauf[-1].datum == TAG


@pytest.mark.parametrize("ending", [".yaml", ".xlsx"])
def test_a_later_change_does_not_move_the_beginning(tmp_path, ending):
    path = tmp_path / "ziele.yaml"
    path.write_text(KLEIN.replace("stand: 2024-12-31", "stand: 2024-12-31  # Ende des Jahres"), encoding="utf-8")
    path = path if ending == ".yaml" else workbook(path)
    begins = lesen(path).anfang
    setzen(path, "1", "laufend", "begonnen", TAG)
    setzen(path, "1", "erledigt", "geschafft", TAG + dt.timedelta(days=9))
    made = lesen(path)
    assert (made.anfang, made.stand) == (begins, TAG + dt.timedelta(days=9)) == (dt.date(2024, 5, 1), made.stand)
    assert ending == ".xlsx" or "  beginn: 2024-05-01\n  stand: 2025-02-12  # Ende" in path.read_text(encoding="utf-8")


def test_a_goal_without_state_and_history_gets_both(datei):
    before = datei.read_text(encoding="utf-8")
    setzen(datei, "4", "laufend", "Der Beirat tagt.", dt.date(2024, 12, 1))
    assert changed(before, datei.read_text(encoding="utf-8")) == [
        "+      umsetzung: laufend",
        "+      verlauf:",
        '+        - {datum: 2024-12-01, auf: laufend, grund: "Der Beirat tagt."}',
    ]


@pytest.mark.parametrize(
    "goal",
    [
        '{code: "2", ebene: leitziel, text: Ein Ziel.}  # Anmerkung',
        '{code: "2", ebene: leitziel, umsetzung: laufend, text: "a, b"}',
        '{code: "2", ebene: leitziel, text: a, umsetzung: laufend, verlauf: []}',
        '{code: "2", ebene: leitziel, text: a, umsetzung: laufend, '
        "verlauf: [{datum: 2024-01-01, auf: laufend, grund: x}]}",
        'code: "2"\n      ebene: leitziel\n      text: >-\n        zwei\n        Zeilen\n\n      # am Ende',
        'code: "2"\n      umsetzung: "laufend"  # läuft\n      ebene: leitziel\n'
        "      text: |\n        zwei\n        Zeilen",
        'code: "2"\n      ebene: leitziel\n      text: zwei\n        Zeilen  # Anmerkung\n\n',
        'code: "2"\n      verlauf:\n      - datum: 2024-01-01\n        auf: laufend\n        grund: "x"  # warum\n'
        "      umsetzung: laufend\n      ebene: leitziel\n      text: a",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_way_of_writing_keeps_its_comments(tmp_path, goal, ending):
    path = tmp_path / "ziele.yaml"
    text = KLEIN.replace('    - code: "1.1"\n', f'    - {goal}\n    - code: "1.1"\n')
    path.write_bytes(text.replace("\n", ending).encode())
    comments = [part.split("#")[1].strip() for part in goal.splitlines() if "#" in part]
    setzen(path, "2", "erledigt", "geschafft", TAG)
    raw = path.read_bytes().decode()
    assert all(comment in raw for comment in comments) and ("\r\n" in raw) == (ending == "\r\n")
    assert raw.count("\n") == raw.count(ending)
    made = lesen(path)
    assert made.nach_code["2"].umsetzung == "erledigt" and made.nach_code["2"].verlauf[-1].grund == "geschafft"
    old, new = load_yaml_of(tmp_path, text), load_yaml(path, dates_as_text=True)
    for content in (old, new):
        content["zielkatalog"]["ziele"] = [z for z in content["zielkatalog"]["ziele"] if z["code"] != "2"]
    assert new["zielkatalog"].pop("beginn") == f"{lesen(tmp_path / 'vorher.yaml').anfang:%Y-%m-%d}"
    assert new | {"zielkatalog": new["zielkatalog"] | {"stand": "2024-12-31"}} == old


def load_yaml_of(tmp_path, text):
    path = tmp_path / "vorher.yaml"
    path.write_text(text, encoding="utf-8")
    return load_yaml(path, dates_as_text=True)


def test_what_cannot_be_changed_without_loss_stays(tmp_path):
    path = tmp_path / "ziele.yaml"
    text = KLEIN.replace("umsetzung: laufend", "umsetzung: &stand laufend").replace(
        'text: Ein drittes Ziel.}', "text: Ein drittes Ziel., umsetzung: *stand}"
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"1\.1 is written in a way that cannot be changed without loss"):
        setzen(path, "1.1", "erledigt", "x", TAG)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("9.9", "erledigt", "x", TAG), r"there is no goal '9\.9' in the catalogue of 99099"),
        (("1.1.1", "laufend", "x", dt.date(2024, 11, 27)), r"27\.11\.2024 lies before the newest entry .*28\.11\.2024"),
        (("1.1.1", "erledigt", "x", TAG), r"the state is 'erledigt' already"),
        (("1.1.2", "fertig", "x", TAG), r"'fertig' is no state; expected geplant"),
        (("1.1.2", "erledigt", " ", TAG), r"the reason is empty"),
        (("1", "aufgegeben", "x", TAG), r"a Leitziel becomes aufgegeben only by Beschluss des Kreistags"),
    ],
)
def test_refusals_leave_the_file_as_it_is(datei, arguments, sentence):
    before = datei.read_bytes()
    with pytest.raises(InputError, match=sentence):
        setzen(datei, *arguments)
    assert datei.read_bytes() == before


def test_a_decision_opens_the_way(datei):
    setzen(datei, "1", "aufgegeben", "Der Kreistag hat es gestrichen.", TAG, "KT 3/2025")
    assert lesen(datei).nach_code["1"].verlauf[-1].beschluss == "KT 3/2025"


@pytest.mark.parametrize("ending", [".yaml", ".xlsx"])
def test_a_failure_while_writing_leaves_the_old_file(datei, monkeypatch, ending):
    path = datei if ending == ".yaml" else workbook(datei)
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        setzen(path, "1.1.2", "erledigt", "x", TAG)
    assert path.read_bytes() == before and not list(path.parent.glob(".*.teil"))


def workbook(datei):
    path = datei.with_suffix(".xlsx")
    path.write_bytes(mappe.schreiben(load_yaml(datei, dates_as_text=True)))
    return path


def test_a_reason_that_begins_like_a_formula_stays_text(datei):
    path = workbook(datei)
    setzen(path, "1.1.2", "erledigt", "=HYPERLINK(1)", TAG)
    assert lesen(path).nach_code["1.1.2"].verlauf[-1].grund == "=HYPERLINK(1)"


def test_a_workbook_keeps_its_other_cells_sheets_and_formats(datei):
    path = workbook(datei)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notizen")["B2"] = "bleibt"
    book["Ziele"]["E3"].font = openpyxl.styles.Font(italic=True)
    book.save(path)
    before = {name: [[c.value for c in row] for row in book[name].iter_rows()] for name in book.sheetnames}
    setzen(path, "1.1.2", "erledigt", "geschafft", TAG)
    after = openpyxl.load_workbook(path)
    assert after["Notizen"]["B2"].value == "bleibt" and after["Ziele"]["E3"].font.italic
    for name, rows in before.items():
        cells = [
            (name, r, c)
            for r, row in enumerate(after[name].iter_rows())
            for c, cell in enumerate(row)
            if r >= len(rows) or (cell.value or None) != (rows[r][c] or None)
        ]
        expected = {"Ziele": 1, "Katalog": 1, "Verlauf": len(mappe.SPALTEN["Verlauf"])}.get(name, 0)
        assert len(cells) == expected, cells
    assert lesen(path).nach_code["1.1.2"].verlauf[-1].grund == "geschafft"


def test_a_workbook_that_would_lose_a_text_box_is_not_written(datei, tmp_path):
    import xlsxwriter

    path = tmp_path / "textfeld.xlsx"
    content = workbook(datei)
    book = openpyxl.load_workbook(content)
    made = xlsxwriter.Workbook(path)
    for name in book.sheetnames:
        sheet = made.add_worksheet(name)
        for row in book[name].iter_rows():
            for cell in row:
                if cell.value is not None:
                    sheet.write_string(cell.row - 1, cell.column - 1, str(cell.value))
    made.get_worksheet_by_name("Katalog").insert_textbox("F2", "Bitte nur hier eintragen")
    made.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"drawings/drawing1\.xml would be lost"):
        setzen(path, "1.1.2", "erledigt", "x", TAG)
    assert path.read_bytes() == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["1.1.2", "1.2", "4", "3.2.1"]), st.sampled_from(["geplant", "laufend", "erledigt"]),
                  st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)),
        max_size=4,
    )
)  # fmt: skip
def test_any_sequence_of_changes_adds_to_the_history_and_to_nothing_else(datei, steps):
    datei.write_bytes(BEISPIEL.read_bytes())
    before, done = datei.read_text(encoding="utf-8"), 0
    for n, (code, state, reason) in enumerate(steps):
        if reason.strip() and lesen(datei).nach_code[code].umsetzung != state:
            setzen(datei, code, state, reason, TAG + dt.timedelta(days=n))
            done += 1
    lost = [line for line in changed(before, datei.read_text(encoding="utf-8")) if line.startswith("-")]
    assert all("umsetzung:" in line or "stand:" in line for line in lost)
    entries = sum(len(z.verlauf) for z in lesen(datei).ziele)
    assert entries == sum(len(z.verlauf) for z in lesen(BEISPIEL).ziele) + done


def test_the_command(datei, capsys):
    given = ["goals", "set", "1.1.2", "--state", "erledigt", "--reason", "geschafft", "--file", str(datei)]
    assert main([*given, "--date", "2025-02-03"]) == 0
    assert "1.1.2: laufend -> erledigt (2025-02-03)" in capsys.readouterr().out
    assert main([*given[:4], "laufend", *given[5:], "--date", "2099-01-01"]) == 2
    assert "lies in the future" in capsys.readouterr().err
    assert main([*given[:4], "laufend", *given[5:], "--date", "2025-02-02"]) == 2
    assert "before the newest entry" in capsys.readouterr().err
    assert main(["goals", "set", "LZ1", "--state", "laufend", "--reason", "x"]) == 2
    assert "code 'LZ1' stands in the catalogues of 16068, 16070" in capsys.readouterr().err
    assert main(["goals", "set", "X1", "--state", "laufend", "--reason", "x"]) == 2
    assert "code 'X1' stands in no catalogue" in capsys.readouterr().err


def test_the_check_prints_what_is_there_and_what_is_claimed(capsys, tmp_path):
    assert main(["goals", "check", str(ROOT / "data" / "ziele" / "16070_ilm_kreis.yaml")]) == 0
    said = capsys.readouterr().out
    assert "  12 Leitziele (the source says 13)" in said and "  24 Prozessziele (the source says 23)" in said
    (tmp_path / "falsch.yaml").write_text("zielkatalog: {}", encoding="utf-8")
    assert main(["goals", "check", str(tmp_path / "falsch.yaml")]) == 2


def test_the_other_format_and_back(datei, capsys):
    book, again = datei.with_suffix(".xlsx"), datei.with_name("zurueck.yaml")
    assert main(["goals", "convert", str(datei), str(book)]) == 0
    assert main(["goals", "convert", str(book), str(again)]) == 0
    assert main(["goals", "convert", str(book), str(again)]) == 2 and "already" in capsys.readouterr().err
    assert {z.code: z.umsetzung for z in lesen(again).ziele} == {z.code: z.umsetzung for z in lesen(datei).ziele}
    assert set(UMSETZUNG) >= {z.umsetzung for z in lesen(again).ziele}


def test_what_the_other_format_leaves_behind_is_said(datei, capsys):
    book = datei.with_suffix(".xlsx")
    assert main(["goals", "convert", str(datei), str(book)]) == 0
    assert f"without 5 lines of comments; they stay in {datei}" in capsys.readouterr().err
    opened = openpyxl.load_workbook(book)
    opened["Ziele"]["A2"].comment = openpyxl.comments.Comment("Bitte prüfen", "A")
    opened.create_sheet("Notizen")
    opened.save(book)
    assert main(["goals", "convert", str(book), str(datei.with_name("neu.yaml"))]) == 0
    assert "without 1 note on cells and the sheet Notizen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ('text: Noch ein Ziel.\n      genannt: ["Kitas; Schulen"]', "genannt of 1.1 would not be the same there"),
        (f"text: {'x' * 40_000}", "text"),
    ],
)
def test_what_a_workbook_cannot_hold_is_not_written(tmp_path, capsys, after, sentence):
    path, book = tmp_path / "ziele.yaml", tmp_path / "ziele.xlsx"
    path.write_text(KLEIN.replace("text: Noch ein Ziel.", after), encoding="utf-8")
    assert main(["goals", "convert", str(path), str(book)]) == 2
    assert sentence in capsys.readouterr().err and not book.exists()


@pytest.mark.parametrize(
    ("text", "count"),
    [("a: 1\n", 0), ("# a\na: 1  # b\n", 2), ("a: '# no'\nb: \"x # no\"\nc: d#e\n", 0),
     ("a: |\n  # no\n  text\nb: [1,  # yes\n  2]\n# end\n", 2)],
)  # fmt: skip
def test_comments_are_counted_and_texts_are_not(text, count):
    assert kommentare(text) == count


def test_the_import_says_where_a_goal_catalogue_belongs(datei, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(tmp_path / "store.duckdb"))
    book = workbook(datei)
    assert main(["import", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert f"{datei}: a goal catalogue is not imported" in said and f"{book}: a goal catalogue is not imported" in said
    assert "no known format" not in said and "data/ziele/AGS_NAME.xlsx" in said
    assert main(["import", str(book)]) == 2
    assert "a goal catalogue is not imported but read where it lies" in capsys.readouterr().err
    assert main(["import", str(BEISPIEL)]) == 2
