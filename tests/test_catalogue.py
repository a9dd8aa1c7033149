import datetime as dt
import shutil
from pathlib import Path

import pytest

import analysis.catalogue
from analysis.catalogue import katalog, load_katalog
from analysis.errors import InputError
from analysis.yaml_files import load_yaml

SHIPPED = Path(analysis.catalogue.__file__).with_name("catalogue.yaml")


@pytest.fixture
def changed(tmp_path):
    """Shipped catalogue with one text replaced; the text must be there exactly where it is replaced."""

    def change(old: str, new: str) -> Path:
        text = SHIPPED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "catalogue.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


def test_every_shipped_indicator_is_fully_described():
    catalogue = katalog()
    assert len(catalogue.indikatoren) >= 45
    for indikator in catalogue.indikatoren.values():
        assert indikator.definition and indikator.zaehler and indikator.nenner
        assert indikator.quelle in catalogue.quellen
        assert set(indikator.groessen) <= set(catalogue.groessen)
        assert indikator.definition.startswith("Wie viele")
        assert len(indikator.kurz) <= 50


NIE_FEHLEND = [
    *("mindestsicherungsquote", "erweiterte_mindestsicherungsquote", "nef_quote_unter_15", "bg_mit_kindern"),
    *("unter_18_in_bg", "kinder_unter_personen_in_bg", "arbeitslosenanteil_15_64", "langzeitarbeitslosenanteil"),
    *("atypische_beschaeftigung", "geringfuegig_beschaeftigte", "teilzeitanteil", "leiharbeit"),
    *("grundsicherung_im_alter", "hilfe_zum_lebensunterhalt", "asylblg", "wohngeld_je_1000", "kinderzuschlag_je_100"),
    *("schulabgaenge_ohne_abschluss", "but_inanspruchnahme", "seu_sprache", "foerderquote", "kita_plaetze_je_100"),
    *("kita_3_bis_5_je_100", "auslaenderanteil", "altenquotient", "alleinerziehende_unter_familien"),
    *("einkommen_je_einwohner", "nettokaltmiete", "wanderungssaldo_je_1000", "geburten_je_1000"),
    *("pflegebeduerftige_anteil", "wahlbeteiligung_bundestag", "vereine_je_1000"),
]
"""What the strategies of the Kreise name."""


def test_what_the_strategies_name_is_there_and_every_lebenslage_has_some():
    catalogue = katalog()
    assert set(NIE_FEHLEND) <= set(catalogue.indikatoren)
    assert len({i.lebenslage for i in catalogue.indikatoren.values()}) == 8
    for indikator in catalogue.indikatoren.values():
        assert len(indikator.code) >= 8 and len(indikator.hinweis) >= 30, indikator.id
        assert indikator.art != "rate" or indikator.einheit.startswith("je_")


def test_shares_of_bedarfsgemeinschaften_and_of_persons_say_that_they_are_not_the_same():
    for id in ("bg_mit_kindern", "unter_18_in_bg"):
        assert "nicht dasselbe" in katalog().indikator(id).hinweis
    assert "Prozent oder Prozentpunkte" in katalog().indikator("erweiterte_mindestsicherungsquote").hinweis


def test_series_of_the_sgb_ii_break_where_people_from_ukraine_came_in():
    days = {b.datum.isoformat() for b in katalog().indikator("nef_quote_unter_15").brueche}
    assert {"2005-01-01", "2011-12-31", "2022-06-01", "2022-12-31"} == days
    # counts of the Bundesagentur alone do not depend on the population
    assert {b.datum.year for b in katalog().indikator("bg_mit_kindern").brueche} == {2005, 2022}
    # the age of the unemployed hardly changed by those who came in
    assert {b.datum.year for b in katalog().indikator("juengere_unter_arbeitslosen").brueche} == {2005}


def test_a_census_breaks_every_series_with_official_residents_from_the_first_value_that_it_changes():
    for indikator in katalog().indikatoren.values():
        days = {b.datum for b in indikator.brueche if "Zensus 2022" in b.grund}
        official = any(g.startswith("bevoelkerung") for g in indikator.aus.get("nenner", []))
        if indikator.nenner_stichtag == "jahresende_davor":
            assert days == ({dt.date(2022, 12, 31)} if official else set()), indikator.id
        elif official:
            assert days == {dt.date(2022, 5, 15)}, indikator.id


def test_every_quantity_is_used_by_an_indicator_or_delivered_under_known_codes_or_headers():
    used = {g for i in katalog().indikatoren.values() for g in i.groessen}
    for file in SHIPPED.parent.glob("sources/tabellen/*.yaml"):
        description = load_yaml(file)
        entries = description["zeilen"]["groessen"] if "zeilen" in description else description["spalten"]
        used |= {entry["groesse"] for entry in entries}
    assert {id for id, g in katalog().groessen.items() if not (g.genesis or g.inkar)} <= used


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    richtung: ohne\n", "", r"indikatoren\.anteil_unter_18: 'richtung' is a required property"),
        ("richtung: ohne", "richtung: gut", r"indikatoren\.anteil_unter_18\.richtung: 'gut' is not one of"),
        ("    label: Bevölkerung\n", "", r"groessen\.bevoelkerung: 'label' is a required property"),
        ("lebenslage: Migration", "lebenslage: Freizeit", r"lebenslage: 'Freizeit' is not one of"),
        ("zaehler: [bevoelkerung_unter_18]", "zaehler: [kinder]", r"unter_18\.aus: there is no quantity 'kinder'"),
        ("aus: {quote: auslaenderanteil,", "aus: {quota: auslaenderanteil,", r"indikatoren\.auslaenderanteil"),
        ("aus: {quote: auslaenderanteil,", "aus: {quote: bevoelkerung,", "needs published rates, not counts"),
        ("basis: [bevoelkerung]}", "basis: [auslaenderanteil]}", "basis: 'auslaenderanteil' is not a count"),
        ("basis_faktor: 0.5", "basis_faktor: 2", "2 is greater than the maximum of 1"),
        ("basis: [bevoelkerung_18_64], basis_faktor", "basis_faktor", "'basis' is a dependency of 'basis_faktor'"),
        ("    quelle: ilm_kreis_2018\n", "    quelle: irgendwo\n", "there is no source 'irgendwo'"),
        ("datum: 2011-05-09", "datum: Mai 2011", r"brueche: 'Mai 2011' is not a date"),
        ("  bevoelkerung_18_64:\n", "  bevoelkerung:\n", "'bevoelkerung' stands twice"),
        ("stellen: 1", "stellen: eins", r"stellen: 'eins' is not of type 'integer'"),
        ("einheit: je_100\n", "einheit: promille\n", "'promille' is not one of"),
        ("    ebene: gemeinde\n", "", r"indikatoren\.anteil_unter_18: 'ebene' is a required property"),
        ("    ebene: gemeinde\n", "    ebene: haus\n", r"anteil_unter_18\.ebene: 'haus' is not one of"),
        ("    code: GENESIS", "    kode: GENESIS", r"indikatoren\.anteil_unter_18"),
        ("nenner_stichtag: jahresende_davor", "nenner_stichtag: irgendwann", "'irgendwann' is not one of"),
        ("abzug: [fortzuege], ", "", r"wanderungssaldo_je_1000\.aus"),
        ("aus: {quote: nettokaltmiete_je_m2}", "aus: {quote: mietbelastung}", "only betrag, needs an amount"),
        ("einheit: eur\n    stellen: 2", "einheit: je_100\n    stellen: 2", "only betrag, is told in eur"),
        ("aus: {quote: mietbelastung}\n", "aus: {quote: mietbelastung}\n    nenner_stichtag: jahresende_davor\n",
         "mietbelastungsquote.nenner_stichtag: veroeffentlicht has no counted denominator"),
    ],
)  # fmt: skip
def test_a_broken_entry_is_named(changed, old, new, message):
    with pytest.raises(InputError, match=message):
        load_katalog(changed(old, new))


def test_an_analyst_adds_an_indicator_in_yaml_alone(changed):
    entry = SHIPPED.read_text(encoding="utf-8").partition("  anteil_unter_18:\n")[2].partition("  anteil_18_64:\n")[0]
    new = f"  neu:\n{entry.replace('&volkszaehlungen', '')}"
    path = changed("indikatoren:\n  anteil_unter_18:\n", f"indikatoren:\n{new}  anteil_unter_18:\n")
    assert load_katalog(path).indikator("neu").groessen == ("bevoelkerung_unter_18", "bevoelkerung")


def test_an_unknown_id_is_named_with_the_nearest_known_ones():
    with pytest.raises(InputError, match="Größe 'bevölkerung'.*did you mean bevoelkerung"):
        katalog().groesse("bevölkerung")
    with pytest.raises(InputError, match="Indikator 'x' is not in the catalogue"):
        katalog().indikator("x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a YAML mapping"),
        (b"a: [", "not valid YAML"),
        (b"a: \xff", "not UTF-8"),
        (b"- a", "expected a YAML"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path, content, message):
    path = tmp_path / "k.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_katalog(path)
    with pytest.raises(InputError, match="no such file"):
        load_katalog(tmp_path / "fehlt.yaml")


def test_the_shipped_file_is_not_changed_by_reading(tmp_path):
    copy = shutil.copy(SHIPPED, tmp_path / "catalogue.yaml")
    assert load_katalog(Path(copy)) == katalog()
