"""The goal monitoring: every number equals the printed catalogue, states follow the history, summaries are easy."""

import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest
from notebook_calls import every_text, rows, said, shown

from analysis import zielbericht, zielfristen, zielprofil, zielpruefung, zielquellen, zielumfeld
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad
from analysis.report.pruefung import numbers_without_table
from analysis.wording import NBSP
from analysis.ziele.katalog import UMSETZUNG

STRICH = zielbericht.FESTER_STRICH
KREISE = ("16070", "16068", "16077", "99099")


@pytest.fixture(params=KREISE)
def profil(request, loaded):
    return loaded(zielprofil.load, request.param)


@pytest.fixture
def muster(loaded):
    return loaded(zielprofil.load, "99099")


def test_the_summary_is_easy_and_every_number_stands_in_a_table(profil, monkeypatch, whole_store):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    found = shown("05", kreis=profil.gebiet.ags)
    (summary,) = [o for o in found if o.inhalt["art"] == "kuerze"]
    assert flesch_amstad(summary.inhalt["absaetze"]) >= LEICHT
    assert numbers_without_table([o.inhalt for o in found]) == []
    text = every_text(*found)
    for ziel in profil.katalog.ziele:
        assert ziel.text in text and ziel.code in text and ziel.erlaeuterung in text


def test_the_report_says_where_the_text_of_the_ilm_kreis_counts_otherwise(loaded):
    z = loaded(zielprofil.load, "16070")
    assert "Es gibt 13 Leitziele und 23 Prozessziele. Wir haben nachgezählt: Es sind 12 und 24." in said(
        zielbericht.in_kuerze(z)
    )
    table = rows(zielpruefung.aufbau(z).ausgaben[0])
    assert [row[:4] for row in table] == [
        ["Leitziele", "13", "12", "weicht ab"],
        ["Prozessziele", "23", "24", "weicht ab"],
        ["Ergebnisziele", "59", "59", "stimmt"],
        ["Empfehlungen", "16", "16", "stimmt"],
    ]
    assert [row[0] for row in rows(zielpruefung.aufbau(z).ausgaben[-1])][:3] == [
        "EZ1.1.2 und EZ1.2.2",
        "EZ1.1.2 und EZ1.3.2",
        "EZ1.2.2 und EZ1.3.2",
    ]


def test_who_is_responsible_in_the_ilm_kreis_is_counted_as_printed(loaded):
    """Seven of 24 blocks name the Jobcenter, under one of its two names."""
    z = loaded(zielprofil.load, "16070")
    table = {row[0]: row for row in rows(zielfristen.stellen(z))}
    assert table["Jobcenter Ilm-Kreis"][5] == "PZ1.1, PZ1.3, PZ2.1, PZ2.2, PZ4.3, PZ5.1, PZ8.2"
    assert table["Bund"][5].split(", ") == [f"E{n}" for n in (1, 2, 10, 11, 12, 13, 14, 15, 16)]
    assert table["keine Zuständigen genannt"][1] == "12"  # the Leitziele
    assert table["Jobcenter Ilm-Kreis"][2] == "nicht gemeldet"


def test_bodies_of_which_only_the_text_speaks_are_not_called_responsible(loaded):
    z = loaded(zielprofil.load, "16077")
    table = zielfristen.stellen(z)
    assert [row[0] for row in rows(table)] == ["keine Zuständigen genannt"]
    assert "Ziel 4.1.4: Zuständige sind nicht genannt. Im Text genannt: AG Kinderarmut." in table.inhalt["hinweise"]
    sheet = openpyxl.load_workbook(io.BytesIO(decoded(zielfristen.anlagen(z).ausgaben[0]))).worksheets[1]
    cells = {row[0]: row[2] for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert cells["4.1.4"].startswith("Daten, Vernetzung und Evaluation. Eine regelmäßige Erhebung")
    assert cells["4.1.4"].endswith("(Im Text genannt: AG Kinderarmut.)")


def test_deadlines_of_soemmerda_at_a_reference_date(loaded):
    z = loaded(zielprofil.load, "16068", "2025-07-01")
    table = rows(zielfristen.fristen(z))
    due = ["UZ8.2.2", "M2.2.1.1", "UZ2.4.5", "UZ6.2.4", "UZ7.1", "UZ2.1.1", "M2.2.2.2"]
    assert [row[0] for row in table] == due
    assert table[0][4] == "nicht gemeldet"  # not said to be late: nobody reported
    groups = zielfristen.fristen(z).inhalt["gruppen"]
    assert [g["titel"] for g in groups] == [
        "Frist vor dem 01.07.2025",
        "Frist bis 01.01.2026",
        "Frist danach bis 01.07.2026",
    ]
    assert [len(g["zeilen"]) for g in groups] == [1, 4, 2]


def test_states_follow_the_history_of_the_musterkreis(loaded):
    states = {}
    for day in ("2024-04-30", "2024-05-02", "2024-11-27", "2024-11-28", ""):
        z = loaded(zielprofil.load, "99099", day)
        states[day] = z.ziele.set_index("code").umsetzung["1.1.1"]
    assert list(states.values()) == ["geplant", "laufend", "laufend", "erledigt", "erledigt"]


def test_the_figure_and_its_table_count_the_same(profil):
    table = rows(zielbericht.stand(profil))
    assert int(table[-1][1]) == len(profil.ziele) == sum(int(row[1]) for row in table[:-1])
    for row in table:
        shown_states = row[2:-2]
        assert sum(map(int, shown_states)) == int(row[1])


def test_progress_of_the_tree(muster):
    tree = {row[0].strip(f"{STRICH} "): row for row in rows(zielbericht.baum(muster))}
    assert tree["1"][4] == "1 von 3" and tree["1.1"][4] == "1 von 2" and tree["1.2"][4] == "0 von 1"
    assert tree["1.1.1"][3:] == ["erledigt", "nichts darunter"] and tree["4"][4] == "nichts darunter"
    assert [row[0] for row in rows(zielbericht.baum(muster))][:3] == ["1", f"{STRICH} 1.1", f"{STRICH * 2} 1.1.1"]
    assert f"{STRICH * 2}{NBSP}1.1.1" in [
        row[0] for g in zielbericht.baum(muster).inhalt["gruppen"] for row in g["zeilen"]
    ]


def test_words_fit_their_numbers_and_levels_stand_in_their_order(loaded):
    soemmerda, altenburg = (loaded(zielprofil.load, ags) for ags in ("16068", "16077"))
    assert "1 Querschnittsziel, 17 Leitziele, 42 Unterziele und 9 Maßnahmen" in said(zielbericht.lesehilfe(soemmerda))
    levels, which = zielpruefung.smart(soemmerda).ausgaben
    assert [row[0] for row in rows(levels)] == [
        "Querschnittsziele",
        "Leitziele",
        "Unterziele",
        "Maßnahmen",
        "alle zusammen",
    ]
    lacking = [row[0].count(",") + row[0].count(" und ") for row in rows(which)]
    assert lacking == sorted(lacking, reverse=True)
    sentences = said(*zielpruefung.aufbau(soemmerda).ausgaben)
    assert sentences.startswith("Leitziele ohne Unterziele (2): LZ8.1, LZ8.3. Unterziele ohne Maßnahmen (38): UZQ1")
    assert said(*zielpruefung.aufbau(altenburg).ausgaben) == (
        "In diesem Katalog stehen alle Ziele nebeneinander. Keines gehört zu einem anderen. "
        "Maßnahmen führt der Katalog nicht eigens auf."
    )


def test_nothing_reported_is_not_called_undone(loaded):
    tree = rows(zielbericht.baum(loaded(zielprofil.load, "16068")))
    assert {row[4] for row in tree} == {"nicht gemeldet", "nichts darunter"}


def test_changes_since_a_day(loaded):
    z = loaded(zielprofil.load, "99099", "", "2024-09-02")
    assert [row[0] for row in rows(zielpruefung.aenderungen(z))] == ["28.11.2024", "15.10.2024"]
    z = loaded(zielprofil.load, "99099", "", "2024-09-01")
    assert rows(zielpruefung.aenderungen(z))[-1][2:5] == ["Frist", "Jahresende 2025", "Jahresende 2026"]


def test_indicators_stand_beside_the_goals_with_the_statement_of_the_trend_report(muster):
    from analysis import trendbericht

    made = zielumfeld.kennzahlen(muster)
    codes = [group["titel"].split(":")[0] for group in made.inhalt["gruppen"] for _ in group["zeilen"]]
    beside = {(code, row[0]): row for code, row in zip(codes, rows(made), strict=True)}
    trends = {row[0]: row for row in rows(trendbericht.uebersicht(muster.trends))}
    named = [(z.code, muster.trends.profil.indikator(i).label) for z in muster.katalog.ziele for i in z.indikatoren]
    assert list(beside) == named and len(named) == 6
    for (_, label), row in beside.items():
        assert (row[4], row[5]) == (trends[label][1], trends[label][5])
        assert (" bis " in row[2] or row[2] == "nicht berechenbar") and row[3].endswith("2024")


def test_lebenslagen_beside_the_strategies(muster):
    coverage, goals = zielumfeld.lebenslagen(muster).ausgaben
    assert [len(g["zeilen"]) for g in goals.inhalt["gruppen"]] == [8, 16, 9, 6, 8, 4, 6]
    assert ["Unterstützung von verschuldeten Menschen", "nicht lesbar"] in rows(goals)
    assert "Text über Tabelle 2" in coverage.inhalt["quelle"] and goals.inhalt["quelle"].endswith(", Tabelle 2")
    assert "Integrationsmanagement" in coverage.inhalt["hinweise"][1]
    table = rows(coverage)
    assert [row[2].split()[0] for row in table[:-1]] == ["15", "15", "14", "14", "11", "8", "6"]
    counted = sum(int(row[1]) for row in table if row[1] != "keine")
    assert counted == len(muster.ziele)


def test_what_the_goals_lack_names_every_goal_once(profil):
    counts, which = zielpruefung.smart(profil).ausgaben
    codes = [code for row in rows(which) for code in row[2].split(", ")]
    assert sorted(codes) == sorted(profil.ziele.code)
    assert int(rows(counts)[-1][1]) == len(profil.ziele)


def test_every_body_has_its_work_list_and_every_goal_is_in_one(profil):
    files = zielfristen.anlagen(profil).ausgaben
    book = openpyxl.load_workbook(io.BytesIO(decoded(files[0])))
    found = {}
    for sheet in book.worksheets[1:]:
        cells = [row for row in sheet.iter_rows(min_row=3, values_only=True) if row[0] in set(profil.ziele.code)]
        found[sheet["A1"].value] = [row[0] for row in cells]
        assert all(row[5] in UMSETZUNG.values() for row in cells)
    assert {code for codes in found.values() for code in codes} == set(profil.ziele.code)
    bodies = {stelle for stellen in profil.ziele.stellen for stelle in stellen}
    assert {name.removeprefix("Arbeitsliste: ") for name in found} - {"keine Zuständigen genannt"} == bodies
    again = zielfristen.anlagen(profil).ausgaben
    assert [decoded(a) for a in files] == [decoded(a) for a in again]


def decoded(output) -> bytes:
    import base64

    return base64.b64decode(output.inhalt["datei"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("16051",), "there is no goal catalogue of 16051"),
        (("99099", "2024-02-31"), "'2024-02-31' is not a date"),
        (("99099", "2024-04-01", "2024-05-01"), r"seit 01\.05\.2024 lies after the reference date 01\.04\.2024"),
        (("99099", "2024-01-01"), r"stichtag 01\.01\.2024 lies before the goal catalogue of 99099 begins"),
        (("99099", "", "", 0), "monate is 0; expected at least 1"),
    ],
)
def test_wrong_parameters_are_refused(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        zielprofil.load(*arguments)


def test_another_reference_date_moves_the_groups(loaded):
    early = loaded(zielprofil.load, "99099", "2024-09-15").ziele.set_index("code")
    assert early.lage["1.1.2"] == "bald" and early.lage["2.1.2"] == "bald" and early.umsetzung["2.1.2"] == "geplant"
    late = loaded(zielprofil.load, "99099", "2026-09-01").ziele.set_index("code")
    assert (late.lage[["1.1.2", "3.2.1", "1.2.1"]] == "ueberfaellig").all() and late.lage["1.1.1"] == "abgeschlossen"
    assert (late.faellig["3.1.2"], late.wieder["3.1.2"]) == (dt.date(2025, 11, 30), dt.date(2026, 11, 30))


def test_the_summary_says_when_the_first_deadline_ends_and_up_to_when_it_knows(loaded):
    def summary(*arguments):
        return " ".join(zielbericht.in_kuerze(loaded(zielprofil.load, *arguments)).inhalt["absaetze"])

    assert "In den nächsten 12 Monaten enden 7 Fristen. Die erste endet am 30.06.2025." in summary("16068")
    assert "Im nächsten Monat endet keine Frist. Bei" in summary("99099", "", "", 1)
    assert "In den nächsten 3 Monaten endet eine Frist. Sie endet am 31.03.2025." in summary("99099", "", "", 3)
    later = summary("99099", "2027-12-31")
    assert "An 11 wird gearbeitet." in later and "Nach dem 31.12.2024 ist nichts mehr eingetragen." in later
    assert "nichts mehr eingetragen" not in summary("99099")


def test_what_nobody_reported_is_not_called_idle(loaded, monkeypatch):
    """With two goals done and 67 unknown, nobody knows whether work goes on at the others."""
    z = loaded(zielprofil.load, "16068")
    states = z.ziele.code.map({"UZ8.2.2": "erledigt", "M2.2.2.2": "erledigt"}).fillna("")
    found = zielbericht.in_kuerze(replace(z, ziele=z.ziele.assign(umsetzung=states))).inhalt["absaetze"]
    assert "Als erledigt gemeldet sind 2." in found and "Bei 67 weiß man nicht, wie weit es ist." in found
    assert "gearbeitet" not in " ".join(found)


def test_every_goal_is_found_in_its_source_under_the_code_that_is_printed_there(profil):
    made = zielquellen.herkunft(profil).ausgaben
    if profil.erfunden:
        assert len(made) == 1  # an invented catalogue has no text where its goals could be found
        return
    goals = {ziel.code: ziel.fundstelle for ziel in profil.katalog.ziele}
    if profil.gebiet.ags == "16068":
        found = [(g["titel"], *row) for g in made[1].inhalt["gruppen"] for row in g["zeilen"]]
        assert {code: f"{section}, {place}" for section, code, place, _ in found} == goals
        printed = {code: name for _, code, _, name in found}
        assert [printed[code] for code in ("QZ", "UZ2.1.1", "LZ5")] == ["Uaz", "uza21.1", "ebenso"]
    else:
        found = [(section, *part.split(": ")) for section, cell in rows(made[1]) for part in cell.split("; ")]
        assert {code: f"{section}, {place}" for section, code, place in found} == goals
    assert [part[1] for part in found] == list(goals)


def test_places_without_a_section_and_decisions_on_single_goals(loaded):
    z = loaded(zielprofil.load, "16077")
    first, second, *others = z.katalog.ziele
    changed = (replace(first, fundstelle="Seite 12", beschluss="KT 5/2025"), replace(second, fundstelle=""), *others)
    table = zielquellen.fundstellen(replace(z, katalog=replace(z.katalog, ziele=changed)))
    assert rows(table)[:3] == [
        ["3.2.1", "Seite 12", "KT 5/2025"],
        ["3.2.2", "nicht angegeben", "wie der Katalog"],
        ["3.2.3", "Zeile 155 bis 157", "wie der Katalog"],
    ]
    assert [g["titel"] for g in table.inhalt["gruppen"]][:2] == ["ohne Abschnitt", "Abschnitt 3.2"]
