"""Rules of disclosure control by source: which counts, sums and areas must not be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from analysis.errors import InputError
from analysis.yaml_files import load_yaml

DATEI = Path(__file__).with_name("regeln.yaml")


@dataclass(frozen=True)
class Regel:
    """One profile of `regeln.yaml`; the file explains the fields."""

    id: str
    titel: str
    quellen: tuple[str, ...]
    mindestzahl: int
    mindesteinwohner: int
    nullen_zeigen: bool
    rundung: int
    rechtsgrundlage: str
    hinweis: str = ""
    dominanz_anzahl: int = 0
    dominanz_anteil: float = 1.0

    @property
    def satz(self) -> str:
        """The rule in one or two plain sentences, as a report prints it."""
        if self.rundung:
            return f"Alle Zahlen sind auf {self.rundung} gerundet. Summen weichen deshalb ab."
        people = f", und Gebiete mit weniger als {self.mindesteinwohner} Menschen" if self.mindesteinwohner else ""
        return f"Nicht gezeigt werden Zahlen aus weniger als {self.mindestzahl} Fällen{people}."


def rules(datei: Path = DATEI) -> dict[str, Regel]:
    """All profiles of a file by id.

    Raises
    ------
    InputError
        The file does not follow its schema, or its default is no profile.
    """
    content = load_yaml(datei, DATEI.with_name("regeln.schema.json"))
    if content["vorgabe"] not in content["regeln"]:
        expected = ", ".join(content["regeln"])
        raise InputError(f"{datei}, vorgabe: {content['vorgabe']!r} is no profile; expected one of {expected}")
    return {id: _rule(id, dict(fields)) for id, fields in content["regeln"].items()}


@cache
def rule(id: str = "") -> Regel:
    """One shipped profile; the default one without a name."""
    known = rules()
    name = id or load_yaml(DATEI)["vorgabe"]
    if name not in known:
        raise InputError(f"disclosure rule {name!r}; expected one of {', '.join(known)}")
    return known[name]


def _rule(id: str, fields: dict) -> Regel:
    dominanz = fields.pop("dominanz", {})
    if dominanz:
        fields |= {"dominanz_anzahl": dominanz["anzahl"], "dominanz_anteil": float(dominanz["anteil"])}
    return Regel(id=id, **{**fields, "quellen": tuple(fields["quellen"])})


def primary(anzahl: Sequence[float], regel: Regel) -> np.ndarray:
    """Whether each count is too small to be shown; a count that is not known (NaN) is not."""
    counts = np.asarray(anzahl, float)
    return (counts > 0) & (counts < regel.mindestzahl)


def protection(anzahl: Sequence[float], regel: Regel) -> tuple[np.ndarray, np.ndarray]:
    """How far below and above each withheld count an attacker's bounds must lie at least.

    The count could then be 0 or a number below by the minimum count, and one above by the minimum count.
    """
    counts = np.asarray(anzahl, float)
    return np.minimum(counts, regel.mindestzahl), np.full(len(counts), float(regel.mindestzahl))


def dominated(beitraege: Sequence[float], regel: Regel) -> bool:
    """Whether the largest contributors make up too much of a sum of amounts (the (n, k) rule)."""
    amounts = np.sort(np.abs(np.asarray(beitraege, float)))[::-1]
    if not regel.dominanz_anzahl or amounts.sum() == 0:
        return False
    return bool(amounts[: regel.dominanz_anzahl].sum() > regel.dominanz_anteil * amounts.sum())


def rounded(anzahl: Sequence[float], regel: Regel) -> np.ndarray:
    """Counts rounded to the nearest multiple of `rundung`, halves up, each on its own; unchanged without rounding."""
    counts = np.asarray(anzahl, float)
    return np.floor(counts / regel.rundung + 0.5) * regel.rundung if regel.rundung else counts
