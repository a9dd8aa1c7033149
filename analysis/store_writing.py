"""Writing rows of a delivery into the store's tables: what is new, changed or gone; earlier versions stay."""

from pathlib import Path

import duckdb
import pandas as pd

from analysis.bestaende import TABELLEN
from analysis.duck import as_input
from analysis.errors import InputError
from analysis.observations import KEY, grouped


def write_table(
    db: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame, import_id: int, path: Path
) -> tuple[int, int, int, int]:
    """Bring rows into a table; return how many there were, how many new, changed and gone."""
    table = TABELLEN[name]
    twice = rows[pd.Series(grouped(rows, list(table.schluessel))[0], index=rows.index).duplicated()]
    if len(twice):
        key = ", ".join(str(value) for value in twice.iloc[0][list(table.schluessel)])
        raise InputError(f"{path}: {name} holds {key} twice")
    db.register("neu", as_input(rows[table.spalten]))
    same_key = " AND ".join(f"a.{c} = n.{c}" for c in table.schluessel)
    changed = other = "(" + " OR ".join(f"a.{c} IS DISTINCT FROM n.{c}" for c in table.werte) + ")"
    if name == "beobachtungen":
        # "not yet delivered" says nothing against a number or another reason
        changed += " AND NOT (n.grund = 'spaeter' AND a.grund <> 'spaeter')"
        # the same value from another source is kept as the newer version, but nothing that anybody reads changed
        other = "(a.wert IS DISTINCT FROM n.wert OR a.grund <> n.grund OR a.guete <> n.guete)"
    kinds = table.schluessel | table.werte
    plain = {c: f"CASE WHEN isnan({c}) THEN NULL ELSE {c} END" for c, kind in kinds.items() if kind == "DOUBLE"}
    columns = ", ".join(f"CAST({plain.get(c, c)} AS {kind}) AS {c}" for c, kind in kinds.items())
    db.execute(
        f"CREATE TEMP TABLE schritt AS SELECT n.*, a.import_id IS NULL AS ist_neu, "
        f"a.import_id IS NOT NULL AND {changed} AS ist_geaendert, {other} AS ist_anders "
        f"FROM (SELECT {columns} FROM neu) n LEFT JOIN {name} a ON {same_key} AND a.ersetzt_durch IS NULL"
    )
    zeilen, neue, geaenderte = db.execute(
        "SELECT count(*), coalesce(count_if(ist_neu), 0), coalesce(count_if(ist_geaendert AND ist_anders), 0) "
        "FROM schritt"
    ).fetchall()[0]
    entfallene = 0
    if table.umfang:
        scope = " AND ".join(f"a.{c} = n.{c}" for c in table.umfang)
        entfallene = db.execute(
            f"UPDATE {name} a SET ersetzt_durch = ? WHERE a.ersetzt_durch IS NULL "
            f"AND EXISTS (SELECT 1 FROM schritt n WHERE {scope}) "
            f"AND NOT EXISTS (SELECT 1 FROM schritt n WHERE {same_key})",
            [import_id],
        ).fetchall()[0][0]
    db.execute(
        f"UPDATE {name} a SET ersetzt_durch = ? FROM schritt n "
        f"WHERE {same_key} AND a.ersetzt_durch IS NULL AND n.ist_geaendert",
        [import_id],
    )
    db.execute(
        f"INSERT INTO {name} SELECT {', '.join(table.spalten)}, ?, NULL FROM schritt WHERE ist_neu OR ist_geaendert",
        [import_id],
    )
    db.execute("DROP TABLE schritt")
    return zeilen, neue, geaenderte, entfallene


def withdraw(db: duckdb.DuckDBPyConnection, import_id: int, sums: pd.DataFrame, ortsteile: pd.DataFrame) -> int:
    """End what an earlier delivery of a Meldeamt said and this one no longer does; return how many rows.

    These are the sums of Gemeinden that have no Ortsteil any more, and Ortsteile without any resident that the
    description of the office no longer lists.
    """
    db.register("summen", as_input(sums[KEY]))
    db.register("liste", as_input(ortsteile[["ortsteil", "amt"]]))
    replaced = "SELECT import_id, stichtag FROM melderegister WHERE ersetzt_durch = $id"
    statements = (
        "UPDATE beobachtungen a SET ersetzt_durch = $id WHERE a.ersetzt_durch IS NULL "
        f"AND a.quelle = 'melderegister' AND EXISTS (SELECT 1 FROM ({replaced}) m "
        "WHERE m.import_id = a.import_id AND m.stichtag = a.stichtag) "
        "AND NOT EXISTS (SELECT 1 FROM summen n WHERE a.ags = n.ags AND a.stichtag = n.stichtag::DATE "
        "AND a.groesse = n.groesse)",
        "UPDATE ortsteile a SET ersetzt_durch = $id WHERE a.ersetzt_durch IS NULL "
        "AND a.amt IN (SELECT amt FROM liste) AND a.ortsteil NOT IN (SELECT ortsteil FROM liste) "
        "AND NOT EXISTS (SELECT 1 FROM melderegister m WHERE m.ortsteil = a.ortsteil AND m.ersetzt_durch IS NULL)",
    )
    return sum(db.execute(statement, {"id": import_id}).fetchall()[0][0] for statement in statements)
