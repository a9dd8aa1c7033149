"""What a report may show: title, sentences, figure, table. Each travels with all that its reader needs.

A notebook's cell returns one of these. JupyterLab shows it as it is; the exporter accepts nothing else, so that
no figure without alternative text and no table without caption can reach a reader.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MIME = "application/vnd.kreisblick+json"
"""Content type under which an output's parts stand in the notebook."""

TEMPLATES = Path(__file__).with_name("templates")

_REQUIRED = {
    "kopf": ("titel", "untertitel", "stand"),
    "kuerze": ("absaetze",),
    "saetze": ("absaetze",),
    "hinweis": ("titel", "absaetze"),
    "formel": ("latex", "vorgelesen"),
    "anlage": ("name", "titel", "beschreibung", "endung", "datei"),
    "abbildung": ("name", "titel", "einheit", "quelle", "alternativtext", "daten"),
    "tabelle": ("titel", "quelle", "spalten", "gruppen"),
}
_GENERIC = ("no description", "bild", "abbildung", "diagramm", "grafik", "image", "plot", "figure")
FUGEN = ("Schwankungs|bereich", "zurück|gestellt")
"""Long words of headings, with the places where a narrow column may break them."""

TRENNSTRICH = "\u00ad"
"""Soft hyphen: shown only where a line ends there."""

_PROZENT = re.compile(r"(?<=\d) (?=[%‰€])")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Ausgabe:
    """One output: its content as JSON (`art` says of which kind) and, for figures, the picture."""

    inhalt: dict
    png: bytes | None = None

    def __post_init__(self):
        check(self.inhalt, self.png)

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        texts = [self.inhalt.get("titel") or "", *map(joined, self.inhalt.get("absaetze", []))]
        data = {MIME: self.inhalt, "text/plain": "\n".join(filter(None, texts))}
        if self.png is not None:
            data["image/png"] = base64.b64encode(self.png).decode()
        data["text/html"] = html(self.inhalt, data.get("image/png"))
        return data, {}


@dataclass(frozen=True)
class Folge:
    """Several outputs of one cell, one below the other; in the report each stands for itself."""

    ausgaben: tuple[Ausgabe, ...]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(*self.ausgaben)


def kopf(titel: str, untertitel: str, stand: str, sprache: str = "de") -> Ausgabe:
    """Head of a report: its title, what it is about, and the dates of its figures.

    `sprache` is the language of the fixed words of the page (`de` or `en`), not of the report's own sentences.
    """
    return Ausgabe({"art": "kopf", "titel": titel, "untertitel": untertitel, "stand": stand, "sprache": sprache})


def kuerze(absaetze: list[str]) -> Ausgabe:
    """The most important, in short sentences; stands first in the report."""
    return Ausgabe({"art": "kuerze", "absaetze": list(absaetze)})


def saetze(absaetze: list[str | tuple[str, str]]) -> Ausgabe:
    """Running text, one paragraph each; a pair is a paragraph with a bold beginning.

    `@abb-name` and `@tab-name` become links to the figure or table of that name.
    """
    return Ausgabe({"art": "saetze", "absaetze": [a if isinstance(a, str) else list(a) for a in absaetze]})


def hinweis(titel: str, absaetze: list[str], wichtig: bool = False) -> Ausgabe:
    """Boxed note on how to read the figures; an important one (a warning) says so in words."""
    return Ausgabe({"art": "hinweis", "titel": titel, "absaetze": list(absaetze), "wichtig": wichtig})


def formel(latex: str, vorgelesen: str) -> Ausgabe:
    """Formula in LaTeX notation, set as MathML; `vorgelesen` is how one would read it out."""
    return Ausgabe({"art": "formel", "latex": latex, "vorgelesen": vorgelesen})


def anlage(name: str, titel: str, beschreibung: str, datei: bytes, endung: str = "xlsx") -> Ausgabe:
    """File that lies beside the report (`REPORT.name.xlsx`); the page links it and says what is in it.

    `endung` is `xlsx` (Excel workbook) or `ics` (calendar); what the file holds must fit.
    """
    content = base64.b64encode(datei).decode()
    return Ausgabe(
        {"art": "anlage", "name": name, "titel": titel, "beschreibung": beschreibung, "endung": endung,
         "datei": content}
    )  # fmt: skip


def check(inhalt: dict, png: bytes | None) -> None:
    """Refuse an output that a reader could not understand.

    Raises
    ------
    ValueError
        Unknown kind, an empty required part, a part of a wrong type, a figure without picture or data, an
        alternative text that is shorter than 30 or longer than 400 characters or says nothing.
    """
    art = inhalt.get("art") if isinstance(inhalt, dict) else None
    if not isinstance(art, str) or art not in _REQUIRED:
        raise ValueError(f"output of unknown kind {art!r}; expected one of {', '.join(_REQUIRED)}")
    empty = [part for part in _REQUIRED[art] if not inhalt.get(part)]
    if empty:
        raise ValueError(f"{art} {inhalt.get('titel', '')!r}: {empty[0]} is missing")
    error = _schema_error(inhalt)
    if art == "abbildung":
        _check_alternative_text(inhalt)
        if png is None:
            raise ValueError(f"abbildung {inhalt['titel']!r}: there is no picture")
        if not png.startswith(_PNG):
            raise ValueError(f"abbildung {inhalt['titel']!r}: the picture is not a PNG file")
    if error:
        raise ValueError(f"{art} {str(inhalt.get('titel', ''))!r}: {error[:200]}")
    if any(not joined(absatz).strip() for absatz in inhalt.get("absaetze", ["-"])):
        raise ValueError(f"{art}: a paragraph is empty")
    if art == "formel":
        _mathml(inhalt)
    if art == "abbildung":
        check(inhalt["daten"], None)
    if art == "tabelle":
        width = len(inhalt["spalten"])
        lengths = {len(zeile) for gruppe in inhalt["gruppen"] for zeile in gruppe["zeilen"]}
        if lengths - {width}:
            raise ValueError(f"tabelle {inhalt['titel']!r}: {width} columns, but rows of {sorted(lengths)} cells")


def _check_alternative_text(inhalt: dict) -> None:
    text = str(inhalt["alternativtext"]).strip()
    if not 30 <= len(text) <= 400 or text.lower().rstrip(".") in (*_GENERIC, str(inhalt["titel"]).lower()):
        raise ValueError(
            f"abbildung {inhalt['titel']!r}: the alternative text has {len(text)} characters; expected 30 to 400 "
            "that say what a reader would see"
        )


def picture(base64_text: str) -> bytes:
    """Bytes of an embedded picture.

    Raises
    ------
    ValueError
        The text is not base64.
    """
    try:
        return base64.b64decode("".join(base64_text.split()), validate=True)
    except (binascii.Error, AttributeError, UnicodeError):
        raise ValueError("the picture is not readable (no base64)") from None


def html(inhalt: dict, png_base64: str | None = None) -> str:
    """Output as HTML for JupyterLab; everything from outside is escaped."""
    from analysis.worte import worte

    return _macros().ausgabe(inhalt, png_base64, {}, worte("de"))


def bound(text):
    """Text in which a number and its per-cent sign never stand on two lines; anything but plain text as it is."""
    return _PROZENT.sub("\u00a0", text) if type(text) is str else text


def joined(absatz: str | list[str]) -> str:
    """Paragraph as one text."""
    return absatz if isinstance(absatz, str) else " ".join(absatz)


def environment():
    """Jinja environment with the templates of the outputs, autoescaping on."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=bound,
    )
    made.filters |= FILTERS
    return made


def _koepfe(tabelle: dict) -> list[list[str]]:
    """Ids (without that of the table) of the header cells above each column."""
    return [
        [
            f"k{stufe}-{kopf['spalte']}"
            for stufe, zeile in enumerate(tabelle["kopfzeilen"])
            for kopf in zeile
            if kopf["spalte"] <= n < kopf["spalte"] + kopf["breite"]
        ]
        for n in range(len(tabelle["spalten"]))
    ]


def _mathml(inhalt: dict):
    from analysis.formeln import mathml

    return mathml(inhalt["latex"], block=True, vorgelesen=inhalt["vorgelesen"])


def trennbar(heading: str) -> str:
    """Heading of a column with soft hyphens where its long words may be broken; a browser may know no places itself."""
    for word in FUGEN:
        heading = heading.replace(word.replace("|", ""), word.replace("|", TRENNSTRICH))
    return heading


FILTERS = {"koepfe": _koepfe, "mathml": _mathml, "trennbar": trennbar}
"""What the templates of the outputs need beside Jinja's own filters."""


@cache
def _macros():
    return environment().get_template("outputs.html.j2").module


def _schema_error(inhalt: dict) -> str:
    import fastjsonschema

    try:
        _validator(inhalt["art"])(inhalt)
    except fastjsonschema.JsonSchemaValueException as error:
        return error.message.removeprefix("data.")
    return ""


@cache
def _validator(art: str):
    """Function compiled from the schema: a report's outputs are checked in a tenth of the time of its export."""
    import fastjsonschema

    schema = json.loads(Path(__file__).with_name("outputs.schema.json").read_text(encoding="utf-8"))
    return fastjsonschema.compile({"$defs": schema["$defs"], "$ref": f"#/$defs/{art}"})
