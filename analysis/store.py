"""The indicator database: one DuckDB file with observations, their provenance and their earlier versions."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from analysis import bestimmungen, kreisbestand, sources, versionen, workspace
from analysis.bestaende import BESTAENDE, IMPORTE, TABELLEN
from analysis.catalogue import Katalog, katalog
from analysis.consistency import check_consistency, unknown_gemeinden
from analysis.dates import begin_utc
from analysis.duck import as_input
from analysis.errors import InputError
from analysis.files import sha256
from analysis.gebietsstand import carry
from analysis.kreisbestand import Kreisbestand
from analysis.melderegister import conflicts
from analysis.observations import COLUMNS, KEY, grouped
from analysis.planungsraeume import strangers_and_gaps
from analysis.store_file import ask, opened
from analysis.store_writing import withdraw, write_table


@dataclass(frozen=True)
class Import:
    """What one file brought: rows, how many new, changed, known or gone; what was left out, and what not checked.

    `verloren` counts numbers that are now a reason instead.
    """

    datei: str
    zeilen: int
    neu: int
    geaendert: int
    unveraendert: int
    entfallen: int = 0
    ausgelassen: dict[str, int] = field(default_factory=dict)
    verloren: int = 0
    schon_importiert: dt.datetime | None = None
    hinweise: tuple[str, ...] = ()

    @property
    def wirkt(self) -> bool:
        """Whether the file changed anything in the store."""
        return bool(self.neu or self.geaendert or self.entfallen)


class Store:
    """An open indicator database. Use it as a context manager; it closes its file at the end.

    A value is never overwritten: a later delivery sets `ersetzt_durch` of the earlier version to its own
    import, so the current values are the rows where that is empty.
    """

    def __init__(self, path: Path | None = None, read_only: bool = True):
        self.path = Path(path or workspace.store())
        self._db = opened(self.path, read_only)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_) -> None:
        self._db.close()

    def import_file(
        self,
        path: Path,
        catalogue: Katalog | None = None,
        source: str | None = None,
        progress: Callable[[int], object] = lambda done: None,
    ) -> Import:
        """Bring a delivered file into the store: all of it or, on any error, nothing.

        The same file again changes nothing, unless a later delivery has replaced its values: then they become the
        current ones again. A value that differs from the current one becomes the current one and the earlier
        version stays. `source` names the reader; without it the format is recognised. `progress` is called with the
        bytes of the file that are done: when it is read, checked and written.

        Raises
        ------
        InputError
            The file is not what its reader expects, or its values contradict each other or the store.
        """
        catalogue = catalogue or katalog()
        size = path.stat().st_size if path.exists() else 0
        delivery = sources.read(path, catalogue, source)
        leser, observations = delivery.leser, delivery.beobachtungen
        digest = sha256(path)
        earlier = self._rows("SELECT max(zeitpunkt) FROM importe WHERE sha256 = ? AND leser = ?", [digest, leser])[0][0]

        progress(size // 2)
        check_consistency(self._merged(observations), catalogue, str(path))
        open_ends = self._check_planungsraeume(path, delivery.bestaende.get("planungsraeume"))
        self._check_register(path, delivery.bestaende)
        unknown = unknown_gemeinden(observations.ags, self.bestand("gemeinden"))
        progress(size // 4)
        self._db.begin()
        try:
            result = replace(self._write(path, digest, delivery), hinweise=(*open_ends, *unknown.values()))
            self.record_definitions(catalogue)
            progress(size - size // 2 - size // 4)
            if earlier and not result.wirkt:
                self._db.rollback()
                return replace(result, schon_importiert=earlier)
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return result

    def _check_planungsraeume(self, path: Path, raeume: pd.DataFrame | None) -> tuple[str, ...]:
        """Compare Planungsraeume with the Gemeinden and Ortsteile of the store; say what could not be checked."""
        if raeume is None:
            return ()
        errors, open_ends = strangers_and_gaps(raeume, self.bestand("gemeinden"), self.bestand("ortsteile"))
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise InputError(f"{path}: {errors[0]}{more}")
        return tuple(open_ends)

    def _check_register(self, path: Path, bestaende: dict[str, pd.DataFrame]) -> None:
        """Refuse a delivery of a Meldeamt that would spoil the sums of what the store holds."""
        register, ortsteile = bestaende.get("melderegister"), bestaende.get("ortsteile")
        if register is None or ortsteile is None:
            return
        errors = conflicts(register, ortsteile, self.bestand("melderegister"), self.bestand("ortsteile"))
        if errors:
            raise InputError(f"{path}: {errors[0]}" + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""))

    def _merged(self, observations: pd.DataFrame) -> pd.DataFrame:
        """New observations and the current ones of the same keys and days, as they would stand together."""
        self._db.register("orte", as_input(grouped(observations, ["ags", "stichtag"])[1]))
        stored = self._frame(
            f"SELECT {', '.join(COLUMNS)} FROM beobachtungen b WHERE ersetzt_durch IS NULL AND EXISTS "
            "(SELECT 1 FROM orte o WHERE o.ags = b.ags AND o.stichtag::DATE = b.stichtag)",
            [],
        )
        if stored.empty:
            return observations
        merged = pd.concat([stored.astype(object), observations.astype(object)], ignore_index=True)
        merged = merged.drop_duplicates(KEY, keep="last")
        return merged.assign(wert=pd.to_numeric(merged.wert))

    def _write(self, path: Path, digest: str, delivery: sources.Lieferung) -> Import:
        import_id = self._rows("SELECT coalesce(max(id), 0) + 1 FROM importe")[0][0]
        tables = {"beobachtungen": delivery.beobachtungen, **delivery.bestaende}
        counts = [write_table(self._db, name, rows, import_id, path) for name, rows in tables.items() if len(rows)]
        zeilen, neu, geaendert, entfallen = (sum(column) for column in zip(*counts, strict=True)) if counts else [0] * 4
        if "melderegister" in delivery.bestaende:
            entfallen += withdraw(self._db, import_id, delivery.beobachtungen, delivery.bestaende["ortsteile"])
        left_out = delivery.ausgelassen
        lost = self._rows(
            "SELECT count(*) FROM beobachtungen a JOIN beobachtungen n ON n.import_id = a.ersetzt_durch "
            "AND a.ags = n.ags AND a.stichtag = n.stichtag AND a.groesse = n.groesse "
            "WHERE n.import_id = ? AND a.wert IS NOT NULL AND n.wert IS NULL",
            [import_id],
        )[0][0]
        result = Import(path.name, zeilen, neu, geaendert, zeilen - neu - geaendert, entfallen, left_out, verloren=lost)
        row = [import_id, path.name, digest, delivery.leser, _now(), zeilen, neu, geaendert, result.unveraendert]
        columns = ", ".join(IMPORTE)
        self._db.execute(
            f"INSERT INTO importe ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, sum(left_out.values()), entfallen],
        )
        return result

    def observations(self, groessen: list[str] | None = None, bis: int | None = None) -> pd.DataFrame:
        """Current observations, or those of an earlier moment, sorted by key.

        Parameters
        ----------
        groessen
            Quantities to return; all if None.
        bis
            Number of an import: the observations as they stood right after it (0: before the first one).

        Returns
        -------
        pandas.DataFrame
            Columns `ags`, `stichtag` (`datetime.date`), `groesse`, `wert` (NaN where `grund` says why), `grund`,
            `guete`, `quelle`.
        """
        return self._frame(
            f"SELECT {', '.join(COLUMNS)} FROM beobachtungen WHERE {versionen.as_of()} "
            "AND ($alle OR list_contains($groessen, groesse)) ORDER BY ags, stichtag, groesse",
            {"bis": versionen.LETZTER if bis is None else bis, "alle": groessen is None, "groessen": groessen or []},
        )

    def bestand(self, name: str, kreis: str = "") -> pd.DataFrame:
        """Current rows of a table of `analysis.bestaende.BESTAENDE`, sorted by key; dates as `datetime.date`.

        With a Kreis only its own rows.
        """
        table = BESTAENDE[name]
        own = f"AND {kreisbestand.GEBIET[name]}[:5] = ?" if kreis else ""
        return self._frame(
            f"SELECT {', '.join(table.spalten)} FROM {name} WHERE ersetzt_durch IS NULL {own} "
            f"ORDER BY {', '.join(table.schluessel)}",
            [kreis] if kreis else [],
        )

    def carried(self, groessen: list[str], stand: dt.date, gewicht: str = "bevoelkerung") -> pd.DataFrame:
        """Counts of all Gemeinden as they would stand on another territorial date, by the imported Umsteiger.

        Every value up to that date is carried from the territory of its own day; see `analysis.gebietsstand.carry`
        for columns, estimates and errors.
        """
        observations = self.observations(groessen)
        of_gemeinden = observations.ags.str.fullmatch("[0-9]{8}") & (observations.stichtag <= stand)
        return carry(
            observations[of_gemeinden], self.bestand("umstieg"), katalog(), stand, gewicht=gewicht,
            gemeinden=self.bestand("gemeinden"),
        )  # fmt: skip

    def changes(self, since: dt.date) -> pd.DataFrame:
        """Every value that a delivery replaced or withdrew since that day, oldest first.

        Returns
        -------
        pandas.DataFrame
            Columns `tabelle`, `was` (key as text: `16077 2019-12-31 bevoelkerung`), `vorher`, `nachher` (values as
            text; the reason where there is no value, empty where the row is gone), `datei`, `importiert` (UTC),
            `vorher_datei`.
        """
        return self._frame(versionen.changes(), {"seit": begin_utc(since)})

    def last_import(self, before: dt.datetime) -> int:
        """Number of the last import before a moment (UTC); 0 where there was none."""
        return self._rows("SELECT coalesce(max(id), 0) FROM importe WHERE zeitpunkt < ?", [before])[0][0]

    def last_change(self, kreis: str) -> dt.datetime | None:
        """Moment (UTC) of the newest import that brought, changed or withdrew a value of the Kreis or its areas."""
        return self._rows(
            "SELECT max(i.zeitpunkt) FROM importe i JOIN beobachtungen b ON i.id IN (b.import_id, b.ersetzt_durch) "
            "WHERE starts_with(b.ags, ?)",
            [kreis],
        )[0][0]

    def revisions(self, bis: int) -> pd.DataFrame:
        """Every observation that was there right after import `bis` and has another value or reason now, or is gone.

        Returns
        -------
        pandas.DataFrame
            `ags`, `stichtag`, `groesse`; `vorher_wert`, `vorher_grund`, `vorher_quelle`, `vorher_datei`; `wert`,
            `grund`, `quelle` (all missing where the row is gone); `datei`, `zeitpunkt` (UTC) and `import_id` of the
            import that brought the present value or withdrew the last one. Versions in between are passed over.
        """
        return self._frame(versionen.revisions(), {"bis": bis})

    def record_definitions(self, catalogue: Katalog, moment: dt.datetime | None = None) -> None:
        """Note the rule of each indicator where it differs from the one noted last; an empty rule where it is gone."""
        moment = moment or _now()
        now, noted = bestimmungen.table(catalogue), self.definitions()
        gone = noted[~noted.indikator.isin(now.indikator)].assign(rechenregel="")
        both = pd.concat([now, gone[bestimmungen.COLUMNS]])
        known = dict(zip(noted.indikator, noted.rechenregel, strict=True))
        new = both[both.rechenregel != both.indikator.map(known)]
        number = self._rows("SELECT coalesce(max(nummer), 0) + 1 FROM bestimmungen")[0][0]
        if len(new):
            self._db.register("neu", as_input(new))
            columns = ", ".join(bestimmungen.COLUMNS)
            self._db.execute(f"INSERT INTO bestimmungen SELECT ?, {columns}, ? FROM neu", [number, moment])
            self._db.unregister("neu")

    def definitions(self, before: dt.datetime | None = None) -> pd.DataFrame:
        """Newest noted rule of each indicator, before a moment (UTC) if one is given.

        Rules are noted at every import and at every `kreisblick run` on the workspace's own store.

        Returns
        -------
        pandas.DataFrame
            Columns `indikator`, `label`, `rechenregel` (see `analysis.bestimmungen`), `zeitpunkt` (UTC).
        """
        return self._frame(versionen.BESTIMMUNGEN, {"seit": before})

    def first_definition(self) -> dt.datetime | None:
        """Moment (UTC) from which on rules were noted; None where none is."""
        return self._rows("SELECT min(zeitpunkt) FROM bestimmungen")[0][0]

    def history(self, ags: str, groesse: str) -> pd.DataFrame:
        """All versions of a quantity's values of one key: value, when and by which file, until when.

        Returns
        -------
        pandas.DataFrame
            Columns `stichtag`, `wert`, `grund`, `datei`, `importiert`, `ersetzt`, `ersetzt_durch` (file name),
            sorted by `stichtag` and time of import.
        """
        return self._frame(versionen.HISTORY, {"ags": ags, "groesse": groesse})

    def imports(self) -> pd.DataFrame:
        """Every import with file, SHA-256, reader, time (UTC) and counts, oldest first."""
        return self._frame("SELECT * FROM importe ORDER BY id", [])

    def imported(self) -> set[str]:
        """SHA-256 of every file that was imported, by whatever version of its reader."""
        return {digest for (digest,) in self._rows("SELECT DISTINCT sha256 FROM importe")}

    def fingerprint(self) -> str:
        """SHA-256 over everything current: equal stores have equal fingerprints, whenever filled."""
        digests = []
        for name, table in TABELLEN.items():
            row = f"concat_ws(';', {', '.join(f'coalesce({c}::VARCHAR, {chr(39) * 2})' for c in table.spalten)})"
            order = ", ".join(table.schluessel)
            digests += self._rows(
                f"SELECT '{name}', sha256(string_agg({row}, chr(10) ORDER BY {order})) "
                f"FROM {name} WHERE ersetzt_durch IS NULL HAVING count(*) > 0"
            )
        return hashlib.sha256(repr(sorted(digests)).encode()).hexdigest()

    def kreisbestaende(self, kreise: list[str]) -> dict[str, Kreisbestand]:
        """Digests of what reports on each of these Kreise may read (see `Kreisbestand`)."""
        current, ever = self._of_kreise(kreise, verlauf=False), self._of_kreise(kreise, verlauf=True)
        return {ags: Kreisbestand(current[ags], ever[ags]) for ags in kreise}

    def kreisstand(self, kreis: str) -> str:
        """Digest of the current rows that reports on a Kreis may read (`Kreisbestand.stand`)."""
        return self._of_kreise([kreis], verlauf=False)[kreis]

    def _of_kreise(self, kreise: list[str], *, verlauf: bool) -> dict[str, str]:
        others: dict[str, list[str]] = {ags: [] for ags in kreise}
        for ags, other in self._rows(kreisbestand.joined()):
            if ags in others:
                others[ags].append(other)
        parts = {ags: [kreisbestand.GEMEINSAM, ags, *sorted(others[ags])] for ags in kreise}
        named = sorted({part for both in parts.values() for part in both})
        own = dict(self._rows(kreisbestand.digests(named, verlauf=verlauf)))
        texts = {ags: " ".join(own.get(part, "") for part in both) for ags, both in parts.items()}
        return {ags: hashlib.sha256(text.encode()).hexdigest() for ags, text in texts.items()}

    def _rows(self, query: str, parameters: list | None = None) -> list[tuple]:
        return ask(self._db, self.path, query, parameters).fetchall()

    def _frame(self, query: str, parameters: list | dict) -> pd.DataFrame:
        answer = ask(self._db, self.path, query, parameters)
        dates = [column for column, kind, *_ in answer.description if str(kind) == "DATE"]
        table = answer.df()
        for column in dates:
            table[column] = table[column].dt.date.astype(object).where(table[column].notna(), None)
        return table


def _now() -> dt.datetime:
    """Present second in UTC, as the store records moments."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
