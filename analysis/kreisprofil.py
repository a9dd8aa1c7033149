"""All figures of one Kreis beside those of the other Kreise of its Land, ready for reports."""

from dataclasses import dataclass

import pandas as pd

from analysis import indicators, workspace
from analysis.catalogue import Indikator, Katalog, katalog
from analysis.errors import InputError
from analysis.gebiet import Gebiet, of_kreis
from analysis.regions import Kreis, level, name
from analysis.sources import referenzwerte
from analysis.store import Store
from analysis.trends.aussage import statements
from analysis.wording import NBSP, aufzaehlung, stand, wert, zahl

ALTERSGRUPPEN = ["bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"]


@dataclass(frozen=True)
class Kreisprofil:
    """Everything about one Kreis, beside all Kreise of its Land that have figures.

    For a Gemeinde or a Planungsraum the same beside all areas of its kind in the Kreis; where it says Kreis below, read
    that.

    Attributes
    ----------
    gebiet
        The Kreis, or the area of it, that all is about.
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
    referenz
        Published key figures for this Kreis with the sentence that states them.
    """

    gebiet: Gebiet
    katalog: Katalog
    bevoelkerung: pd.DataFrame
    altersgruppen: pd.DataFrame
    werte: pd.DataFrame
    vergleich: pd.DataFrame
    reihen: pd.DataFrame
    aussagen: pd.DataFrame
    referenz: list[dict]

    @property
    def kreis(self) -> Kreis:
        """The Kreis, or the one that the area belongs to."""
        return self.gebiet.kreis

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

    def indikator(self, id: str) -> Indikator:
        """Definition of an indicator."""
        return self.katalog.indikator(id)

    def stand(self, id: str) -> str:
        """Reference date of an indicator as a reader sees it."""
        return stand(self.vergleich.stichtag[id], self.indikator(id).stichtag)

    def quelle(self, ids: list[str], weitere: list[str] | None = None) -> str:
        """Source line of indicators (and of `weitere` sources): where the values came from, once each, with dates."""
        days = aufzaehlung(list(dict.fromkeys(self.stand(id) for id in ids)))
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
        """Those of the indicators for which this Kreis has a value."""
        return [id for id in ids if id in self.vergleich.index]

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


def load(ags: str) -> Kreisprofil:
    """Collect the figures for one Kreis from the store.

    Raises
    ------
    InputError
        The key is not that of a named Kreis, or the store holds no figures for it.
    """
    this = of_kreis(ags)
    catalogue = katalog()
    with Store() as store:
        observations = store.observations()
    same_land = observations[
        observations.ags.str.startswith(ags[:2]) & observations.ags.map(lambda key: level(key) == "kreis")
    ]
    if ags not in set(same_land.ags):
        raise InputError(f"the store holds no figures for Kreis {ags!r} ({this.name})")
    werte = indicators.compute(same_land, catalogue)
    same_day = indicators.comparison_day(werte)
    vergleich = indicators.compare(werte, ags).set_index("indikator")

    own = same_land[same_land.ags == ags]
    day = vergleich.stichtag.get("anteil_unter_18")
    counts = same_land[(same_land.stichtag == day) & same_land.groesse.isin(["bevoelkerung", *ALTERSGRUPPEN])]
    reference = workspace.data() / "referenzwerte.yaml"
    return Kreisprofil(
        gebiet=this,
        katalog=catalogue,
        bevoelkerung=own[(own.groesse == "bevoelkerung") & own.wert.notna()]
        .set_index("stichtag")[["wert", "quelle"]]
        .sort_index(),
        altersgruppen=counts.pivot(index="ags", columns="groesse", values="wert"),
        werte=same_day.assign(name=same_day.ags.map(name)),
        vergleich=vergleich.loc[[id for id in catalogue.indikatoren if id in vergleich.index]],
        reihen=werte,
        aussagen=statements(werte[werte.ags == ags], catalogue).set_index("indikator"),
        referenz=[
            entry
            for entry in (referenzwerte.entries(reference, catalogue) if reference.exists() else [])
            if ags in entry["gilt_fuer"]
        ],
    )
