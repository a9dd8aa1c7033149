"""Which rule of disclosure control holds for which source: the shipped choice, and what a Kreis chose otherwise."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import workspace
from analysis.catalogue import katalog
from analysis.disclosure import regeln
from analysis.disclosure.regeln import Regel, flat
from analysis.errors import InputError
from analysis.files import sha256
from analysis.yaml_files import load_yaml

NAME = "vertraulichkeit.yaml"
"""File of the choice of a Kreis, in the folder `data/local/`."""

BEFRAGUNG = "befragung"
"""Name of surveys among the sources."""

TRENNER = " · "
"""Between the sources of a number that comes from several."""


@dataclass(frozen=True)
class Regelwerk:
    """The rules of a workspace.

    Attributes
    ----------
    vorgabe
        Rule of the sources that have none of their own.
    eigene
        Source and rule, for the sources that have one.
    freigaben
        Name and text of the rules by which an open answer may be quoted.
    """

    vorgabe: Regel
    eigene: tuple[tuple[str, Regel], ...]
    freigaben: tuple[tuple[str, str], ...]

    def of(self, quelle: str) -> Regel:
        """Rule of one source."""
        return dict(self.eigene).get(quelle, self.vorgabe)

    @property
    def mindesteinwohner(self) -> int:
        """Residents below which nothing but their number is shown of an area: the most that any rule demands."""
        return max(rule.mindesteinwohner for rule in (self.vorgabe, *(rule for _, rule in self.eigene)))

    def kleinste(self, quellen: Sequence[str]) -> np.ndarray:
        """Smallest count above 0 that may be shown, by the sources of each number; of several the strictest."""
        return self._each(quellen, lambda rules: max(rule.kleinste for rule in rules), int)

    def basis(self, quellen: Sequence[str]) -> np.ndarray:
        """Least base of a share, by the sources of each number."""
        return self._each(quellen, lambda rules: max(rule.mindestbasis for rule in rules), int)

    def rundung(self, quellen: Sequence[str]) -> np.ndarray:
        """Multiple to which each number is rounded; 0 where it is withheld instead, if only by one of its sources."""
        return self._each(quellen, _rounded_to, int)

    def nullen(self, quellen: Sequence[str]) -> np.ndarray:
        """Whether a count of 0 is always shown."""
        return self._each(quellen, lambda rules: all(rule.nullen_zeigen for rule in rules), bool)

    def _each(self, quellen: Sequence[str], choose, dtype: type) -> np.ndarray:
        codes, texts = pd.factorize(np.asarray(quellen, object), use_na_sentinel=False)
        chosen = [choose([self.of(q) for q in str(text).split(TRENNER)]) for text in texts]
        return np.array(chosen, dtype)[codes]


def _rounded_to(rules: list[Regel]) -> int:
    return max(rule.rundung for rule in rules) if all(rule.rundung for rule in rules) else 0


def load(datei: Path | None = None) -> Regelwerk:
    """The shipped rules with the choice of the Kreis (`data/local/vertraulichkeit.yaml`), if there is one.

    Raises
    ------
    InputError
        An unknown source, profile or field, a value out of its range, rounding for a survey.
    """
    path = workspace.local() / NAME if datei is None else datei
    return _read(path, sha256(path) if path.exists() else "")


def key_of(stand: str) -> str:
    """Key of reports made of this state of a Kreis (`Kreisbestand.stand`) by the rules that hold now."""
    return hashlib.sha256(f"{stand} {load()!r}".encode()).hexdigest()[:16]


@lru_cache(maxsize=8)
def _read(path: Path, digest: str) -> Regelwerk:
    shipped, profiles = load_yaml(regeln.DATEI), regeln.rules()
    chosen = load_yaml(path, Path(__file__).with_name("vertraulichkeit.schema.json")) if digest else {}
    known = {*katalog().quellen, BEFRAGUNG}
    general = _rule(path, "vorgabe", chosen.get("vorgabe", {}), profiles[shipped["vorgabe"]], profiles)
    own = {source: profiles[id] for source, id in shipped["quellen"].items()}
    for source, given in chosen.get("quellen", {}).items():
        if source not in known:
            raise InputError(
                f"{path}, quellen: there is no source {source!r}; expected one of {', '.join(sorted(known))}"
            )
        own[source] = _rule(path, f"quellen.{source}", given, own.get(source, general), profiles)
    if own[BEFRAGUNG].rundung:
        raise InputError(
            f"{path}, quellen.{BEFRAGUNG}: rundung {own[BEFRAGUNG].rundung}; expected 0, because shares of a survey "
            "are weighted and do not come from rounded counts"
        )
    texts = {**shipped["freigaben"], **chosen.get("freigaben", {})}
    return Regelwerk(general, tuple(sorted(own.items())), tuple(texts.items()))


def _rule(path: Path, place: str, given: str | dict, before: Regel, profiles: Collection) -> Regel:
    """A profile by its name, or one with some fields changed; without a name the one that held before."""
    fields = {"regel": given} if isinstance(given, str) else dict(given)
    name = fields.pop("regel", "")
    if name and name not in profiles:
        raise InputError(f"{path}, {place}: {name!r} is no profile; expected one of {', '.join(profiles)}")
    return replace(profiles[name] if name else before, **flat(fields))
