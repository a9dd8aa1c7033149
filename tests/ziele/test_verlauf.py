"""A goal catalogue as it was on a day: goals added and struck, wordings, deadlines and bodies of then."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_calls import rows, said

from analysis import zielbericht, zielfristen, zielprofil, zielpruefung
from analysis.cli import main
from analysis.errors import InputError
from analysis.ziele import frist
from analysis.ziele.aendern import setzen
from analysis.ziele.auswertung import tabelle
from analysis.ziele.lesen import lesen
from analysis.ziele.stichtag import hindernis
from analysis.ziele.verlauf import am, gestrichene

DAVOR = f"{zielbericht.FESTER_STRICH} "
"""What stands before the code of a goal below others."""

VIELES = """\
zielkatalog:
  kreis: "16070"
  titel: Strategie
  stand: 2025-06-30
  beginn: 2024-01-01
  quelle: Strategie, 2024
  ebenen:
    - {id: leitziel, name: Leitziel, mehrzahl: Leitziele, aenderung_durch: Beschluss des Kreistags}
    - {id: unterziel, name: Unterziel, mehrzahl: Unterziele, unter: [leitziel]}
  felder: [{code: A, name: Familie}, {code: B, name: Arbeit}]
  stellen: [{name: Jugendamt, auch: [Amt 51]}, {name: Sozialamt}]
  angaben: [{ebene: leitziel, anzahl: 2, satz: Zwei Leitziele., fundstelle: Seite 3}]
  ziele:
    - {code: "1", ebene: leitziel, feld: A, text: Ein Ziel.}
    - code: "1.1"
      ebene: unterziel
      ueber: "1"
      text: Ein neuer Wortlaut.
      zustaendig: [Jugendamt, Sozialamt]
      frist: Jahresende 2026
      umsetzung: laufend
      verlauf:
        - {datum: 2024-03-01, was: frist, auf: 2024-12-31, grund: zuerst}
        - {datum: 2024-05-01, von: geplant, auf: laufend, grund: begonnen}
        - {datum: 2024-08-01, was: zustaendig, von: Amt 51, auf: Jugendamt; Sozialamt, grund: gemeinsam}
        - {datum: 2024-08-15, was: indikatoren, auf: arbeitslosenquote, grund: "damit man es messen kann"}
        - {datum: 2024-08-20, was: indikatoren, von: arbeitslosenquote, grund: "doch nicht"}
        - {datum: 2024-09-01, was: frist, von: 31.12.2024, auf: Jahresende 2026, grund: spaeter}
        - {datum: 2025-02-01, was: text, von: Ein alter Wortlaut., auf: Ein neuer Wortlaut., grund: klarer}
    - code: "2"
      ebene: leitziel
      feld: B
      text: Ein Ziel, das der Kreistag strich.
      verlauf:
        - {datum: 2025-03-12, was: gestrichen, grund: erledigt sich, beschluss: KT 5/2025}
    - code: "2.1"
      ebene: unterziel
      ueber: "2"
      text: Darunter auch.
      verlauf:
        - {datum: 2025-03-12, was: gestrichen, grund: erledigt sich}
    - code: "3"
      ebene: leitziel
      feld: B
      text: Ein Ziel, das dazukam.
      umsetzung: geplant
      verlauf:
        - {datum: 2025-03-12, was: neu, grund: neu, beschluss: KT 6/2025}
    - code: "3.1"
      ebene: unterziel
      ueber: "3"
      text: Darunter jedes Jahr.
      frist: jährlich zum 30.04.
      umsetzung: laufend
      verlauf:
        - {datum: 2025-03-12, was: neu, grund: neu}
"""


@pytest.fixture
def datei(tmp_path, monkeypatch):
    """Write the catalogue, changed or not, and let reports find it."""

    def write(before: str = "", after: str = ""):
        path = tmp_path / "16070_ziele.yaml"
        assert before in VIELES
        path.write_text(VIELES.replace(before, after, 1), encoding="utf-8")
        monkeypatch.setattr(zielprofil.lesen, "datei", lambda ags: path)
        return path

    return write


def test_goals_are_there_from_the_day_they_were_added_until_the_day_they_were_struck(datei):
    made = lesen(datei())
    codes = {day: [z.code for z in am(made, dt.date.fromisoformat(day)).ziele] for day in ("2025-03-11", "2025-03-12")}
    assert codes == {"2025-03-11": ["1", "1.1", "2", "2.1"], "2025-03-12": ["1", "1.1", "3", "3.1"]}
    assert gestrichene(made, dt.date(2025, 3, 11)).empty
    assert gestrichene(made, dt.date(2025, 3, 12)).code.tolist() == ["2", "2.1"]


@pytest.mark.parametrize(
    ("day", "text", "frist", "stellen", "state", "lage"),
    [
        ("2024-02-29", "Ein alter Wortlaut.", None, ("Jugendamt",), "geplant", "ohne"),
        ("2024-03-01", "Ein alter Wortlaut.", "31.12.2024", ("Jugendamt",), "geplant", "spaeter"),
        ("2024-08-31", "Ein alter Wortlaut.", "31.12.2024", ("Jugendamt", "Sozialamt"), "laufend", "bald"),
        ("2024-09-01", "Ein alter Wortlaut.", "Jahresende 2026", ("Jugendamt", "Sozialamt"), "laufend", "danach"),
        ("2025-06-30", "Ein neuer Wortlaut.", "Jahresende 2026", ("Jugendamt", "Sozialamt"), "laufend", "danach"),
    ],
)
def test_a_goal_says_what_it_said_then(datei, day, text, frist, stellen, state, lage):
    row = tabelle(lesen(datei()), dt.date.fromisoformat(day)).set_index("code").loc["1.1"]
    assert (row.text, row.frist and row.frist.text, row.stellen, row.umsetzung, row.lage) == (
        text, frist, stellen, state, lage,
    )  # fmt: skip


VERSETZT = """\
      verlauf:
        - {datum: 2024-02-01, was: ueber, von: "2", auf: "1", grund: passt besser}
        - {datum: 2024-02-02, was: feld, von: B, auf: A, grund: passt besser}
        - {datum: 2024-02-03, was: lebenslage, von: Wohnen, auf: Familie, grund: passt besser}
        - {datum: 2024-03-01, was: frist, auf: 2024-12-31, grund: zuerst}"""
_BISHER = """\
      verlauf:
        - {datum: 2024-03-01, was: frist, auf: 2024-12-31, grund: zuerst}"""


def moved(*changes: tuple[str, str]) -> str:
    text = VERSETZT.replace("      verlauf", "      feld: A\n      lebenslage: Familie\n      verlauf")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def test_a_goal_stood_elsewhere_then(datei):
    made = lesen(datei(_BISHER, moved()))
    stood = {day: am(made, dt.date.fromisoformat(day)).nach_code["1.1"] for day in ("2024-01-31", "2024-02-03")}
    assert [(z.ueber, z.feld, z.lebenslage) for z in stood.values()] == [("2", "B", "Wohnen"), ("1", "A", "Familie")]
    table = rows(zielpruefung.aenderungen(zielprofil.load("16070", "2024-02-28", "2024-01-15")))
    assert [row[2:5] for row in reversed(table)] == [
        ["Platz im Baum", "2", "1"],
        ["Themenfeld", "Arbeit", "Familie"],
        ["Lebenslage", "Wohnen", "Familie"],
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('von: "2"', 'von: "9"'), "ueber '9' is unknown; expected a goal of a level above"),
        (('von: "2"', 'von: "1.1"'), "ueber '1.1' is unknown; expected a goal of a level above"),
        (("von: B", "von: C"), "feld 'C' is unknown; expected a Themenfeld of the catalogue"),
        (("auf: A", "auf: B"), "feld is 'A', but its history ends with 'B'"),
    ],
)
def test_a_place_that_cannot_be(datei, change, said):
    with pytest.raises(InputError, match=said):
        lesen(datei(_BISHER, moved(change)))


def test_the_report_on_a_day_before_and_after(datei):
    datei()
    before, after = (zielprofil.load("16070", day, "2025-03-01") for day in ("2025-03-11", "2025-06-30"))
    assert "stehen 4 Ziele" in said(zielbericht.in_kuerze(before))
    assert "Gestrichen" not in said(zielbericht.in_kuerze(before))
    assert "Gestrichen sind 2." in said(zielbericht.in_kuerze(after))
    assert "Gestrichene Ziele zählen nicht mit." in said(zielbericht.lesehilfe(after))
    tree = {row[0].strip(DAVOR): row[3:] for row in rows(zielbericht.baum(after))}
    assert list(tree) == ["1", "1.1", "2", "2.1", "3", "3.1"]
    assert tree["2"] == ["gestrichen am 12.03.2025 (KT 5/2025)", "entfällt"]
    assert [row[0].strip(DAVOR) for row in rows(zielbericht.baum(before))] == [
        "1",
        "1.1",
        "2",
        "2.1",
    ]
    table = zielpruefung.aenderungen(after)
    assert [row[2:5] for row in rows(table)] == [
        ["gestrichen", "im Katalog", "nicht im Katalog"],
        ["gestrichen", "im Katalog", "nicht im Katalog"],
        ["neu aufgenommen", "nicht im Katalog", "im Katalog"],
        ["neu aufgenommen", "nicht im Katalog", "im Katalog"],
    ]
    assert "Zusammen 4: 2 neu aufgenommen und 2 gestrichen." in table.inhalt["hinweise"]
    assert "keine Änderung vermerkt" in said(zielpruefung.aenderungen(before))
    assert [row[0] for row in rows(zielfristen.fristen(after))] == ["3.1", "3.1"]  # missed in April, and due again


def test_indicators_are_those_of_the_day(datei):
    made = lesen(datei())
    days = {f"2024-08-{day}": am(made, dt.date(2024, 8, day)).nach_code["1.1"].indikatoren for day in (14, 15, 20)}
    assert days == {"2024-08-14": (), "2024-08-15": ("arbeitslosenquote",), "2024-08-20": ()}
    z = zielprofil.load("16070", "2024-12-31", "2024-08-14")
    assert ["Kennzahlen", "nichts", "Arbeitslosenquote"] in [row[2:5] for row in rows(zielpruefung.aenderungen(z))]


def test_what_the_source_claims_is_compared_with_what_it_printed(datei):
    datei()
    z = zielprofil.load("16070", "2025-06-30")
    assert "nachgezählt" not in said(zielbericht.in_kuerze(z))
    assert rows(zielpruefung.aufbau(z).ausgaben[0]) == [["Leitziele", "2", "2", "stimmt", "Seite 3"]]


def test_the_check_counts_what_is_in_force(datei, capsys):
    assert main(["goals", "check", str(datei())]) == 0
    out = capsys.readouterr().out
    assert "   2 Leitziele (the source says 2)" in out and "   2 struck" in out


def test_a_goal_below_one_that_came_later_stands_at_the_top_before(datei):
    path = datei("        - {datum: 2025-03-12, was: neu, grund: neu}\n", "        []\n")
    made = lesen(path)
    early = {z.code: (z.ueber, z.feld) for z in am(made, dt.date(2025, 1, 1)).ziele}
    assert early["3.1"] == ("", "B") and "3" not in early
    assert am(made, made.stand).nach_code["3.1"].ueber == "3"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("frist: Jahresende 2026\n", "frist: Jahresende 2027\n",
         r"1\.1: frist is 'Jahresende 2027', but its history ends with 'Jahresende 2026'"),
        ("von: 31.12.2024", "von: 30.11.2024", r"01\.09\.2024 goes from '30.11.2024', but frist was '2024-12-31' then"),
        ("auf: Jahresende 2026", "auf: Ende 2026", r"verlauf, frist: 'Ende 2026' is no deadline; expected"),
        ("von: Amt 51", "von: Amt 52", r"zustaendig 'Amt 52' is unknown; expected names of stellen"),
        ("zustaendig: [Jugendamt, Sozialamt]", "zustaendig: [Jugendamt]", r"zustaendig is 'Jugendamt', but its"),
        ("auf: arbeitslosenquote", "auf: quote", r"indikatoren 'quote' is unknown; expected ids of analysis/catalogue"),
        ("von: arbeitslosenquote", "auf: arbeitslosenquote", r"goes from '', but indikatoren was 'arbeitslosen"),
        ("text: Ein neuer Wortlaut.\n", "text: Noch einer.\n", r"text is 'Noch einer\.', but its history ends with"),
        ("von: Ein alter Wortlaut., ", "", r"a change of the text needs von and auf"),
        ("- {datum: 2025-03-12, was: neu, grund: neu}\n", "- {datum: 2025-03-01, auf: laufend, grund: a}\n"
         "        - {datum: 2025-03-12, was: neu, grund: neu}\n", r"adds a goal that was there already"),
        ("erledigt sich}\n", "a}\n        - {datum: 2025-04-01, auf: laufend, grund: a}\n",
         r"\(01\.04\.2025\) changes a goal that was struck on 12\.03\.2025"),
        ("      verlauf:\n        - {datum: 2025-03-12, was: gestrichen, grund: erledigt sich}\n", "",
         r"2\.1 is in force on 12\.03\.2025, but 2 above it is struck"),
        ("datum: 2024-03-01", "datum: 2023-12-31", r"verlauf 1 is of 31\.12\.2023, before the catalogue begins"),
        ("datum: 2025-02-01", "datum: 2025-07-01", r"verlauf 7 is of 01\.07\.2025, after the catalogue's own day"),
        ("beginn: 2024-01-01", "beginn: 2025-07-01", r"beginn: 01\.07\.2025 lies after the catalogue's own day"),
        ("beginn: 2024-01-01", "beginn: 2024-02-30", r"beginn: '2024-02-30' is not a date"),
        ("stand: 2025-06-30", "stand: 2090-06-30", r"stand: 30\.06\.2090 lies in the future; expected a day up to"),
    ],
)  # fmt: skip
def test_a_history_that_cannot_be_true_is_refused_by_the_command(datei, capsys, before, after, sentence):
    assert main(["goals", "check", str(datei(before, after))]) == 2
    printed = capsys.readouterr().err
    assert re.search(sentence, printed) and printed.count("\n") == 1


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2023-12-31", r"stichtag 31\.12\.2023 lies before the goal catalogue of 16070 begins; expected 01\.01\.2024"),
        ("1999-01-01", r"01\.01\.1999 lies before"),
    ],
)
def test_no_report_before_the_catalogue_begins(datei, day, sentence):
    datei()
    with pytest.raises(InputError, match=sentence):
        zielprofil.load("16070", day)


@pytest.mark.parametrize(
    ("day", "since", "sentence"),
    [
        ("2023-12-31", "", "Der Zielkatalog gilt erst ab 01.01.2024. Der Stichtag 31.12.2023 liegt davor."),
        ("", "2025-07-01", "Änderungen nach dem 01.07.2025 gibt es am Stichtag 30.06.2025 noch nicht."),
        ("2024-01-01", "2023-01-01", ""),
        ("2030-01-01", "2024-01-01", ""),
        ("", "", ""),
    ],
)
def test_the_plan_knows_what_the_report_would_refuse(datei, day, since, sentence):
    made = lesen(datei())
    assert hindernis(made, day, since) == sentence
    if sentence:
        with pytest.raises(InputError):
            zielprofil.load("16070", day, since)
    else:
        zielprofil.load("16070", day, since)


def test_a_day_without_any_goal_is_no_day_for_a_report(datei):
    made = lesen(datei())
    later = replace(made, ziele=tuple(z for z in made.ziele if z.code.startswith("3")))
    assert hindernis(later, "2025-03-11") == "Am 11.03.2025 gilt kein Ziel des Zielkatalogs."
    assert hindernis(later, "2025-03-12") == ""


def test_a_report_after_the_catalogue_says_up_to_when_it_knows(datei):
    datei()
    z = zielprofil.load("16070", "2026-01-31")
    assert "Bekannt sind Meldungen bis 30.06.2025." in zielbericht.kopf(z).inhalt["stand"]
    assert z.quelle == "Strategie, 2024. Stand: 30.06.2025, Stichtag: 31.01.2026"
    assert "wurde nichts mehr in den Katalog eingetragen" in said(zielbericht.lesehilfe(z))


def test_changes_by_the_command_stay_within_the_catalogue(datei, capsys):
    given = ["goals", "set", "1.1", "--state", "erledigt", "--reason", "geschafft", "--file", str(path := datei())]
    content = path.read_bytes()
    assert main([*given, "--date", "1999-01-01"]) == 2
    assert "01.01.1999 lies before the catalogue begins (01.01.2024)" in capsys.readouterr().err
    assert main([*given[:2], "2", *given[3:], "--date", "2025-06-30", "--decision", "KT"]) == 2
    assert "2: the goal is struck; expected one that is in force" in capsys.readouterr().err
    assert path.read_bytes() == content


def test_a_yearly_goal_is_done_for_its_year(datei):
    path = datei()
    lage = {}
    setzen(path, "3.1", "erledigt", "für 2025", dt.date(2025, 4, 20))
    made = lesen(path)
    for day in ("2025-04-19", "2025-04-20", "2025-12-31", "2026-01-01", "2026-05-01"):
        row = tabelle(made, dt.date.fromisoformat(day)).set_index("code").loc["3.1"]
        lage[day] = (row.umsetzung, row.lage, f"{row.faellig:%Y-%m-%d}")
    assert lage == {
        "2025-04-19": ("laufend", "bald", "2025-04-30"),
        "2025-04-20": ("erledigt", "danach", "2026-04-30"),
        "2025-12-31": ("erledigt", "bald", "2026-04-30"),
        "2026-01-01": ("laufend", "bald", "2026-04-30"),
        "2026-05-01": ("laufend", "ueberfaellig", "2026-04-30"),
    }
    with pytest.raises(InputError, match="the state is 'erledigt' already"):
        setzen(path, "3.1", "erledigt", "noch einmal", dt.date(2025, 6, 30))
    setzen(path, "3.1", "erledigt", "für 2026", dt.date(2026, 3, 1))
    assert tabelle(lesen(path), dt.date(2026, 5, 1)).set_index("code").lage["3.1"] == "spaeter"


@pytest.mark.parametrize(
    ("text", "day", "before", "after"),
    [
        ("jährlich", "2025-12-31", "2024-12-31", "2025-12-31"),
        ("jährlich zum 30.04.", "2025-05-01", "2025-04-30", "2026-04-30"),
        ("jährlich zum 30.04. ab 2026", "2025-05-01", None, "2026-04-30"),
        ("jährlich zum 30.04. ab 2024 bis 2025", "2025-05-01", "2025-04-30", None),
        ("jährlich bis 2020", "2025-05-01", "2020-12-31", None),
        ("jährlich zum 29.02.", "2024-03-01", "2024-02-29", "2025-02-28"),
        ("2025-04-30", "2025-05-01", None, "2025-04-30"),
    ],
)
def test_days_around_a_reference_date(text, day, before, after):
    read = frist.lesen(text)
    found = (read.vorige(dt.date.fromisoformat(day)), read.naechste(dt.date.fromisoformat(day)))
    assert tuple(d and f"{d:%Y-%m-%d}" for d in found) == (before, after)


def test_a_yearly_deadline_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match="ends before it begins"):
        frist.lesen("jährlich ab 2026 bis 2025")


@settings(deadline=None, max_examples=60)
@given(day=st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)), later=st.integers(0, 400))
def test_the_catalogue_of_a_day_is_its_own_catalogue_of_that_day(tmp_path_factory, day, later):
    path = tmp_path_factory.getbasetemp() / "vieles.yaml"
    if not path.exists():
        path.write_text(VIELES, encoding="utf-8")
    made = lesen(path)
    then = am(made, day)
    assert am(then, day) == then
    assert {z.code for z in then.ziele} | set(gestrichene(made, day).code) <= {z.code for z in made.ziele}
    assert {z.code for z in then.ziele}.isdisjoint(gestrichene(made, day).code)
    assert set(gestrichene(made, day).code) <= set(gestrichene(made, day + dt.timedelta(days=later)).code)
