"""The Handbuch of surveys is true: its snippets run on the small Musterkreis, its table of R names what exists."""

import importlib
import re
from functools import reduce
from pathlib import Path

import pandas as pd
import pytest

from analysis import auswertung
from analysis.sources import befragung
from analysis.store import Store
from analysis.survey import comparison, estimates
from analysis.yaml_files import load_yaml

ROOT = Path(__file__).resolve().parents[1]
HANDBUCH = (ROOT / "docs" / "befragung.md").read_text(encoding="utf-8")
METHODEN = (ROOT / "docs" / "methoden_befragung.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "data" / "musterkreis"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_every_snippet_runs():
    register = EXAMPLE / "lieferungen" / "melderegister"
    with Store(read_only=False) as store:
        for file in [*sorted(register.glob("*.yaml")), *sorted(register.glob("*2022*"))]:
            store.import_file(file)
        store.import_file(EXAMPLE / "lieferungen" / "gebiet" / "planungsraeume_99099.yaml")
    names: dict = {}
    for number, snippet in enumerate(blocks(HANDBUCH, "python"), start=1):
        exec(compile(snippet, f"befragung.md, snippet {number}", "exec"), names)
    assert names["gewichtung"].bevoelkerung == "register"
    # the last expressions of snippets are what they say
    everybody = estimates.mean(names["plan"], names["leben"])
    assert everybody.n[0] == names["leben"].notna().sum()
    pair = comparison.between(names["plan"], names["leben"], names["raum"], [("Kreisstadt Nord", "Kreisstadt Mitte")])
    contrast = names["je_raum"].kontrast({"d": {"Kreisstadt Nord": 1, "Kreisstadt Mitte": -1}})
    assert contrast.wert["d"] == pytest.approx(pair.differenz.iloc[0])
    assert isinstance(names["befund"], pd.DataFrame)


def test_the_example_of_auswertung_is_valid(tmp_path):
    given = load_yaml(EXAMPLE / "befragung" / "befragung.yaml", befragung._SCHEMA)
    [example] = blocks(HANDBUCH, "yaml")
    text = (EXAMPLE / "befragung" / "befragung.yaml").read_text(encoding="utf-8").split("  auswertung:")[0] + example
    (tmp_path / "befragung.yaml").write_text(text, encoding="utf-8")
    part = load_yaml(tmp_path / "befragung.yaml", befragung._SCHEMA)["befragung"]
    book = befragung.load(EXAMPLE / "befragung" / "befragung.yaml").codebuch
    read = auswertung.read(part, book)
    theirs = auswertung.read(given["befragung"], book)
    assert read.gruppen == {key: theirs.gruppen[key] for key in read.gruppen}
    assert read.anteile["mehr_betreuung"].filter == theirs.anteile["mehr_betreuung"].filter


def test_every_entry_of_the_description_is_explained():
    properties = load_schema()["properties"]["befragung"]["properties"]
    explained = set(re.findall(r"^\| `([a-z_.]+)", HANDBUCH, re.MULTILINE))
    assert set(properties["auswertung"]["properties"]) <= explained
    share = properties["auswertung"]["properties"]["anteile"]["additionalProperties"]["properties"]
    assert set(share) <= explained
    assert {f"design.{key}" for key in properties["design"]["properties"]} <= explained


def load_schema() -> dict:
    import json

    return json.loads(befragung._SCHEMA.read_text(encoding="utf-8"))


def test_every_function_of_the_table_exists():
    table = METHODEN.split("## R → Kreisblick")[1]
    cells = [line.split(" | ")[1] for line in table.splitlines() if line.startswith("| ") and " | " in line][1:]
    found = [name for cell in cells for name in re.findall(r"`([a-z_]+\.[A-Za-z_.]+)`", cell)]
    assert len(found) >= 60
    for name in found:
        module, *attributes = name.split(".")
        loaded = importlib.import_module(f"analysis.survey.{module}")
        if name == "design.Design.gewicht":  # a field of the dataclass
            assert "gewicht" in loaded.Design.__dataclass_fields__
        else:
            assert callable(reduce(getattr, attributes, loaded)), name


def test_r_scripts_that_are_named_are_there():
    scripts = set(re.findall(r"`(\w+\.R)`", METHODEN))
    assert len(scripts) >= 10
    assert not {s for s in scripts if not (ROOT / "tests" / "expected" / "survey" / s).is_file()}
