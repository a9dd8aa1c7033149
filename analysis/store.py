"""The indicator database: one DuckDB file with observations, their provenance and their earlier versions."""

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pandas as pd

from analysis import sources, workspace
from analysis.catalogue import Katalog, katalog
from analysis.errors import InputError
from analysis.files import sha256
from analysis.observations import COLUMNS, KEY, check_consistency

_SCHEMA = """
CREATE TABLE IF NOT EXISTS importe (
    id INTEGER PRIMARY KEY, datei TEXT NOT NULL, sha256 TEXT NOT NULL, leser TEXT NOT NULL,
    zeitpunkt TIMESTAMP NOT NULL, zeilen INTEGER NOT NULL,
    neu INTEGER NOT NULL, geaendert INTEGER NOT NULL, unveraendert INTEGER NOT NULL, ausgelassen INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS beobachtungen (
    ags TEXT NOT NULL, stichtag DATE NOT NULL, groesse TEXT NOT NULL,
    wert DOUBLE, grund TEXT NOT NULL, guete TEXT NOT NULL, quelle TEXT NOT NULL,
    import_id INTEGER NOT NULL, ersetzt_durch INTEGER,
    CHECK ((wert IS NULL) = (grund <> ''))
);
"""


@dataclass(frozen=True)
class Import:
    """What one file brought: number of values, how many were new, changed or known, and what was left out and why."""

    datei: str
    zeilen: int
    neu: int
    geaendert: int
    unveraendert: int
    ausgelassen: dict[str, int] = field(default_factory=dict)
    schon_importiert: dt.datetime | None = None


_TABLES = {
    *(("importe", c) for c in ("id", "datei", "sha256", "leser", "zeitpunkt", "zeilen")),
    *(("importe", c) for c in ("neu", "geaendert", "unveraendert", "ausgelassen")),
    *(("beobachtungen", c) for c in [*COLUMNS, "import_id", "ersetzt_durch"]),
}


class Store:
    """An open indicator database. Use it as a context manager; it closes its file at the end.

    A value is never overwritten: a later delivery sets `ersetzt_durch` of the earlier version to its own
    import, so the current values are the rows where that is empty.
    """

    def __init__(self, path: Path | None = None, read_only: bool = True):
        self.path = Path(path or workspace.store())
        if self.path.name == ":memory:":
            raise InputError(f"{self.path}: a store is a file; expected a path")
        try:
            if read_only and not self.path.exists():
                raise InputError(f"{self.path}: there is no store yet; run `kreisblick import` or `kreisblick run`")
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.path}: the store cannot be opened ({error.strerror})") from None
        # An absolute path and no extensions: whatever the path looks like, DuckDB opens a local file, never an address.
        local = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        try:
            self._db = duckdb.connect(str(self.path.absolute()), read_only=read_only, config=local)
        except duckdb.Error as error:
            if "lock" in str(error).lower():
                raise InputError(f"{self.path}: another process is writing to the store; try again") from None
            raise InputError(f"{self.path}: not a readable store ({str(error).splitlines()[0][:200]})") from None
        try:
            self._check_tables(create=not read_only)
        except BaseException:
            self._db.close()
            raise

    def _check_tables(self, create: bool) -> None:
        """Make the tables in an empty database; refuse one that holds something else."""
        found = {
            (table, column)
            for table, column in self._rows("SELECT table_name, column_name FROM information_schema.columns")
        }
        if not found and create:
            self._db.execute(_SCHEMA)
        elif found != _TABLES:
            raise InputError(f"{self.path}: not a store of Kreisblick (its tables are others)")

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_) -> None:
        self._db.close()

    def import_file(self, path: Path, catalogue: Katalog | None = None) -> Import:
        """Bring a delivered file into the store: all of it or, on any error, nothing.

        The same file again changes nothing, unless a later delivery has replaced its values: then they become the
        current ones again. A value that differs from the current one becomes the current one and the earlier
        version stays.

        Raises
        ------
        InputError
            The file is not what its reader expects, or its values contradict each other or the store.
        """
        catalogue = catalogue or katalog()
        delivery = sources.read(path, catalogue)
        leser, observations = delivery.leser, delivery.beobachtungen
        digest = sha256(path)
        earlier = self._rows("SELECT max(zeitpunkt) FROM importe WHERE sha256 = ? AND leser = ?", [digest, leser])[0][0]

        check_consistency(self._merged(observations), catalogue, str(path))
        self._db.begin()
        try:
            result = self._write(path, digest, delivery)
            if earlier and result.neu == result.geaendert == 0:
                self._db.rollback()
                return replace(result, schon_importiert=earlier)
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return result

    def _merged(self, observations: pd.DataFrame) -> pd.DataFrame:
        """New observations and the current ones of the same keys and days, as they would stand together."""
        places = observations[["ags", "stichtag"]].drop_duplicates()
        stored = self.observations().merge(places, on=["ags", "stichtag"])
        merged = pd.concat([stored.astype(object), observations.astype(object)], ignore_index=True)
        merged = merged.drop_duplicates(KEY, keep="last")
        return merged.assign(wert=pd.to_numeric(merged.wert))

    def _write(self, path: Path, digest: str, delivery: sources.Lieferung) -> Import:
        db = self._db
        import_id = self._rows("SELECT coalesce(max(id), 0) + 1 FROM importe")[0][0]
        db.register("neu", delivery.beobachtungen[COLUMNS])
        same_key = "a.ags = n.ags AND a.stichtag = n.stichtag AND a.groesse = n.groesse"
        # "not yet delivered" says nothing against a number that is there
        changed = (
            "(a.wert IS DISTINCT FROM n.wert OR a.grund <> n.grund OR a.guete <> n.guete OR a.quelle <> n.quelle) "
            "AND NOT (n.grund = 'spaeter' AND a.wert IS NOT NULL)"
        )
        db.execute(
            "CREATE TEMP TABLE schritt AS SELECT n.*, a.ags IS NULL AS ist_neu, "
            f"a.ags IS NOT NULL AND {changed} AS ist_geaendert "
            "FROM (SELECT * REPLACE (CAST(stichtag AS DATE) AS stichtag, "
            "CASE WHEN isnan(wert) THEN NULL ELSE wert END AS wert) FROM neu) n "
            f"LEFT JOIN beobachtungen a ON {same_key} AND a.ersetzt_durch IS NULL"
        )
        zeilen, neue, geaenderte = self._rows(
            "SELECT count(*), coalesce(count_if(ist_neu), 0), coalesce(count_if(ist_geaendert), 0) FROM schritt"
        )[0]
        db.execute(
            "UPDATE beobachtungen a SET ersetzt_durch = ? FROM schritt n "
            f"WHERE {same_key} AND a.ersetzt_durch IS NULL AND n.ist_geaendert",
            [import_id],
        )
        db.execute(
            f"INSERT INTO beobachtungen SELECT {', '.join(COLUMNS)}, ?, NULL FROM schritt "
            "WHERE ist_neu OR ist_geaendert",
            [import_id],
        )
        db.execute("DROP TABLE schritt")
        left_out = delivery.ausgelassen
        result = Import(path.name, zeilen, neue, geaenderte, zeilen - neue - geaenderte, left_out)
        db.execute(
            "INSERT INTO importe VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                import_id,
                path.name,
                digest,
                delivery.leser,
                dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
                result.zeilen,
                result.neu,
                result.geaendert,
                result.unveraendert,
                sum(left_out.values()),
            ],
        )
        return result

    def observations(self, groessen: list[str] | None = None) -> pd.DataFrame:
        """Current observations, sorted by key.

        Parameters
        ----------
        groessen
            Quantities to return; all if None.

        Returns
        -------
        pandas.DataFrame
            Columns `ags`, `stichtag` (`datetime.date`), `groesse`, `wert` (NaN where `grund` says why), `grund`,
            `guete`, `quelle`.
        """
        return self._frame(
            f"SELECT {', '.join(COLUMNS)} FROM beobachtungen WHERE ersetzt_durch IS NULL "
            "AND (? IS NULL OR list_contains(?, groesse)) ORDER BY ags, stichtag, groesse",
            [groessen, groessen or []],
        )

    def history(self, ags: str, groesse: str) -> pd.DataFrame:
        """All versions of a quantity's values of one key: value, when and by which file, until when.

        Returns
        -------
        pandas.DataFrame
            Columns `stichtag`, `wert`, `grund`, `datei`, `importiert`, `ersetzt`, `ersetzt_durch` (file name),
            sorted by `stichtag` and time of import.
        """
        return self._frame(
            "SELECT b.stichtag, b.wert, b.grund, i.datei, i.zeitpunkt AS importiert, e.zeitpunkt AS ersetzt, "
            "e.datei AS ersetzt_durch FROM beobachtungen b JOIN importe i ON i.id = b.import_id "
            "LEFT JOIN importe e ON e.id = b.ersetzt_durch WHERE b.ags = ? AND b.groesse = ? "
            "ORDER BY b.stichtag, b.import_id",
            [ags, groesse],
        )

    def imports(self) -> pd.DataFrame:
        """Every import with file, SHA-256, reader, time (UTC) and counts, oldest first."""
        return self._frame("SELECT * FROM importe ORDER BY id", [])

    def knows(self, path: Path) -> bool:
        """Whether a file with exactly this content was imported before, by whatever version of its reader."""
        return bool(self._rows("SELECT 1 FROM importe WHERE sha256 = ?", [sha256(path)]))

    def fingerprint(self) -> str:
        """SHA-256 over all current observations: equal stores have equal fingerprints, whenever filled."""
        return self._rows(
            "SELECT sha256(coalesce(string_agg(concat_ws(';', ags, stichtag, groesse, "
            "coalesce(wert::VARCHAR, ''), grund, guete, quelle), chr(10) ORDER BY ags, stichtag, groesse), '')) "
            "FROM beobachtungen WHERE ersetzt_durch IS NULL"
        )[0][0]

    def _rows(self, query: str, parameters: list | None = None) -> list[tuple]:
        return self._ask(query, parameters).fetchall()

    def _frame(self, query: str, parameters: list) -> pd.DataFrame:
        table = self._ask(query, parameters).df()
        if "stichtag" in table:
            table["stichtag"] = table.stichtag.dt.date.astype(object)
        return table

    def _ask(self, query: str, parameters: list | None) -> duckdb.DuckDBPyConnection:
        try:
            return self._db.execute(query, parameters or [])
        except duckdb.Error as error:
            reason = str(error).splitlines()[0][:200]
            raise InputError(f"{self.path}: the store is damaged and cannot be read ({reason})") from None
