"""What a Kreis withholds, as the texts that its reports would show, computed from the store."""

import datetime as dt
import re
from dataclasses import asdict

import pandas as pd

from analysis import ablage, indicators, raumwerte, regelwerk
from analysis.catalogue import Katalog, katalog
from analysis.einwohner import einwohner
from analysis.kleinezahlen import protected
from analysis.release.zurueckgehalten import Geheim, Sperre, plain
from analysis.store import Store
from analysis.wording import wert


def withheld(store: Store, ags: str) -> Sperre:
    """Values of the areas of a Kreis that no report may show; none where the store holds no areas of it.

    Where counts are rounded, exact values are not looked for: smoothed values and those of several years in the same
    row often have the same digits.
    """
    catalogue, regeln = katalog(), regelwerk.load()
    levels = [e for e in ("gemeinde", "planungsraum") if raumwerte.namen(store, ags, e)]
    if not levels:
        return Sperre()
    from analysis import kreispruefung, kreissperrung, rundung

    found: list[Geheim] = []
    decided = kreissperrung.decided(store, ags)
    tables, hidden = decided.tables, decided.gesperrt
    every: list[pd.DataFrame] = []
    whole = _shown(indicators.compute(tables["kreis"], catalogue), catalogue)
    of_kreis = set(zip(whole.indikator, whole.text, strict=True))
    for level in levels:
        observations = tables[level]
        werte = indicators.compute(observations, catalogue)
        rounded = indicators.compute(rundung.shown(observations, catalogue, regeln), catalogue)
        allowed = protected(rounded, einwohner(observations), regeln, hidden, catalogue)
        every.append(allowed)
        secret = werte.anteil.notna() & allowed.anteil.isna()
        shown = _shown(allowed, catalogue)
        own = set(zip(shown.ags, shown.indikator, shown.text, strict=True))
        newest = werte.groupby(["ags", "indikator"]).stichtag.transform("max") == werte.stichtag
        names = raumwerte.namen(store, ags, level)
        rows = _shown(werte.assign(neueste=newest)[secret], catalogue)
        found += [
            Geheim(names[r.ags].partition(",")[0], _names(catalogue, r.indikator), r.stichtag, r.text, bool(r.neueste))
            for r in rows.itertuples(index=False)
            if r.ags in names
            and (r.ags, r.indikator, r.text) not in own
            and (r.indikator, r.text) not in of_kreis
            and re.search(r"\d,\d|\d{2}", r.text)
        ]
    open_counts = kreispruefung.computable(pd.concat(every), decided.cells, decided.a, catalogue)
    names = raumwerte.namen(store, ags, "gemeinde") | raumwerte.namen(store, ags, "planungsraum")
    return Sperre(_by_area(found), tuple(kreispruefung.names(open_counts, names, catalogue)))


def kept(store: Store, ags: str) -> Sperre:
    """What `withheld` gives, kept beside the store while all that it depends on stays as it is."""
    if not any(raumwerte.namen(store, ags, e) for e in ("gemeinde", "planungsraum")):
        return Sperre()
    from analysis import kreissperrung

    def made() -> dict:
        found = withheld(store, ags)
        every = [asdict(one) | {"tag": one.tag.isoformat()} for each in found.nach_raum.values() for one in each]
        return {"geheim": every, "errechenbar": list(found.errechenbar)}

    known = ablage.kept(store.path, f"{ags}-sperre", kreissperrung.stand(store, ags), made)
    every = [
        Geheim(**one | {"namen": tuple(one["namen"]), "tag": dt.date.fromisoformat(one["tag"])})
        for one in known["geheim"]
    ]
    return Sperre(_by_area(every), tuple(known["errechenbar"]))


def _by_area(every: list[Geheim]) -> dict[str, list[Geheim]]:
    areas = dict.fromkeys(one.raum for one in every)
    return {area: [one for one in every if one.raum == area] for area in areas}


def _shown(werte: pd.DataFrame, catalogue: Katalog) -> pd.DataFrame:
    """Values with the text that a report shows of them."""
    known = werte[werte.anteil.notna()]
    texts = [
        plain(wert(value, catalogue.indikator(id))) for value, id in zip(known.anteil, known.indikator, strict=True)
    ]
    return known.assign(text=texts)


def _names(catalogue: Katalog, id: str) -> tuple[str, ...]:
    indikator = catalogue.indikator(id)
    return tuple(dict.fromkeys(filter(None, (indikator.label, indikator.kurz, indikator.einfach))))
