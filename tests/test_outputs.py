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
