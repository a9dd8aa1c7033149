"""Which published value changed since a day and why: real stores, each delivery on a day of its own."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from conftest import HEADER, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import aenderungen, aenderungsbericht, cli
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad
from analysis.sources import Lieferung
from analysis.store import Store

RATE = "99099;2019-12-31;arbeitslosenquote;{};{};;musterkreis"
SINCE = dt.date(2026, 1, 31)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        yield store


@pytest.fixture
def deliver(store, tidy_file):
    """Import rows as a file of a day; rules that are noted with it are of that day, too."""

    def deliver(day: str, *rows: str, catalogue=None) -> None:
        store.import_file(tidy_file(*rows, name=f"{day}.csv"), catalogue)
        moment = dt.datetime.fromisoformat(f"{day} 12:00")
        store._db.execute("UPDATE importe SET zeitpunkt = ? WHERE datei = ?", [moment, f"{day}.csv"])
        store._db.execute("UPDATE bestimmungen SET zeitpunkt = ? WHERE zeitpunkt > '2026-06-01'", [moment])

    return deliver


def population(young, middle, old, ags="99099", quelle="musterkreis", day="2019-12-31"):
    parts = {"bevoelkerung_unter_18": young, "bevoelkerung_18_64": middle, "bevoelkerung_ab_65": old}
    counts = {"bevoelkerung": young + middle + old, **parts}
    return [f"{ags};{day};{groesse};{n};;;{quelle}" for groesse, n in counts.items()]


def changed(store, kreis="99099", seit=SINCE, catalogue=None):
    return aenderungen.changed(store, kreis, seit, catalogue or katalog())


def only(table):
    assert len(table) == 1, table
    return table.iloc[0]


def plain(text) -> str:
    return str(text).replace("\\xa0", " ").replace("\u00a0", " ")


def test_a_later_file_of_the_same_source_is_a_revision(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("7,30", ""))
    row = only(changed(store))
    assert (row.indikator, row.ags, row.stichtag, row.art) == (
        "arbeitslosenquote", "99099", dt.date(2019, 12, 31), "revision",
    )  # fmt: skip
    assert (row.vorher, row.nachher) == (pytest.approx(0.071), pytest.approx(0.073))
    assert (plain(row.vorher_text), plain(row.nachher_text)) == ("7,1 %", "7,3 %")
    assert (row.vorher_datei, row.datei) == ("2026-01-05.csv", "2026-03-01.csv")
    assert row.zeitpunkt == pd.Timestamp("2026-03-01 12:00") and row.quelle == "musterkreis"


def test_of_two_revisions_in_a_row_the_first_and_the_last_value_are_told(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("9,90", ""))
    deliver("2026-04-01", RATE.format("7,30", ""))
    row = only(changed(store))
    assert (row.vorher_datei, row.datei) == ("2026-01-05.csv", "2026-04-01.csv")
    later = only(changed(store, seit=dt.date(2026, 3, 15)))
    assert (plain(later.vorher_text), later.vorher_datei) == ("9,9 %", "2026-03-01.csv")
    assert changed(store, seit=dt.date(2026, 5, 1)).empty


def test_a_revision_that_was_taken_back_is_no_change(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("9,90", ""))
    deliver("2026-04-01", RATE.format("7,10", ""))
    assert changed(store).empty


def test_what_disappears_by_rounding_is_no_change(store, deliver):
    deliver("2026-01-05", *population(12_365, 49_451, 27_577))
    deliver("2026-03-01", *population(12_366, 49_451, 27_577))
    assert len(store.revisions(1)) == 2 and changed(store).empty


def test_a_changed_denominator_changes_every_indicator_that_uses_it(store, deliver):
    deliver("2026-01-05", *population(1_000, 3_000, 1_000))
    deliver("2026-03-01", *population(1_000, 3_500, 1_000))
    table = changed(store).set_index("indikator")
    uses = {
        id
        for id, i in katalog().indikatoren.items()
        if {"bevoelkerung", "bevoelkerung_18_64"} & set(i.groessen)
        and set(i.groessen) <= {"bevoelkerung", "bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"}
    }
    assert set(table.index) == uses >= {"anteil_unter_18", "anteil_18_64", "anteil_ab_65", "altenquotient"}
    assert table.vorher["anteil_unter_18"] == 0.2 and table.nachher["anteil_unter_18"] == pytest.approx(1000 / 5500)
    assert set(table.art) == {"revision"}


def test_another_source_is_named_only_where_the_value_changed(store, deliver):
    deliver("2026-01-05", *population(1_000, 3_000, 1_000))
    deliver("2026-03-01", *population(1_000, 3_000, 1_000, quelle="genesis"))
    assert changed(store).empty
    deliver("2026-03-02", *population(1_200, 3_000, 1_000, quelle="genesis"))
    table = changed(store)
    assert set(table.art) == {"andere_quelle"} and set(table.quelle) == {"genesis"}
    assert set(changed(store, seit=dt.date(2026, 3, 2)).art) == {"revision"}


def test_a_value_that_became_secret_or_unknown_and_one_that_was(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""), "99099;2018-12-31;arbeitslosenquote;;geheim;;musterkreis",
            "99099;2017-12-31;arbeitslosenquote;6;;;musterkreis",
            "99099;2016-12-31;arbeitslosenquote;;unbekannt;;musterkreis")  # fmt: skip
    deliver("2026-03-01", RATE.format("", "geheim"), "99099;2018-12-31;arbeitslosenquote;5;;;musterkreis",
            "99099;2017-12-31;arbeitslosenquote;;unbekannt;;musterkreis",
            "99099;2016-12-31;arbeitslosenquote;;unsicher;;musterkreis")  # fmt: skip
    table = changed(store)
    assert dict(zip([d.year for d in table.stichtag], table.art, strict=True)) == {
        2017: "entfallen", 2018: "neue_lieferung", 2019: "geheim",
    }  # fmt: skip
    assert table.nachher_text.tolist()[0] == "unbekannt oder geheim" and plain(table.nachher_text[1]) == "5,0 %"
    assert table.vorher_text[1] == table.nachher_text[2] == "geheim gehalten"


def test_what_was_not_there_or_not_yet_is_new_and_no_change(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""), "99099;2020-12-31;arbeitslosenquote;;spaeter;;musterkreis")
    deliver("2026-03-01", "99099;2020-12-31;arbeitslosenquote;7;;;musterkreis",
            "99099;2021-12-31;arbeitslosenquote;6;;;musterkreis")  # fmt: skip
    assert changed(store).empty
    table = aenderungen.compared(store, "99099", SINCE, katalog())
    assert table.art.tolist() == ["neu", "neu"] and [d.year for d in table.stichtag] == [2020, 2021]
    assert plain(aenderungsbericht.in_kuerze(load(store)).inhalt["absaetze"]) == plain(
        ["Seit dem 31.01.2026 hat sich keine veröffentlichte Zahl geändert.", "Neu dazugekommen sind 2 Werte."]
    )


def test_a_sum_of_both_areas_after_they_were_joined_is_another_territory(store, deliver):
    """The printed figures of 2019 for Eisenach and Wartburgkreis, and their sums on the territory since July 2021."""
    store.import_file(ROOT / "data" / "thueringen_portraits_2019.csv")
    store._db.execute("UPDATE importe SET zeitpunkt = '2026-01-05'")
    joined = population(18_142 + 6_528, 69_865 + 24_698, 30_967 + 11_024, "16063", "thueringer_broschuere")
    assert "161224" in joined[0]
    deliver("2026-03-01", *joined)
    table = changed(store, kreis="16063")
    assert "anteil_unter_18" in set(table.indikator) and set(table.art) == {"gebietsstand"}
    deliver("2026-04-01", *population(24_671, 94_000, 41_991, "16063", "thueringer_broschuere"))
    assert set(changed(store, kreis="16063").art) == {"revision"}


def test_a_sum_is_no_other_territory_after_the_areas_were_joined(store, deliver):
    day = "2022-12-31"
    deliver("2026-01-05", *population(19_000, 70_000, 29_974, ags="16063", day=day))
    deliver("2026-03-01", *population(26_000, 95_000, 40_224, ags="16063", day=day))
    assert set(changed(store, kreis="16063").art) == {"revision"}


def with_rule(id, **fields):
    """The catalogue with another rule for one indicator."""
    catalogue = katalog()
    other = dataclasses.replace(catalogue.indikator(id), **fields)
    return dataclasses.replace(catalogue, indikatoren={**catalogue.indikatoren, id: other})


def test_another_rule_is_told_from_another_figure(store, deliver):
    earlier = with_rule("anteil_unter_18", aus={"zaehler": ["bevoelkerung_ab_65"], "nenner": ["bevoelkerung"]})
    deliver("2026-01-05", *population(1_000, 3_000, 2_000), catalogue=earlier)
    row = only(changed(store))
    assert (row.indikator, row.art, row.datei, row.vorher_datei) == ("anteil_unter_18", "methode", "", "")
    assert (plain(row.vorher_text), plain(row.nachher_text)) == ("33,3 %", "16,7 %") and pd.isna(row.zeitpunkt)
    store.record_definitions(katalog(), dt.datetime(2026, 2, 10))
    assert only(changed(store)).zeitpunkt == pd.Timestamp("2026-02-10")
    assert changed(store, seit=dt.date(2026, 3, 1)).empty
    deliver("2026-04-01", *population(1_000, 4_000, 2_000))
    table = changed(store).set_index("indikator")
    assert table.art["anteil_unter_18"] == "methode" and table.art["anteil_ab_65"] == "revision"
    assert table.datei["anteil_unter_18"] == "2026-04-01.csv"


def test_label_digits_and_unit_are_no_rule(store, deliver):
    other = with_rule("anteil_unter_18", label="Junge", stellen=3, einheit="je_1000", hinweis="?")
    deliver("2026-01-05", *population(1_000, 3_000, 2_000), catalogue=other)
    assert changed(store).empty and len(store.definitions()) == len(katalog().indikatoren)


def test_without_a_note_of_earlier_rules_todays_are_taken_and_the_report_says_so(store, deliver):
    deliver("2026-01-05", *population(1_000, 3_000, 2_000))
    store._db.execute("UPDATE bestimmungen SET zeitpunkt = '2026-03-01 12:00'")
    assert changed(store).empty
    assert "ist erst ab dem 01.03.2026 festgehalten" in plain(aenderungsbericht.saetze(load(store)).inhalt)


def test_an_indicator_that_the_catalogue_no_longer_has_is_named_once(store, deliver):
    deliver("2026-01-05", *population(1_000, 3_000, 2_000))
    catalogue = katalog()
    fewer = {id: i for id, i in catalogue.indikatoren.items() if id not in ("anteil_unter_18", "arbeitslosenquote")}
    fewer = dataclasses.replace(catalogue, indikatoren=fewer)
    gone = catalogue.indikator("anteil_unter_18").label
    assert aenderungen.removed(store, "99099", SINCE, fewer) == [gone]
    store.record_definitions(fewer, dt.datetime(2026, 2, 10))
    assert aenderungen.removed(store, "99099", SINCE, fewer) == [gone]
    assert aenderungen.removed(store, "99099", dt.date(2026, 3, 1), fewer) == []
    store.record_definitions(catalogue, dt.datetime(2026, 4, 10))
    assert aenderungen.compared(store, "99099", dt.date(2026, 3, 1), catalogue).art.tolist() == ["neu"]


def register(*gemeinden: str) -> Lieferung:
    """Delivery of one Meldeamt: an Ortsteil with ten residents in each Gemeinde, one of them foreign."""
    day = dt.date(2023, 12, 31)
    rows = [(day, "amt", f"{g}.mitte", 1980, "w", "deutsch", 10, "", False) for g in gemeinden]
    columns = ["stichtag", "amt", "ortsteil", "jahrgang", "geschlecht", "staatsangehoerigkeit", "personen", "grund"]
    places = [(f"{g}.mitte", "amt", "Mitte", None, None, False) for g in gemeinden]
    counts = [("melderegister_bevoelkerung", 10.0), ("melderegister_auslaendisch", 1.0)]
    sums = [(g, day, groesse, n, "", "", "melderegister") for g in gemeinden for groesse, n in counts]
    return Lieferung(
        "probe 1",
        beobachtungen=pd.DataFrame(sums, columns=["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"]),
        bestaende={
            "melderegister": pd.DataFrame(rows, columns=[*columns, "offen"]),
            "ortsteile": pd.DataFrame(places, columns=["ortsteil", "amt", "name", "ab", "bis", "darf_fehlen"]),
        },
    )


def test_a_withdrawn_value_is_gone_and_names_the_file_that_withdrew_it(store, tmp_path):
    store._write(tmp_path / "erste.csv", "1", register("99099001", "99099002"))
    store._db.execute("UPDATE importe SET zeitpunkt = '2026-01-05'")
    store._write(tmp_path / "zweite.csv", "2", register("99099001"))
    row = only(changed(store))
    assert (row.ags, row.indikator, row.art) == ("99099002", "melderegister_anteil_auslaendisch", "entfallen")
    assert (row.nachher_text, row.datei, row.vorher_datei) == ("liegt nicht mehr vor", "zweite.csv", "erste.csv")
    assert len(store.observations(bis=1)) == 4 and len(store.observations()) == 2 and store.observations(bis=0).empty
    report = load(store)
    assert report.werte.empty and len(report.darunter) == 1
    assert "In einem Teilgebiet des Kreises hat sich ein Wert geändert." in aenderungsbericht.kurzfassung(report)


def test_only_the_kreis_asked_for_and_its_areas(store, deliver):
    other = RATE.replace("99099", "16077")
    deliver("2026-01-05", RATE.format("7,10", ""), other.format("7,10", ""))
    deliver("2026-03-01", other.format("7,40", ""))
    assert changed(store).empty and len(changed(store, kreis="16077")) == len(changed(store, kreis=None)) == 1


def test_the_same_file_again_leaves_both_states_as_they_are(store, deliver, tidy_file):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("7,30", ""))
    before = [store.observations(bis=n).wert.tolist() for n in range(4)]
    assert store.import_file(tidy_file(RATE.format("7,30", ""), name="2026-03-01.csv")).schon_importiert
    assert [store.observations(bis=n).wert.tolist() for n in range(4)] == before == [[], [7.1], [7.3], [7.3]]


VALUES = st.sampled_from([("7,1", ""), ("7,2", ""), ("8", ""), ("", "geheim"), ("", "spaeter"), ("", "unbekannt")])
FILES = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(["99099", "16077"]), st.sampled_from(["2018-12-31", "2019-12-31"])),
        st.tuples(VALUES, st.sampled_from(["genesis", "musterkreis"])),
        min_size=1,
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
def test_the_state_as_of_an_import_is_that_of_a_store_with_the_imports_up_to_it(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("stand")
    states = []
    with Store(folder / "store.duckdb", read_only=False) as store:
        for number, rows in enumerate(files):
            lines = [
                f"{ags};{day};arbeitslosenquote;{wert};{grund};;{quelle}"
                for (ags, day), ((wert, grund), quelle) in rows.items()
            ]
            path = folder / f"{number}.csv"
            path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
            store.import_file(path)
            last = len(store.imports())
            states = [*states[:last], *[store.observations()] * (last > len(states))]
        for number, state in enumerate(states, 1):
            pd.testing.assert_frame_equal(store.observations(bis=number), state)
            again = store.revisions(number)
            merged = state.merge(store.observations(), on=["ags", "stichtag", "groesse"], suffixes=("_vorher", ""))
            same = (merged.wert_vorher.eq(merged.wert) | merged.wert_vorher.isna() & merged.wert.isna()) & (
                merged.grund_vorher == merged.grund
            )
            assert len(again) == (~same).sum() and again.vorher_grund.tolist() == merged.grund_vorher[~same].tolist()


def load(store, seit="2026-01-31", kreis="99099"):
    """The report's own way: it opens the store itself."""
    store._db.close()
    return aenderungsbericht.load(kreis, seit)


def test_the_report_tells_what_changed_why_and_in_easy_words(store, deliver):
    rows = [f"99099;{year}-12-31;arbeitslosenquote;{{}};;;musterkreis" for year in range(2015, 2020)]
    deliver("2026-01-05", *(row.format(7) for row in rows), *population(1_000, 3_000, 1_000))
    deliver("2026-03-01", *(row.format(8) for row in rows), *population(1_000, 3_500, 1_000, quelle="genesis"))
    report = load(store)
    summary = aenderungsbericht.in_kuerze(report).inhalt["absaetze"]
    assert summary[0].startswith("Seit dem 31.01.2026 haben sich 1")
    assert "Zahlen in den Berichten geändert. Das sind die größten Änderungen:" in summary[0]
    assert len(summary) == 1 + aenderungsbericht.GENANNT
    assert flesch_amstad(summary) >= LEICHT, flesch_amstad(summary)
    table = aenderungsbericht.tabelle(report).inhalt
    assert [g["titel"] for g in table["gruppen"]] == ["Revision", "Andere Quelle"]
    assert [z[4] for z in table["gruppen"][0]["zeilen"]] == ["2026-03-01.csv vom 01.03.2026, vorher 2026-01-05.csv"] * 5
    assert table["quelle"].startswith("Erfundene Zahlen im Format von: ")
    text = plain(aenderungsbericht.saetze(report).inhalt)
    assert "Revision: 5 Werte." in text and "revidiert" in text and "aus einer anderen Quelle" in text
    assert "erfunden" in plain(aenderungsbericht.kopf(report).inhalt)
    assert "Revidiert" in plain(aenderungsbericht.lesehilfe(report).inhalt)


def test_a_value_that_is_secret_now_is_not_printed_again(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("", "geheim"))
    report = load(store)
    texts = plain([f(report).inhalt for f in (aenderungsbericht.in_kuerze, aenderungsbericht.tabelle,
                                              aenderungsbericht.saetze)])  # fmt: skip
    assert "7,1" not in texts and "Die Zahl ist jetzt geheim." in texts and "'genannt', 'geheim gehalten'" in texts


@pytest.mark.parametrize(
    ("seit", "sentence"),
    [
        ("", "Seit dem 01.03.2026 hat sich eine Zahl in den Berichten geändert."),
        ("01.04.2026", "Seit dem 01.04.2026 hat sich keine veröffentlichte Zahl geändert."),
        ("2026-01-01", "Für diesen Kreis gibt es noch keinen früheren Stand. Was sich ändert, sieht man nach der "
         "nächsten Lieferung."),
    ],
)  # fmt: skip
def test_since_when_the_report_compares(store, deliver, seit, sentence):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("7,30", ""))
    deliver("2026-05-01", RATE.replace("99099", "16077").format("7,30", ""))
    report = load(store, seit)
    assert aenderungsbericht.kurzfassung(report)[0] == sentence
    assert (aenderungsbericht.tabelle(report).inhalt["art"] == "tabelle") == (seit == "")
    assert aenderungsbericht.saetze(report).inhalt["absaetze"]


def test_a_kreis_without_figures_and_bad_input(store, deliver):
    deliver("2026-01-05", RATE.format("7,10", ""))
    assert aenderungsbericht.kurzfassung(load(store, "", "16077")) == ["Zu diesem Kreis liegen keine Zahlen vor."]
    for kreis, seit, message in (("16999", "", "16999"), ("99099", "gestern", "'gestern' is not a date")):
        with pytest.raises(InputError, match=message):
            load(store, seit, kreis)


def test_diff_published_without_a_change_and_bad_input(deliver, store, capsys):
    deliver("2026-01-05", RATE.format("7,10", ""))
    store._db.close()
    since = ["diff", "--since", "2026-01-01"]
    assert cli.main([*since, "--published"]) == 0
    assert capsys.readouterr().out == "no published value changed since 2026-01-01\n1 values are new\n"
    for wrong, message in ((["--kreis", "99099"], "--kreis goes with --published"), (["--published", "--kreis", "1"],
                                                                                     "'1'")):  # fmt: skip
        assert cli.main([*since, *wrong]) == 2 and message in capsys.readouterr().err


def test_diff_published_tells_a_change_since_an_earlier_delivery(deliver, store, capsys):
    deliver("2026-01-05", RATE.format("7,10", ""))
    deliver("2026-03-01", RATE.format("7,30", ""))
    store._db.close()
    arguments = ["diff", "--published", "--since", "31.01.2026"]
    for more in ([], ["--kreis", "99099"], ["--ags", "990"]):
        assert cli.main([*arguments, *more]) == 0
        assert capsys.readouterr().out == (
            "99099 2019-12-31 arbeitslosenquote: 7,1 % -> 7,3 % (Revision: 2026-03-01.csv, before 2026-01-05.csv)\n"
        )
    assert cli.main([*arguments, "--kreis", "16077"]) == 0 and "no published" in capsys.readouterr().out
