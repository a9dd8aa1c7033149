"""LimeSurvey: the CSV export of responses with the structure of the survey (`.lss`, or its tab separated `.txt`).

The answers must be exported as codes. Headings may be question codes (`Q2[SQ001]`, or `Q2_SQ001`), codes with text,
full or abbreviated texts; a text must fit exactly one column of the structure.

Signs of this source: an empty `submitdate` is an interview that was not finished. An option of a multiple choice
question is `Y` or empty; where the export converted Y and N, `1` and `2`, and only then an empty cell was not shown.
In all other questions an empty cell was not answered or not shown: the relevance condition decides where it is simple
enough to be read as a filter. `-oth-` is the option "other".
"""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.codebook import NICHT_GEWAEHLT, Bedingung, Codebuch, Frage, Merkmal
from analysis.errors import InputError
from analysis.sources.limesurvey_structure import Spalte, Struktur, read_structure
from analysis.sources.rohdaten import Rohdaten, codebook_of, plain, read_table

SYSTEM = {
    "id": ("id", "Response ID", "Antwort ID", "Antwort-ID"),
    "submitdate": ("submitdate", "Date submitted", "Datum Abgeschickt", "Datum abgeschickt"),
    "lastpage": ("lastpage", "Last page", "Letzte Seite"),
    "startlanguage": ("startlanguage", "Start language", "Start-Sprache", "Startsprache"),
    "seed": ("seed", "Seed", "Zufallsstartwert"),
    "token": ("token", "Access code", "Zugangscode", "Zugangsschlüssel", "Token"),
    "startdate": ("startdate", "Date started", "Datum gestartet"),
    "datestamp": ("datestamp", "Date last action", "Datum letzte Aktivität"),
    "ipaddr": ("ipaddr", "IP address", "IP-Adresse"),
    "refurl": ("refurl", "Referrer URL", "Weiterleitungs-URL"),
}
"""Columns around the questions → their headings in English and German."""

_DATES = ("submitdate", "startdate", "datestamp")
_TIMES = (
    r"interviewtime|groupTime\d*|.+Time|Total time|Group time.*|Question time.*|Gesamtzeit|Gruppenzeit.*|Fragenzeit.*"
)


def recognises(text: str) -> str | None:
    """Which file of an export begins with this text: `daten` or `struktur`; None if it is none."""
    first = text.lstrip("\ufeff \n\r").partition("\n")[0]
    names = [re.sub(r"[^\w -]", "", name).strip() for name in re.split(r"[,;\t]", first)]
    if any(n in SYSTEM["id"] for n in names[:3]) and any(n in SYSTEM["lastpage"] for n in names[:8]):
        return "daten"
    if "<LimeSurveyDocType>" in text or {"class", "type/scale", "name"} <= {n.strip('"') for n in first.split("\t")}:
        return "struktur"
    return None


def read(daten: Path, codebuch: dict[str, Path], kodierung: str) -> Rohdaten:
    """Data and codebook of an export.

    Raises
    ------
    InputError
        No structure file, a damaged file, or a heading that could be several questions.
    """
    if "struktur" not in codebuch:
        raise InputError(f"{daten}: format limesurvey needs codebuch: struktur (the .lss file, or .txt of the survey)")
    table = read_table(daten, kodierung)
    structure = read_structure(codebuch["struktur"])
    table = table.rename(columns=_names(daten, [c for c in table if c != "zeile"], structure))
    book = _codebook(codebuch["struktur"], structure, table)
    hints = {}
    if structure.unread:
        hints["relevance conditions that are not simple enough to be filters"] = structure.unread
    if "submitdate" in table:
        open_interviews = int((table.submitdate.str.strip() == "").sum())
        if open_interviews:
            hints["interviews that were not finished (submitdate is empty)"] = open_interviews
    return Rohdaten(table, book, "id" if "id" in table else "", ".", {}, hints)


def _names(path: Path, headings: list[str], structure: Struktur) -> dict[str, str]:
    """Heading → column code; what the structure does not know keeps its name, what could be several is refused."""
    found = {h: name for name, forms in SYSTEM.items() for h in headings if h in forms}
    codes = {c.code: c for c in structure.spalten}
    codes_by_form = {c.code.replace("[", "_").replace("]", ""): c.code for c in structure.spalten} | {
        c: c for c in codes
    }
    rest = []
    for heading in headings:
        if heading in found:
            continue
        code = codes_by_form.get(heading) or codes_by_form.get(re.split(r"[. :]\s", heading, maxsplit=1)[0])
        if code:
            found[heading] = code
        elif re.fullmatch(_TIMES, heading):
            found[heading] = heading
        else:
            rest.append(heading)
    if rest:
        found |= _by_text(path, rest, [c for c in structure.spalten if c.code not in found.values()])
    names = list(found.values())
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        both = [h for h in headings if found[h] == twice[0]]
        raise InputError(f"{path}, row 1: {both[0]!r} and {both[1]!r} are both the column {twice[0]}")
    return found


def _by_text(path: Path, headings: list[str], columns: list[Spalte]) -> dict[str, str]:
    """Heading → column for headings that are texts, full or cut; one that fits no column keeps its name."""
    result = {}
    for heading in headings:
        matching = [column.code for column in columns if _same_text(heading, column)]
        if len(matching) > 1:
            raise InputError(
                f"{path}, row 1: heading {heading[:60]!r} could be {matching[0]} or {matching[1]}; "
                "export with question codes as headings"
            )
        result[heading] = matching[0] if matching else heading
    return result


def _same_text(heading: str, column: Spalte) -> bool:
    """Whether a heading is the text of a column, or its beginning where it was cut (`Wie zufrieden .. [Wohn.. ]`)."""
    heading, text = (plain(form.replace("_", " ")) for form in (heading, column.heading))
    if heading == text:
        return True
    written = [part.strip(" ]") for part in heading.split("[")]
    parts = [plain(part.replace("_", " ")) for part in (column.text, *column.teile)]
    return len(written) == len(parts) and all(
        cut == part or cut.endswith("..") and part.startswith(cut.removesuffix("..").rstrip())
        for cut, part in zip(written, parts, strict=True)
    )


def _codebook(path: Path, structure: Struktur, table: pd.DataFrame) -> Codebuch:
    questions = []
    for name in table.columns:
        if name in SYSTEM or re.fullmatch(_TIMES, name) and name not in {c.code for c in structure.spalten}:
            typ = "datum" if name in _DATES else "technisch"
            questions.append(Frage(name, typ, (Merkmal(name, typ, leer="sonstiges"),)))
    groups: dict[str, list[Spalte]] = {}
    for column in structure.spalten:
        if column.code in table:
            groups.setdefault(column.frage, []).append(column)
    for key, columns in groups.items():
        questions.append(_question(key, columns, table))
    variables = {m.spalte: m for q in questions for m in q.merkmale}
    return codebook_of(path, (replace(q, filter=_filter(q, variables)) for q in questions))


def _filter(question: Frage, variables: dict[str, Merkmal]) -> tuple[Bedingung, ...]:
    """Conditions on the columns that were exported, with their codes as the export writes them (`Y` or 1)."""
    result = []
    for condition in question.filter:
        if condition.spalte in variables:
            labels = variables[condition.spalte].labels
            written = {"Y": 1, "N": 0 if 0 in labels else 2}
            codes = tuple(code if code in labels else written.get(code, code) for code in condition.codes)
            result.append(replace(condition, codes=codes))
    return tuple(result)


def _question(key: str, columns: list[Spalte], table: pd.DataFrame) -> Frage:
    main, chosen, leer, options = columns[0].typ, None, "nicht_beantwortet", {}
    if main == "mehrfach":
        values = set(pd.concat([table[c.code].str.strip() for c in columns if c.typ == main]))
        chosen = 1 if values & {"1", "2", "0"} else "Y"
        options = {chosen: "gewählt", {"Y": "N", 1: 0 if "0" in values else 2}[chosen]: "nicht gewählt"}
        leer = "nicht_gezeigt" if values & {"N", "2", "0"} else NICHT_GEWAEHLT
    merkmale = []
    for column in columns:
        labels, bereich = column.labels, None
        if column.typ == "mehrfach":
            labels = options
        elif set(labels) == {"Y", "N"} and table[column.code].str.strip().isin(["1", "2", "0"]).any():
            labels = {1: labels["Y"], 0 if (table[column.code] == "0").any() else 2: labels["N"]}
        elif not labels:
            bereich = column.bereich
        of_item = leer if column.typ == "mehrfach" else "nicht_beantwortet"
        merkmale.append(Merkmal(column.code, column.typ, column.label, labels, leer=of_item, bereich=bereich))
    return Frage(key, main, tuple(merkmale), columns[0].text, filter=columns[0].filter, gewaehlt=chosen)
