"""What a report may show: title, sentences, figure, table. Each travels with all that its reader needs.

A notebook's cell returns one of these. JupyterLab shows it as it is; the exporter accepts nothing else, so that
no figure without alternative text and no table without caption can reach a reader.
"""

import base64
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
    "abbildung": ("name", "titel", "einheit", "quelle", "alternativtext"),
    "tabelle": ("titel", "quelle", "spalten", "gruppen"),
}
_GENERIC = ("no description", "bild", "abbildung", "diagramm", "grafik", "image", "plot", "figure")


@dataclass(frozen=True)
class Ausgabe:
    """One output: its content as JSON (`art` says of which kind) and, for figures, the picture."""

    inhalt: dict
    png: bytes | None = None

    def __post_init__(self):
        check(self.inhalt, has_picture=self.png is not None)

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        texts = [self.inhalt.get("titel") or "", *map(_joined, self.inhalt.get("absaetze", []))]
        data = {MIME: self.inhalt, "text/plain": "\n".join(filter(None, texts))}
        if self.png is not None:
            data["image/png"] = base64.b64encode(self.png).decode()
        data["text/html"] = html(self.inhalt, data.get("image/png"))
        return data, {}


def kopf(titel: str, untertitel: str, stand: str) -> Ausgabe:
    """Head of a report: its title, what it is about, and the dates of its figures."""
    return Ausgabe({"art": "kopf", "titel": titel, "untertitel": untertitel, "stand": stand})


def kuerze(absaetze: list[str]) -> Ausgabe:
    """The most important, in short sentences; stands first in the report."""
    return Ausgabe({"art": "kuerze", "absaetze": list(absaetze)})


def saetze(absaetze: list[str | tuple[str, str]]) -> Ausgabe:
    """Running text, one paragraph each; a pair is a paragraph with a bold beginning."""
    return Ausgabe({"art": "saetze", "absaetze": [a if isinstance(a, str) else list(a) for a in absaetze]})


def hinweis(titel: str, absaetze: list[str]) -> Ausgabe:
    """Boxed note on how to read the figures."""
    return Ausgabe({"art": "hinweis", "titel": titel, "absaetze": list(absaetze)})


def check(inhalt: dict, has_picture: bool) -> None:
    """Refuse an output that a reader could not understand.

    Raises
    ------
    ValueError
        Unknown kind, an empty required part, a figure without picture, an alternative text that is shorter than
        30 or longer than 400 characters or says nothing.
    """
    art = inhalt.get("art")
    if art not in _REQUIRED:
        raise ValueError(f"output of unknown kind {art!r}; expected one of {', '.join(_REQUIRED)}")
    empty = [part for part in _REQUIRED[art] if not inhalt.get(part)]
    if empty:
        raise ValueError(f"{art} {inhalt.get('titel', '')!r}: {empty[0]} is missing")
    if any(not _joined(absatz).strip() for absatz in inhalt.get("absaetze", ["-"])):
        raise ValueError(f"{art}: a paragraph is empty")
    if art == "abbildung":
        text = inhalt["alternativtext"]
        if not 30 <= len(text) <= 400 or text.strip().lower().rstrip(".") in _GENERIC:
            raise ValueError(
                f"abbildung {inhalt['titel']!r}: the alternative text has {len(text)} characters; expected 30 to 400 "
                "that say what a reader would see"
            )
        if not has_picture:
            raise ValueError(f"abbildung {inhalt['titel']!r}: there is no picture")
        if inhalt.get("daten"):
            check(inhalt["daten"], has_picture=False)
    if art == "tabelle":
        width = len(inhalt["spalten"])
        lengths = {len(zeile) for gruppe in inhalt["gruppen"] for zeile in gruppe["zeilen"]}
        if lengths - {width}:
            raise ValueError(f"tabelle {inhalt['titel']!r}: {width} columns, but rows of {sorted(lengths)} cells")


def html(inhalt: dict, png_base64: str | None = None) -> str:
    """Output as HTML for JupyterLab; everything from outside is escaped."""
    return _macros().ausgabe(inhalt, png_base64, {})


def _joined(absatz: str | list[str]) -> str:
    return absatz if isinstance(absatz, str) else " ".join(absatz)


def environment():
    """Jinja environment with the templates of the outputs, autoescaping on."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@cache
def _macros():
    return environment().get_template("outputs.html.j2").module
