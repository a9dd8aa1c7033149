"""The frame of every page (title, fixed words, corporate design, style), and pages that come from no notebook."""

import base64
import hashlib
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from analysis import __version__, outputs
from analysis.report.gestaltung import AKZENT, FLAECHE, HAUPT, Gestaltung

TEMPLATE = Path(__file__).with_name("template")


def page_environment() -> jinja2.Environment:
    """Jinja environment for pages that come from no notebook (the index)."""
    environment = outputs.environment()
    environment.loader = jinja2.FileSystemLoader([TEMPLATE / "kreisblick", outputs.TEMPLATES])
    return environment


def seite(titel: str, woerter: dict, gestaltung: Gestaltung | None = None) -> dict:
    """Title, fixed words, corporate design, style and its hash for the page's content security policy.

    Head and foot of printed pages carry the title and the page number; their texts stand in the style.
    """
    haupt, akzent = (gestaltung.haupt, gestaltung.akzent) if gestaltung else (HAUPT, AKZENT)
    stil = _stil()
    for name, text in {"haupt": haupt, "akzent": akzent, "flaeche": FLAECHE}.items():
        stil = stil.replace(f"%{name}%", text)
    for name, text in {"titel": titel, "seite": woerter["seite"], "von": woerter["von"]}.items():
        stil = stil.replace(f"%{name}%", _in_css(text))
    digest = base64.b64encode(hashlib.sha256(stil.encode()).digest()).decode()
    return {
        "titel": titel,
        "worte": woerter,
        "gestaltung": gestaltung,
        "stil": Markup(stil),
        "stil_hash": f"sha256-{digest}",
        "version": __version__,
    }


def _in_css(text: str) -> str:
    return "".join(c if c.isalnum() or c in " .,-()/" else f"\\{ord(c):x} " for c in text)


@cache
def _stil() -> str:
    return (TEMPLATE / "kreisblick" / "stil.css").read_text(encoding="utf-8")
