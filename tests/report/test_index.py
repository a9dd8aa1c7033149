import re

import pytest

from analysis.report.index import write_index


def entry(ags, ergebnis="erstellt", meldung=""):
    file = f"{ags}/01_test.html" if ergebnis == "erstellt" else f"{ags}/01_test.ipynb"
    common = {"ags": ags, "notebook": "01_test", "titel": "Steckbrief", "meldung": meldung}
    return {**common, "ergebnis": ergebnis, "dateien": {file: "0" * 64}}


@pytest.fixture
def page(tmp_path):
    def make(*berichte, nicht_moeglich=()):
        lauf = {"zeit": "2026-03-01T09:05:00+01:00"}
        manifest = {"lauf": lauf, "berichte": list(berichte), "nicht_moeglich": list(nicht_moeglich)}
        write_index(tmp_path / "index.html", manifest)
        return (tmp_path / "index.html").read_text(encoding="utf-8")

    return make


def test_kreise_stand_in_groups_in_german_order_with_relative_links(page):
    html = page(entry("16077"), entry("16068"), entry("16065"), entry("16053"))
    assert re.findall(r'class="kreis">([^<]+)<', html) == ["Altenburger Land", "Kyffhäuserkreis", "Sömmerda", "Jena"]
    assert re.findall(r'href="([^"#]+)"', html) == [
        f"{ags}/01_test.html" for ags in ("16077", "16065", "16068", "16053")
    ]
    assert "4 Berichte für 4 Kreise" in html and "01.03.2026, 09:05 Uhr" in html


def test_a_failure_is_named_with_its_reason_and_without_technical_details(page):
    failed = entry("16070", "fehlgeschlagen", "cell 3: FileNotFoundError: /home/anna/daten.csv")
    late = entry("16077", "zeitlimit", "the limit of 5 s was reached")
    blocked = {"ags": "16061", "notebook": "01_test", "titel": "Steckbrief", "grund": "Es fehlen Daten: Bevölkerung."}
    html = page(entry("16053"), failed, late, nicht_moeglich=[blocked])
    assert "1 Bericht für 1 Kreis; 3 Berichte nicht erstellt" in html
    for part in (
        "Steckbrief, Ilm-Kreis",
        "ist ein Fehler aufgetreten",
        "dauerte zu lange",
        "Es fehlen Daten: Bevölkerung.",
    ):
        assert part in html
    assert "anna" not in html and "FileNotFoundError" not in html and ".ipynb" not in html


def test_texts_are_escaped(page):
    blocked = {"ags": "16061", "notebook": "x", "titel": "<script>alert(1)</script>", "grund": "</dd><b>"}
    html = page(nicht_moeglich=[blocked])
    assert "<script" not in html and "</dd><b>" not in html
