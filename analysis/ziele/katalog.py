"""What a goal catalogue is made of."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from analysis.ziele.frist import Frist

UMSETZUNG = {
    "geplant": "geplant",
    "laufend": "läuft",
    "erledigt": "erledigt",
    "zurueckgestellt": "zurückgestellt",
    "aufgegeben": "aufgegeben",
    "": "nicht gemeldet",
}
"""State of a goal → how readers see it; a goal whose state nobody reported has none."""

ABGESCHLOSSEN = ("erledigt", "aufgegeben")
"""States after which no deadline counts any more."""

GRUNDLEGEND = ("text", "gestrichen", "neu")
"""Kinds of change that need the decision of a body where the level says so (`Ebene.aenderung_durch`)."""

WAS = {
    "umsetzung": "Stand",
    "text": "Wortlaut",
    "frist": "Frist",
    "zustaendig": "Zuständigkeit",
    "indikatoren": "Kennzahlen",
    "ueber": "Platz im Baum",
    "feld": "Themenfeld",
    "lebenslage": "Lebenslage",
    "neu": "neu aufgenommen",
    "gestrichen": "gestrichen",
}
"""What a change concerns → how readers see it."""


@dataclass(frozen=True)
class Ebene:
    """Level of the tree: below which levels it stands (none: at the top), and who alone may change its goals.

    `massnahme` is whether it holds measures, `auch_oben` whether its goals may also stand below nothing.
    """

    id: str
    name: str
    mehrzahl: str
    unter: tuple[str, ...] = ()
    massnahme: bool = False
    auch_oben: bool = False
    aenderung_durch: str = ""


@dataclass(frozen=True)
class Feld:
    """Themenfeld or Handlungsfeld."""

    code: str
    name: str


@dataclass(frozen=True)
class Stelle:
    """Responsible body: its name, and under which other names the catalogue speaks of it."""

    name: str
    auch: tuple[str, ...] = ()


@dataclass(frozen=True)
class Angabe:
    """How many goals of a level the source itself says it has."""

    ebene: str
    anzahl: int
    satz: str
    fundstelle: str


@dataclass(frozen=True)
class Beschluss:
    """Decision on a catalogue; date and number are None and empty where the source names none."""

    gremium: str
    datum: dt.date | None = None
    nummer: str = ""


@dataclass(frozen=True)
class Aenderung:
    """Change of a goal: what (a key of `WAS`), from what to what, why, and by which decision if it needed one."""

    datum: dt.date
    grund: str
    was: str = "umsetzung"
    von: str = ""
    auf: str = ""
    beschluss: str = ""


@dataclass(frozen=True)
class Ziel:
    """Goal or measure.

    Attributes
    ----------
    code
        Stable name, never made from the text.
    ueber
        Code of the goal above; empty at the top.
    zustaendig
        Bodies as written; empty: those of the goal above.
    genannt
        Bodies that its text speaks of without saying that they are responsible.
    gedruckt
        Code as the source prints it, where it differs.
    fundstelle
        Where in the source.
    ort
        Where in the catalogue's file (`line 12`).
    """

    code: str
    ebene: str
    text: str
    ueber: str = ""
    feld: str = ""
    lebenslage: str = ""
    zustaendig: tuple[str, ...] = ()
    frist: Frist | None = None
    umsetzung: str = ""
    indikatoren: tuple[str, ...] = ()
    erlaeuterung: str = ""
    genannt: tuple[str, ...] = ()
    gedruckt: str = ""
    fundstelle: str = ""
    beschluss: str = ""
    verlauf: tuple[Aenderung, ...] = ()
    ort: str = ""


@dataclass(frozen=True)
class Zielkatalog:
    """Goal catalogue of a Kreis at one date, its tree checked (`lesen`).

    `beginn` is the first day for which it holds, where its file says that.
    """

    kreis: str
    titel: str
    stand: dt.date
    quelle: str
    ebenen: tuple[Ebene, ...]
    felder: tuple[Feld, ...]
    stellen: tuple[Stelle, ...]
    ziele: tuple[Ziel, ...]
    beschluss: Beschluss | None = None
    hinweis: str = ""
    angaben: tuple[Angabe, ...] = ()
    beginn: dt.date | None = None

    @cached_property
    def anfang(self) -> dt.date:
        """First day for which the catalogue holds: as it says, else its decision, else the first of its days."""
        if self.beginn:
            return self.beginn
        if self.beschluss and self.beschluss.datum:
            return min(self.beschluss.datum, self.stand)
        return min([self.stand, *(a.datum for z in self.ziele for a in z.verlauf)])

    @cached_property
    def nach_code(self) -> dict[str, Ziel]:
        """Goals by their codes."""
        return {ziel.code: ziel for ziel in self.ziele}

    @cached_property
    def nach_ebene(self) -> dict[str, Ebene]:
        """Levels by their ids."""
        return {ebene.id: ebene for ebene in self.ebenen}

    @cached_property
    def stellennamen(self) -> dict[str, str]:
        """Name of a body as written → the one name that it has in reports."""
        return {name: stelle.name for stelle in self.stellen for name in (stelle.name, *stelle.auch)}

    def geerbt(self, ziel: Ziel, teil: str):
        """Part of a goal (`feld`, `lebenslage`, `zustaendig`), from the nearest goal above if it has none itself."""
        while not getattr(ziel, teil) and ziel.ueber:
            ziel = self.nach_code[ziel.ueber]
        return getattr(ziel, teil)

    def tiefe(self, ziel: Ziel) -> int:
        """Number of goals above a goal."""
        return 1 + self.tiefe(self.nach_code[ziel.ueber]) if ziel.ueber else 0

    def benannt(self, ebene: str, anzahl: int) -> str:
        """Name of so many goals of a level: `Leitziel` for one, else `Leitziele`."""
        level = self.nach_ebene[ebene]
        return level.name if anzahl == 1 else level.mehrzahl
