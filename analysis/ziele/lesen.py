"""Goal catalogues read from their files (YAML or XLSX), and where the catalogue of a Kreis lies."""

import datetime as dt
from pathlib import Path

import yaml

from analysis import workspace
from analysis.errors import InputError
from analysis.yaml_files import load_yaml, parse_yaml
from analysis.ziele import mappe
from analysis.ziele.aufbau import aufbauen
from analysis.ziele.katalog import Zielkatalog

ENDUNGEN = (".yaml", ".yml", ".xlsx")


def lesen(path: Path, heute: dt.date | None = None, inhalt: bytes | None = None) -> Zielkatalog:
    """Goal catalogue of a file.

    Parameters
    ----------
    heute
        Day after which no catalogue can be; None: that of this machine's clock.
    inhalt
        What the file shall hold, to be checked before it is written; None: what it holds.

    Raises
    ------
    InputError
        The file cannot be read, is neither YAML nor XLSX, holds no correct catalogue, or one whose day is still to
        come; the text names line or row.
    """
    if path.suffix.lower() not in ENDUNGEN:
        raise InputError(f"{path}: a goal catalogue is a YAML or an XLSX file; expected the ending .yaml or .xlsx")
    if path.suffix.lower() == ".xlsx":
        made = aufbauen(str(path), *mappe.lesen(path, inhalt))
    elif inhalt is None:
        content = load_yaml(path, dates_as_text=True)
        made = aufbauen(str(path), content, _lines(path.read_text(encoding="utf-8"), content))
    else:
        text = inhalt.decode("utf-8")
        content = parse_yaml(path, text, dates_as_text=True)
        made = aufbauen(str(path), content, _lines(text, content))
    if made.stand > (heute or dt.date.today()):
        raise InputError(f"{path}, stand: {made.stand:%d.%m.%Y} lies in the future; expected a day up to today")
    return made


def _lines(text: str, content: dict) -> list[str]:
    """Line of each goal."""
    goals = content.get("zielkatalog")
    goals = goals.get("ziele") if isinstance(goals, dict) else None
    if not isinstance(goals, list):
        return []
    node = knoten(knoten(yaml.compose(text, Loader=yaml.SafeLoader), "zielkatalog"), "ziele")
    return [f"line {part.start_mark.line + 1}" for part in node.value]


def knoten(mapping: yaml.MappingNode, key: str) -> yaml.Node | None:
    """Value of a key of a YAML mapping as it stands in the text."""
    return next((value for name, value in mapping.value if name.value == key), None)


def dateien() -> dict[str, Path]:
    """File of the goal catalogue of each Kreis that has one, by its key.

    They lie in `data/ziele` and are named by the key (`16070_ilm_kreis.yaml`); one in `data/local/ziele` goes before
    it. The invented Kreis has `data/musterkreis/ziele_99099.yaml`.

    Raises
    ------
    InputError
        Two files of a folder belong to the same Kreis.
    """
    found: dict[str, Path] = {}
    for folder, prefix in (
        (workspace.data() / "musterkreis", "ziele_"),
        (workspace.data() / "ziele", ""),
        (workspace.local() / "ziele", ""),
    ):
        here: dict[str, Path] = {}
        for path in sorted(folder.glob(f"{prefix}[0-9][0-9][0-9][0-9][0-9]*")):
            if path.suffix.lower() not in ENDUNGEN:
                continue
            ags = path.name.removeprefix(prefix)[:5]
            if ags in here:
                raise InputError(f"{path}: {here[ags].name} is a goal catalogue of {ags}, too; expected one file")
            here[ags] = path
        found |= here
    return found


def datei(ags: str) -> Path:
    """File of the goal catalogue of a Kreis.

    Raises
    ------
    InputError
        There is none.
    """
    found = dateien()
    if ags not in found:
        raise InputError(
            f"there is no goal catalogue of {ags}; expected data/ziele/{ags}_NAME.yaml (or .xlsx), see docs/ziele.md"
        )
    return found[ags]
