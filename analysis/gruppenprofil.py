"""Areas in groups of similar ones, ready for reports: which groups, what marks them, how sure each place is."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis import gruppenwerte, workspace
from analysis.catalogue import Indikator
from analysis.clusters import beschreibung, namen, rauschen
from analysis.clusters.frueher import Wechsel, changes, matched
from analysis.clusters.gruppen import Gruppierung, group
from analysis.clusters.stabilitaet import SICHER_AB
from analysis.clusters.verfahren import labels
from analysis.clusters.vorbereitung import Vorbereitet, prepare
from analysis.dates import parse_stichtag
from analysis.gruppengewichte import weights
from analysis.gruppenwerte import MINDESTENS_GEBIETE, Gebietswerte
from analysis.rates import wilson
from analysis.regions import kreise_on
from analysis.trends.brueche import declared
from analysis.wording import stand

NAMEN = "gruppennamen.yaml"
"""File of the names that an analyst gives to groups, in the folder `data/local/`."""


WEIT = 1.0
"""Standard deviations from the mean of all areas from which an indicator of a single area is named."""

ZIEHUNGEN = 400
"""Draws of the areas, and of their values, by which the place of an area is judged."""

NICHT_STABIL = "ohne Namen, weil sie nicht beständig ist"


@dataclass(frozen=True)
class Gruppenprofil:
    """All areas of a level with their groups.

    Attributes
    ----------
    werte
        Values of the chosen indicators at their comparison day.
    ids
        The chosen indicators.
    vorbereitet, gruppierung
        What was grouped and how; None where there are too few areas or indicators.
    gruppennamen
        Group → its name: the analyst's, else proposed from its marks.
    profil, trennung, abstaende
        What marks the groups (`clusters.beschreibung`); None without groups.
    platz
        How sure the place of each area is (`places`); None without groups.
    wechsel
        Who was in another group on the earlier day; None without such a day or without groups.
    vergleichbar
        Indicators by which both days were compared.
    """

    gebiete: Gebietswerte
    werte: pd.DataFrame
    ids: list[str]
    verfahren: str
    skalierung: str
    startwert: int
    vorbereitet: Vorbereitet | None
    gruppierung: Gruppierung | None
    gruppennamen: pd.Series
    profil: pd.DataFrame | None
    trennung: pd.Series | None
    abstaende: pd.DataFrame | None
    platz: pd.DataFrame | None
    frueher: dt.date | None
    wechsel: Wechsel | None
    vergleichbar: list[str]

    @property
    def k(self) -> int:
        """Number of groups; 1: no stable structure, 0: nothing was grouped."""
        return self.gruppierung.k if self.gruppierung else 0

    @property
    def eigene(self) -> list[str]:
        """Keys of the grouped areas of the own Kreis (at level `kreis`: the Kreis itself)."""
        return [ags for ags in self.grouped if ags[:5] == self.gebiete.kreis.ags]

    @property
    def grouped(self) -> list[str]:
        """Keys of all grouped areas."""
        return list(self.vorbereitet.matrix.index) if self.vorbereitet else []

    @property
    def ohne_zahlen(self) -> list[str]:
        """Names of the Kreise of the Land that are compared with nothing, because nothing of them is stored."""
        if self.gebiete.ebene != "kreis":
            return []
        land = kreise_on(self.werte.stichtag.max(), self.gebiete.kreis.ags[:2])
        return sorted(k.name for k in land if k.ags not in self.gebiete.namen)

    def indikator(self, id: str) -> Indikator:
        """Definition of an indicator."""
        return self.gebiete.katalog.indikator(id)

    def quelle(self, ids: list[str] | None = None) -> str:
        """Source line of indicators (all chosen ones) with their dates."""
        rows = self.werte[self.werte.indikator.isin(self.ids if ids is None else ids)]
        named = dict.fromkeys(q for text in rows.quelle.unique() for q in text.split(" · ") if q and q != "musterkreis")
        sources = "; ".join(self.gebiete.katalog.quellen[q].kurz for q in named)
        pairs = rows[["stichtag", "indikator"]].drop_duplicates().sort_values(["stichtag", "indikator"])
        days = ", ".join(
            dict.fromkeys(stand(r.stichtag, self.indikator(r.indikator).stichtag) for r in pairs.itertuples())
        )
        begin = f"Erfundene Zahlen im Format von: {sources}" if sources else "Erfundene Zahlen"
        return f"{begin if self.gebiete.kreis.erfunden else sources}. Stand: {days}"


def load(
    ags: str,
    ebene: str = "",
    umfang: str = "land",
    indikatoren: str = "",
    skalierung: str = "z",
    verfahren: str = "ward",
    gruppen: int = 0,
    frueher: str = "",
    startwert: int = 1,
    gewichte: str = "",
    hauptkomponenten: bool = False,
) -> Gruppenprofil:
    """Group the areas of a level.

    Parameters
    ----------
    ags, ebene, umfang
        As `gruppenwerte.load`.
    indikatoren
        Ids of indicators; empty: a selection over the Lebenslagen (`gruppenwerte.VORGABE`).
    skalierung, verfahren, startwert
        As `clusters.vorbereitung.prepare` and `clusters.verfahren.labels`.
    gruppen
        Number of groups; 0: by the criteria, which may find no stable structure.
    frueher
        Earlier day (`2022-12-31`) to compare with; empty: none.
    gewichte
        As `gruppengewichte.weights`; empty: every indicator counts the same.
    hauptkomponenten
        Whether principal components are grouped in place of the indicators.

    Raises
    ------
    InputError
        An unknown key, level, indicator, method, day or Lebenslage; more groups than areas.
    """
    day = parse_stichtag(frueher) if frueher else None
    areas = gruppenwerte.load(ags, ebene, umfang)
    ids = gruppenwerte.chosen(areas.reihen, indikatoren, areas.katalog)
    werte = gruppenwerte.at_day(areas.reihen, ids)
    make = partial(
        _prepared, areas, skalierung=skalierung, gewichte=weights(gewichte), hauptkomponenten=hauptkomponenten
    )
    ready = make(werte)
    found = profil = separated = away = place = change = None
    names, compared = pd.Series(dtype=object), []
    if ready is not None:
        found = group(ready, verfahren=verfahren, k=gruppen or None, startwert=startwert, B=ZIEHUNGEN)
    if found is not None and found.k > 1:
        inside = found.labels[ready.matrix.index]
        profil = beschreibung.profile(ready.roh, inside, areas.einwohner)
        separated = beschreibung.separation(ready.roh, inside)
        away = beschreibung.distances(ready.matrix, inside)
        place = places(ready, found)
        words = {id: marks(areas.katalog.indikator(id)) for id in ready.roh}
        given = namen.load_names(workspace.local() / NAMEN, ags, areas.ebene)
        names = namen.named(beschreibung.proposals(profil, words), inside, given)
        if day is not None:
            change, compared = _changes(areas, ids, day, found, make)
    return Gruppenprofil(
        gebiete=areas, werte=werte, ids=ids, verfahren=verfahren, skalierung=skalierung, startwert=startwert,
        vorbereitet=ready, gruppierung=found, gruppennamen=names, profil=profil,
        trennung=separated, abstaende=away, platz=place, frueher=day, wechsel=change, vergleichbar=compared,
    )  # fmt: skip


def places(ready: Vorbereitet, found: Gruppierung) -> pd.DataFrame:
    """How sure the place of each area in its group is, by both tests.

    Returns
    -------
    pandas.DataFrame
        Index: key. `gruppe`; `ziehung`, share of the resamples of areas in which it stays in its group; `rauschen`,
        the same for draws of the values within their own uncertainty; `bleibt`, whether both are at least `SICHER_AB`
        beyond what the number of draws leaves open (Wilson's 95 % limit), so that another seed would hardly say
        otherwise; `sicher`, whether it stays so in a group that is stable; `andere`, the other group in which it lands
        most often by the worse test (0: none).
    """
    inside = found.labels[ready.matrix.index]
    noise = rauschen.shares(ready.matrix, ready.streuung, inside, found.verfahren, found.startwert, ZIEHUNGEN)
    own = pd.Series(noise.to_numpy()[np.arange(len(noise)), inside - 1], index=noise.index)
    others = noise.mask(np.arange(1, found.k + 1)[None, :] == inside.to_numpy()[:, None], 0.0)
    by_noise = others.idxmax(axis=1).where(others.max(axis=1) > 0, 0)
    drawn = found.sicherheit.loc[ready.matrix.index]
    # a resample contains an area with probability 1 - 1/e
    stays = _surely(drawn.eigene, (1 - 1 / np.e) * found.B) & _surely(own, ZIEHUNGEN)
    return pd.DataFrame(
        {
            "gruppe": inside,
            "ziehung": drawn.eigene,
            "rauschen": own,
            "bleibt": stays,
            "sicher": stays & inside.map(found.stabil.stabil).astype(bool),
            "andere": drawn.andere.where(drawn.eigene <= own, by_noise).astype(int),
        }
    )


def _surely(share: pd.Series, ziehungen: float) -> pd.Series:
    """Whether a share of this many draws is surely at least `SICHER_AB`."""
    lower, _ = wilson(share * ziehungen, np.full(len(share), ziehungen))
    return pd.Series(lower >= SICHER_AB, share.index)


def marks(indikator: Indikator) -> tuple[str, str]:
    """Words for a group in which an indicator is high, and for one in which it is low."""
    if indikator.einfach:
        return f"mehr {indikator.einfach}", f"weniger {indikator.einfach}"
    return f"{indikator.kurz} hoch", f"{indikator.kurz} niedrig"


def no_groups(s: Gruppenprofil) -> str:
    """Why a report names no groups."""
    if not s.k:
        return "Gruppen gibt es hier nicht, weil zu wenige Werte vorliegen."
    return (
        "Das Ergebnis heißt: keine stabile Gruppenstruktur. Für jede Zahl von Gruppen gilt: Sie sind nicht zugleich "
        "beständiger und besser getrennt, als es bei Daten ohne Gruppen vorkommt. Deshalb nennt dieser Bericht keine "
        "Gruppen."
    )


def _prepared(areas: Gebietswerte, werte: pd.DataFrame, **wie) -> Vorbereitet | None:
    """The matrix that is grouped, without areas that may not be shown; None where too little is left."""
    rows = werte[~werte.ags.isin(areas.kleine)]
    filled = rows[rows.anteil.notna()]
    if filled.ags.nunique() < MINDESTENS_GEBIETE or filled.indikator.nunique() < 2:
        return None
    lebenslage = {id: areas.katalog.indikator(id).lebenslage for id in filled.indikator.unique()}
    ready = prepare(rows, lebenslage=lebenslage, einwohner=areas.einwohner, **wie)
    return ready if len(ready.matrix) >= MINDESTENS_GEBIETE else None


def _changes(areas: Gebietswerte, ids, day: dt.date, found: Gruppierung, make: Callable):
    """Changes of groups since an earlier day, by the indicators that can be compared, and these."""
    usable = [id for id in ids if _comparable(areas, id, day)]
    now, before = (make(gruppenwerte.at_day(areas.reihen, usable, *at)) for at in ((), (day,)))
    if now is None or before is None or len(usable) < 2:
        return None, usable
    how = {"verfahren": found.verfahren, "startwert": found.startwert}
    made = [_labels(ready, found.k, **how) for ready in (now, before)]
    both = made[0].index.intersection(found.labels.index[found.labels > 0])
    # numbers of the groups as the report has them
    today = matched(found.labels[both].astype(int), made[0][both])
    return changes(now.matrix.loc[both], now.streuung, today, made[1], **how), usable


def _labels(ready: Vorbereitet, k: int, verfahren: str, startwert: int) -> pd.Series:
    found = labels(ready.matrix.to_numpy(), k, verfahren, startwert)
    return pd.Series(np.asarray(found) + 1, index=ready.matrix.index)


def _comparable(areas: Gebietswerte, id: str, day: dt.date) -> bool:
    """Whether an indicator has values on the same day of an earlier year, without a declared break in between."""
    rows = areas.reihen[(areas.reihen.indikator == id) & areas.reihen.anteil.notna()]
    earlier = rows[rows.stichtag <= day]
    if earlier.empty:
        return False
    first, last = (indicator_day(part) for part in (earlier, rows))
    same = (first.month, first.day) == (last.month, last.day) and first < last
    return same and not any(first < broken <= last for broken in declared(rows, areas.katalog).datum)


def indicator_day(rows: pd.DataFrame) -> dt.date:
    """Comparison day of the rows of one indicator."""
    return gruppenwerte.at_day(rows, list(rows.indikator.unique())).stichtag.max()
