"""Rules of disclosure control: which counts, shares and areas must not be shown."""

import math
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
    mindestzahl: int
    mindesteinwohner: int
    mindestbasis: int
    nullen_zeigen: bool
    rundung: int
    rechtsgrundlage: str
    hinweis: str = ""
    dominanz_anzahl: int = 0
    dominanz_anteil: float = 1.0

    @property
    def kleinste(self) -> int:
        """Smallest count above 0 that may be shown: that of the minimum count and of dominance, whichever is larger.

        Of c persons who contribute 1 each, the n largest make up more than the share k where c is less than n / k.
        """
        return max(self.mindestzahl, math.ceil(self.dominanz_anzahl / self.dominanz_anteil - 1e-9))


def rules(datei: Path = DATEI) -> dict[str, Regel]:
    """All profiles of a file by id.

    Raises
    ------
    InputError
        The file does not follow its schema, or its default or a source names no profile.
    """
    content = load_yaml(datei, DATEI.with_name("regeln.schema.json"))
    for place, name in (("vorgabe", content["vorgabe"]), *((f"quellen.{q}", r) for q, r in content["quellen"].items())):
        if name not in content["regeln"]:
            expected = ", ".join(content["regeln"])
            raise InputError(f"{datei}, {place}: {name!r} is no profile; expected one of {expected}")
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
    return Regel(id=id, **flat(fields))


def flat(fields: dict) -> dict:
    """Fields of a profile as those of `Regel`."""
    dominanz = fields.get("dominanz", {})
    named = {f"dominanz_{name}": value for name, value in dominanz.items()}
    return {name: value for name, value in fields.items() if name != "dominanz"} | named


def primary(anzahl: Sequence[float], regel: Regel) -> np.ndarray:
    """Whether each count is too small to be shown; a count that is not known (NaN) is not."""
    counts = np.asarray(anzahl, float)
    return (counts > 0) & (counts < regel.kleinste)


def protection(anzahl: Sequence[float], kleinste: float | Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """How far below and above each withheld count an attacker's bounds must lie at least.

    The count could then be 0 or a number below by the least count (`Regel.kleinste`), and one above by it.
    """
    counts = np.asarray(anzahl, float)
    least = np.broadcast_to(np.asarray(kleinste, float), counts.shape)
    return np.minimum(counts, least), least.copy()


def rounded(anzahl: Sequence[float], rundung: int | Sequence[int]) -> np.ndarray:
    """Counts rounded to the nearest multiple of `rundung`, halves up, each on its own; unchanged where it is 0."""
    counts = np.asarray(anzahl, float)
    base = np.broadcast_to(np.asarray(rundung, float), counts.shape)
    step = np.where(base > 0, base, 1)
    return np.where(base > 0, np.floor(counts / step + 0.5) * step, counts)
