"""The report on a survey: it tells true differences from chance, and hides what it must, on the invented Kreis."""

import itertools

import pandas as pd
import pytest
import yaml
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
from analysis.errors import InputError
from analysis.store import Store

SEITE = [
    sozialbefragung.kopf, sozialbefragung.in_kuerze, sozialbefragung.lesehilfe, befragungsruecklauf.ruecklauf,
    befragungsruecklauf.verlauf, befragungsruecklauf.passung, befragungsarmut.armutsquoten,
    lambda p: befragungsraeume.je_raum(p, "armut"), lambda p: sozialbefragung.anteile(p, "familie"),
    lambda p: befragungsraeume.je_raum(p, "familie"), befragungsfragen.mehrfach, befragungsfragen.batterie,
    sozialbefragung.anteile_tabelle, befragungsraeume.unterschiede, sozialbefragung.tabellenband,
    befragungsmethode.methode, befragungsmethode.wortlaut,
]  # fmt: skip


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

    shown = {key: part for key, part in output.inhalt.items() if key != "xlsx"}
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
    names = befragungsprofil.area_names(whole.befragung)
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
    names = befragungsprofil.area_names(whole.befragung)
    areas = {area: whole.zeile("arm", names[area]) for area in truth["alle"]["arm_je_planungsraum"]}
    missed = [a for a, row in areas.items() if not row.unten <= truth["alle"]["arm_je_planungsraum"][a] <= row.oben]
    assert len(missed) <= 1


def test_weights_reach_the_population_and_the_page_says_how(whole):
    assert whole.gewichtung.bevoelkerung == "ziehung"  # the store of this workspace holds no register
    assert whole.gewichtung.bericht.summen.abweichung_anteil.abs().max() < 1e-9
    assert list(whole.gewichtung.raender) == [("altersgruppe", "geschlecht"), "raum"]
    assert "Raking auf Alter × Geschlecht und Raum" in text_of(befragungsmethode.methode(whole))


def test_every_cell_of_the_notebook_shows_something(small, whole):
    for show, profile in itertools.product(SEITE, (small, whole)):
        assert text_of(show(profile))


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
    for show in SEITE:
        assert text_of(show(profile))


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


def test_the_one_who_is_in_no_group_cannot_be_worked_out(klein, tmp_path):
    """With equal weights counts follow from shares; one respondent did not say whether there are children."""

    def change(given):
        for part in ("design", "ziehung", "raum"):
            del given[part]

    profile = made(tmp_path, klein, change)
    assert len(set(profile.design.gewicht)) == 1
    hidden = 0
    for key in ("zufrieden", "unzufrieden"):
        share = profile.auswertung.anteile[key]
        table = profile._by(key, profile._sides(share))
        rest = table[table.raum == befragungsprofil.OHNE]
        assert (rest.grund != "").all() and rest.n.max(skipna=True) is not None
        hidden += (profile.nach_gruppen(share).grund == "geheim").sum()
    assert hidden


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

    profile = made(tmp_path, klein, change, je_raum=True)
    for show in SEITE:
        assert text_of(show(profile))
