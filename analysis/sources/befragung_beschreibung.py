"""Descriptions of surveys: the small YAML file beside the micro data that says what they are, and which files it names.

Here nothing is read of the micro data themselves; `analysis.sources.befragung` does that.
"""

import datetime as dt
import hashlib
import re
from pathlib import Path

import pandas as pd

from analysis import auswertung, workspace
from analysis.codebook import Codebuch, as_code
from analysis.errors import InputError
from analysis.files import read_small, sha256
from analysis.regions import check_ags, level
from analysis.sources import fragebogen, limesurvey, sosci, spss
from analysis.sources.lieferung import Probe
from analysis.yaml_files import load_yaml

SCHEMA = Path(__file__).with_name("befragung.schema.json")
_BEGINNING = (
    'befragung: / kreis: "16077" / kurz: sozialbefragung_2023 / titel: Sozialbefragung 2023 / jahr: 2023 / '
    "feldzeit: {{von: 2023-08-21, bis: 2023-09-21}} / format: {format} / daten: {datei} / codebuch: {codebuch} / "
    "grundgesamtheit: Personen ab 18 Jahren mit Hauptwohnung im Kreis"
)
_CODEBOOKS = {
    "sosci": "{variablen: variables.csv, werte: values.csv}",
    "limesurvey": "{struktur: survey.lss}",
    "spss": "(none)",
    "tabelle": "{fragebogen: codebuch.csv}",
}


def descriptions() -> dict[str, list[Path]]:
    """Descriptions of surveys in the workspace (`data/local/`, the invented Kreis) by Kreis, the newest survey first.

    Raises
    ------
    InputError
        A YAML file that begins with `befragung:` is no valid description, or two of one Kreis have the same `kurz`.
    """
    found: dict[str, list[tuple]] = {}
    named: dict[tuple[str, str], Path] = {}
    folders = [workspace.local(), workspace.data() / "musterkreis" / "befragung"]
    for path in sorted(path for folder in folders for path in folder.rglob("*.y*ml") if path.is_file()):
        try:
            text = read_small(path)
        except OSError:
            continue  # what cannot be read describes nothing
        if re.search(r"(?m)^befragung:", text):
            given = description(path)
            other = named.setdefault((given["kreis"], given["kurz"]), path)
            if other != path:
                raise InputError(
                    f"{path}, befragung.kurz: {given['kurz']!r} is also the name of the survey of the Kreis "
                    f"{given['kreis']} in {other}; expected a name of its own for each survey"
                )
            found.setdefault(given["kreis"], []).append((given["jahr"], given.get("welle", 0), given["kurz"], path))
    return {ags: [entry[-1] for entry in sorted(entries, reverse=True)] for ags, entries in found.items()}


def fingerprint(path: Path) -> str:
    """SHA-256 over a description and all files that it names."""
    given = description(path)
    return checksum([path, *data_files(path, given), *further_files(path, given)])


def further_files(path: Path, given: dict) -> list[Path]:
    """Files beside the data that a description names and that are there: codebook, drawn persons, open answers."""
    drawn = given.get("ziehung", {})
    files = list(codebook_files(path, given).values())
    files += [path.parent / drawn["datei"]] if "datei" in drawn else []
    files += [path.parent / name for name in given.get("offen", {}).values()]
    return [file for file in files if file.is_file()]


def find(ags: str, kurz: str = "") -> Path:
    """Description of the survey of a Kreis with a short name; of the newest one if it is empty.

    Raises
    ------
    InputError
        The Kreis has no survey, or none of this name.
    """
    paths = descriptions().get(ags, [])
    if not paths:
        raise InputError(f"there is no survey of the Kreis {ags}; expected its befragung.yaml under data/local/")
    path = chosen(paths, kurz)
    if path is None:
        names = ", ".join(sorted(map(short_name, paths)))
        raise InputError(f"there is no survey {kurz!r} of the Kreis {ags}; there are {names}")
    return path


def chosen(paths: list[Path], kurz: str = "") -> Path | None:
    """The description with a short name among those of a Kreis, the first one if it is empty; None without it."""
    return next((path for path in paths if not kurz or short_name(path) == kurz), None)


def short_name(path: Path) -> str:
    """Short name of the survey that a file describes."""
    return description(path)["kurz"]


def description(path: Path) -> dict:
    """The description, checked against its schema and the calendar."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        _refuse_raw(path)
    given = load_yaml(path, SCHEMA)["befragung"]
    try:
        check_ags(given["kreis"])
    except InputError as error:
        raise InputError(f"{path}, befragung.kreis: {error}") from None
    dates = [given["feldzeit"]["von"], given["feldzeit"]["bis"], given.get("ziehung", {}).get("stichtag")]
    for day in dates:
        if day is not None and not isinstance(day, dt.date):
            raise InputError(
                f"{path}: {day!r} is not a day of the calendar; expected a date without quotes (2023-08-21)"
            )
    if dates[0] > dates[1]:
        raise InputError(f"{path}, befragung.feldzeit: begins on {dates[0]} after its end on {dates[1]}")
    if given.get("erfunden") and not given["kreis"].startswith("99"):
        raise InputError(
            f"{path}, befragung.erfunden: {given['kreis']} is a real Kreis; only Kreise of Land 99 are invented"
        )
    drawn = given.get("ziehung", {})
    if "datei" in drawn and not (path.parent / drawn["datei"]).is_file():
        raise InputError(f"{path}, befragung.ziehung.datei: there is no file {drawn['datei']!r} beside it")
    if "je_raum" in drawn and sum(drawn["je_raum"].values()) != drawn["n"]:
        total = sum(drawn["je_raum"].values())
        raise InputError(f"{path}, befragung.ziehung.je_raum: sums to {total}; expected n = {drawn['n']}")
    for place, keys in (("raum.schluessel", given.get("raum", {}).get("schluessel", {}).values()),
                        ("design.schluessel", given.get("design", {}).get("schluessel", {}).values()),
                        ("ziehung.je_raum", drawn.get("je_raum", {}))):  # fmt: skip
        for key in keys:
            try:
                level(check_ags(key))
            except InputError as error:
                raise InputError(f"{path}, befragung.{place}: {error}") from None
            if not str(key).startswith(given["kreis"]):
                raise InputError(f"{path}, befragung.{place}: {key!r} does not lie in the Kreis {given['kreis']}")
    return given


def _refuse_raw(path: Path) -> None:
    """Refuse survey data without a description, with what one begins with."""
    from analysis.sources.lieferung import probe

    kind = raw_format(probe(path)) or "tabelle"
    example = _BEGINNING.format(format=kind, datei=path.name, codebuch=_CODEBOOKS[kind])
    raise InputError(
        f"{path}: survey data need a befragung.yaml beside them to be imported; it begins (one key per line): {example}"
    )


def data_files(path: Path, given: dict) -> list[Path]:
    """Files with the interviews that a description names."""
    names = [given["daten"]] if isinstance(given["daten"], str) else given["daten"]
    return [_beside(path, name, "daten") for name in names]


def codebook_files(path: Path, given: dict) -> dict[str, Path]:
    """Files of the codebook that a description names, by what they are."""
    return {key: _beside(path, name, f"codebuch.{key}") for key, name in given.get("codebuch", {}).items()}


def _beside(path: Path, name: str, key: str) -> Path:
    file = path.parent / name
    if not name.isprintable() or not file.is_file():
        raise InputError(f"{path}, befragung.{key}: there is no file {name!r} beside the description")
    return file


def raw_format(probe: Probe) -> str | None:
    """Format of a raw export or of its codebook file."""
    if spss.recognises(probe.head):
        return "spss"
    if probe.sheets:
        rows = [sheet.rows[0] for sheet in probe.sheets if sheet.rows]
        return "tabelle" if any(fragebogen.recognises(list(row)) for row in rows) else None
    first = probe.first_line.lstrip("\ufeff")
    if sosci.recognises(first):
        return "sosci"
    if limesurvey.recognises(probe.text):
        return "limesurvey"
    return "tabelle" if fragebogen.recognises(first.split(";")) else None


def named_columns(given: dict) -> dict[str, str]:
    """Columns that the description names beside its questions → where it names them.

    A value that SoSci Survey took from the link (`IV01_RV1`) can be anything; named here it is a stratum, area or mode.
    """
    places = {given[key]["merkmal"]: key for key in ("raum", "erhebungsart") if key in given}
    design = {role: column for role, column in given.get("design", {}).items() if role != "schluessel"}
    return places | {column: f"design.{role}" for role, column in design.items()}


def check_references(path: Path, given: dict, daten: pd.DataFrame, codebuch: Codebuch, left_out: dict) -> None:
    """Refuse a description that speaks of columns or codes that the survey does not have."""
    try:
        auswertung.read(given, codebuch)
    except InputError as error:
        raise InputError(f"{path}, befragung.{error}") from None
    for column, place in named_columns(given).items():
        if column not in daten:
            withheld = any(reason.startswith(f"column {column}:") for reason in left_out)
            why = (
                f"{column!r} is not loaded, it can identify persons" if withheld else f"there is no variable {column!r}"
            )
            raise InputError(f"{path}, befragung.{place}: {why}")
    weight = given.get("design", {}).get("gewicht")
    if weight and not pd.api.types.is_numeric_dtype(daten[weight]):
        raise InputError(f"{path}, befragung.design.gewicht: {weight} is not a number")
    if "schluessel" in given.get("design", {}) and "schicht" not in given["design"]:
        raise InputError(f"{path}, befragung.design.schluessel: keys of strata, but no `schicht`")
    for key, entries, what in (
        ("raum", "schluessel", "merkmal"),
        ("erhebungsart", "werte", "merkmal"),
        ("design", "schluessel", "schicht"),
    ):
        if entries not in given.get(key, {}):
            continue
        column = given[key][what]
        m = codebuch.merkmal(column)
        named, missing = {str(as_code(code)) for code in given[key][entries]}, {str(code) for code in m.fehlend}
        foreign = named - missing - {str(code) for code in m.labels}
        if m.labels and foreign:
            raise InputError(f"{path}, befragung.{key}: {column} has no code {sorted(foreign)[0]}")
        without = set(daten[column].dropna().astype(str)) - missing - named
        if without:
            raise InputError(f"{path}, befragung.{key}: no entry for {column} = {sorted(without)[0]}")


def checksum(files: list[Path]) -> str:
    """SHA-256 of a file; of the digests of several."""
    digests = [sha256(file) for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
