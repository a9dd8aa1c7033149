"""Surveys: a small YAML file beside the export says what it is; the micro data never enter the store.

`read` checks description, data and codebook and brings only what identifies the files into the store. `load` gives data
and codebook to a notebook. Columns that identify a person (serial number, reference, e-mail, address, IP, names) are
never loaded. Data inside the workspace must lie where git does not see them.
"""

import datetime as dt
import hashlib
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import auswertung, workspace
from analysis.answers import check, filter_conflicts
from analysis.catalogue import Katalog
from analysis.codebook import Codebuch, as_code
from analysis.errors import InputError
from analysis.files import read_small, sha256
from analysis.regions import check_ags, level
from analysis.sources import fragebogen, limesurvey, sosci, spss
from analysis.sources.befragung_codebuch import adjust, merged, typed, without
from analysis.sources.lieferung import Lieferung, Probe
from analysis.sources.rohdaten import Rohdaten, is_identifier
from analysis.yaml_files import load_yaml

VERSION = 1

_SCHEMA = Path(__file__).with_name("befragung.schema.json")
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


@dataclass(frozen=True)
class Befragung:
    """A survey: data with raw codes, and the codebook that says what they mean.

    Attributes
    ----------
    daten
        One row per interview, columns of the codebook. Coded answers are `Int64` or text, numbers `Int64` or
        `Float64`, open answers text, points in time `datetime64`; empty cells are NA.
    ausgelassen
        Rows and columns that were not loaded: reason → number.
    hinweise
        What a reader of the results must know, counted: text → number (as answers that contradict their filter).
    angaben
        The description as in the YAML file (drawn sample, areas, design, mode).
    sha256
        Of the data files.
    pfad
        The description.
    """

    kreis: str
    kurz: str
    titel: str
    jahr: int
    daten: pd.DataFrame = field(repr=False)
    codebuch: Codebuch = field(repr=False)
    ausgelassen: dict[str, int]
    hinweise: dict[str, int]
    angaben: dict = field(repr=False)
    sha256: str = field(repr=False)
    pfad: Path = field(repr=False, default=Path())

    @property
    def raum(self) -> pd.Series:
        """Area key of each interview as the description assigns it; NA where the area is not known.

        Raises
        ------
        InputError
            The description assigns no areas.
        """
        if "raum" not in self.angaben:
            raise InputError(f"survey {self.kurz}: the description says no `raum` (question and keys of the areas)")
        keys = {as_code(code): key for code, key in self.angaben["raum"]["schluessel"].items()}
        column = self.daten[self.angaben["raum"]["merkmal"]]
        if not pd.api.types.is_integer_dtype(column):
            keys = {str(code): key for code, key in keys.items()}
        return column.map(keys).astype("string")


def descriptions() -> dict[str, list[Path]]:
    """Descriptions of surveys in the workspace (`data/local/`, the invented Kreis) by Kreis, the newest survey first.

    Raises
    ------
    InputError
        A YAML file that begins with `befragung:` is no valid description.
    """
    found: dict[str, list[tuple]] = {}
    folders = [workspace.local(), workspace.data() / "musterkreis" / "befragung"]
    for path in sorted(path for folder in folders for path in folder.rglob("*.y*ml") if path.is_file()):
        try:
            text = read_small(path)
        except OSError:
            continue  # what cannot be read describes nothing
        if re.search(r"(?m)^befragung:", text):
            given = _description(path)
            found.setdefault(given["kreis"], []).append((given["jahr"], given.get("welle", 0), given["kurz"], path))
    return {ags: [entry[-1] for entry in sorted(entries, reverse=True)] for ags, entries in found.items()}


def fingerprint(path: Path) -> str:
    """SHA-256 over a description and all files that it names."""
    given = _description(path)
    drawn = given.get("ziehung", {})
    files = [path, *_data_files(path, given), *_codebook_files(path, given).values()]
    files += [path.parent / drawn["datei"]] if "datei" in drawn else []
    files += [path.parent / name for name in given.get("offen", {}).values()]
    return _digest([file for file in files if file.is_file()])


def short_name(path: Path) -> str:
    """Short name of the survey that a file describes."""
    return _description(path)["kurz"]


def chosen(paths: list[Path], kurz: str = "") -> Path | None:
    """Description of the survey with a short name among those of a Kreis, the first one if it is empty."""
    return next((path for path in paths if not kurz or short_name(path) == kurz), None)


def recognises(probe: Probe) -> bool:
    """Whether the file describes a survey, or is a raw export (which `read` refuses with what is needed)."""
    if probe.suffix in (".yaml", ".yml"):
        return probe.yaml_key == "befragung"
    return _raw_format(probe) is not None


def accompanies(probe: Probe) -> bool:
    """Whether a description of a survey beside the file, or in the folder above, names it."""
    for folder in (probe.path.parent, probe.path.parent.parent):
        for file in (*folder.glob("*.yaml"), *folder.glob("*.yml")):
            if file == probe.path:
                continue
            try:
                text = read_small(file)
            except OSError:
                continue  # what cannot be read names nothing
            if "\nbefragung:" in "\n" + text and probe.path.name in text:
                return True
    return False


def _raw_format(probe: Probe) -> str | None:
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


def read(path: Path, katalog: Katalog) -> Lieferung:
    """What identifies a survey and its files; everything is checked, no micro datum is returned.

    Raises
    ------
    InputError
        A raw export instead of the description, and everything that `load` refuses.
    """
    survey = load(path)
    given, drawn = survey.angaben, survey.angaben.get("ziehung", {})
    book = _codebook_files(path, given)
    row = {
        "kreis": survey.kreis,
        "kurz": survey.kurz,
        "titel": survey.titel,
        "jahr": survey.jahr,
        "welle": given.get("welle"),
        "von": given["feldzeit"]["von"],
        "bis": given["feldzeit"]["bis"],
        "grundgesamtheit": given["grundgesamtheit"],
        "gezogen": drawn.get("n"),
        "faelle": len(survey.daten),
        "fragen": sum(q.typ != "technisch" for q in survey.codebuch.fragen),
        "merkmale": survey.daten.shape[1],
        "format": given["format"],
        "datei": ", ".join(file.name for file in _data_files(path, given)),
        "sha256": survey.sha256,
        "codebuch_sha256": _digest(list(book.values())) if book else "",
    }
    table = pd.DataFrame([row]).astype({"welle": "Int64", "gezogen": "Int64"})
    return Lieferung(f"befragung {VERSION}", ausgelassen=survey.ausgelassen, bestaende={"befragungen": table})


def load(path: Path) -> Befragung:
    """A survey with its data, as the description beside the export says.

    Parameters
    ----------
    path
        The YAML file.

    Raises
    ------
    InputError
        The description or a file is wrong, data lie where git could see them, a column is not in the codebook, a code
        is unknown, a number is none: always with file, row, variable, value and what was expected.
    """
    path = Path(path)
    given = _description(path)
    module = {"sosci": sosci, "limesurvey": limesurvey, "spss": spss, "tabelle": fragebogen}[given["format"]]
    files, books = _data_files(path, given), _codebook_files(path, given)
    for file in files:
        _check_place(file, given)
    frames, codebuch, left_out, hints, seen = [], None, {}, {}, {}
    for file in files:
        digest = sha256(file)
        if digest in seen:
            raise InputError(f"{file}: the same content as {seen[digest].name}")
        seen[digest] = file
        raw = module.read(file, books, given.get("kodierung", "utf-8"))
        frame, book = _checked(path, file, raw, given, left_out)
        try:
            codebuch, frames = book if codebuch is None else merged(codebuch, book), [*frames, frame]
        except InputError as error:
            raise InputError(f"{file}: {error}; expected the same questionnaire as in {files[0].name}") from None
        for text, number in raw.hinweise.items():
            hints[text] = hints.get(text, 0) + number
    daten = pd.concat(frames, ignore_index=True)
    if len(daten) != given.get("faelle", len(daten)):
        raise InputError(f"{path}, befragung.faelle: {given['faelle']} cases, but the data hold {len(daten)}")
    for name in daten.select_dtypes(object):  # numbers in one file, texts in another
        daten[name] = daten[name].astype("string")
    for conflict in filter_conflicts(daten, codebuch).itertuples(index=False):
        if conflict.trotz_filter:
            hints[f"{conflict.merkmal}: answers although {conflict.filter} does not hold"] = conflict.trotz_filter
        if conflict.fehlt_trotz_frage:
            hints[f"{conflict.merkmal}: not shown although {conflict.filter} holds"] = conflict.fehlt_trotz_frage
    _check_references(path, given, daten, codebuch, left_out)
    return Befragung(
        given["kreis"], given["kurz"], given["titel"], given["jahr"], daten, codebuch, left_out, hints, given,
        _digest(files), path,
    )  # fmt: skip


def _description(path: Path) -> dict:
    """The description, checked against its schema and the calendar."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        _refuse_raw(path)
    given = load_yaml(path, _SCHEMA)["befragung"]
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
    from analysis.sources.lieferung import probe

    kind = _raw_format(probe(path)) or "tabelle"
    example = _BEGINNING.format(format=kind, datei=path.name, codebuch=_CODEBOOKS[kind])
    raise InputError(
        f"{path}: survey data need a befragung.yaml beside them to be imported; it begins (one key per line): {example}"
    )


def _data_files(path: Path, given: dict) -> list[Path]:
    names = [given["daten"]] if isinstance(given["daten"], str) else given["daten"]
    return [_beside(path, name, "daten") for name in names]


def _codebook_files(path: Path, given: dict) -> dict[str, Path]:
    return {key: _beside(path, name, f"codebuch.{key}") for key, name in given.get("codebuch", {}).items()}


def _beside(path: Path, name: str, key: str) -> Path:
    file = path.parent / name
    if not name.isprintable() or not file.is_file():
        raise InputError(f"{path}, befragung.{key}: there is no file {name!r} beside the description")
    return file


def _check_place(file: Path, given: dict) -> None:
    """Refuse micro data in a folder of the workspace that git does not ignore."""
    if given.get("erfunden"):
        return
    root, target = workspace.root().resolve(), file.resolve()
    if not target.is_relative_to(root):
        return
    ignored = target.is_relative_to(root / "data" / "local")
    if (root / ".git").exists():
        try:
            ask = ["git", "check-ignore", "-q", "--", str(target)]
            ignored = subprocess.run(ask, cwd=root, capture_output=True, check=False, timeout=30).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            pass  # without git only data/local is known to be ignored
    if not ignored:
        raise InputError(
            f"{file}: survey data in a folder that git does not ignore; move the file to data/local/ "
            "(it must never be committed)"
        )


def _checked(path: Path, file: Path, raw: Rohdaten, given: dict, left_out: dict) -> tuple[pd.DataFrame, Codebuch]:
    """Data of one file with types, without what is withheld, checked against its adjusted codebook."""

    def count(reason: str, number: int) -> None:
        if number:
            left_out[reason] = left_out.get(reason, 0) + number

    for reason, number in raw.ausgelassen.items():
        count(reason, number)
    table = _wanted_rows(path, file, raw.tabelle, given, count)
    book, withheld = raw.codebuch, []
    for name in given.get("zurueckhalten", []):
        if name not in table:
            raise InputError(f"{path}, befragung.zurueckhalten: there is no column {name!r} in {file.name}")
        withheld.append(name)
    identifying = []
    for name in [c for c in table.columns if c not in ("zeile", *withheld)]:
        m = book.merkmale.get(name)
        is_text = m is None or m.typ == "offen"
        label = f"{m.label} {book.frage(name).text if len(book.frage(name).merkmale) == 1 else ''}" if m else ""
        passed_on = name in _named(given) and re.fullmatch(r"[A-Z]{1,2}[0-9]{2,3}_RV[0-9]+", name)
        if not passed_on and is_identifier(
            name, label, m is not None and bool(m.labels), table[name] if is_text else None
        ):
            identifying.append(name)
    for name in identifying:
        left_out[f"column {name}: identifies persons"] = 1
    for name in withheld:
        left_out[f"column {name}: withheld by the description"] = 1
    table = table.drop(columns=[*identifying, *withheld])
    try:
        book = adjust(without(book, [*identifying, *withheld]), given)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    lines = table.zeile.reset_index(drop=True)
    frame = typed(table.drop(columns="zeile").reset_index(drop=True), book, raw.dezimal, str(file), lines)
    if raw.fall and raw.fall in frame:
        twice = frame[raw.fall].duplicated() & frame[raw.fall].notna()
        if twice.any():
            first = twice.idxmax()
            raise InputError(f"{file}, row {lines[first]}, {raw.fall}: {frame[raw.fall][first]} stands twice")
    check(frame, book, str(file), lines)
    return frame[book.spalten], book


def _named(given: dict) -> dict[str, str]:
    """Columns that the description names beside its questions → where it names them.

    A value that SoSci Survey took from the link (`IV01_RV1`) can be anything; named here it is a stratum, area or mode.
    """
    places = {given[key]["merkmal"]: key for key in ("raum", "erhebungsart") if key in given}
    design = {role: column for role, column in given.get("design", {}).items() if role != "schluessel"}
    return places | {column: f"design.{role}" for role, column in design.items()}


def _wanted_rows(path: Path, file: Path, table: pd.DataFrame, given: dict, count) -> pd.DataFrame:
    default = {"MODE": ["interview"]} if given["format"] == "sosci" and "MODE" in table else {}
    for column, values in given.get("nur", default).items():
        if column not in table:
            raise InputError(f"{path}, befragung.nur: there is no column {column!r} in {file.name}")
        cells = table[column].map(lambda cell: "" if pd.isna(cell) else str(as_code(cell)))
        keep = cells.isin([str(as_code(value)) for value in values])
        count(f"rows with another {column} than {' or '.join(map(str, values))}", int((~keep).sum()))
        table = table[keep]
    if table.empty:
        raise InputError(f"{file}: no interview is left after `nur`; expected at least one")
    return table


def _check_references(path: Path, given: dict, daten: pd.DataFrame, codebuch: Codebuch, left_out: dict) -> None:
    """Refuse a description that speaks of columns or codes that the survey does not have."""
    try:
        auswertung.read(given, codebuch)
    except InputError as error:
        raise InputError(f"{path}, befragung.{error}") from None
    for column, place in _named(given).items():
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


def _digest(files: list[Path]) -> str:
    """SHA-256 of a file; of the digests of several."""
    digests = [sha256(file) for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
