"""Everything that a survey says about a Kreis, computed once, ready for its report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import auswertung as auswertungen
from analysis import regelwerk
from analysis.answers import valid
from analysis.auswertung import RESERVIERT, Anteil, Auswertung, has_property, member
from analysis.befragungseinkommen import income_of
from analysis.befragungsgebiete import area_names, shown_areas
from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.disclosure.regeln import Regel
from analysis.errors import InputError
from analysis.regions import Kreis, kreis
from analysis.sources import befragung as befragungen
from analysis.sources.befragung import Befragung
from analysis.sources.befragung_beschreibung import find
from analysis.store import Store
from analysis.survey import checks, comparison, interview, open_answers, open_tables, response
from analysis.survey.armut import Bezugsmedian
from analysis.survey.befragungsdesign import Gewichtung, sample, weighted
from analysis.survey.design import Design
from analysis.survey.einkommen import Einkommen
from analysis.survey.group_suppression import linked, told_apart
from analysis.survey.open_tables import OffeneFrage
from analysis.survey.reliability import FIGUREN, GEHEIM, GRENZEN, Grenzen, publishable
from analysis.survey.tabulate import GESAMT, tabulate

ARM, GERING = RESERVIERT
"""Keys of the two shares of poverty beside those that the description names."""

UEBRIGE, OHNE = "übrige", "ohne Angabe"
"""Respondents who are known not to be in a group, and those of whom it is not known."""


@dataclass(frozen=True)
class Befragungsprofil:
    """A survey with its weights and its results.

    Attributes
    ----------
    befragung
        The survey with those interviews that count (without broken off ones).
    abgebrochen
        Interviews that were broken off before half of the questions.
    quoten
        Dispositions and response rates by AAPOR, one row; None where the description says nothing of the draw.
    ziehung
        Drawn sample by cells with the answers of each; None where its file is not there or does not count answers.
    offen
        Open questions with coded answers.
    raumnamen
        Key of each area of the survey → name of the area of the report that it belongs to; empty without areas.
    raum
        Name of the area of each respondent; None without areas.
    fragen
        `tabulate` of the whole questionnaire without the columns of the design, overall and by area, with signs.
    anteile
        The same for the shares that the description names and for poverty, as yes/no items.
    pruefungen
        What was checked before the evaluation, and found (`checks.checks`).
    einkommen, bezug
        Equivalised incomes, and the medians that thresholds are taken from (name → median); None, empty without.
    baender
        Shares of the median: below the first is poor, from there to the second low.
    regel
        Rule of what is withheld of surveys.
    zitate
        Text of each rule by which open answers were released to be quoted, with their number.
    """

    kreis: Kreis
    befragung: Befragung
    auswertung: Auswertung
    gewichtung: Gewichtung
    abgebrochen: int
    quoten: pd.DataFrame | None
    ziehung: pd.DataFrame | None
    offen: list[OffeneFrage]
    raumnamen: dict[str, str]
    raum: pd.Series | None
    fragen: pd.DataFrame
    anteile: pd.DataFrame
    ja: pd.DataFrame
    pruefungen: pd.DataFrame
    einkommen: Einkommen | None
    bezug: dict[str, Bezugsmedian]
    baender: tuple[float, float]
    grenzen: Grenzen
    regel: Regel
    zitate: dict[str, int]

    @property
    def design(self) -> Design:
        """Design with the final weights."""
        return self.gewichtung.design

    @property
    def n(self) -> int:
        """Respondents that count."""
        return len(self.befragung.daten)

    @property
    def raeume(self) -> list[str]:
        """Names of the areas in the order of the description."""
        return list(dict.fromkeys(self.raumnamen.values()))

    def gruppe(self, key: str) -> pd.Series:
        """Whether each respondent is in a group of the description; NA where not known."""
        return member(self.befragung.daten, self.befragung.codebuch, self.auswertung.gruppen[key].filter)

    def zeile(self, anteil: str, raum: str = GESAMT) -> pd.Series:
        """Row of a named share in `anteile`, overall or in an area; without value if nobody is there."""
        return _row(self.anteile[(self.anteile.merkmal == anteil) & (self.anteile.raum == raum)])

    def nach_gruppen(self, anteil: Anteil) -> pd.DataFrame:
        """Rows of a named share per group of its `vergleich`, index: key of the group."""
        return self._by(anteil.key, anteil.vergleich)

    @cached_property
    def armut_nach_gruppen(self) -> pd.DataFrame:
        """Rows of the poverty rate per group of the description, index: key of the group."""
        return self._by(ARM, tuple(self.auswertung.gruppen))

    @cached_property
    def gruppenvergleiche(self) -> pd.DataFrame:
        """All comparisons of groups (`comparison.between`), corrected together (Holm).

        Index: share and group; for the shares of a `vergleich` the group is empty, for poverty it is the group that is
        compared with all others.
        """
        pairs = {(s.key, ""): (self._sides(s), s.vergleich) for s in self.auswertung.anteile.values() if s.vergleich}
        if self.einkommen is not None:
            pairs |= {(ARM, g): (self._inside(g), (g, UEBRIGE)) for g in self.auswertung.gruppen}
        rows = {key: _compared(self.design, self.ja[key[0]], sides, pair) for key, (sides, pair) in pairs.items()}
        table = pd.DataFrame(rows).T
        if table.empty:
            return table
        p = comparison.corrected(table.p_vorsichtig.astype(float).fillna(1.0))
        return table.assign(p_korrigiert=p, zufall=~(p < 0.05) | ~table.pruefbar.astype(bool))

    @cached_property
    def raumunterschiede(self) -> pd.DataFrame:
        """Named shares, poverty and all scales by area against all other areas (`comparison.against_rest`).

        Corrected for all comparisons together; with the sign and the reason of the value that it is about.
        """
        found = comparison.against_rest(self.design, self.vergleichswerte, self.raum)
        means = self.fragen[self.fragen.kennzahl == "mittelwert"]
        shown = pd.concat([self.anteile[self.anteile.auspraegung == 1], means])
        shown = shown.drop_duplicates(["raum", "merkmal"]).set_index(["raum", "merkmal"])[["zeichen", "grund"]]
        signs = shown.astype(str).reindex(found.index)
        return found.assign(zeichen=signs.zeichen.fillna("/"), grund=signs.grund.fillna("unsicher"))

    @property
    def raumbefunde(self) -> pd.DataFrame:
        """The rows of `raumunterschiede` that are more than chance and may be named.

        Of the mean of a scale that is secret the direction may be told: it says nothing of how many gave an answer. A
        share stands beside that of all other areas: together they must not tell what those answered who named none.
        """
        found = self.raumunterschiede
        scale = ~found.index.get_level_values(1).isin(self.ja.columns)
        found = found[~found.zufall & ((found.grund == "") | (scale & (found.grund == "geheim")))]
        return found[[key not in self.ja or not self._rest_told(raum, key) for raum, key in found.index]]

    def _rest_told(self, raum: str, anteil: str) -> bool:
        sides = pd.DataFrame({"dort": self.raum == raum, "andere": self.raum.notna() & (self.raum != raum)})
        return bool(told_apart(sides, self.ja[anteil], self.design.gewicht, self.regel.kleinste))

    @cached_property
    def vergleichswerte(self) -> pd.DataFrame:
        """Numbers that are compared between areas: named shares, poverty, and all scales."""
        book, daten = self.befragung.codebuch, self.befragung.daten
        scales = {
            m.spalte: valid(daten, book, m.spalte).astype("Float64")
            for frage in book.fragen
            if frage.typ == "skala"
            for m in frage.items
            if pd.api.types.is_integer_dtype(daten[m.spalte])
        }
        return self.ja.astype("Float64").join(pd.DataFrame(scales, index=self.ja.index))

    def _sides(self, anteil: Anteil) -> pd.Series:
        """Group of the `vergleich` of each respondent; `OHNE` where in none."""
        first, second = (self.gruppe(key).fillna(False).to_numpy(bool) for key in anteil.vergleich)
        if (first & second).any():
            raise InputError(
                f"auswertung.anteile.{anteil.key}.vergleich: {int((first & second).sum())} respondents are in both "
                f"groups {' and '.join(anteil.vergleich)}; expected groups without common members"
            )
        sides = np.select([first, second], anteil.vergleich, OHNE)
        return pd.Series(sides, self.ja.index, dtype=object)

    def _inside(self, gruppe: str) -> pd.Series:
        inside = self.gruppe(gruppe)
        sides = np.select([inside.isna(), inside.fillna(False).astype(bool)], [OHNE, gruppe], UEBRIGE)
        return pd.Series(sides, self.ja.index, dtype=object)

    def _by(self, anteil: str, gruppen: tuple[str, ...]) -> pd.DataFrame:
        """A share by groups that are shown beside each other and beside all, so that no rest of few persons follows."""
        inside = pd.DataFrame({key: self.gruppe(key).fillna(False).astype(bool) for key in gruppen}, self.ja.index)
        rows = {}
        for key in gruppen:
            sides = pd.Series(np.where(inside[key], key, None), self.ja.index, dtype=object)
            table = _table(self.ja[[anteil]], self.auswertung, self.design, sides, self.grenzen, self.regel)
            rows[key] = _row(table[table.raum == key])
        shown = [key for key in gruppen if not rows[key].grund]
        secret = told_apart(inside[shown], self.ja[anteil], self.design.gewicht, self.regel.kleinste)
        secret = shown if self.zeile(anteil).grund == "geheim" else secret
        return pd.DataFrame({key: _secret(row) if key in secret else row for key, row in rows.items()}).T


def _secret(row: pd.Series) -> pd.Series:
    """Row of a table with signs without its figures, for the persons' sake."""
    nothing = dict.fromkeys([*FIGUREN, "gefragt", "n"], np.nan)
    return pd.Series(row.to_dict() | nothing | {"zeichen": GEHEIM, "grund": "geheim"}, dtype=object)


def _row(rows: pd.DataFrame) -> pd.Series:
    """Row of those who have the property; one without value if the area or group has no respondents."""
    rows = rows[rows.auspraegung == 1]
    if len(rows):
        return rows.iloc[0]
    empty = {"n": 0, "anteil": np.nan, "se": np.nan, "unten": np.nan, "oben": np.nan}
    return pd.Series(empty | {"zeichen": "/", "grund": "unsicher"}, dtype=object)


def _compared(design: Design, ja: pd.Series, sides: pd.Series, pair: tuple[str, str]) -> pd.Series:
    """One comparison; one that cannot be tested if a side has nobody."""
    if not set(pair) <= set(sides):
        return pd.Series({"n": 0, "n_andere": 0, "differenz": np.nan, "pruefbar": False, "p_vorsichtig": np.nan})
    return comparison.between(design, ja, sides, [pair]).iloc[0]


def load(
    ags: str,
    kurz: str = "",
    *,
    ebene: str = "",
    armut_unter: float = 0.6,
    gering_unter: float = 0.85,
    grenzen: Grenzen = GRENZEN,
) -> Befragungsprofil:
    """Read and evaluate a survey of a Kreis.

    Parameters
    ----------
    kurz
        Short name of the survey in its description; the newest one if empty.
    ebene
        Level of the areas: `planungsraum`, `keine`, or empty for those that the survey asked for.
    armut_unter, gering_unter
        Thresholds as shares of the median income.

    Raises
    ------
    InputError
        The Kreis has no such survey, its description or data are wrong, or an area has no such level.
    """
    this = kreis(ags)
    if not 0 < armut_unter < gering_unter <= 2:
        raise InputError(
            f"thresholds {armut_unter} and {gering_unter}: expected two shares of the median in this order"
        )
    rules = regelwerk.load()
    rule = rules.of(regelwerk.BEFRAGUNG)
    grenzen = replace(
        grenzen,
        ohne_wert=max(grenzen.ohne_wert, rule.mindestbasis),
        unsicher=max(grenzen.unsicher, rule.mindestbasis),
    )
    survey = befragungen.load(find(ags, kurz))
    wanted = auswertungen.read(survey.angaben, survey.codebuch)
    technical = design_columns(survey)
    disposition = interview.dispositions(survey.daten, survey.codebuch, technical)
    counts = disposition != "R"
    if counts.sum() < 2:
        raise InputError(f"{survey.pfad}: {counts.sum()} interviews are not broken off; expected at least two")
    drawn = sample(survey)
    found = checks.checks(survey.daten, survey.codebuch, survey.angaben, ziehung=drawn)
    checks.require(found)
    with Store() as store:
        gewichtung = weighted(survey, wanted, counts, drawn, store)
        areas = shown_areas(survey, ebene, store)
    quoten = (
        response.response_rates(survey, disposition) if "unzustellbar" in survey.angaben.get("ziehung", {}) else None
    )
    kept = replace(survey, daten=survey.daten[counts.to_numpy()].reset_index(drop=True))
    valid_survey = _without_contradictions(kept)
    design = gewichtung.design
    raum = valid_survey.raum.map(areas).astype(object) if areas else None
    protected = _filled(raum if areas else _asked(valid_survey))
    einkommen, bezug = income_of(valid_survey, wanted, design)
    questions = publishable(tabulate(valid_survey, design, protected), grenzen, rule.kleinste)
    yes = _named(valid_survey, wanted)
    if einkommen is not None:
        middle = next(reversed(bezug.values())).wert  # from outside where one is given
        income = einkommen.aequivalent
        known = income.notna()
        for key, low, high in ((ARM, 0, armut_unter), (GERING, armut_unter, gering_unter)):
            yes[key] = ((income >= low * middle) & (income < high * middle)).astype("Int64").where(known)
    return Befragungsprofil(
        kreis=this,
        befragung=valid_survey,
        auswertung=wanted,
        gewichtung=gewichtung,
        abgebrochen=int((~counts).sum()),
        quoten=quoten,
        ziehung=drawn if drawn is not None and "n_geantwortet" in drawn else None,
        offen=open_tables.coded(_without_contradictions(survey), counts),
        raumnamen=areas,
        raum=raum,
        fragen=_shown(questions[~questions.merkmal.isin(technical)], raum),
        anteile=_shown(
            _table(yes, wanted, design, protected, grenzen, rule, linked(questions, wanted.bedingungen)), raum
        ),
        ja=yes,
        pruefungen=found,
        einkommen=einkommen,
        bezug=bezug,
        baender=(armut_unter, gering_unter),
        grenzen=grenzen,
        regel=rule,
        zitate=open_answers.releases(survey, dict(rules.freigaben)),
    )


def design_columns(survey: Befragung) -> list[str]:
    """Columns that say how a person was drawn (stratum, cluster, weight), which nobody was asked."""
    return [column for role, column in survey.angaben.get("design", {}).items() if role != "schluessel"]


def _filled(raum: pd.Series | None) -> pd.Series | None:
    """Areas with those who named none as one of them, so that nobody can be worked out as the rest."""
    return None if raum is None else raum.fillna(OHNE)


def _asked(survey: Befragung) -> pd.Series | None:
    """Areas as the survey asked for them; None where it did not."""
    names = area_names(survey)
    return survey.raum.map(names).astype(object) if names else None


def _shown(table: pd.DataFrame, raum: pd.Series | None) -> pd.DataFrame:
    """Rows of a report: without areas those of all, protected like beside the areas, which another report may show."""
    if raum is not None or table.empty:
        return table
    whole = table[table.raum == GESAMT].reset_index(drop=True)
    return whole.assign(raum=whole.raum.cat.remove_unused_categories())


def _without_contradictions(survey: Befragung) -> Befragung:
    """Survey without answers to questions whose filter is known not to hold; `hinweise` counts them."""
    daten = survey.daten.copy()
    for frage in survey.codebuch.fragen:
        if frage.filter:
            outside = ~member(survey.daten, survey.codebuch, frage.filter).fillna(True).astype(bool)
            for m in frage.merkmale:
                daten[m.spalte] = daten[m.spalte].mask(outside)
    return replace(survey, daten=daten)


def _named(survey: Befragung, wanted: Auswertung) -> pd.DataFrame:
    """Named shares per respondent: 1, 0, NA where not asked, not answered or not in the group."""
    columns = {}
    for share in wanted.anteile.values():
        inside = has_property(survey.daten, survey.codebuch, share.filter)
        if share.unter:
            base = member(survey.daten, survey.codebuch, wanted.gruppen[share.unter].filter)
            inside = inside.mask(~base.fillna(False).astype(bool))
        columns[share.key] = inside.astype("Int64")
    return pd.DataFrame(columns, index=survey.daten.index)


def _table(
    yes: pd.DataFrame, wanted: Auswertung, design: Design, raum, grenzen: Grenzen, regel: Regel, auch=()
) -> pd.DataFrame:
    """Shares of yes/no items, overall and by area, with signs (as `tabulate`)."""
    labels: Mapping[str, str] = {share.key: share.titel for share in wanted.anteile.values()}
    book = Codebuch(
        tuple(
            Frage(key, "einfach", (Merkmal(key, "einfach", labels.get(key, key), {1: "ja", 0: "nein"}),)) for key in yes
        )
    )
    if yes.empty and not len(yes.columns):
        return pd.DataFrame()
    return publishable(tabulate((yes, book), design, raum), grenzen, regel.kleinste, auch)
