"""Which published value changed since a day, from what to what, and why."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import bestimmungen, indicators
from analysis.catalogue import Katalog
from analysis.dates import begin_utc
from analysis.gebietswechsel import merged_into, proven
from analysis.observations import GRUENDE
from analysis.store import Store
from analysis.wording import wert

ARTEN = {
    "revision": "Revision",
    "andere_quelle": "andere Quelle",
    "gebietsstand": "anderer Gebietsstand",
    "methode": "geänderte Rechenregel",
    "neue_lieferung": "jetzt bekannt",
    "geheim": "jetzt geheim",
    "entfallen": "entfallen",
}
"""Why a published value changed → how a reader is told."""

NEU = "neu"
"""A value that was not there before: no change of a published value."""

WEG = "liegt nicht mehr vor"

COLUMNS = [
    *("indikator", "ags", "stichtag", "vorher", "nachher", "vorher_text", "nachher_text", "art"),
    *("datei", "vorher_datei", "zeitpunkt", "quelle"),
]

_KEY = ["ags", "stichtag", "indikator"]


def changed(store: Store, kreis: str | None, seit: dt.date, katalog: Katalog) -> pd.DataFrame:
    """Every indicator value of a Kreis and its areas that a reader sees differently than before a day.

    Both states are computed from the observations of their time by the rules of their time. A difference that
    disappears by rounding is none, nor is another reason why there is no number. Intervals and marks of quality are not
    compared.

    Parameters
    ----------
    store
        Open store.
    kreis
        Key; None: all areas.
    seit
        The earlier state is that at the beginning of this day.
    katalog
        Today's catalogue; both states are written in its units and digits.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. `vorher`, `nachher` are ratios (0.071 for 7.1 %), NaN where there is none; the texts are as
        a report shows them, the reason where there is no value. `art` is one of `ARTEN`:

        - `methode`: by the earlier rule today's observations would give another value;
        - `geheim`, `entfallen`: there is no value any more, because it is kept secret or for another reason;
        - `neue_lieferung`: a number where only a reason stood;
        - `gebietsstand`: every changed count is exactly the earlier one and those of the areas joined to it since;
        - `andere_quelle`: a changed figure now comes from another publication;
        - `revision`: the same source says something else in a later file.

        The first that applies is given. `datei`, `zeitpunkt` (UTC) name the newest delivery behind it, `vorher_datei`
        the files of the earlier figures; for a changed rule alone they are empty and the moment is that of its first
        use. `quelle` are the sources of the value, or of the earlier one where it is gone.
    """
    table = compared(store, kreis, seit, katalog)
    return table[table.art != NEU].reset_index(drop=True)


def compared(store: Store, kreis: str | None, seit: dt.date, katalog: Katalog) -> pd.DataFrame:
    """All that `changed` gives, and a row with `art` `neu` for each value that was not there before."""
    moment = begin_utc(seit)
    bis = store.last_import(moment)
    rules = bestimmungen.earlier(katalog, store.definitions(moment))
    everywhere, revisions = store.observations(bis=bis), store.revisions(bis)
    territory = proven(revisions, everywhere, merged_into(store.bestand("umstieg")), katalog)
    before, now, revisions = (
        table if kreis is None else table[table.ags.str.startswith(kreis)]
        for table in (everywhere, store.observations(), revisions.assign(gebiet=territory))
    )
    table = _joined(indicators.compute(before, rules), indicators.compute(now, katalog))
    table = _visible(table, katalog)
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    other_rule = _other_rule(table, now, rules, katalog)
    causes = _causes(table, revisions, rules, katalog)
    table = table.merge(causes, on=_KEY, how="left", validate="one_to_one")
    table["art"] = _art(table, other_rule)
    firsts = store.definitions().set_index("indikator").zeitpunkt
    only_rule = (table.art == "methode") & table.zeitpunkt.isna()
    first_use = pd.Series(firsts.reindex(table.indikator).to_numpy(), index=table.index)
    table["zeitpunkt"] = table.zeitpunkt.mask(only_rule, first_use.where(first_use >= moment))
    table[["datei", "vorher_datei"]] = table[["datei", "vorher_datei"]].fillna("")
    order = {id: n for n, id in enumerate(katalog.indikatoren)}
    table = table.assign(stelle=table.indikator.map(order)).sort_values(["ags", "stelle", "stichtag"])
    return table[COLUMNS].reset_index(drop=True)


def removed(store: Store, kreis: str, seit: dt.date, katalog: Katalog) -> list[str]:
    """Labels of the indicators that the catalogue no longer has and for which the Kreis had all figures before."""
    moment = begin_utc(seit)
    noted = store.definitions(moment)
    gone = noted[~noted.indikator.isin(list(katalog.indikatoren)) & (noted.rechenregel != "")]
    if gone.empty:
        return []
    before = store.observations(bis=store.last_import(moment))
    there = set(before.groesse[(before.ags == kreis) & before.wert.notna()])
    return [
        label
        for label, rule in zip(gone.label, gone.rechenregel, strict=True)
        if set(json.loads(rule)["einheiten"]) <= there
    ]


def _joined(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Values of both states side by side, those that were due later left out; `grund` NaN where there is no row."""
    columns = [*_KEY, "anteil", "grund", "quelle"]
    both = before.loc[before.grund != "spaeter", columns].merge(
        now.loc[now.grund != "spaeter", columns],
        on=_KEY,
        how="outer",
        suffixes=("_vorher", ""),
        validate="one_to_one",
    )
    both = both.rename(columns={"anteil_vorher": "vorher", "anteil": "nachher"})
    both["quelle"] = both.quelle.fillna(both.quelle_vorher)
    return both.astype({"vorher": float, "nachher": float})


def _visible(table: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Rows with a number in one state at least that read differently, with `vorher_text` and `nachher_text`."""
    a_number = table.vorher.notna() | table.nachher.notna()
    table = table[a_number & (table.vorher != table.nachher)]
    table = table.assign(
        vorher_text=_texts(table.vorher, table.grund_vorher, table.indikator, katalog),
        nachher_text=_texts(table.nachher, table.grund, table.indikator, katalog),
    )
    return table[table.vorher_text != table.nachher_text].reset_index(drop=True)


def _texts(anteil: pd.Series, grund: pd.Series, indikator: pd.Series, katalog: Katalog) -> list[str]:
    """What a report shows: the value in its unit, else the reason."""
    return [
        WEG if pd.isna(reason) else wert(value, katalog.indikatoren[id]) or GRUENDE[reason]
        for value, reason, id in zip(anteil, grund, indikator, strict=True)
    ]


def _other_rule(table: pd.DataFrame, now: pd.DataFrame, rules: Katalog, katalog: Katalog) -> np.ndarray:
    """Whether today's observations would read differently by the indicator's earlier rule."""
    changed = {
        id: rules.indikatoren[id]
        for id in table.indikator.unique()
        if id in rules.indikatoren
        and bestimmungen.rechenregel(rules.indikatoren[id], rules)
        != bestimmungen.rechenregel(katalog.indikatoren[id], katalog)
    }
    if not changed:
        return np.zeros(len(table), bool)
    by_earlier = indicators.compute(now, replace(rules, indikatoren=changed))[[*_KEY, "anteil", "grund"]]
    values = table[_KEY].merge(by_earlier, on=_KEY, how="left", validate="one_to_one")
    values["grund"] = values.grund.where(values.grund != "spaeter")
    texts = pd.Series(_texts(values.anteil.astype(float), values.grund, values.indikator, katalog))
    return (table.indikator.isin(changed) & (texts != table.nachher_text)).to_numpy()


def _causes(table: pd.DataFrame, revisions: pd.DataFrame, rules: Katalog, katalog: Katalog) -> pd.DataFrame:
    """Per value the deliveries behind its changed parts, and whether these explain it by source or territory."""
    parts = pd.DataFrame(
        [
            (id, groesse)
            for id in table.indikator.unique()
            for groesse in {
                *katalog.indikatoren[id].groessen,
                *(rules.indikatoren[id].groessen if id in rules.indikatoren else ()),
            }
        ],
        columns=["indikator", "groesse"],
    )
    behind = table[_KEY].merge(parts, on="indikator").merge(revisions, on=["ags", "stichtag", "groesse"])
    behind["fremd"] = behind.quelle.notna() & (behind.quelle != behind.vorher_quelle)
    behind = behind.sort_values([*_KEY, "import_id", "groesse"])
    groups = behind.groupby(_KEY, sort=False)
    return groups.agg(
        datei=("datei", _once),
        vorher_datei=("vorher_datei", _once),
        zeitpunkt=("zeitpunkt", "max"),
        fremd=("fremd", "any"),
        gebiet=("gebiet", "all"),
    ).reset_index()


def _once(texts: pd.Series) -> str:
    return " · ".join(dict.fromkeys(texts))


def _art(table: pd.DataFrame, other_rule: np.ndarray) -> np.ndarray:
    """First reason that applies to each row."""
    number, earlier_number = table.nachher.notna(), table.vorher.notna()
    new = table.grund_vorher.isna()
    return np.select(
        [
            new,
            other_rule,
            earlier_number & table.grund.eq("geheim"),
            earlier_number & ~number,
            ~earlier_number & number,
            table.gebiet.eq(True),
            table.fremd.eq(True),
        ],
        [NEU, "methode", "geheim", "entfallen", "neue_lieferung", "gebietsstand", "andere_quelle"],
        default="revision",
    )
