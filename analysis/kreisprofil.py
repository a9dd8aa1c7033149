"""All figures of one Kreis beside those of the other Kreise of its Land, ready for reports."""

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from analysis import indicators, kreissperrung, raumwerte, regelwerk, rundung, workspace
from analysis.catalogue import Indikator, Katalog, katalog
from analysis.einwohner import FUENF_JAHRE, age_groups, einwohner, populations, pyramids
from analysis.errors import InputError
from analysis.gebiet import Gebiet, of_area, of_kreis
from analysis.kleinezahlen import protected
from analysis.regelwerk import Regelwerk
from analysis.regions import Kreis, kreis, level, name
from analysis.sources import referenzwerte
from analysis.store import Store
from analysis.trends.aussage import statements
from analysis.trends.brueche import declared
from analysis.vergleichsgruppe import Vergleichsgruppe, gruppe
from analysis.wording import NBSP, aufzaehlung, datum, stand, wert, zahl

ERSATZ = {
    "anteil_unter_18": "melderegister_anteil_unter_18",
    "anteil_18_64": "melderegister_anteil_18_64",
    "anteil_ab_65": "melderegister_anteil_ab_65",
    "auslaenderanteil": "melderegister_anteil_auslaendisch",
    "arbeitslosenquote": "arbeitslosenanteil_15_64",
    "personen_in_bg": "bg_anteil_unter_65",
}
"""Indicator → the one that is nearest to it where only register and deliveries of the Kreis have figures."""


@dataclass(frozen=True)
class Kreisprofil:
    """Everything about one Kreis, beside all Kreise of its Land that have figures.

    For a Gemeinde or a Planungsraum the same beside all areas of its kind in the Kreis; where it says Kreis below, read
    that.

    Attributes
    ----------
    gebiet
        The Kreis, or the area of it, that all is about.
    gruppe
        The Kreise, or areas, that it is compared with.
    altersgruppen
        Counts per Kreis (index `ags`) at the comparison day; columns `bevoelkerung` and `ALTERSGRUPPEN`.
    werte
        Indicator values of all Kreise at each indicator's comparison day, with `name`.
    vergleich
        Place of this Kreis for each indicator, as `indicators.compare` gives it (index: indicator).
    bevoelkerung
        All stored populations of this Kreis (index: day, oldest first; columns `wert`, `quelle`).
    reihen
        Indicator values of all Kreise at all days.
    aussagen
        Trend statement of this Kreis for each indicator, as `trends.aussage.statements` gives it (index: indicator).
    brueche
        Declared breaks of all its series (`trends.brueche`).
    alter
        Residents by age and sex in the narrowest groups that may be shown, oldest and newest day of the Melderegister
        (`stichtag`, `alter`, `geschlecht`, `personen`); empty where there are none.
    referenz
        Published key figures for this Kreis with the sentence that states them.
    regeln
        Rules of what is withheld or rounded.
    """

    gebiet: Gebiet
    gruppe: Vergleichsgruppe
    katalog: Katalog
    bevoelkerung: pd.DataFrame
    altersgruppen: pd.DataFrame
    werte: pd.DataFrame
    vergleich: pd.DataFrame
    reihen: pd.DataFrame
    aussagen: pd.DataFrame
    brueche: pd.DataFrame
    alter: pd.DataFrame
    referenz: list[dict]
    regeln: Regelwerk

    @property
    def kreis(self) -> Kreis:
        """The Kreis, or the one that the area belongs to."""
        return self.gebiet.kreis

    @property
    def klein(self) -> bool:
        """Whether the area has so few residents that nothing but their number is shown."""
        known = self.gebiet.ebene != "kreis" and len(self.bevoelkerung) > 0
        return bool(known and self.bevoelkerung.wert.iloc[-1] < self.regeln.mindesteinwohner)

    @property
    def anzahl(self) -> int:
        """Largest number of Kreise compared at any indicator; 1 where nothing is compared."""
        return int(self.compared.anzahl.max()) if len(self.compared) else 1

    def kreise(self, ids: list[str] | None = None) -> str:
        """How many Kreise are compared at these indicators (at all): `15 Kreisen`, or `bis zu 22 Kreisen`."""
        counts = self.compared.anzahl if ids is None else self.compared.anzahl.reindex(ids).dropna()
        upto = "" if counts.nunique() == 1 else "bis zu "
        return f"{upto}{counts.max():.0f} {self.gebiet.woerter.dativ}"

    @property
    def compared(self) -> pd.DataFrame:
        """Rows of `vergleich` for which another Kreis has a value too."""
        return self.vergleich[self.vergleich.anzahl > 1]

    def allein(self, id: str) -> str:
        """Why an indicator of this area is compared with none: the group was chosen by it, or nobody else has it."""
        if id in self.gruppe.ohne:
            return f"Danach sind die {self.gebiet.woerter.mehrzahl} gewählt; deshalb fehlt hier der Vergleich."
        return f"Für andere {self.gebiet.woerter.mehrzahl} liegt kein Wert vor."

    def indikator(self, id: str) -> Indikator:
        """Definition of an indicator."""
        return self.katalog.indikator(id)

    def stand(self, id: str) -> str:
        """Reference date of an indicator as a reader sees it."""
        return stand(self.vergleich.stichtag[id], self.indikator(id).stichtag)

    def quelle(self, ids: list[str], weitere: list[str] | None = None) -> str:
        """Source line of indicators (and of `weitere` sources): where the values came from, once each, with dates."""
        known = dict.fromkeys(self.stand(id) for id in ids if id in self.vergleich.index)
        days = aufzaehlung(list(known) or [datum(self.bevoelkerung.index[-1])])
        return f"{self.genannt([*self.quellen(ids), *(weitere or [])])}. Stand: {days}"

    def genannt(self, quellen: list[str]) -> str:
        """Short names of sources; of an invented Kreis only the format comes from them."""
        named = "; ".join(self.katalog.quellen[q].kurz for q in dict.fromkeys(quellen) if q != "musterkreis")
        if not self.kreis.erfunden:
            return named
        return f"Erfundene Zahlen im Format von: {named}" if named else "Erfundene Zahlen"

    def quellen(self, ids: list[str]) -> list[str]:
        """Ids of the sources that the values of these indicators were delivered by, once each."""
        texts = self.werte.quelle[self.werte.indikator.isin(ids)]
        return list(dict.fromkeys(quelle for text in texts for quelle in text.split(" · ") if quelle))

    def available(self, ids: list[str]) -> list[str]:
        """Those of the indicators for which this Kreis has a value, else the one that stands for it in small areas."""
        there = [id if id in self.vergleich.index else ERSATZ.get(id, "") for id in ids]
        return [id for id in dict.fromkeys(there) if id in self.vergleich.index]

    def wert(self, id: str) -> str:
        """Value of an indicator in its unit."""
        return wert(self.vergleich.anteil[id], self.indikator(id))

    def gezaehlt(self, id: str) -> str:
        """Counts that the value is computed from: `12.365 von 89.393`; empty for a published rate."""
        row = self.vergleich.loc[id]
        if pd.isna(row.zaehler) or pd.isna(row.nenner):
            return ""
        word = "von" if self.indikator(id).art == "anteil" else "auf"
        return f"{zahl(row.zaehler)} {word}{NBSP}{zahl(row.nenner)}"

    def median(self, id: str) -> str:
        """Median of the compared Kreise in the indicator's unit."""
        return wert(self.vergleich["median"][id], self.indikator(id))

    def rang(self, id: str, kurz: bool = False) -> str:
        """Rank in brackets behind a value: ` (Rang 3 von 15)` or ` (Rang 3)`; empty where nothing is compared."""
        row = self.vergleich.loc[id]
        if pd.isna(row.rang):
            return ""
        return f" (Rang {row.rang:.0f})" if kurz else f" (Rang {row.rang:.0f} von {row.anzahl:.0f})"


def load(ags: str, raum: str = "", vergleich: str = "land") -> Kreisprofil:
    """Collect the figures for one Kreis, or for one of its areas, from the store.

    Parameters
    ----------
    ags
        Key of the Kreis.
    raum
        Key of a Gemeinde or a Planungsraum of the Kreis; empty: the Kreis itself.
    vergleich
        With which Kreise it is compared: `land`, `alle`, `aehnliche` or keys (`vergleichsgruppe.gruppe`). An area is
        always compared with the others of its kind in the Kreis.

    Raises
    ------
    InputError
        A key is not that of a named Kreis or of an area in the store, or the store holds no figures for it.
    """
    catalogue, regeln = katalog(), regelwerk.load()
    with Store() as store:
        if raum:
            names = _area_names(store, ags, raum)
            this = of_area(ags, raum, names[raum])
            observations = raumwerte.observations(store, ags, this.ebene)
            compared = Vergleichsgruppe(this.rahmen, frozenset(names))
            hidden = kreissperrung.gesperrt(store, ags)
            allowed = kreissperrung.gruppenbreiten(store, ags)
            allowed = allowed[allowed.raum == raum]
            widths = dict(zip(allowed.stichtag, allowed.breite, strict=True))
        else:
            observations = store.observations()
            this = of_kreis(ags)
            compared = gruppe(observations, ags, vergleich, catalogue)
            this = replace(this, rahmen=compared.rahmen)
            observations = observations[observations.ags.isin(compared.kreise)]
            names = {key: name(key) for key in observations.ags.unique()}
            hidden = widths = None
        residents = raumwerte.altersaufbau(store, ags, this.ebene, FUENF_JAHRE)
        changes = raumwerte.wechsel(store, ags)
    if this.ags not in set(observations.ags):
        raise InputError(f"the store holds no figures for {this.woerter.einzahl} {this.ags!r} ({this.name})")
    since = max(changes.datum[changes.ags == this.ags], default=dt.date.min)  # before that day it was another area
    residents = residents[(residents.raum == this.ags) & (residents.stichtag >= since)]
    pyramid = pyramids(residents, regeln, widths)
    return _profile(this, compared, observations, names, pyramid, changes, catalogue, hidden, regeln)


def _area_names(store: Store, ags: str, raum: str) -> dict[str, str]:
    if raum[:5] != kreis(ags).ags or level(raum) not in ("gemeinde", "planungsraum"):
        raise InputError(f"raum {raum!r} is no Gemeinde and no Planungsraum of Kreis {ags!r}")
    names = raumwerte.namen(store, ags, level(raum))
    if raum not in names:
        raise InputError(f"the store holds no area {raum!r} of Kreis {ags!r}; it holds: {', '.join(names) or 'none'}")
    return names


def _profile(
    this: Gebiet,
    compared: Vergleichsgruppe,
    observations: pd.DataFrame,
    names: dict[str, str],
    residents: pd.DataFrame,
    wechsel: pd.DataFrame,
    catalogue: Katalog,
    hidden: pd.DataFrame | None,
    regeln: Regelwerk,
) -> Kreisprofil:
    if this.ebene != "kreis":
        people = einwohner(observations)
        observations = rundung.shown(observations, catalogue, regeln)
    werte, groups = indicators.compute(observations, catalogue, wechsel), observations
    if this.ebene != "kreis":
        werte = protected(werte, people, regeln, hidden, catalogue)
        small = people.index[people < regeln.mindesteinwohner]
        groups = kreissperrung.without(observations[~observations.ags.isin(small)], hidden)
        residents = residents.iloc[:0] if this.ags in small else residents
    werte = werte[(werte.ags == this.ags) | ~werte.indikator.isin(compared.ohne)]
    if compared.ohne:
        groups = groups[groups.ags == this.ags]
    same_day = indicators.comparison_day(werte)
    vergleich = indicators.compare(werte, this.ags).set_index("indikator")
    own, series = observations[observations.ags == this.ags], werte[werte.ags == this.ags]
    breaks = declared(series, catalogue, weitere=wechsel)
    reference = workspace.data() / "referenzwerte.yaml"
    return Kreisprofil(
        gebiet=this,
        gruppe=compared,
        katalog=catalogue,
        bevoelkerung=populations(own),
        altersgruppen=age_groups(groups, vergleich, regeln),
        werte=same_day.assign(name=same_day.ags.map(names)),
        vergleich=vergleich.loc[[id for id in catalogue.indikatoren if id in vergleich.index]],
        reihen=werte,
        aussagen=statements(series, catalogue, brueche=breaks).set_index("indikator"),
        brueche=breaks,
        alter=residents,
        referenz=[
            entry
            for entry in (referenzwerte.entries(reference, catalogue) if reference.exists() else [])
            if this.ags in entry["gilt_fuer"]
        ],
        regeln=regeln,
    )
