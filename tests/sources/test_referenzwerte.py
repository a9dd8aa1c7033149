import datetime as dt

import pytest
from conftest import REAL_FILES, ROOT

from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources import referenzwerte
from analysis.store import Store

SHIPPED = ROOT / "data" / "referenzwerte.yaml"


@pytest.fixture
def changed(tmp_path):
    def change(old: str, new: str):
        text = SHIPPED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "referenzwerte.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


def test_published_counts_reach_the_store_as_counts():
    table = referenzwerte.read(SHIPPED, katalog()).beobachtungen.set_index(["ags", "groesse", "stichtag"]).wert
    assert table["16077", "mindestsicherung_empfaenger", dt.date(2023, 12, 31)] == 8938
    assert table["16077", "bevoelkerung", dt.date(2023, 12, 31)] == 88930
    schools = table.xs("schulabgang_ohne_hauptschulabschluss", level="groesse")
    assert schools.tolist() == [7.2, 6.9, 7.1] and set(schools.index.get_level_values("ags")) == {"16070"}
    assert table["16.mittelthueringen", "armutsquote_mikrozensus", dt.date(2016, 12, 31)] == 17.2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zaehler: 8938", "zaehler: 9938", "9938 of 88930 are 11.1751 %, not the printed 10,1 %"),
        ('    wert: "10,1"\n', "    wert: 10.1\n", r"referenzwerte\.1\.wert: 10.1 is not of type 'string'"),
        ('    wert: "10,1"\n', '    wert: "zehn"\n', r"referenzwerte\.1\.wert: 'zehn' does not match"),
        ("    kennzahl: Mindestsicherungsquote\n", "", r"referenzwerte\.1: 'kennzahl' is a required property"),
        ("    raum:", "    ort: x\n    raum:", r"referenzwerte\.1: Additional properties.*'ort' was unexpected"),
        ("id: al_bg_mit_kindern", "id: al_mindestsicherungsquote_2023", "the id stands twice"),
        ("quelle: altenburger_land_sozialstrategie", "quelle: internet", "there is no source 'internet'"),
        ("stichtag: 2023-12-31", "stichtag: Ende 2023", r"beobachtungen\.1\.stichtag: 'Ende 2023' does not match"),
        ("stichtag: 2023-12-31", 'stichtag: "2023-12-31"', "stichtag is a text; expected a date without quotes"),
        ("stichtag: 2023-12-31", "stichtag: 2023-12-31 10:00:00", "stichtag: '2023-12-31 10:00:00' does not match"),
        ("stichtag: 2023-12-31", "stichtag: 2023-02-31", "not valid YAML"),
        ("wert: 88930}", "wert: viele}", "wert: 'viele' is not of type 'number'"),
        ("wert: 88930}", "werd: 88930}", "'wert' is a required property|'werd' was unexpected"),
        ("wert: 88930}", f"wert: {'9' * 5000}}}", "not valid YAML|is greater than the maximum"),
        ('ags: "16077"', 'ags: "16099"', "there is no Kreis '16099'"),
        ('ags: "16077"', "ags: [1]", r"ags: \[1\] is not of type 'string'"),
        ('gilt_fuer: ["16077"]', 'gilt_fuer: ["16099"]', "gilt_fuer: AGS '16099': there is no Kreis"),
        ("    nenner: 88930\n", "    nenner: 0\n", "nenner: 0 is less than the minimum of 1"),
        ("    nenner: 88930\n", "", "'nenner' is a dependency of 'zaehler'"),
        ("    basis: 1620\n", "    basis: 0\n", "basis: 0 is less than the minimum of 1"),
    ],
)  # fmt: skip
def test_a_broken_entry_is_named(changed, old, new, message):
    with pytest.raises(InputError, match=message):
        referenzwerte.read(changed(old, new), katalog())


def test_a_file_that_is_a_trap_is_refused(tmp_path):
    path = tmp_path / "falle.yaml"
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
    )
    for content, message in (
        (bomb, "entries when its anchors are written out"),
        ("referenzwerte: " + "[" * 5000 + "]" * 5000, "not valid YAML: nested too deeply|not valid YAML"),
        ("referenzwerte: !!python/object/apply:os.system ['true']", "not valid YAML"),
        ("referenzwerte: []", "should be non-empty|is too short"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=message):
            referenzwerte.read(path, katalog())


def test_values_that_contradict_each_other_are_refused_by_the_import(changed, tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        with pytest.raises(InputError, match="row al_mindestsicherungsquote_2023: numerator larger.* 98938 > 88930"):
            store.import_file(
                changed(
                    "groesse: mindestsicherung_empfaenger, wert: 8938",
                    "groesse: mindestsicherung_empfaenger, wert: 98938",
                )
            )
        only_sentences = tmp_path / "ohne.yaml"
        text = SHIPPED.read_text(encoding="utf-8")
        only_sentences.write_text(text[: text.index("    beobachtungen:")], encoding="utf-8")
        assert store.import_file(only_sentences).zeilen == 0


def test_every_sentence_stands_in_its_source():
    files = {
        "altenburger_land": "000_a4a6d87b314f0050.txt",
        "ilm_kreis": "002_e91ce143f8762c56.txt",
    }
    if not (REAL_FILES / "seeds").exists():
        pytest.skip("texts of the strategies not there")
    for entry in referenzwerte.entries(SHIPPED, katalog()):
        file = next((name for key, name in files.items() if entry["quelle"].startswith(key)), None)
        if file is None:
            continue  # the brochure's text has reading errors in its letters
        text = " ".join((REAL_FILES / "seeds" / file).read_text(encoding="utf-8").split())
        plain = "".join(c for c in text if c not in "⁴⁵⁶⁷")
        assert entry["satz"] in plain, entry["id"]
