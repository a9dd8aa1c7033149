"""The Handbuch of surveys is true: its snippets run on the small Musterkreis, its table of R names what exists."""

import datetime as dt
import importlib
import json
import re
from functools import reduce
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import auswertung
from analysis.sources import befragung
from analysis.sources.befragung_beschreibung import SCHEMA
from analysis.store import Store
from analysis.survey import comparison, estimates
from analysis.yaml_files import load_yaml

ROOT = Path(__file__).resolve().parents[1]
HANDBUCH = (ROOT / "docs" / "befragung.md").read_text(encoding="utf-8")
METHODEN = (ROOT / "docs" / "methoden_befragung.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "data" / "musterkreis"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def small_register(folder: Path) -> list[Path]:
    """The population of the drawn sample as deliveries: one office with one Ortsteil per area, and the areas."""
    cells = pd.read_csv(EXAMPLE / "befragung" / "ziehung_musterkreis_2023.csv", sep=";", encoding="utf-8-sig")
    people = pd.DataFrame({
        "Ortsteil": cells.raum.str.split(".").str[1], "Jahrgang": 2022 - cells.altersgruppe.str[:2].astype(int),
        "Geschlecht": cells.geschlecht.str.upper(), "Staat": "D", "Anzahl": cells.N,
    })  # fmt: skip
    people.to_csv(folder / "amt_2022.csv", sep=";", index=False)
    areas = people.Ortsteil.unique()
    office = {"meldeamt": {
        "amt": "amt", "name": "Amt", "kreis": "99099", "datei": "amt_{jahr}.csv", "kopfzeile": 1, "form": "lang",
        "spalten": {"ortsteil": "Ortsteil", "jahrgang": "Jahrgang", "geschlecht": "Geschlecht",
                    "staatsangehoerigkeit": "Staat", "personen": "Anzahl"},
        "werte": {"geschlecht": {"m": ["M"], "w": ["W"]}, "staatsangehoerigkeit": {"deutsch": ["D"]}},
        "stichtag": {"aus": "dateiname"},
        "ortsteile": [{"schluessel": f"99099001.{a}", "name": a, "gemeinde": "99099001"} for a in areas],
    }}  # fmt: skip
    spaces = [{"schluessel": f"99099.{a}", "name": a, "ab": dt.date(2015, 1, 1), "mitglieder": [f"99099001.{a}"]}
              for a in areas]  # fmt: skip
    regions = {"planungsraeume": {"kreis": "99099", "raeume": spaces}}
    for name, content in (("amt.yaml", office), ("raeume.yaml", regions)):
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return [folder / "amt.yaml", folder / "amt_2022.csv", folder / "raeume.yaml"]


def test_every_snippet_runs(tmp_path):
    with Store(read_only=False) as store:
        for file in small_register(tmp_path):
            store.import_file(file)
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
    given = load_yaml(EXAMPLE / "befragung" / "befragung.yaml", SCHEMA)
    [example] = blocks(HANDBUCH, "yaml")
    text = (EXAMPLE / "befragung" / "befragung.yaml").read_text(encoding="utf-8").split("  auswertung:")[0] + example
    (tmp_path / "befragung.yaml").write_text(text, encoding="utf-8")
    part = load_yaml(tmp_path / "befragung.yaml", SCHEMA)["befragung"]
    book = befragung.load(EXAMPLE / "befragung" / "befragung.yaml").codebuch
    read = auswertung.read(part, book)
    theirs = auswertung.read(given["befragung"], book)
    assert read.gruppen == {key: theirs.gruppen[key] for key in read.gruppen}
    assert read.anteile["mehr_betreuung"].filter == theirs.anteile["mehr_betreuung"].filter


def test_every_entry_of_the_description_is_explained():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    properties = schema["properties"]["befragung"]["properties"]
    explained = set(re.findall(r"^\| `([a-z_.]+)", HANDBUCH, re.MULTILINE))
    assert set(properties["auswertung"]["properties"]) <= explained
    share = properties["auswertung"]["properties"]["anteile"]["additionalProperties"]["properties"]
    assert set(share) <= explained
    assert {f"design.{key}" for key in properties["design"]["properties"]} <= explained


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


@pytest.mark.parametrize("name", ["befragung.md", "methoden_befragung.md", "README.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert targets and not [t for t in targets if t and not (ROOT / "docs" / t).exists()]


def test_r_scripts_that_are_named_are_there():
    scripts = set(re.findall(r"`(\w+\.R)`", METHODEN))
    assert len(scripts) >= 10
    assert not {s for s in scripts if not (ROOT / "tests" / "expected" / "survey" / s).is_file()}
