"""Figures by which areas are grouped: which areas, which indicators, at which day."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from analysis import indicators, kreissperrung, raumwerte, regelwerk, rundung
from analysis.catalogue import Katalog, katalog
from analysis.einwohner import einwohner
from analysis.errors import InputError
from analysis.gebiet import WOERTER, Woerter
from analysis.kleinezahlen import protected
from analysis.regelwerk import Regelwerk
from analysis.regions import Kreis, kreis, level
from analysis.regions import name as region_name
from analysis.store import Store

EBENEN = ("gemeinde", "planungsraum", "kreis")

UMFAENGE = ("land", "kreis")
"""All areas of the level in the Land of which the store has figures, or those of the Kreis alone."""

MINDESTENS_GEBIETE = 8
"""Areas with figures below which there is no grouping."""

MINDESTENS_GEFUELLT = 0.6
"""Share of the areas that an indicator of the default selection has values for."""

VORGABE = (
    ("anteil_unter_18", "melderegister_anteil_unter_18"),
    ("anteil_ab_65", "melderegister_anteil_ab_65"),
    ("auslaenderanteil", "melderegister_anteil_auslaendisch", "auslaenderanteil_gezaehlt"),
    ("wanderungssaldo_je_1000",),
    ("arbeitslosenquote", "arbeitslosenanteil_15_64"),
    ("personen_in_bg", "sgb2_je_100_unter_65"),
    ("nef_quote_unter_15", "kinderarmut_unter_15", "kinder_unter_personen_in_bg"),
    ("alleinerziehende_unter_familien", "haushalte_mit_kindern_anteil"),
    ("grundsicherung_im_alter", "grundsicherung_ab_18"),
    ("einkommen_je_einwohner",),
    ("schulabgaenge_ohne_abschluss",),
    ("siedlungsflaeche", "einpersonenhaushalte_anteil"),
    ("pflegebeduerftige_anteil",),
    ("wahlbeteiligung_bundestag",),
)
"""Default selection over the Lebenslagen: of each row the indicator that most areas have, if enough have one."""


@dataclass(frozen=True)
class Gebietswerte:
    """Areas of one level that are grouped together, small numbers withheld.

    Attributes
    ----------
    ebene, umfang
        One of `EBENEN`, one of `UMFAENGE`.
    namen
        Key → name of all areas.
    reihen
        Indicator values of all areas at all days (`indicators.compute`) with `name`.
    einwohner
        Newest population by area.
    kleine
        Keys of areas with too few inhabitants to show more than their number.
    flaechen
        Newest boundaries: `ags`, `name`, `geometrie`; empty where there are none.
    orte
        Places of the Gemeinden: `ags`, `name`, `laenge`, `breite` (degrees); empty where there are none.
    regeln
        Rules of what is withheld or rounded.
    """

    kreis: Kreis
    ebene: str
    umfang: str
    katalog: Katalog
    namen: dict[str, str]
    reihen: pd.DataFrame
    einwohner: pd.Series
    kleine: list[str]
    flaechen: pd.DataFrame
    orte: pd.DataFrame
    regeln: Regelwerk

    @property
    def woerter(self) -> Woerter:
        """How sentences speak of the areas."""
        return WOERTER[self.ebene]

    @property
    def rahmen(self) -> str:
        """Where the areas lie: `in Thüringen`, `im Ilm-Kreis`."""
        whole = self.umfang == "kreis" or all(ags[:5] == self.kreis.ags for ags in self.namen)
        return self.kreis.wo if whole else f"in {region_name(self.kreis.ags[:2])}"


def load(ags: str, ebene: str = "", umfang: str = "land") -> Gebietswerte:
    """Collect the figures of all areas that are grouped.

    Parameters
    ----------
    ags
        Key of the Kreis.
    ebene
        One of `EBENEN`; empty: Gemeinden where enough of them have figures, else Kreise.
    umfang
        One of `UMFAENGE`. Of other Kreise than the own there is what was delivered, not what registers count.

    Raises
    ------
    InputError
        An unknown Kreis, level or extent; the store holds no figures of such areas.
    """
    this, catalogue, regeln = kreis(ags), katalog(), regelwerk.load()
    if ebene not in ("", *EBENEN):
        raise InputError(f"ebene {ebene!r}; expected one of {', '.join(EBENEN)}")
    if umfang not in UMFAENGE:
        raise InputError(f"umfang {umfang!r}; expected {' or '.join(UMFAENGE)}")
    with Store() as store:
        stored = store.observations()
        stored = stored[stored.ags.str[:2] == ags[:2]]
        stored = stored.assign(ebene=stored.ags.map({key: level(key) for key in stored.ags.unique()}))
        found = ebene or ("gemeinde" if _enough(stored, ags, umfang) else "kreis")
        if (found, umfang) == ("kreis", "kreis"):
            raise InputError("ebene kreis with umfang kreis is one area alone; expected umfang land")
        observations = _observations(store, stored, ags, found, umfang, catalogue)
        names = _names(store, ags, found, umfang, observations)
        changed = raumwerte.wechsel(store, ags).groupby("ags").datum.max()
        gemeinden, grenzen = store.bestand("gemeinden"), store.bestand("grenzen")
        kreise = sorted({key[:5] for key in observations.ags.unique()}) if found != "kreis" else []
        hidden = [kreissperrung.gesperrt(store, key) for key in kreise]
    # before its members changed, an area was another one
    begin = observations.ags.map(changed).astype(object)
    other = begin.where(begin.notna(), dt.date.min) > observations.stichtag
    observations = observations[observations.ags.isin(names) & ~other]
    known = observations.ags[observations.wert.notna()]
    if not known.str.startswith(ags).any():
        raise InputError(f"the store holds no figures of areas ({found}) for Kreis {ags!r} ({this.name})")
    people = einwohner(observations)
    if found != "kreis":
        observations = rundung.shown(observations, catalogue, regeln)
    table = indicators.compute(observations, catalogue)
    table = table if found == "kreis" else protected(table, people, regeln, pd.concat(hidden), catalogue)
    newest = gemeinden[gemeinden.ags.isin(names)].sort_values("stand").drop_duplicates("ags", keep="last")
    outlines = grenzen[grenzen.ags.isin(names)].sort_values("stand").drop_duplicates("ags", keep="last")
    few = people.index[people < regeln.mindesteinwohner]
    return Gebietswerte(
        kreis=this,
        ebene=found,
        umfang=umfang,
        katalog=catalogue,
        namen=names,
        reihen=table.assign(name=table.ags.map(names)),
        einwohner=people,
        kleine=[] if found == "kreis" else sorted(few),
        flaechen=outlines.assign(name=outlines.ags.map(names))[["ags", "name", "geometrie"]],
        orte=newest.assign(name=newest.ags.map(names))[["ags", "name", "laenge", "breite"]].dropna(),
        regeln=regeln,
    )


def _enough(stored: pd.DataFrame, ags: str, umfang: str) -> bool:
    """Whether Gemeinden of the own Kreis have figures, and enough Gemeinden to group."""
    rows = stored[(stored.ebene == "gemeinde") & stored.wert.notna()]
    mine = rows[rows.ags.str[:5] == ags]
    return len(mine) > 0 and (mine if umfang == "kreis" else rows).ags.nunique() >= MINDESTENS_GEBIETE


def _observations(store: Store, stored: pd.DataFrame, ags: str, ebene: str, umfang: str, catalogue: Katalog):
    delivered = stored[stored.ebene == ebene].drop(columns="ebene").reset_index(drop=True)
    if ebene == "kreis":
        return delivered
    own = raumwerte.observations(store, ags, ebene, catalogue)
    if umfang == "kreis":
        return own
    others = delivered[delivered.ags.str[:5] != ags].reset_index(drop=True)
    if ebene == "gemeinde":
        others = raumwerte.without_strangers(others, store.bestand("gemeinden"))
    return pd.concat([own, others], ignore_index=True)


def _names(store: Store, ags: str, ebene: str, umfang: str, observations: pd.DataFrame) -> dict[str, str]:
    """Key → name of the areas, short as readers know them."""
    if ebene == "kreis":
        return {key: region_name(key) for key in sorted(observations.ags.unique())}
    found = raumwerte.namen(store, ags, ebene)
    if umfang == "land" and ebene == "gemeinde":
        table = store.bestand("gemeinden").sort_values("stand")
        table = table[table.ags.str[:2] == ags[:2]].drop_duplicates("ags", keep="last")
        found = dict(zip(table.ags, table.name, strict=True)) | found
    return {key: text.partition(",")[0] for key, text in found.items()}


def chosen(werte: pd.DataFrame, indikatoren: str, catalogue: Katalog) -> list[str]:
    """Ids of the indicators by which is grouped: those named, or the default selection as far as it is there.

    Raises
    ------
    InputError
        An unknown indicator, one twice, one without any value.
    """
    known = werte[werte.anteil.notna()].groupby("indikator").ags.nunique()
    if not indikatoren.strip():
        enough = known[known >= MINDESTENS_GEFUELLT * werte.ags.nunique()]
        rows = [[id for id in row if id in enough.index] for row in VORGABE]
        return [max(row, key=enough.get) for row in rows if row]
    ids = indikatoren.replace(",", " ").split()
    for id in ids:
        catalogue.indikator(id)
        if ids.count(id) > 1:
            raise InputError(f"indikatoren: {id} stands twice; expected each once")
        if id not in known.index:
            raise InputError(
                f"indikatoren: the store has no value of {id} for these areas; it has {', '.join(known.index)}"
            )
    return ids


def at_day(werte: pd.DataFrame, ids: list[str], tag: dt.date | None = None) -> pd.DataFrame:
    """Values of the indicators at their comparison day, or at that of the figures up to a day."""
    rows = werte[werte.indikator.isin(ids)]
    if tag is not None:
        rows = rows[rows.stichtag <= tag]
    return indicators.comparison_day(rows)
