import base64

import pytest

from analysis import figures, outputs, tables

GOOD_TEXT = "Zwei Balken, der linke ist doppelt so hoch wie der rechte."


def data_table():
    return tables.tabelle([tables.Spalte("a")], [tables.Gruppe([["1"]])], titel="t", quelle="q")


def figure(**changes):
    fig, (ax,) = figures.new_figure(1.5)
    ax.plot([0, 1], [0, 1])
    given = {
        "name": "test", "titel": "Titel", "einheit": "in Prozent", "quelle": "Amt, 2019", "alternativtext": GOOD_TEXT,
        "daten": data_table(),
    } | changes  # fmt: skip
    return figures.abbildung(fig, **given)


@pytest.mark.parametrize("part", ["titel", "einheit", "quelle", "alternativtext"])
def test_a_figure_without_title_unit_source_or_alternative_text_is_refused(part):
    with pytest.raises(ValueError, match=f"{part}|alternative text"):
        figure(**{part: ""})
    fig, _ = figures.new_figure(1)
    complete = {"name": "n", "titel": "t", "einheit": "e", "quelle": "q", "alternativtext": GOOD_TEXT}
    complete["daten"] = data_table()
    with pytest.raises(TypeError, match=part):
        figures.abbildung(fig, **{k: v for k, v in complete.items() if k != part})


@pytest.mark.parametrize("text", ["Bild", "Abbildung", "x" * 401, "zu kurz"])
def test_an_alternative_text_that_says_nothing_is_refused(text):
    with pytest.raises(ValueError, match="alternative text has"):
        figure(alternativtext=text)


def test_a_figure_is_the_same_bytes_each_time_and_carries_no_metadata():
    first, second = figure(), figure()
    assert first.png == second.png
    assert b"tEXt" not in first.png and b"matplotlib" not in first.png.lower()


def test_a_figure_shows_itself_in_jupyterlab_with_its_texts():
    data, _ = figure()._repr_mimebundle_()
    assert data[outputs.MIME]["titel"] == "Titel"
    assert f'alt="{GOOD_TEXT}"' in data["text/html"] and "Quelle: Amt, 2019" in data["text/html"]
    assert data["text/plain"] == "Titel"


def spalten():
    return [tables.Spalte("Kreis"), tables.Spalte("Wert")]


def test_a_table_needs_caption_and_source():
    rows = [tables.Gruppe([["Jena", "1"]])]
    with pytest.raises(TypeError):
        tables.tabelle(spalten(), rows, titel="t")
    with pytest.raises(ValueError, match="titel is missing"):
        tables.tabelle(spalten(), rows, titel="", quelle="q")
    with pytest.raises(ValueError, match="quelle is missing"):
        tables.tabelle(spalten(), rows, titel="t", quelle="")


def test_a_row_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match=r"2 columns, but rows of \[1, 2\] cells"):
        tables.tabelle(spalten(), [tables.Gruppe([["a", "1"], ["b"]])], titel="t", quelle="q")


def test_a_table_has_caption_scopes_and_escapes_what_it_holds():
    table = tables.tabelle(
        spalten(), [tables.Gruppe([["<script>alert(1)</script>", "1"]], titel="G")], titel="T", quelle="Q"
    )
    html = outputs.html(table.inhalt)
    assert "<caption>T</caption>" in html and 'scope="col"' in html and 'scope="row"' in html
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_empty_texts_and_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="absaetze is missing"):
        outputs.saetze([])
    with pytest.raises(ValueError, match="a paragraph is empty"):
        outputs.kuerze(["gut", " "])
    with pytest.raises(ValueError, match="unknown kind 'film'"):
        outputs.Ausgabe({"art": "film"})
    with pytest.raises(ValueError, match="there is no picture"):
        outputs.Ausgabe(figure().inhalt)


def attachment(**changes):
    given = {"name": "band", "titel": "Tabellenband", "beschreibung": "alle Fragen.", "datei": b"PK\x03\x04"} | changes
    return outputs.anlage(**given)


def test_a_workbook_beside_the_report_travels_whole_and_is_named_in_jupyterlab():
    data, _ = attachment()._repr_mimebundle_()
    assert base64.b64decode(data[outputs.MIME]["datei"]) == b"PK\x03\x04"
    assert "<strong>Tabellenband (XLSX)</strong>: alle Fragen." in data["text/html"] and "<a " not in data["text/html"]
    assert data["text/plain"] == "Tabellenband"


@pytest.mark.parametrize("part", ["name", "titel", "beschreibung", "endung", "datei"])
def test_a_workbook_without_a_part_is_refused(part):
    with pytest.raises(ValueError, match=f"anlage .*: {part} is missing"):
        attachment(**{part: b"" if part == "datei" else ""})


@pytest.mark.parametrize("name", ["../fremd", "mit leer", "Groß", "a/b"])
def test_a_workbook_whose_name_is_no_file_name_is_refused(name):
    with pytest.raises(ValueError, match="name"):
        attachment(name=name)


def test_a_calendar_beside_the_report():
    shown = attachment(titel="Kalender", datei=b"BEGIN:VCALENDAR\r\n", endung="ics").inhalt
    assert "<strong>Kalender (ICS)</strong>" in outputs.html(shown)
    for datei, endung in ((b"PK\x03\x04", "ics"), (b"BEGIN:VCALENDAR\r\n", "xlsx"), (b"MZ", "exe")):
        with pytest.raises(ValueError, match="anlage"):
            attachment(datei=datei, endung=endung)


def test_several_outputs_of_a_cell_are_shown_one_by_one(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *each: shown.extend(each))
    one, two = outputs.saetze(["Eins."]), attachment()
    outputs.Folge((one, two))._ipython_display_()
    assert shown == [one, two]
