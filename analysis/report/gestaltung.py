"""The corporate design of a Kreis: who issues its reports, logo, colours, contact, Impressum, accessibility.

It stands in `data/gestaltung/<ags>.yaml` (docs/gestaltung.md). A Kreis without such a file has the neutral design.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from analysis import workspace
from analysis.errors import InputError
from analysis.regions import kreis
from analysis.report.kontrast import kontrast
from analysis.report.logo import Logo, read_logo
from analysis.yaml_files import load_yaml

SCHEMA_FILE = Path(__file__).with_name("gestaltung.schema.json")

WEISS, FLAECHE = "#ffffff", "#f4f4f6"
"""What colours lie on: the page and its boxes."""

HAUPT, AKZENT = "#321c8f", "#a78e43"
"""Colours of the neutral design."""

_NEEDED = {"haupt": (4.5, {"white": WEISS, f"the boxes ({FLAECHE})": FLAECHE}), "akzent": (3.0, {"white": WEISS})}
"""Least contrast of each colour on what it is used: text 4.5, lines 3 (WCAG 2.1, 1.4.3 and 1.4.11)."""


@dataclass(frozen=True)
class Kontakt:
    """Whom a reader can ask; what is not given is empty."""

    stelle: str = ""
    anschrift: tuple[str, ...] = ()
    telefon: str = ""
    e_mail: str = ""


@dataclass(frozen=True)
class Gestaltung:
    """Corporate design of one Kreis; what its file does not give is empty or neutral.

    `sha256` is the hash of the YAML file and the logo's file.
    """

    ags: str
    name: str
    sha256: str
    herausgegeben: str = ""
    logo: Logo | None = None
    logo_alternativtext: str = ""
    haupt: str = HAUPT
    akzent: str = AKZENT
    kontakt: Kontakt | None = None
    impressum: tuple[str, ...] = ()
    barrierefreiheit: tuple[str, ...] = ()


def gestaltung(ags: str) -> Gestaltung | None:
    """Corporate design of a Kreis, None if it has none.

    Addresses on the web lose their `https://`: a page names them, and leads nowhere.

    Raises
    ------
    InputError
        The file does not follow its schema, the logo is missing or no PNG or JPEG, or a colour is too light to be read.
    """
    path = workspace.gestaltung() / f"{ags}.yaml"
    if not path.exists():
        return None
    content = load_yaml(path, SCHEMA_FILE)
    digest = hashlib.sha256(path.read_bytes())
    farben = {name: _farbe(path, name, text) for name, text in content.pop("farben", {}).items()}
    if "logo" in content:
        logo = _beside(path, content["logo"])
        content["logo"] = read_logo(logo)
        digest.update(logo.read_bytes())
    if "kontakt" in content:
        content["kontakt"] = Kontakt(**_texts(content["kontakt"]))
    return Gestaltung(ags=ags, sha256=digest.hexdigest(), **farben, **_texts(content))


def gestaltungen(wanted: list[str] | None = None) -> dict[str, Gestaltung]:
    """Corporate designs by key of the Kreis: all, or those of the wanted Kreise.

    Raises
    ------
    InputError
        A file is not named by the key of a Kreis, or one of the wanted is not right (see `gestaltung`).
    """
    files = sorted(p for p in workspace.gestaltung().glob("*") if p.suffix.lower() in (".yaml", ".yml"))
    for path in files:
        if path.suffix != ".yaml":
            raise InputError(f"{path}: is not read; rename it to {path.stem}.yaml")
        try:
            kreis(path.stem)
        except InputError as error:
            raise InputError(f"{path}: its name must be the key of a Kreis, like 16077.yaml; {error}") from None
    return {path.stem: gestaltung(path.stem) for path in files if wanted is None or path.stem in wanted}


def _farbe(path: Path, name: str, farbe: str | None) -> str:
    place = f"{path}, farben.{name}"
    if farbe is None or not re.fullmatch("#[0-9a-fA-F]{6}", farbe):
        raise InputError(
            f"{place}: {'nothing' if farbe is None else repr(farbe)} is no colour; expected six hexadecimal digits in "
            'quotes like "#1b4f72" (without quotes YAML takes # for the beginning of a comment)'
        )
    needed, grounds = _NEEDED[name]
    for what, ground in grounds.items():
        found = kontrast(farbe, ground)
        if found < needed:
            rounded = int(found * 100) / 100  # never up to what is needed
            raise InputError(
                f"{place}: {farbe} has a contrast of {rounded:.2f} : 1 on {what}; needed are at least {needed:g} : 1, "
                "so take a darker colour"
            )
    return farbe.lower()


def _beside(path: Path, name: str) -> Path:
    if re.search(r"[/\\:]", name) or name in (".", ".."):
        raise InputError(f"{path}, logo: {name!r} is a path; expected the name of a file in {path.parent}")
    return path.with_name(name)


def _texts(content: dict) -> dict:
    """Texts as they are shown, lists as tuples."""
    shown = {}
    for key, value in content.items():
        if isinstance(value, str):
            shown[key] = _without_scheme(value)
        else:
            shown[key] = tuple(map(_without_scheme, value)) if isinstance(value, list) else value
    return shown


def _without_scheme(text: str) -> str:
    shorter = " ".join(re.sub(r"(?i)[a-z][a-z0-9+.-]*://", "", text).split())
    return shorter if shorter == text else _without_scheme(shorter)
