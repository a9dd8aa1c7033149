import datetime as dt

import pytest
from conftest import REAL_FILES, ROOT

from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources import referenzwerte

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
    table = referenzwerte.read(SHIPPED, katalog()).set_index(["ags", "groesse", "stichtag"]).wert
    assert table["16077", "mindestsicherung_empfaenger", dt.date(2023, 12, 31)] == 8938
    assert table["16077", "bevoelkerung", dt.date(2023, 12, 31)] == 88930
    schools = table.xs("schulabgang_ohne_hauptschulabschluss", level="groesse")
    assert schools.tolist() == [7.2, 6.9, 7.1] and set(schools.index.get_level_values("ags")) == {"16070"}
    assert table["16.mittelthueringen", "armutsquote_mikrozensus", dt.date(2016, 12, 31)] == 17.2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zaehler: 8938", "zaehler: 9938", "9938 of 88930 are 11.1751 %, not the printed 10,1 %"),
        ('    wert: "10,1"\n', "    wert: 10.1\n", "wert is 10.1; expected str"),
        ("    kennzahl: Mindestsicherungsquote\n", "", r"entry 1 \(al_mindest\w+\): 'kennzahl' is missing"),
        ("    raum:", "    ort: x\n    raum:", "unknown key 'ort'"),
        ("id: al_bg_mit_kindern", "id: al_mindestsicherungsquote_2023", "the id stands twice"),
        ("quelle: altenburger_land_sozialstrategie", "quelle: internet", "there is no source 'internet'"),
        ("stichtag: 2023-12-31", "stichtag: Ende 2023", "stichtag is not a date"),
        ("wert: 88930}", "wert: viele}", "wert is not a number"),
        ('ags: "16077"', 'ags: "16099"', "there is no Kreis '16099'"),
    ],
)  # fmt: skip
def test_a_broken_entry_is_named(changed, old, new, message):
    with pytest.raises(InputError, match=message):
        referenzwerte.read(changed(old, new), katalog())


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
