"""Kept results are those of the same state, the same code and the same packages, or none."""

import json
import shutil

import pandas as pd
import pytest

from analysis import ablage, ausgaben, kreissperrung
from analysis.release import sperre
from analysis.store import Store

COUNT = {"ags": "99099001", "groesse": "sgb2_lb", "wert": 4, "gezeigt": 1, "rundung": 0}


@pytest.fixture
def times():
    """Function whose result tells how often it was called."""
    calls = []

    def make() -> dict:
        calls.append(1)
        return {"mal": len(calls), "text": "größer", "leer": None}

    return make


def test_a_result_is_made_once_for_each_state(tmp_path, times):
    store = tmp_path / "s.duckdb"
    first = ablage.kept(store, "a", "eins", times)
    assert first == ablage.kept(store, "a", "eins", times) == {"mal": 1, "text": "größer", "leer": None}
    assert ablage.kept(store, "b", "eins", times)["mal"] == 2
    assert ablage.kept(store, "a", "zwei", times)["mal"] == 3
    assert ablage.kept(store, "a", "eins", times)["mal"] == 4  # the newest state alone is kept
    assert ablage.kept(tmp_path / "anderswo" / "s.duckdb", "a", "eins", times)["mal"] == 5


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', '{"stand": "x"}', '{"inhalt": {"mal": 9}}', "\udcff"])
def test_a_broken_file_is_made_anew(tmp_path, times, content):
    store = tmp_path / "s.duckdb"
    ablage.kept(store, "a", "eins", times)
    (file,) = (tmp_path / "ablage").iterdir()
    file.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert ablage.kept(store, "a", "eins", times)["mal"] == 2
    assert json.loads(file.read_text(encoding="utf-8"))["inhalt"]["mal"] == 2


def test_where_nothing_can_be_kept_it_is_made_each_time(tmp_path, times):
    (tmp_path / "ablage").write_text("no folder")
    assert [ablage.kept(tmp_path / "s.duckdb", "a", "eins", times)["mal"] for _ in range(2)] == [1, 2]


def test_other_code_and_other_packages_make_it_anew(tmp_path, times, monkeypatch):
    store = tmp_path / "s.duckdb"
    ablage.kept(store, "a", "eins", times)
    with monkeypatch.context() as later:
        later.setattr(ablage, "installed", lambda: ["3.99"])
        assert ablage.kept(store, "a", "eins", times)["mal"] == 2
    with monkeypatch.context() as later:
        later.setattr(ablage, "_GELADEN", "0")  # the files are not those that were loaded
        assert ablage.kept(store, "a", "eins", times)["mal"] == 3
    assert ablage.kept(store, "a", "eins", times)["mal"] == 4


def test_what_a_kreis_withholds_is_read_as_it_was_decided(whole_store, tmp_path, monkeypatch):
    path = shutil.copy(whole_store, tmp_path / "store.duckdb")
    with Store(path) as store:
        decided = kreissperrung.decided(store, "99099").gesperrt
        secret = sperre.withheld(store, "99099")
        made = [(f(store, "99099")) for f in (kreissperrung.gesperrt, kreissperrung.gruppenbreiten, sperre.kept)]
    monkeypatch.setattr(kreissperrung, "_decided", lambda *_: pytest.fail("it was decided again"))
    with Store(path) as store:
        read = [(f(store, "99099")) for f in (kreissperrung.gesperrt, kreissperrung.gruppenbreiten, sperre.kept)]
    for one, other in zip(made[:2], read[:2], strict=True):
        pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(read[0], decided, check_dtype=False)
    assert len(decided) and len(read[1]) and read[2] == made[2] == secret and secret.anzahl


def test_a_decision_follows_figures_rules_and_earlier_reports(shipped_store, tmp_path, monkeypatch):
    path, root = shipped_store, tmp_path / "ws"
    for folder in ("notebooks", "analysis", "data/local"):
        (root / folder).mkdir(parents=True)
    monkeypatch.chdir(root)
    states = []

    def note() -> None:
        with Store(path) as store:
            states.append(kreissperrung.stand(store, "99099"))

    note()
    note()
    assert states[0] == states[1]
    (root / "data" / "local" / "vertraulichkeit.yaml").write_text("vorgabe: {mindestzahl: 5}\n", encoding="utf-8")
    note()
    counts = pd.DataFrame([COUNT | {"stichtag": pd.Timestamp("2024-12-31").date()}])
    ausgaben.record(ausgaben.file_of(path, "99099"), "frueher", counts)
    note()
    file = tmp_path / "tidy.csv"
    file.write_text(
        "ags;stichtag;groesse;wert;grund;guete;quelle\n99099001;2024-12-31;siedlungsflaeche_anteil;21,0;;;musterkreis\n",
        encoding="utf-8",
    )
    with Store(path, read_only=False) as store:
        store.import_file(file)
    note()
    assert len(set(states)) == 4
