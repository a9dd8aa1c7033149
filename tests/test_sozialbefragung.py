"""The report on a survey: it tells true differences from chance, and hides what it must, on the invented Kreis."""

import dataclasses
import itertools
import re
import shutil

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from survey_workspace import inside, write_survey

from analysis import (
    befragungsarmut,
    befragungsfragen,
    befragungsmethode,
    befragungsprofil,
    befragungsraeume,
    befragungsruecklauf,
    sozialbefragung,
)
from analysis.befragungsgebiete import area_names
from analysis.errors import InputError
from analysis.outputs import Folge
from analysis.store import Store
from analysis.survey.open_tables import OHNE_THEMA
from analysis.survey.reliability import Grenzen


def show(cell: str, profile):
    """Output of a cell of the notebook for a profile."""
    return eval(cell, MODULE | {"profil": profile, "sprache": "de"})


MODULE = {m.__name__.removeprefix("analysis."): m for m in (
    befragungsarmut, befragungsfragen, befragungsmethode, befragungsraeume, befragungsruecklauf, sozialbefragung,
)}  # fmt: skip
NOTEBOOK = ROOT / "notebooks" / "04_sozialbefragung.ipynb"
SEITE = [c.source for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"][2:]
"""Cells of the notebook below its parameters and the profile."""


def made(root, files, change=None, rows=None, **options):
    """Profile of a changed survey in a workspace of its own."""
    with inside(write_survey(root, files, change, rows)):
        with Store(read_only=False):
            pass
        return befragungsprofil.load("99099", **options)


def text_of(output) -> str:
    """Everything that a reader of an output sees."""

    def texts(value):
        if isinstance(value, str):
            yield value
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            yield from texts(part)

    each = output.ausgaben if isinstance(output, Folge) else [output]
    shown = [{key: part for key, part in one.inhalt.items() if key != "xlsx"} for one in each]
    return "\n".join(texts(shown)).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def whole(ganz, tmp_path_factory):
    return made(tmp_path_factory.mktemp("ganz"), ganz)


@pytest.fixture(scope="module")
def truth(ganz) -> dict:
    return yaml.safe_load(ganz["wahrheit.yaml"])["befragung"]


@pytest.fixture(scope="module")
def small(klein, tmp_path_factory):
    return made(tmp_path_factory.mktemp("klein"), klein)


def test_a_difference_that_it_calls_more_than_chance_is_true(whole, truth):
    """All that is called differs in the documented truth; the large ones among the true ones are found."""
    names = area_names(whole.befragung)
    true = {
        (names[area], item): size
        for item, areas in truth["skalen_mit_raumunterschied"].items()
        for area, size in areas.items()
    } | {(names[area], befragungsprofil.ARM): factor for area, factor in truth["arm_mal"].items()}
    found = whole.raumunterschiede
    called = set(found.index[~found.zufall])
    assert called <= set(true)
    large = {key for key, size in true.items() if key[1].startswith(("ZU", "MO", "TE", "EI")) and abs(size) >= 0.7}
    assert large <= called and len(large) >= 4
    for key in called:
        assert (found.differenz[key] > 0) == (true[key] > 0)


def test_parents_and_childless_are_told_apart_only_by_chance(whole):
    """In truth 55 and 51.4 per cent are satisfied: with so few answers that cannot be told from chance."""
    for key in ("zufrieden", "unzufrieden"):
        share = whole.auswertung.anteile[key]
        assert whole.gruppenvergleiche.zufall[(key, "")]
        assert "Der Unterschied liegt im Rahmen des Zufalls" in sozialbefragung._sentence(whole, share)[1]


def test_intervals_hold_the_truth_of_all_adults(whole, truth):
    """One of eight 95 % intervals may miss it; the seed is fixed."""
    pairs = {
        "mit_kindern": "mit_kindern", "alleinerziehend": "alleinerziehend_unter_diesen", "arm": "arm",
        "geringes_einkommen": "geringes_einkommen", "mehr_betreuung": "mehr_betreuung_unter_eltern",
        "ohne_kitaplatz": "alleinerziehend_ohne_kitaplatz",
    }  # fmt: skip
    rows = {key: whole.zeile(key) for key in pairs}
    missed = [key for key, row in rows.items() if not row.unten <= truth["alle"][pairs[key]] <= row.oben]
    assert len(missed) <= 1
    names = area_names(whole.befragung)
    areas = {area: whole.zeile("arm", names[area]) for area in truth["alle"]["arm_je_planungsraum"]}
    missed = [a for a, row in areas.items() if not row.unten <= truth["alle"]["arm_je_planungsraum"][a] <= row.oben]
    assert len(missed) <= 1


def test_weights_reach_the_population_and_the_page_says_how(whole):
    assert whole.gewichtung.bevoelkerung == "ziehung"  # the store of this workspace holds no register
    assert whole.gewichtung.bericht.summen.abweichung_anteil.abs().max() < 1e-9
    assert list(whole.gewichtung.raender) == [("altersgruppe", "geschlecht"), "raum"]
    assert "Raking auf Alter × Geschlecht und Raum" in text_of(befragungsmethode.methode(whole))


def test_every_cell_of_the_notebook_shows_something(small, whole):
    assert len(SEITE) >= 16
    for cell, profile in itertools.product(SEITE, (small, whole)):
        assert text_of(show(cell, profile)), cell


def test_few_answers_are_no_numbers(small):
    row = small.zeile("ohne_kitaplatz")
    assert row.n == 8 and row.grund == "unsicher" and pd.isna(row.anteil)
    text = text_of(sozialbefragung.anteile(small, "familie"))
    assert "keine Zahl, zu wenige Antworten (n = 8)" in text


def of(header: list[str], line: list[str], name: str) -> str:
    return line[header.index(name)]


def test_an_area_that_nobody_answered_from_has_no_value(klein, tmp_path):
    def rows(header, lines):
        return [line for line in lines if of(header, line, "RA01") != "2"]

    def change(given):
        given["faelle"] -= 11
        del given["ziehung"]["datei"]
        del given["design"]

    profile = made(tmp_path, klein, change, rows)
    assert profile.zeile("arm", "Kreisstadt Nord").grund == "unsicher"
    for cell in SEITE:
        assert text_of(show(cell, profile)), cell


def test_a_group_that_nobody_is_in_has_no_value(klein, tmp_path):
    def change(given):
        given["auswertung"]["gruppen"]["alleinerziehend"]["filter"] = "KI01=1 & HH01_01>=50"

    profile = made(tmp_path, klein, change)
    assert "kein Wert" in text_of(sozialbefragung.anteile_tabelle(profile))


def test_a_difference_of_few_persons_is_not_shown(ganz, tmp_path):
    """One parent of a large area says yes: the value is hidden, and so is the difference from the others."""

    def rows(header, lines):
        ra, ki = header.index("RA01"), header.index("KI02")
        first = True
        for line in lines:
            if line[ra] == "1" and line[ki] in ("1", "2"):
                line[ki], first = ("1" if first else "2"), False
        return lines

    profile = made(tmp_path, ganz, rows=rows)
    row = profile.raumunterschiede.loc[("Kreisstadt Mitte", "mehr_betreuung")]
    assert not row.zufall and row.grund == "geheim"
    shown = befragungsraeume.unterschiede(profile).inhalt
    cells = [zeile[:2] for gruppe in shown["gruppen"] for zeile in gruppe["zeilen"]]
    assert ["wünschen sich mehr Betreuungsangebote", "Kreisstadt Mitte"] not in cells
    assert "zum Schutz von Personen" in text_of(befragungsraeume.unterschiede(profile))


@pytest.mark.parametrize("equal", [True, False])
def test_the_one_who_is_in_no_group_cannot_be_worked_out(equal, klein, tmp_path):
    """One respondent did not say whether there are children: the share of all minus both groups is that of one."""

    def change(given):
        for part in ("design", "ziehung", "raum") if equal else ():
            del given[part]

    profile = made(tmp_path, klein, change)
    assert (len(set(profile.design.gewicht)) == 1) == equal
    for key in ("zufrieden", "unzufrieden"):
        shown = profile.nach_gruppen(profile.auswertung.anteile[key])
        secret = shown[shown.grund == "geheim"]
        assert len(secret) == 1 and secret[["anteil", "n"]].isna().all(axis=None)
    poor = profile.armut_nach_gruppen.loc[["eltern", "kinderlos"]]
    assert (poor.grund == "geheim").sum() == 1


def test_a_report_without_areas_hides_what_the_one_by_areas_hides(small, klein, tmp_path):
    profile = made(tmp_path, klein, ebene="keine")
    whole = small.fragen[small.fragen.raum == "gesamt"]
    assert profile.fragen.zeichen.tolist() == whole.zeichen.tolist()
    assert profile.fragen.n.isna().tolist() == whole.n.isna().tolist()


def test_a_number_beside_the_tables_does_not_tell_what_they_hide(klein, tmp_path):
    """One person is divers, one answered on paper, two care for somebody."""

    def rows(header, lines):
        sex, care, mode = (header.index(name) for name in ("AL01", "GE02", "QUESTNNR"))
        for n, line in enumerate(lines):
            line[sex] = "3" if n == 50 else line[sex]
            line[care] = "1" if n in (60, 61) else "2"
            line[mode] = "papier" if n == 70 else "online"
        return lines

    profile = made(tmp_path, klein, rows=rows)
    book = profile.befragung.codebuch
    assert book.merkmal("AL01").labels[3] == "divers" and book.frage("GE03").filter[0].spalte == "GE02"
    fit = {row[0]: row for g in befragungsruecklauf.passung(profile).inhalt["gruppen"] for row in g["zeilen"]}
    assert fit["Männer"][1] == fit["Frauen"][1] == fit["Männer"][3] == fit["Frauen"][3] == "."
    assert fit["Männer"][4] == fit["Männer"][2] != "."
    answered = {row[0]: row[1] for g in befragungsruecklauf.ruecklauf(profile).inhalt["gruppen"] for row in g["zeilen"]}
    assert answered["geantwortet: Papier"] == answered["geantwortet: Online"] == "."
    asked = {row[0]: row[2:] for g in befragungsmethode.wortlaut(profile).inhalt["gruppen"] for row in g["zeilen"]}
    assert asked["Wie viele Stunden in der Woche pflegen Sie?"] == [".", "."]


def test_the_few_who_named_no_area_are_not_told_by_an_area_and_all_others(small):
    nowhere = small.raum.isna().to_numpy()
    told = [key for key in small.ja if 0 < small.ja[key][nowhere].sum() < 3]
    assert nowhere.sum() == 3 and told
    sure, found = dataclasses.replace(small), small.raumunterschiede
    sure.__dict__["raumunterschiede"] = found.assign(zufall=False, grund="")
    shares = sure.raumbefunde.index.get_level_values(1)
    assert not set(told) & set(shares) and set(small.ja) & set(shares)


def test_an_answer_against_its_filter_does_not_count(klein, tmp_path):
    def rows(header, lines):
        ki01, ki04 = header.index("KI01"), header.index("KI04")
        for line in [line for line in lines if line[ki01] == "2"][:20]:
            line[ki04] = "2"
        return lines

    profile = made(tmp_path, klein, rows=rows)
    table = profile.fragen[(profile.fragen.merkmal == "KI04") & (profile.fragen.raum == "gesamt")]
    assert table.n.dropna().max() <= 65
    assert "Antworten, obwohl die Frage nicht galt" in text_of(befragungsmethode.methode(profile))


def test_an_impossible_age_is_no_age(klein, tmp_path):
    def rows(header, lines):
        for line in lines[:6]:
            line[header.index("AL02_01")] = "999"
        return lines

    assert made(tmp_path, klein, rows=rows).gewichtung.merkmale.altersgruppe.isna().sum() > 8


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("alter", "OF01_01", "auswertung.alter: OF01_01 is of the type offen; expected zahl"),
        ("geschlecht", {"merkmal": "AL01", "weiblich": 1, "maennlich": 1}, "stands for both sexes"),
        ("geschlecht", {"merkmal": "AL01", "weiblich": 1, "maennlich": 9}, "has no answer 9"),
        ("haushalt", {"erwachsene": "AL01", "jugendliche": "HH01_02", "kinder": "HH01_03"}, "expected zahl"),
        ("anteile", {"arm": {"titel": "x y", "filter": "KI01=1"}}, "is that of a share of the income"),
        ("anteile", {"gleich": {"titel": "x y", "filter": "ZU02=4", "vergleich": ["eltern", "alleinerziehend"]}},
         "respondents are in both groups eltern and alleinerziehend"),
    ],
)  # fmt: skip
def test_a_wrong_description_is_one_sentence(klein, tmp_path, entry, value, message):
    def change(given):
        given["auswertung"][entry] = value

    with pytest.raises(InputError, match=message):
        profile = made(tmp_path, klein, change)
        sozialbefragung.anteile_tabelle(profile)


def test_contradicting_numbers_of_the_draw_are_refused(klein, tmp_path):
    name = next(n for n in klein if n.endswith("ziehung_musterkreis_2023.csv"))
    head, *lines = klein[name].decode("utf-8-sig").split("\r\n")
    twice = "\r\n".join([head, *lines[:-1], *lines]).encode("utf-8-sig")
    with pytest.raises(InputError, match="ziehung|n_gezogen"):
        made(tmp_path, klein | {name: twice})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kurz": "nix"}, "there is no survey 'nix' of the Kreis 99099; there are sozialbefragung_2023"),
        ({"armut_unter": 0.9}, "expected two shares of the median in this order"),
    ],
)
def test_wrong_parameters_are_named(klein, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        made(tmp_path, klein, **options)


def test_without_areas_and_without_what_to_show_there_is_still_a_report(klein, tmp_path):
    def change(given):
        for part in ("auswertung", "raum", "design", "ziehung"):
            del given[part]

    profile = made(tmp_path, klein, change)
    for cell in SEITE:
        assert text_of(show(cell, profile)), cell


def rows_of(output, name: str) -> dict[str, list[str]]:
    """Cells by their heading, of the table with a name among the outputs of a cell."""
    [table] = [o.inhalt for o in getattr(output, "ausgaben", [output]) if o.inhalt.get("name") == name]
    return {row[0]: row[1:] for group in table["gruppen"] for row in group["zeilen"]}


def percent(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%".replace(".", ",")


def test_the_poverty_rate_is_shown_under_every_way_from_brackets_to_incomes(whole):
    output = befragungsarmut.einkommen_und_armut(whole)
    ways = rows_of(output, "rechenwege")
    assert len(ways) == 4
    assert ways["in der Klasse ausgelost (so rechnet dieser Bericht)"][0] == percent(whole.zeile("arm").anteil)
    rates = befragungsarmut._rates_by_method(whole)
    bounds = whole.befragung.codebuch.frage("EK01").klassen
    # by hand: everybody in the middle of the bracket, the open one cannot be poor
    code = whole.befragung.daten.EK01
    mid = code.map({k: np.nan if high is None else ((low or 0) + high) / 2 for k, (low, high) in bounds.items()})
    mid = mid.mask(code == 14, 1e9).astype(float)
    need = whole.einkommen.haushalt / whole.einkommen.aequivalent
    poor, there = (mid / need < 0.6 * 2083), need.notna()
    by_hand = (whole.design.gewicht * poor)[there].sum() / whole.design.gewicht[there].sum()
    assert rates.wert["klassenmitte"] == pytest.approx(by_hand, rel=1e-12)
    assert rates.n_zelle["klassenmitte"] == (poor & there).sum()
    assert ways["Mitte der Klasse"][0] == percent(by_hand)
    assert "Prozentpunkte auseinander. Das ist kleiner als der Schwankungsbereich" in text_of(output)


def test_few_incomes_are_not_compared_under_several_ways(klein, tmp_path):
    profile = made(tmp_path, klein, grenzen=Grenzen(ohne_wert=180, unsicher=300))
    output = befragungsarmut.empfindlichkeit(profile)
    assert {tuple(cells[:2]) for cells in rows_of(output, "rechenwege").values()} == {("/", "kein Wert")}
    assert "Zum Vergleich gibt es zu wenige Antworten." in text_of(output)
    assert "Prozentpunkte" not in text_of(output)


def test_open_answers_are_counted_and_never_quoted(whole, small):
    missing, *_ = befragungsfragen.offene_fragen(whole).inhalt["gruppen"]
    assert missing["titel"] == "Was fehlt an Ihrem Wohnort?"
    kodiert = next(frage.kodiert for frage in whole.offen if frage.key == "OF01")
    hits, given = kodiert.gesundheit.fillna(False).to_numpy(bool), kodiert.gesundheit.notna().to_numpy()
    share = whole.design.gewicht[hits].sum() / whole.design.gewicht[given].sum()
    first = missing["zeilen"][0]
    assert first[:2] == ["Ärzte, Apotheke, Gesundheit", percent(share)] and first[3] == str(given.sum())
    for profile in (whole, small):
        text = text_of(befragungsfragen.offene_fragen(profile))
        assert "verrät oder beleidigt: 6." in text and OHNE_THEMA in text
        for frage in profile.offen:
            said = profile.befragung.daten[f"{frage.key}_01"].dropna()
            assert not [one for one in said if len(one) > 12 and one in text]
    counted = {frage.key: frage.kodiert.sum() for frage in small.offen}
    few = counted["OF03"][(counted["OF03"] > 0) & (counted["OF03"] < 3)]
    assert len(few) and text_of(befragungsfragen.offene_fragen(small)).count("kein Wert") == len(few)


def test_the_table_of_the_analyst_may_name_an_interview_that_does_not_count(ganz, tmp_path):
    """One broken off is no reason to refuse the table; one that nobody has is."""

    def change(given):
        given["offen"] = {"zuordnung": "zuordnung.csv"}

    root = write_survey(tmp_path, ganz, change)
    profile = made(tmp_path / "anders", ganz)
    assert profile.abgebrochen > 0
    from analysis.sources import befragung

    with inside(root):
        (root / "data/local/zuordnung.csv").write_text("id;frage;kategorie\n", encoding="utf-8")
        survey = befragung.load(root / "data/local/befragung.yaml")
        assert survey.fall == "CASE"
        gone = survey.daten.CASE[~survey.daten.CASE.isin(profile.befragung.daten.CASE) & survey.daten.OF01_01.notna()]
        kept = profile.befragung.daten.CASE[profile.befragung.daten.OF01_01.notna()]
        lines = [f"{case};OF01;arbeit" for case in [*gone[:1], *kept[:3]]]
        (root / "data/local/zuordnung.csv").write_text("\n".join(["id;frage;kategorie", *lines, ""]), encoding="utf-8")
        with Store(read_only=False):
            pass
        again = befragungsprofil.load("99099")
        assert again.offen[0].kodiert.arbeit.sum() == 3
        (root / "data/local/zuordnung.csv").write_text("id;frage;kategorie\n999999;OF01;arbeit\n", encoding="utf-8")
        with pytest.raises(InputError, match="no respondent has the id '999999'"):
            befragungsprofil.load("99099")


def test_the_method_says_whether_all_groups_answered_equally_often(whole, klein, tmp_path):
    question = "Haben alle Gruppen gleich oft geantwortet? (R-Indikator)"
    [text] = rows_of(befragungsmethode.methode(whole), "methode")[question]
    assert text.startswith("0,") and "1 heißt: alle gleich oft" in text
    alike = dataclasses.replace(whole, ziehung=whole.ziehung.assign(n_gezogen=300, n_unzustellbar=0, n_geantwortet=90))
    text = text_of(befragungsmethode.methode(alike))
    assert "1,00 (Schwankungsbereich" in text or "nicht berechenbar" in text
    nobody = whole.ziehung.assign(n_geantwortet=whole.ziehung.n_geantwortet.where(whole.ziehung.geschlecht == "w", 0))
    text = text_of(befragungsmethode.methode(dataclasses.replace(whole, ziehung=nobody)))
    assert "nicht berechenbar: in einer Gruppe antwortete niemand" in text

    def change(given):
        for part in ("design", "ziehung"):
            del given[part]

    assert "R-Indikator" not in text_of(befragungsmethode.methode(made(tmp_path, klein, change)))


def test_every_battery_and_multiple_choice_question_of_the_description_is_shown_with_its_base(whole):
    shown = befragungsfragen.batterien(whole).ausgaben
    assert [o.inhalt["name"] for o in shown] == [f"batterie_{n}" for n in ("zu01", "ki05", "mo02", "te01", "ei01")]
    assert all("Von wem: Befragte, die gültig geantwortet haben" in text_of(o) for o in shown)
    assert "(Leben Kinder unter 18 Jahren in Ihrem Haushalt? ja)" in text_of(shown[1])
    shown = befragungsfragen.mehrfachfragen(whole).ausgaben
    assert [o.inhalt["name"] for o in shown] == ["mehrfach_ki03", "mehrfach_ek04", "mehrfach_mo01"]
    assert all("Von wem: Befragte, die die Frage beantwortet haben" in text_of(o) for o in shown)


def test_a_bar_that_is_missing_is_said(small):
    """Who answers for parents only are few: a value of an item is hidden, so that its bar would not reach 100."""
    with_gap = [o for o in befragungsfragen.batterien(small).ausgaben if "ohne Balken" in o.inhalt["einheit"]]
    assert with_gap
    for o in with_gap:
        items = sum(len(g["zeilen"]) for g in o.inhalt["daten"]["gruppen"])
        missing = int(o.inhalt["einheit"].split("ohne Balken: ")[1].split()[0])
        assert f"für {items - missing} Angaben" in o.inhalt["alternativtext"]


def test_what_is_too_much_for_the_page_is_named_with_where_it_stands(whole, monkeypatch):
    monkeypatch.setattr(befragungsfragen, "HOECHSTENS", 2)
    *shown, rest = befragungsfragen.batterien(whole).ausgaben
    assert len(shown) == 2
    assert text_of(rest).endswith("nur im Tabellenband: „Erreichbarkeit“, „Teilhabe“ und „Zusammenhalt“.")
    assert "„Womit sind Sie im Alltag unterwegs?“." in text_of(befragungsfragen.mehrfachfragen(whole).ausgaben[-1])


def test_the_summary_counts_the_differences_that_are_named(whole):
    """A secret mean is named with its direction, a secret share is not: then there are at least so many."""
    found, count = whole.raumunterschiede, len(whole.raumbefunde)
    assert count == (~found.zufall).sum() >= 10
    assert f"{count}-mal war ein Ort anders als der Rest." in text_of(sozialbefragung.in_kuerze(whole))
    hidden, share = dataclasses.replace(whole), ("Kreisstadt Nord", "mehr_betreuung")
    at = found.index == share
    hidden.__dict__["raumunterschiede"] = found.assign(
        zufall=found.zufall & ~at, grund=found.grund.mask(at, "geheim"), differenz=found.differenz.mask(at, 0.4)
    )
    assert f"Mindestens {count}-mal war ein Ort anders" in text_of(sozialbefragung.in_kuerze(hidden))
    assert len(befragungsraeume.unterschiede(hidden).inhalt["gruppen"][0]["zeilen"]) == count
    assert "Ein weiterer fehlt: wenige" in text_of(befragungsraeume.unterschiede(hidden))
    only = dataclasses.replace(whole)
    only.__dict__["raumunterschiede"] = hidden.raumunterschiede.assign(zufall=~at)
    assert "Kein Unterschied, den wir zeigen dürfen, war größer" in text_of(sozialbefragung.in_kuerze(only))


def test_the_direction_of_a_secret_difference_is_told_without_its_values(whole, truth):
    """The largest difference of the documented truth, as if its mean were secret."""
    name = area_names(whole.befragung)["99099.hochland"]
    effects = {(item, area): size for item, areas in truth["skalen_mit_raumunterschied"].items()
               for area, size in areas.items()}  # fmt: skip
    assert min(effects, key=effects.get) == ("MO02_01", "99099.hochland")
    secret, found = dataclasses.replace(whole), whole.raumunterschiede
    secret.__dict__["raumunterschiede"] = found.assign(
        grund=found.grund.mask(found.index == (name, "MO02_01"), "geheim")
    )
    table = befragungsraeume.unterschiede(secret).inhalt
    [row] = [r for r in table["gruppen"][0]["zeilen"] if r[:2] == ["Erreichbarkeit: einen Supermarkt", name]]
    assert row[2:] == [".", ".", "niedriger", "kein Wert", "."]
    assert "Der Wert ist geheim" in text_of(befragungsraeume.unterschiede(secret))


def test_poverty_of_groups_is_told_in_words_with_what_is_chance(whole, small, klein, tmp_path):
    text = text_of(befragungsarmut.nach_gruppen(whole))
    row = whole.armut_nach_gruppen.loc["eltern"]
    assert f"Von den Eltern sind armutsgefährdet:\n{percent(row.anteil)} (".replace("\u00a0", " ") in text
    assert text.count("Der Unterschied zu allen übrigen liegt im Rahmen des Zufalls.") == 3
    sure = dataclasses.replace(whole)
    found = whole.gruppenvergleiche
    sure.__dict__["gruppenvergleiche"] = found.assign(
        zufall=[key != ("arm", "alleinerziehend") for key in found.index],
        pruefbar=[key != ("arm", "eltern") for key in found.index],
    )
    text = text_of(befragungsarmut.nach_gruppen(sure))
    assert "Das sind mehr als bei allen übrigen, und der Unterschied ist mehr als Zufall." in text
    assert "Ob der Unterschied zu allen übrigen mehr als Zufall ist, lässt sich nicht prüfen." in text
    assert "keine Zahl, zu wenige Antworten (n = " in text_of(befragungsarmut.nach_gruppen(small))


def test_what_nobody_was_asked_is_no_question(small):
    """The stratum of the draw is a column of the export; it is no sheet of the volume of tables and no question."""
    assert "SC01" in small.befragung.daten
    assert "SC01" not in set(small.fragen.frage) and "RA01" in set(small.fragen.frage)


def test_the_response_by_area_is_the_quotient_of_the_numbers_beside_it(whole):
    rows = rows_of(befragungsruecklauf.ruecklauf(whole), "ruecklauf")
    areas = [rows[name][0] for name in whole.raeume]
    assert len(areas) == 8
    for text in areas:
        share, answered, arrived = re.fullmatch(r"([\d,]+)\xa0% \((\d+) von (\d+)\)", text).groups()
        assert percent(int(answered) / int(arrived)) == f"{share}\u00a0%"


def test_a_description_that_says_little_still_makes_a_page(klein, kreisblick, tidy_file, tmp_path):
    """No weights, no incomes, no areas: nothing on the page refers to a table that is not there."""

    def change(given):
        for part in ("auswertung", "raum", "design", "ziehung"):
            del given[part]

    root = write_survey(tmp_path / "ordner", klein, change)
    shutil.copy(NOTEBOOK, root / "notebooks")
    assert kreisblick("import", tidy_file("99099;2019-12-31;bevoelkerung;100;;;thueringer_broschuere")).returncode == 0
    done = kreisblick("run", "--kreis", "99099", cwd=root)
    manifest = (root / "output" / "manifest.json").read_text(encoding="utf-8")
    assert done.returncode == 0, manifest
    page = (root / "output" / "99099_musterkreis_erfunden" / "04_sozialbefragung.html").read_text(encoding="utf-8")
    assert "Nicht geprüft: Passen die Antwortenden zur Bevölkerung?" in page
