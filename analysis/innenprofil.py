"""The Gemeinden (or Planungsraeume) of one Kreis beside each other, ready for reports."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from analysis import indicators, kreissperrung, raumwerte, regelwerk, rundung
from analysis.catalogue import Indikator, Katalog, katalog
from analysis.einwohner import einwohner
from analysis.errors import InputError
from analysis.gebiet import WOERTER, Woerter
from analysis.kleinezahlen import protected
from analysis.regelwerk import Regelwerk
from analysis.regions import Kreis, kreis
from analysis.store import Store
from analysis.trends.brueche import declared


@dataclass(frozen=True)
class Innenprofil:
    """All areas of a level of one Kreis, small numbers withheld.

    Attributes
    ----------
    ebene
        `gemeinde` or `planungsraum`.
    reihen
        Indicator values of all areas at all days (`indicators.compute`) with `name`.
    werte
        The same at each indicator's comparison day.
    einwohner
        Newest population by area.
    flaechen
        Newest boundaries: `ags`, `name`, `geometrie`; empty where there are none.
    orte
        Places of the Gemeinden: `ags`, `name`, `laenge`, `breite` (degrees); empty where there are none.
    regeln
        Rules of what is withheld or rounded.
    """

    kreis: Kreis
    ebene: str
    katalog: Katalog
    reihen: pd.DataFrame
    werte: pd.DataFrame
    einwohner: pd.Series
    flaechen: pd.DataFrame
    orte: pd.DataFrame
    regeln: Regelwerk

    @property
    def woerter(self) -> Woerter:
        """How sentences speak of the areas."""
        return WOERTER[self.ebene]

    @property
    def kleine(self) -> list[str]:
        """Names of the areas with too few inhabitants to show more than their number."""
        names = self.reihen.drop_duplicates("ags").set_index("ags").name
        return sorted(names[ags] for ags, people in self.einwohner.items() if people < self.regeln.mindesteinwohner)

    def of(self, id: str) -> pd.DataFrame:
        """Values of one indicator at its comparison day."""
        return self.werte[self.werte.indikator == id]

    def indikator(self, id: str) -> Indikator:
        """Definition of an indicator."""
        return self.katalog.indikator(id)

    def quelle(self, ids: list[str]) -> str:
        """Source line of indicators with their dates."""
        rows = self.werte[self.werte.indikator.isin(ids)]
        named = dict.fromkeys(q for text in rows.quelle for q in text.split(" · ") if q and q != "musterkreis")
        sources = "; ".join(self.katalog.quellen[q].kurz for q in named)
        days = " und ".join(f"{day:%d.%m.%Y}" for day in sorted(rows.stichtag.unique()))
        begin = f"Erfundene Zahlen im Format von: {sources}" if sources else "Erfundene Zahlen"
        return f"{begin if self.kreis.erfunden else sources}. Stand: {days}"


def load(ags: str, ebene: str = "gemeinde") -> Innenprofil:
    """Collect the figures of all areas of a level of a Kreis.

    Raises
    ------
    InputError
        Unknown Kreis or level; the store holds no figures of such areas.
    """
    this, catalogue, regeln = kreis(ags), katalog(), regelwerk.load()
    with Store() as store:
        observations = raumwerte.observations(store, ags, ebene, catalogue)
        names = raumwerte.namen(store, ags, ebene)
        gemeinden, grenzen = store.bestand("gemeinden"), store.bestand("grenzen")
        since = raumwerte.wechsel(store, ags).groupby("ags").datum.max()
        hidden = kreissperrung.gesperrt(store, ags)
    # before its members changed, an area was another one
    begin = observations.ags.map(since).astype(object)
    other = begin.where(begin.notna(), dt.date.min) > observations.stichtag
    observations = observations[observations.ags.isin(names) & ~other]
    if observations.wert.notna().sum() == 0:
        raise InputError(f"the store holds no figures of areas ({ebene}) of Kreis {ags!r} ({this.name})")
    short = {key: text.partition(",")[0] for key, text in names.items()}
    people = einwohner(observations)
    werte = indicators.compute(rundung.shown(observations, catalogue, regeln), catalogue)
    werte = protected(werte, people, regeln, hidden, catalogue)
    werte = werte.assign(name=werte.ags.map(short))
    newest = gemeinden[gemeinden.ags.isin(names)].sort_values("stand").drop_duplicates("ags", keep="last")
    outlines = grenzen[grenzen.ags.isin(names)].sort_values("stand").drop_duplicates("ags", keep="last")
    return Innenprofil(
        kreis=this,
        ebene=ebene,
        katalog=catalogue,
        reihen=werte,
        werte=indicators.comparison_day(werte),
        einwohner=people,
        flaechen=outlines.assign(name=outlines.ags.map(short))[["ags", "name", "geometrie"]],
        orte=newest.assign(name=newest.ags.map(short))[["ags", "name", "laenge", "breite"]].dropna(),
        regeln=regeln,
    )


def comparable_days(s: Innenprofil, ids: list[str], jahre: int = 2) -> dict[str, object]:
    """Earlier day of each indicator: the first one on the same day of the year since the last declared break.

    Only where it lies at least `jahre` years before the newest day; an indicator without one is left out.
    """
    found = {}
    for id in ids:
        rows = s.reihen[(s.reihen.indikator == id) & s.reihen.anteil.notna()]
        newest = s.of(id).stichtag.max()
        breaks = declared(rows, s.katalog).datum
        since = max((b for b in breaks if b <= newest), default=None)
        days = sorted(
            day
            for day in rows.stichtag.unique()
            if (since is None or day >= since) and (day.month, day.day) == (newest.month, newest.day)
        )
        if days and days[0].year <= newest.year - jahre:
            found[id] = days[0]
    return found
