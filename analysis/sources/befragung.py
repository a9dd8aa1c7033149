"""Surveys: a small YAML file beside the export says what it is; the micro data never enter the store.

`read` checks description, data and codebook and brings only what identifies the files into the store. `load` gives data
and codebook to a notebook. Columns that identify a person (serial number, reference, e-mail, address, IP, names) are
never loaded. Data inside the workspace must lie where git does not see them.
"""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.answers import check, filter_conflicts
from analysis.catalogue import Katalog
from analysis.codebook import Codebuch, as_code
from analysis.errors import InputError
from analysis.files import read_small, sha256
from analysis.sources import fragebogen, limesurvey, sosci, spss
from analysis.sources.befragung_beschreibung import (
    check_references,
    checksum,
    codebook_files,
    data_files,
    description,
    further_files,
    named_columns,
    raw_format,
)
from analysis.sources.befragung_codebuch import adjust, merged, typed, without
from analysis.sources.lieferung import Lieferung, Probe
from analysis.sources.rohdaten import Rohdaten, is_identifier

VERSION = 2

FORMATE = {"sosci": sosci, "limesurvey": limesurvey, "spss": spss, "tabelle": fragebogen}
"""The module that reads each format of exports."""


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
    fall
        Column that numbers the interviews; empty if there is none.
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
    fall: str = ""

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


def recognises(probe: Probe) -> bool:
    """Whether the file describes a survey, or is a raw export (which `read` refuses with what is needed)."""
    if probe.suffix in (".yaml", ".yml"):
        return probe.yaml_key == "befragung"
    return raw_format(probe) is not None


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


def read(path: Path, katalog: Katalog) -> Lieferung:
    """What identifies a survey and its files; everything is checked, no micro datum is returned.

    Raises
    ------
    InputError
        A raw export instead of the description, and everything that `load` refuses.
    """
    survey = load(path)
    given, drawn = survey.angaben, survey.angaben.get("ziehung", {})
    others = further_files(path, given)
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
        "datei": ", ".join(file.name for file in data_files(path, given)),
        "sha256": survey.sha256,
        "codebuch_sha256": checksum(others) if others else "",
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
    given = description(path)
    module = FORMATE[given["format"]]
    files, books = data_files(path, given), codebook_files(path, given)
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
        numbered = raw.fall if raw.fall in frame else ""
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
    check_references(path, given, daten, codebuch, left_out)
    return Befragung(
        given["kreis"], given["kurz"], given["titel"], given["jahr"], daten, codebuch, left_out, hints, given,
        checksum(files), path, numbered,
    )  # fmt: skip


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
        passed_on = name in named_columns(given) and re.fullmatch(r"[A-Z]{1,2}[0-9]{2,3}_RV[0-9]+", name)
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
