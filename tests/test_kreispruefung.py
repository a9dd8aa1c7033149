"""The audit of all reports on a Kreis: it finds what can be computed, and nothing where all is safe."""

import pandas as pd
import pytest

from analysis import indicators, kreispruefung, kreissperrung, regelwerk
from analysis.catalogue import katalog
from analysis.einwohner import einwohner
from analysis.kleinezahlen import protected
from analysis.kreiszellen import COLUMNS
from analysis.release import ordner
from analysis.release.datei import Gesucht
from analysis.release.suche import Kanarien
from analysis.release.zurueckgehalten import Sperre
from analysis.store import Store


def shown(tables: dict[str, pd.DataFrame], hidden: pd.DataFrame) -> pd.DataFrame:
    """Values that reports get where this is withheld."""
    found = []
    for level in ("gemeinde", "planungsraum"):
        werte = indicators.compute(tables[level], katalog())
        found.append(protected(werte, einwohner(tables[level]), regelwerk.load(), hidden, katalog()))
    return pd.concat(found)


@pytest.fixture
def musterkreis(loaded) -> kreissperrung.Bestand:
    return loaded(_decided)


def _decided() -> kreissperrung.Bestand:
    with Store() as store:
        return kreissperrung.decided(store, "99099")


def test_nothing_can_be_computed_from_the_reports_of_the_example(musterkreis):
    now = musterkreis
    assert kreispruefung.computable(shown(now.tables, now.gesperrt), now.cells, now.a, katalog()).empty


def test_a_count_that_only_protects_others_gives_them_away_when_it_is_shown(musterkreis):
    now = musterkreis
    primary = pd.MultiIndex.from_frame(now.cells.loc[now.cells.primaer, COLUMNS])
    alone = now.gesperrt[pd.MultiIndex.from_frame(now.gesperrt).isin(primary)]
    assert len(alone) < len(now.gesperrt)
    found = kreispruefung.computable(shown(now.tables, alone), now.cells, now.a, katalog())
    assert len(found) > 3 and pd.MultiIndex.from_frame(found).isin(primary).any()
    (first, *_) = kreispruefung.names(found, {"99099028": "Dorf"}, katalog())
    assert first.count(",") == 2 and first[-4:].isdigit()


def test_a_secret_count_that_stands_in_a_report_is_found(musterkreis):
    """The register tells what the population statistics withhold: not by small numbers, but by the same people."""
    now = musterkreis
    foreign = now.gesperrt[now.gesperrt.groesse == "melderegister_auslaendisch"]
    values = pd.concat([now.tables["gemeinde"]]).set_index(COLUMNS).wert
    large = [key for key in foreign.itertuples(index=False, name=None) if values[key] >= 3 and key[0] < "99099028"]
    assert large
    told = now.gesperrt[~pd.MultiIndex.from_frame(now.gesperrt).isin(large)]
    found = kreispruefung.computable(shown(now.tables, told), now.cells, now.a, katalog())
    assert set(found.itertuples(index=False, name=None)) >= set(large)


def test_files_of_a_kreis_of_which_a_secret_can_be_computed_are_refused(tmp_path):
    told = Sperre(errechenbar=("Dorf, Arbeitslose, 31.12.2024",))
    files = {tmp_path / "99099_muster" / "01_steckbrief.html": "<!DOCTYPE html><html lang='de'><p>Text</p></html>"}
    (found, *_) = ordner.check_files(files, Gesucht(Kanarien(), told))
    assert str(found).startswith("01_steckbrief.html: a secret count can be computed")
    assert "Dorf, Arbeitslose, 31.12.2024" in str(found)
    (path,) = files
    path.parent.mkdir()
    path.write_text(files[path], encoding="utf-8")
    done = ordner.check_folder(tmp_path, Kanarien(), lambda ags: told if ags == "99099" else Sperre())
    assert any(f.stelle == "99099_muster" and "can be computed" in f.was for f in done.funde)
