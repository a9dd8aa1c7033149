import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from conftest import ROOT

from analysis.errors import InputError
from analysis.store import Store

TOTAL = "16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere"
YOUNG = "16077;2019-12-31;bevoelkerung_unter_18;12365;;;thueringer_broschuere"
MIDDLE = "16077;2019-12-31;bevoelkerung_18_64;49451;;;thueringer_broschuere"
OLD = "16077;2019-12-31;bevoelkerung_ab_65;27577;;;thueringer_broschuere"
RATE = "16077;2019-12-31;arbeitslosenquote;7,10;;;thueringer_broschuere"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        yield store


def state(store):
    return store.fingerprint(), len(store.imports()), len(store._rows("SELECT * FROM beobachtungen"))


def test_the_same_file_twice_changes_nothing(store, tidy_file):
    file = tidy_file(TOTAL, YOUNG, MIDDLE, OLD)
    first = store.import_file(file)
    assert (first.zeilen, first.neu, first.geaendert, first.unveraendert) == (4, 4, 0, 0)
    before = state(store)
    again = store.import_file(file)
    assert again.schon_importiert and again.neu == again.geaendert == 0
    assert state(store) == before


def test_another_file_with_the_same_values_is_recorded_but_changes_no_value(store, tidy_file):
    store.import_file(tidy_file(TOTAL))
    fingerprint = store.fingerprint()
    done = store.import_file(tidy_file(TOTAL, RATE, name="zweite.csv"))
    assert (done.neu, done.geaendert, done.unveraendert) == (1, 0, 1)
    assert store.fingerprint() != fingerprint
    assert store.imports().datei.tolist() == ["lieferung.csv", "zweite.csv"]


def test_a_changed_value_keeps_its_earlier_version_and_says_which_file_changed_it(store, tidy_file):
    store.import_file(tidy_file(RATE))
    done = store.import_file(tidy_file(RATE.replace("7,10", "7,20"), name="korrektur.csv"))
    assert (done.neu, done.geaendert) == (0, 1)
    assert store.observations().wert.tolist() == [7.2]
    history = store.history("16077", "arbeitslosenquote")
    assert history.wert.tolist() == [7.1, 7.2]
    assert history.datei.tolist() == ["lieferung.csv", "korrektur.csv"]
    assert history.ersetzt_durch.tolist()[0] == "korrektur.csv" and history.ersetzt.isna().tolist() == [False, True]


def test_a_wrong_correction_is_taken_back_by_delivering_the_first_file_again(store, tidy_file):
    first = tidy_file(RATE)
    store.import_file(first)
    store.import_file(tidy_file(RATE.replace("7,10", "9,90"), name="falsch.csv"))
    assert store.import_file(first).geaendert == 1
    assert store.observations().wert.tolist() == [7.1]
    assert store.history("16077", "arbeitslosenquote").wert.tolist() == [7.1, 9.9, 7.1]


def test_a_value_can_become_secret_and_the_reason_stays(store, tidy_file):
    store.import_file(tidy_file(RATE))
    store.import_file(tidy_file(RATE.replace(";7,10;;", ";;geheim;"), name="geheim.csv"))
    row = store.observations().iloc[0]
    assert row.grund == "geheim" and row.wert != row.wert


def test_equal_stores_have_equal_fingerprints_whenever_and_however_filled(tmp_path, tidy_file):
    with Store(tmp_path / "a.duckdb", read_only=False) as a, Store(tmp_path / "b.duckdb", read_only=False) as b:
        a.import_file(tidy_file(TOTAL, RATE))
        b.import_file(tidy_file(RATE, name="1.csv"))
        b.import_file(tidy_file(TOTAL, name="2.csv"))
        assert a.fingerprint() == b.fingerprint()


def test_a_published_count_may_be_above_its_whole_by_its_rounding(store, tidy_file):
    old = "16077;2021-12-31;bevoelkerung_ab_65;8;;;tls"
    benefits = "16077;2021-12-31;grundsicherung_ab_altersgrenze;{};;;tls"  # published in multiples of 5
    assert store.import_file(tidy_file(old, benefits.format(10))).neu == 2
    with pytest.raises(InputError, match="numerator larger than denominator for grundsicherung_im_alter .* 15 > 8"):
        store.import_file(tidy_file(old, benefits.format(15), name="mehr.csv"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((TOTAL, YOUNG, MIDDLE), r"row 2, 3, 4: the parts of bevoelkerung in 16077 \(Altenburger Land\), "
         r"Stichtag 31.12.2019 are incomplete: bevoelkerung_ab_65 is missing \(is the file truncated\?\)"),
        ((TOTAL, YOUNG, MIDDLE, OLD.replace("27577", "27578")), "row .*: the parts .* add up to 89394, expected 89393"),
        ((TOTAL.replace("89393", "120"), YOUNG.replace("12365", "130"), MIDDLE, OLD),
         "row .*: numerator larger than denominator for anteil_unter_18 in 16077 .* 130 > 120"),
    ],
)  # fmt: skip
def test_values_that_contradict_each_other_are_refused_and_the_store_stays(store, tidy_file, rows, message):
    store.import_file(tidy_file(RATE))
    before = state(store)
    with pytest.raises(InputError, match=message):
        store.import_file(tidy_file(*rows, name="falsch.csv"))
    assert state(store) == before


def test_values_that_contradict_the_store_are_refused(store, tidy_file):
    store.import_file(tidy_file(TOTAL, YOUNG, MIDDLE, OLD))
    with pytest.raises(InputError, match="add up to 89393, expected 89400"):
        store.import_file(tidy_file(TOTAL.replace("89393", "89400"), name="neu.csv"))
    assert store.observations(["bevoelkerung"]).wert.tolist() == [89393]


def test_a_secret_part_is_no_contradiction(store, tidy_file):
    rows = (TOTAL, YOUNG.replace(";12365;;", ";;geheim;"), MIDDLE, OLD)
    assert store.import_file(tidy_file(*rows)).neu == 4


def test_an_import_that_is_killed_half_way_changes_nothing(tmp_path, tidy_file):
    """The process dies by SIGKILL after the rows were written and before the transaction ended."""
    path = tmp_path / "s.duckdb"
    with Store(path, read_only=False) as store:
        store.import_file(tidy_file(RATE))
        before = state(store)
    new = tidy_file(TOTAL, YOUNG, MIDDLE, OLD, RATE.replace("7,10", "9,90"), name="neu.csv")
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from analysis.store import Store
        write = Store._write
        def write_and_die(self, *arguments):
            write(self, *arguments)
            assert self._rows("SELECT count(*) FROM beobachtungen")[0][0] == 6
            os.kill(os.getpid(), signal.SIGKILL)
        Store._write = write_and_die
        with Store(Path({str(path)!r}), read_only=False) as store:
            store.import_file(Path({str(new)!r}))
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    with Store(path, read_only=False) as store:
        assert state(store) == before
        assert store.import_file(new).neu == 4  # and the same file goes in afterwards


def test_an_error_inside_the_transaction_leaves_nothing(store, tidy_file, monkeypatch):
    before = state(store)
    write = Store._write

    def write_and_fail(self, *arguments):
        write(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "_write", write_and_fail)
    with pytest.raises(KeyboardInterrupt):
        store.import_file(tidy_file(RATE))
    monkeypatch.undo()
    assert state(store) == before
    assert store.import_file(tidy_file(RATE)).neu == 1


def test_a_store_that_is_none_or_not_there_or_busy_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no store yet"):
        Store(tmp_path / "fehlt.duckdb")
    (tmp_path / "text.duckdb").write_text("kein Speicher, nur Text " * 400)
    with pytest.raises(InputError, match="not a readable store"):
        Store(tmp_path / "text.duckdb")
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()",
         str(tmp_path / "busy.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(InputError, match="another process is writing"):
            Store(tmp_path / "busy.duckdb", read_only=False)
    finally:
        holder.communicate("\n", timeout=20)


def test_a_database_of_something_else_is_refused_and_stays_as_it_is(tmp_path):
    import duckdb

    path = tmp_path / "fremd.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE kunden (name TEXT)")
    for read_only in (True, False):
        with pytest.raises(InputError, match="not a store of Kreisblick"):
            Store(path, read_only=read_only)
    with duckdb.connect(str(path)) as other:
        assert other.execute("SHOW TABLES").fetchall() == [("kunden",)]


def test_a_truncated_store_and_a_path_that_is_none_are_named(tmp_path, shipped_store):
    content = shipped_store.read_bytes()
    for length in (5, 5_000, len(content) // 2, len(content) * 3 // 4, len(content) - 1):
        (tmp_path / "kurz.duckdb").write_bytes(content[:length])
        expected = pytest.raises(InputError, match=r"kurz\.duckdb: (not a readable store|the store is damaged)")
        with expected, Store(tmp_path / "kurz.duckdb") as store:
            store.observations()
    (tmp_path / "datei").write_text("x")
    for path in (tmp_path / "datei" / "s.duckdb", tmp_path / ("x" * 300), tmp_path / ":memory:"):
        with pytest.raises(InputError, match="cannot be opened|not a readable store|a store is a file"):
            Store(path, read_only=False)


def test_a_store_whose_last_blocks_were_freed_is_whole_and_can_still_be_truncated(tmp_path, shipped_store):
    import duckdb

    with Store(shipped_store) as store:
        before = store.fingerprint()
    whole = shipped_store.stat().st_size
    boundary = "SELECT DATE '2023-12-31', range::TEXT, '', repeat(md5(range::TEXT), 300), 1, NULL FROM range(1000)"
    for statement in (f"INSERT INTO grenzen {boundary}", "DELETE FROM grenzen"):
        with duckdb.connect(str(shipped_store)) as db:
            db.execute(statement)
    with duckdb.connect(str(shipped_store)) as db:
        block, blocks = db.execute("SELECT block_size, total_blocks FROM pragma_database_size()").fetchall()[0]
    size = shipped_store.stat().st_size
    assert whole <= size < 3 * 4096 + blocks * block
    for read_only in (True, False, True):
        with Store(shipped_store, read_only) as store:
            assert store.fingerprint() == before
    content = shipped_store.read_bytes()
    for length in (size - 1, size - 4096, size - block, size - 2 * block):
        short = tmp_path / f"kurz_{length}.duckdb"
        short.write_bytes(content[:length])
        with pytest.raises(InputError, match=r"kurz_.*: (not a readable store|the store is damaged)"):
            Store(short)


def test_a_store_is_never_fetched_from_anywhere(tmp_path, monkeypatch):
    """What looks like an address is a local file; a database of another kind loads no extension."""
    import sqlite3

    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "md:kreis.duckdb", read_only=False) as store:
        assert store._rows("SELECT current_setting('autoinstall_known_extensions')") == [(False,)]
    with sqlite3.connect("sqlite.db") as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(InputError, match="not a readable store"):
        Store(tmp_path / "sqlite.db")


def test_the_shipped_figures_are_180_and_the_reference_values(shipped_store):
    with Store(shipped_store) as store:
        observations = store.observations()
        assert (observations.quelle == "thueringer_broschuere").sum() == 180
        assert observations[observations.quelle == "thueringer_broschuere"].ags.nunique() == 15
        assert store.observations(["mindestsicherung_empfaenger"]).wert.tolist() == [8938]


def test_a_store_of_the_first_form_is_brought_up_to_date_and_keeps_its_values(tmp_path, tidy_file):
    import duckdb

    path = tmp_path / "alt.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(
            "CREATE TABLE importe (id INTEGER PRIMARY KEY, datei TEXT NOT NULL, sha256 TEXT NOT NULL, leser TEXT NOT "
            "NULL, zeitpunkt TIMESTAMP NOT NULL, zeilen INTEGER NOT NULL, neu INTEGER NOT NULL, geaendert INTEGER NOT "
            "NULL, unveraendert INTEGER NOT NULL, ausgelassen INTEGER NOT NULL)"
        )
        db.execute(
            "CREATE TABLE beobachtungen (ags TEXT NOT NULL, stichtag DATE NOT NULL, groesse TEXT NOT NULL, wert DOUBLE,"
            " grund TEXT NOT NULL, guete TEXT NOT NULL, quelle TEXT NOT NULL, import_id INTEGER NOT NULL, "
            "ersetzt_durch INTEGER, CHECK ((wert IS NULL) = (grund <> '')))"
        )
        db.execute("INSERT INTO importe VALUES (1, 'a.csv', 'x', 'tidy 1', '2026-01-01', 1, 1, 0, 0, 0)")
        db.execute(
            "INSERT INTO beobachtungen VALUES ('16077', '2019-12-31', 'bevoelkerung', 89393, '', '', "
            "'thueringer_broschuere', 1, NULL)"
        )
    with pytest.raises(InputError, match="of an earlier version"):
        Store(path)
    with Store(path, read_only=False) as store:
        assert store.import_file(tidy_file(TOTAL)).unveraendert == 1
        assert store.imports().entfallen.tolist() == [0, 0]
    with Store(path) as store:
        assert store.observations().wert.tolist() == [89393]


def test_a_complete_delivery_withdraws_what_it_no_longer_holds(store, tmp_path):

    import pandas as pd

    from analysis.sources import Lieferung

    columns = ["kreis", "planungsraum", "mitglied", "ab", "bis", "name"]
    day = dt.date(2020, 1, 1)
    first = [
        ["99099", "99099.nord", "99099001", day, None, "Nord"],
        ["99099", "99099.sued", "99099002", day, None, "S"],
    ]
    other = [["16077", "16077.nord", "16077001", day, None, "Nord"]]
    for rows, gone in ((first, 0), (other, 0), (first[:1], 1)):
        delivery = Lieferung("probe 1", bestaende={"planungsraeume": pd.DataFrame(rows, columns=columns)})
        assert store._write(tmp_path / "x.yaml", "0", delivery).entfallen == gone
    table = store.bestand("planungsraeume")
    assert table.planungsraum.tolist() == ["16077.nord", "99099.nord"] and table.bis.tolist() == [None, None]
    changes = store.changes(day)
    assert changes.was.tolist() == ["99099 99099.sued 99099002 2020-01-01"] and changes.nachher.tolist() == [""]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["bevoelkerung;0", "bevoelkerung_maennlich;40000"],
            "bevoelkerung_maennlich .* is 40000, more than bevoelkerung",
        ),
        (
            ["arbeitslose;5", "arbeitslose_sgb2;10", "arbeitslose_sgb3;;geheim"],
            "add up to 10, expected 5|more than arbeits",
        ),
        (["arbeitslose;102", "arbeitslose_ab_55;9999"], "arbeitslose_ab_55 .* is 9999, more than arbeitslose"),
        (
            ["bevoelkerung;100", "bevoelkerung_maennlich;40", "bevoelkerung_weiblich;50"],
            "bevoelkerung_maennlich and bevoelkerung_weiblich .* add up to 90, expected 100",
        ),
    ],
)
def test_a_part_never_exceeds_its_whole_and_the_sexes_add_up(store, tidy_file, rows, message):
    file = tidy_file(*(f"99099;2023-12-31;{row}{';' * (4 - row.count(';'))}musterkreis" for row in rows))
    with pytest.raises(InputError, match=message):
        store.import_file(file)
    assert store.observations().empty


def test_the_same_value_from_another_source_is_no_change(store, tidy_file):
    store.import_file(tidy_file("99099;2023-12-31;bevoelkerung;100;;;musterkreis"))
    done = store.import_file(tidy_file("99099;2023-12-31;bevoelkerung;100;;;genesis", name="zweite.csv"))
    assert (done.geaendert, done.unveraendert) == (0, 1)
    assert store.observations().quelle.tolist() == ["genesis"]
    assert store.changes(dt.date(2020, 1, 1)).empty


def test_not_yet_delivered_says_nothing_against_a_secret(store, tidy_file):
    store.import_file(tidy_file("99099;2023-12-31;bevoelkerung;;geheim;;musterkreis"))
    store.import_file(tidy_file("99099;2023-12-31;bevoelkerung;;spaeter;;musterkreis", name="zweite.csv"))
    assert store.observations().grund.tolist() == ["geheim"]
