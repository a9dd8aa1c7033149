import datetime as dt

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources import planungsraeume
from analysis.sources.lieferung import Lieferung
from analysis.store import Store

DAY = dt.date(2020, 1, 1)
NORD = {"schluessel": "99099.nord", "name": "Planungsraum Nord", "ab": DAY, "mitglieder": ["99099001", "99099002"]}
STADT = {"schluessel": "99099.stadt", "name": "Planungsraum Stadt", "ab": DAY,
         "mitglieder": ["99099003.altstadt", "99099003.suedviertel"]}  # fmt: skip


@pytest.fixture
def raeume(tmp_path):
    def write(*entries: dict, kreis: str = "99099"):
        path = tmp_path / "planungsraeume.yaml"
        content = {"planungsraeume": {"kreis": kreis, "raeume": list(entries)}}
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Store with three Gemeinden and two Ortsteile of the Musterkreis, brought in through the import itself."""
    gemeinden = pd.DataFrame(
        [{"stand": dt.date(2019, 12, 31), "ags": f"9909900{n}", "ars": "", "name": f"Gemeinde {n}", "verband": "",
          "flaeche_km2": 1.0, "laenge": 11.0, "breite": 51.0, "plz": "", "verstaedterung": ""} for n in (1, 2, 3)]
    )  # fmt: skip
    ortsteile = pd.DataFrame(
        [{"ortsteil": f"99099003.{name}", "amt": "99099_stadt", "name": name, "ab": None, "bis": None,
          "darf_fehlen": False} for name in ("altstadt", "suedviertel")]
    )  # fmt: skip
    held = {"gemeinden": gemeinden, "ortsteile": ortsteile}

    def open_store(*names: str) -> Store:
        opened = Store(tmp_path / f"{'_'.join(names) or 'leer'}.duckdb", read_only=False)
        file = tmp_path / "bestand.csv"
        for name in names:
            file.write_text(name)
            with monkeypatch.context() as patch:
                patch.setattr(sources, "read", lambda *_, name=name: Lieferung("t 1", bestaende={name: held[name]}))
                opened.import_file(file)
        return opened

    return open_store


def test_members_with_their_dates_reach_the_store(raeume, store):
    path = raeume(
        {**NORD, "bis": dt.date(2021, 12, 31)},
        {**NORD, "ab": dt.date(2022, 1, 1), "name": "Nordraum"},
        {**STADT, "mitglieder": ["99099003.altstadt", {"mitglied": "99099003.suedviertel", "ab": DAY}]},
    )
    with store("gemeinden", "ortsteile") as opened:
        done = opened.import_file(path)
        table = opened.bestand("planungsraeume")
    assert (done.neu, done.hinweise) == (6, ())
    nord = table[table.planungsraum == "99099.nord"]
    assert nord.bis.tolist() == [dt.date(2021, 12, 31), None] * 2
    assert nord.name.tolist() == ["Planungsraum Nord", "Nordraum"] * 2
    assert sources.reader(sources.probe(path)) == "planungsraeume"


def test_a_later_file_replaces_the_earlier_one(raeume, store):
    with store() as opened:
        opened.import_file(raeume(NORD, STADT))
        opened.import_file(raeume({**NORD, "mitglieder": ["99099001", "99099002", "99099003"]}))
        assert opened.bestand("planungsraeume").mitglied.tolist() == ["99099001", "99099002", "99099003"]


def test_what_cannot_be_checked_is_said(raeume, store):
    with store() as opened:
        said = opened.import_file(raeume(NORD)).hinweise
    assert [s.partition(":")[0] for s in said] == [
        "the store holds no Gemeinden of 99099",
        "the store holds no Ortsteile of 99099",
    ]
    with store("gemeinden") as opened:
        assert len(opened.import_file(raeume(NORD, STADT)).hinweise) == 1


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{**NORD, "schluessel": "16077.nord"}], "the key is not of the Kreis 99099"),
        ([{**NORD, "schluessel": "99099.Nord"}], r"raeume\.1\.schluessel: '99099.Nord' does not match"),
        ([{**NORD, "mitglieder": ["16077001"]}], "member 16077001 is not in the Kreis 99099"),
        ([{**NORD, "mitglieder": []}], "should be non-empty|is too short"),
        ([{**NORD, "mitglieder": [99099001]}], r"mitglieder\.1: 99099001 is not valid"),
        ([{**NORD, "bis": dt.date(2019, 12, 31)}], r"bis 31.12.2019 is before ab 01.01.2020"),
        ([{**NORD, "ab": "2020-01-01"}], "ab is '2020-01-01'; expected a date without quotes"),
        ([{**NORD, "ab": "Januar 2020"}], r"raeume\.1\.ab: 'Januar 2020' does not match"),
        ([{**NORD, "mitglieder": [{"mitglied": "99099001", "ab": dt.date(2019, 1, 1)}]}], "outside those of its Plan"),
        ([NORD, {**STADT, "mitglieder": ["99099002"]}],
         "99099002 is in 99099.nord and 99099.stadt from 01.01.2020; expected one Planungsraum per day"),
        ([{**NORD, "bis": dt.date(2021, 1, 1)}, {**STADT, "ab": dt.date(2021, 1, 1), "mitglieder": ["99099001"]}],
         "99099001 is in 99099.nord and 99099.stadt from 01.01.2021"),
        ([{**NORD, "mitglieder": ["99099001", "99099001"]}], "99099001 is in 99099.nord twice|non-unique"),
        ([{**NORD, "mitglieder": ["99099003"]}, STADT],
         r"99099003.altstadt is in 99099.stadt and 99099.nord \(through its Gemeinde 99099003\) .* \(and 1 more\)"),
    ],
)  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused(raeume, entries, message):
    with pytest.raises(InputError, match=message):
        planungsraeume.read(raeume(*entries), katalog())


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([NORD], r"Gemeinde 99099003 is in no Planungsraum; .* \(on 01.01.2020\)"),
        ([NORD, {**STADT, "bis": dt.date(2021, 12, 31)}], r"Gemeinde 99099003 is in no .* \(on 01.01.2022\)"),
        ([NORD, {**STADT, "ab": dt.date(2020, 7, 1)}], r"Gemeinde 99099003 is in no .* \(on 01.01.2020\)"),
        ([NORD, {**STADT, "mitglieder": ["99099003.altstadt"]}], "Ortsteil 99099003.suedviertel is in no Planungsraum"),
        ([NORD, {**STADT, "mitglieder": [*STADT["mitglieder"], "99099003.west"]}],
         "99099003.west is no Ortsteil of a Meldeamt"),
        ([{**NORD, "mitglieder": ["99099001", "99099002", "99099004"]}, STADT],
         "99099004 is no Gemeinde of the Kreis by the Gemeinden of 31.12.2019"),
    ],
)  # fmt: skip
def test_strangers_and_gaps_are_refused_by_the_import(raeume, store, entries, message):
    with store("gemeinden", "ortsteile") as opened:
        before = opened.fingerprint()
        with pytest.raises(InputError, match=message):
            opened.import_file(raeume(*entries))
        assert opened.fingerprint() == before and opened.bestand("planungsraeume").empty


def test_days_on_which_no_planungsraum_is_valid_are_no_gap(raeume, store):
    earlier = [{**entry, "bis": dt.date(2020, 12, 31)} for entry in (NORD, STADT)]
    later = [{**entry, "ab": dt.date(2022, 1, 1)} for entry in (NORD, STADT)]
    with store("gemeinden", "ortsteile") as opened:
        assert opened.import_file(raeume(*earlier, *later)).neu == 8


def test_a_kreis_that_does_not_exist_is_refused(raeume):
    with pytest.raises(InputError, match="kreis: AGS '16099': there is no Kreis"):
        entry = {**NORD, "schluessel": "16099.nord", "mitglieder": ["16099001"]}
        planungsraeume.read(raeume(entry, kreis="16099"), katalog())


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 400), kind=st.sampled_from(["cut", "nul", "bom", "byte", "twice", "deep", "huge"]))
def test_a_damaged_file_is_an_input_error_or_the_same(tmp_path_factory, at, kind):
    folder = tmp_path_factory.mktemp("schaden")
    path = folder / "p.yaml"
    whole = yaml.safe_dump({"planungsraeume": {"kreis": "99099", "raeume": [NORD, STADT]}}).encode()
    lines = whole.split(b"\n")
    path.write_bytes({
        "cut": whole[:at], "nul": whole[:at] + b"\0" + whole[at:], "bom": whole[:at] + b"\xef\xbb\xbf" + whole[at:],
        "byte": whole[:at] + b"\xff" + whole[at:], "twice": b"\n".join([*lines[: at % 9], *lines]),
        "deep": whole + b"x: " + b"[" * 3000, "huge": whole[:at] + b"9" * 1_000_000 + whole[at:],
    }[kind])  # fmt: skip
    with Store(folder / "s.duckdb", read_only=False) as opened:
        before = opened.fingerprint()
        try:
            opened.import_file(path, source="planungsraeume")
        except InputError:
            assert opened.fingerprint() == before
        else:
            assert set(opened.bestand("planungsraeume").kreis) == {"99099"}
