"""Commands that look into the store: check, diff, list."""

import datetime as dt
import re
import sys

import pandas as pd

from analysis import aenderungen, melderegister, planungsraeume, plausibility, regions
from analysis.catalogue import katalog
from analysis.commands import FAILED, OK
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.store import Store

_MOST_FINDINGS = 25
"""So many findings of a kind are printed."""


def check(arguments) -> int:
    """Print what is there, what is missing and what is not plausible."""
    for ags in arguments.kreis or ():
        regions.kreis(ags)
    with Store() as store:
        observations = store.observations()
        bestaende = {name: store.bestand(name) for name in plausibility.BESTAENDE}
    if arguments.kreis:
        observations = observations[observations.ags.str[:5].isin(arguments.kreis)]
        bestaende = {
            name: table[table[plausibility.BESTAENDE[name]].str[:5].isin(arguments.kreis)]
            for name, table in bestaende.items()
        }
    if observations.empty:
        print("the store holds no figures" + (f" for {', '.join(arguments.kreis)}" if arguments.kreis else ""))
        return FAILED
    _print(plausibility.overview(observations, katalog()))
    findings = plausibility.findings(observations, bestaende, katalog())
    print()
    if findings.empty:
        print("nothing is missing and nothing contradicts a rule")
        return OK
    for art, rows in findings.groupby("art", sort=False):
        print(f"{art}: {len(rows)}")
        for satz in rows.satz[:_MOST_FINDINGS]:
            print(f"  {satz}")
        if len(rows) > _MOST_FINDINGS:
            print(f"  and {len(rows) - _MOST_FINDINGS} more; see --kreis")
    return FAILED


def diff(arguments) -> int:
    """Print every value that a delivery changed."""
    since = parse_stichtag(arguments.since)
    if arguments.published:
        return _diff_published(since, arguments.kreis, arguments.ags)
    if arguments.kreis:
        raise InputError("--kreis goes with --published; stored values are chosen by --ags")
    with Store() as store:
        changes = store.changes(since)
    if arguments.ags:
        changes = changes[changes.was.str.contains(rf"(?:^| ){re.escape(arguments.ags)}")]
    if changes.empty:
        print(f"no stored value changed since {since:%Y-%m-%d}")
        return OK
    for row in changes.itertuples(index=False):
        print(f"{row.was}: {row.vorher} -> {row.nachher or 'gone'} ({row.datei}, before {row.vorher_datei})")
    return OK


def _diff_published(since: dt.date, kreise: list[str] | None, ags: str | None) -> int:
    """Print every indicator value that reads differently since a day, and why."""
    wanted = [regions.kreis(key).ags for key in dict.fromkeys(kreise)] if kreise else [None]
    with Store() as store:
        tables = [aenderungen.compared(store, kreis, since, katalog()) for kreis in wanted]
    table = pd.concat(tables, ignore_index=True)
    if ags:
        table = table[table.ags.str.startswith(ags)]
    new = table.art == aenderungen.NEU
    for row in table[~new].itertuples(index=False):
        files = f": {row.datei}, before {row.vorher_datei}" if row.datei else ""
        print(
            f"{row.ags} {row.stichtag} {row.indikator}: {row.vorher_text} -> {row.nachher_text} "
            f"({aenderungen.ARTEN[row.art]}{files})".replace("\u00a0", " ")
        )
    if new.all():
        print(f"no published value changed since {since:%Y-%m-%d}")
    if new.any():
        print(f"{new.sum()} values are new")
    return OK


def residents(arguments) -> int:
    """Print the residents of a Kreis by age group and area, as the Meldeaemter counted them, as CSV."""
    kreis, day = regions.kreis(arguments.kreis).ags, parse_stichtag(arguments.stichtag)
    with Store() as store:
        register, ortsteile, raeume = (store.bestand(n) for n in ("melderegister", "ortsteile", "planungsraeume"))
    register = register[(register.stichtag == day) & (register.ortsteil.str[:5] == kreis)]
    ortsteile = ortsteile[ortsteile.ortsteil.str[:5] == kreis]
    if register.empty:
        raise InputError(f"the store holds no Melderegister of {kreis} for {day:%d.%m.%Y}")
    match arguments.raum:
        case "planungsraum":
            parts = planungsraeume.members(raeume[raeume.kreis == kreis], day)
            if parts.empty:
                raise InputError(f"the store holds no Planungsraeume of {kreis} for {day:%d.%m.%Y}")
            areas = melderegister.by_members(ortsteile, parts)
        case "gemeinde":
            areas = melderegister.by_gemeinde(ortsteile, [day])
        case "ortsteil":
            areas = melderegister.by_ortsteil(ortsteile, [day])
        case _:
            areas = melderegister.by_kreis(ortsteile, [day])
    table = melderegister.count(register, areas, tuple(arguments.nach))
    table.to_csv(sys.stdout, sep=";", index=False, lineterminator="\n")
    return OK


def carry(arguments) -> int:
    """Print counts of the Gemeinden on another territorial date as CSV."""
    with Store() as store:
        table = store.carried([arguments.groesse], parse_stichtag(arguments.stand), arguments.gewicht)
    table.to_csv(sys.stdout, sep=";", decimal=",", index=False, lineterminator="\n")
    return OK


def show(arguments) -> int:
    """Print a list of what the store holds."""
    with Store() as store:
        table = _LISTS[arguments.what](store) if arguments.what in _LISTS else store.bestand(arguments.what)
    if table.empty:
        print(f"the store holds no {arguments.what}", file=sys.stderr)
        return OK
    _print(table)
    return OK


def _print(table) -> None:
    for column in table.select_dtypes("str"):
        table[column] = table[column].str.ljust(table[column].str.len().max())
    print(table.to_string(index=False, justify="left"))


def _list_groessen(store):
    observations = store.observations()
    table = observations.groupby("groesse").agg(
        kreise=("ags", "nunique"), werte=("wert", "count"), von=("stichtag", "min"), bis=("stichtag", "max")
    )
    table.insert(0, "label", [katalog().groesse(id).label for id in table.index])
    return table.reset_index()


def _list_kreise(store):
    observations = store.observations()
    places = {ags: regions.level(ags) for ags in observations.ags.unique()}
    below = ("kreis", "gemeinde", "ortsteil", "planungsraum")
    kreis = observations.ags.map({ags: ags[:5] if kind in below else ags for ags, kind in places.items()})
    table = (
        observations.assign(kreis=kreis)
        .groupby("kreis", as_index=False)
        .agg(gebiete=("ags", "nunique"), werte=("wert", "count"), von=("stichtag", "min"), bis=("stichtag", "max"))
    )
    table.insert(1, "name", table.kreis.map(regions.name))
    return table


def _list_indikatoren(store):
    there = set(store.observations().groesse)
    return pd.DataFrame(
        [
            {
                "id": i.id,
                "label": i.label,
                "lebenslage": i.lebenslage,
                "daten": "ja" if set(i.groessen) <= there else "nein",
            }
            for i in katalog().indikatoren.values()
        ]
    )


def _list_importe(store):
    return store.imports().drop(columns="sha256")


_LISTS = {
    "groessen": _list_groessen,
    "kreise": _list_kreise,
    "indikatoren": _list_indikatoren,
    "importe": _list_importe,
}
