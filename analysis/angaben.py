"""Observations as numbers: which row says what about a quantity of a key and day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError

TEXTE = ("grund", "guete", "quelle")
"""Columns of observations that say why there is no value, how good it is and where it comes from."""

_SPAN, _SHIFT = 2**22, 2**21


@dataclass(frozen=True)
class Angaben:
    """Observations by key and day.

    A place is one key on one day: `ags` and `stichtag` have one entry per place, sorted, `ort` the same as one number
    (`gebiet` and `tag` give it back). `zeilen` holds for each quantity the row of the observations at each place, -1
    where it was not delivered. `wert` has one entry per row, as has `art`, which is the place of its reason, quality
    and source in `arten`.
    """

    ags: pd.api.extensions.ExtensionArray | np.ndarray
    stichtag: np.ndarray
    ort: np.ndarray
    zeilen: dict[str, np.ndarray]
    wert: np.ndarray
    art: np.ndarray
    arten: list[tuple[str, str, str]]

    @property
    def gebiet(self) -> np.ndarray:
        """Number of the key of each place."""
        return self.ort // _SPAN

    @property
    def tag(self) -> np.ndarray:
        """Day of each place, counted from 1970."""
        return self.ort % _SPAN - _SHIFT

    def delivered(self, groessen) -> np.ndarray:
        """Places for which all these quantities were delivered, with a value or with a reason why there is none."""
        return np.flatnonzero(np.logical_and.reduce([self.zeilen[g] >= 0 for g in groessen]))

    def werte(self, groessen, orte: np.ndarray) -> np.ndarray:
        """Values at places where the quantities were delivered, quantities × places; NaN where there is none."""
        return np.stack([self.wert[self.zeilen[g][orte]] for g in groessen])

    def texte(self, zeilen: list[np.ndarray]) -> tuple[np.ndarray, list[tuple[str, str, str]]]:
        """First reason, qualities and sources of rows that belong together, one array of row numbers per part.

        Returns
        -------
        tuple
            Number of the text of each entry, and the texts: reason, qualities and sources, each once in the order of
            the parts, joined by ` · `.
        """
        group = np.zeros(len(zeilen[0]), np.int64)
        for rows in zeilen:
            group = pd.factorize(group * len(self.arten) + self.art[rows])[0]
        found = np.unique(group, return_index=True)[1]
        together = [[self.arten[self.art[rows[at]]] for rows in zeilen] for at in found]
        return group, [_joined(*zip(*parts, strict=True)) for parts in together]

    def nearest(self, wanted: np.ndarray, there: np.ndarray, tage: int | None = None) -> np.ndarray:
        """Of the places `there` (ascending) that of the same key and nearest day for each wanted place, or -1.

        Of two days that are equally near it is the earlier one; none is farther than `tage` days.
        """
        if not len(there):
            return np.full(len(wanted), -1)
        after = np.searchsorted(self.ort[there], self.ort[wanted], side="right")
        before = np.maximum(after - 1, 0)
        after = np.minimum(after, len(there) - 1)
        far = [self._distance(wanted, there[place], tage) for place in (before, after)]
        place = np.where(far[0] <= far[1], before, after)
        return np.where(np.minimum(*far) < _SPAN, there[place], -1)

    def last(self, wanted: np.ndarray, there: np.ndarray, tage: int) -> np.ndarray:
        """Of the places `there` (ascending) the last of the same key up to each wanted day, at most `tage` before."""
        if not len(there):
            return np.full(len(wanted), -1)
        place = there[np.maximum(np.searchsorted(self.ort[there], self.ort[wanted], side="right") - 1, 0)]
        near = (self._distance(wanted, place, tage) < _SPAN) & (self.ort[place] <= self.ort[wanted])
        return np.where(near, place, -1)

    def _distance(self, wanted: np.ndarray, places: np.ndarray, tage: int | None) -> np.ndarray:
        """Days between places of one key; `_SPAN` where the keys differ or the days are too far apart."""
        days = np.abs(self.ort[wanted] - self.ort[places])
        far = (self.gebiet[wanted] != self.gebiet[places]) | (days > (_SPAN - 1 if tage is None else tage))
        return np.where(far, _SPAN, days)


def by_place(observations: pd.DataFrame) -> Angaben:
    """Sort observations by key and day.

    Raises
    ------
    InputError
        A row without key, day or quantity, or two rows of one key, day and quantity.
    """
    ags, keys = pd.factorize(observations.ags, sort=True)
    day, days = pd.factorize(observations.stichtag)
    groesse, names = pd.factorize(observations.groesse)
    nameless = (ags < 0) | (day < 0) | (groesse < 0)
    if nameless.any():
        raise InputError(f"observations: {_row(observations, nameless)} lacks key, day or quantity; expected all three")
    tag = pd.DatetimeIndex(pd.to_datetime(days)).values.astype("datetime64[D]").astype(np.int64)
    ort, first, place = _distinct(ags.astype(np.int64) * _SPAN + tag[day] + _SHIFT)
    rows = np.full((len(names), len(ort)), -1, np.int32)
    rows[groesse, place] = np.arange(len(observations))
    twice = rows[groesse, place] != np.arange(len(observations))
    if twice.any():
        raise InputError(f"observations: {_row(observations, twice)} stands twice; expected one value per key and day")
    art, arten = _kinds(observations)
    return Angaben(
        ags=keys.take(ags[first]).array,
        stichtag=np.asarray(days, object)[day[first]],
        ort=ort,
        zeilen=dict(zip(names, rows, strict=True)),
        wert=observations.wert.to_numpy(float),
        art=art,
        arten=arten,
    )


def _distinct(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct numbers in order, where each stands first, and which of them each one is."""
    codes, values = pd.factorize(numbers)
    order = np.argsort(values)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first = np.flatnonzero(~pd.Series(codes).duplicated().to_numpy())
    return values[order], first[order], rank[codes]


def _kinds(observations: pd.DataFrame) -> tuple[np.ndarray, list[tuple[str, str, str]]]:
    """Number of the combination of reason, quality and source of each row, and the combinations."""
    kind = np.zeros(len(observations), np.int64)
    for column in TEXTE:
        codes, values = pd.factorize(observations[column])
        kind = kind * (len(values) + 1) + codes + 1
    kind, distinct = pd.factorize(kind)
    first = np.flatnonzero(~pd.Series(kind).duplicated().to_numpy())
    return kind, list(observations.iloc[first][list(TEXTE)].itertuples(index=False, name=None))


def _joined(grund, guete, quelle) -> tuple[str, str, str]:
    once = [list(dict.fromkeys(text for text in texts if text)) for texts in (grund, guete, quelle)]
    return "".join(once[0][:1]), " · ".join(once[1]), " · ".join(once[2])


def _row(observations: pd.DataFrame, which: np.ndarray) -> str:
    row = observations.iloc[int(np.argmax(which))]
    return f"{row.groesse} of {row.ags} on {row.stichtag}"
