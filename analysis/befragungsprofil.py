"""Everything that a survey says about a Kreis, computed once, ready for its report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis import auswertung as auswertungen
from analysis.auswertung import Anteil, Auswertung, member
from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.errors import InputError
from analysis.regions import Kreis, kreis
from analysis.sources import befragung as befragungen
from analysis.sources.befragung import Befragung
from analysis.store import Store
from analysis.survey import armut, checks, comparison, interview, response
from analysis.survey.armut import Bezugsmedian
from analysis.survey.befragungsdesign import Gewichtung, sample, weighted
from analysis.survey.design import Design
from analysis.survey.einkommen import Einkommen, aus_befragung
from analysis.survey.reliability import GRENZEN, Grenzen, publishable
from analysis.survey.tabulate import GESAMT, tabulate

ARM, GERING = "arm", "geringes_einkommen"
"""Keys of the two shares of poverty beside those that the description names."""


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
    antworten_je_raum
        Response by area of the drawn sample; None where its file is not there.
    raum
        Name of the area of each respondent; None where the survey has no areas.
    fragen
        `tabulate` of the whole questionnaire, overall and by area, with signs.
    anteile
        The same for the shares that the description names and for poverty, as yes/no items.
    pruefungen
        What was checked before the evaluation, and found (`checks.checks`).
    einkommen, bezug
        Equivalised incomes, and the medians that thresholds are taken from (name → median); None, empty without.
    baender
        Shares of the median: below the first is poor, from there to the second low.
    """

    kreis: Kreis
    befragung: Befragung
    auswertung: Auswertung
    gewichtung: Gewichtung
    abgebrochen: int
    quoten: pd.DataFrame | None
    antworten_je_raum: pd.DataFrame | None
    raum: pd.Series | None
    fragen: pd.DataFrame
    anteile: pd.DataFrame
    ja: pd.DataFrame
    pruefungen: pd.DataFrame
    einkommen: Einkommen | None
    bezug: dict[str, Bezugsmedian]
    baender: tuple[float, float]
    grenzen: Grenzen

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
        return [] if self.raum is None else [name for name in area_names(self.befragung).values()]

    def gruppe(self, key: str) -> pd.Series:
        """Whether each respondent is in a group of the description; NA where not known."""
        return member(self.befragung.daten, self.befragung.codebuch, self.auswertung.gruppen[key].filter)

    def zeile(self, anteil: str, raum: str = GESAMT) -> pd.Series:
        """Row of a named share in `anteile`: how many have it, overall or in an area."""
        rows = self.anteile[
            (self.anteile.merkmal == anteil) & (self.anteile.raum == raum) & (self.anteile.auspraegung == 1)
        ]
        return rows.iloc[0]

    def nach_gruppen(self, anteil: Anteil) -> pd.DataFrame:
        """Rows of a named share per group of its `vergleich`, index: key of the group."""
        gruppe = pd.Series(pd.NA, self.befragung.daten.index, object)
        for key in anteil.vergleich:
            gruppe[self.gruppe(key).fillna(False).to_numpy(bool)] = key
        table = _table(self.ja[[anteil.key]], self.auswertung, self.design, gruppe, self.grenzen)
        rows = table[(table.auspraegung == 1) & (table.raum != GESAMT)]
        return rows.set_index("raum").reindex(anteil.vergleich)

    def in_gruppe(self, gruppe: str, anteil: str) -> tuple[pd.Series, pd.Series]:
        """Row of a share within a group, and its difference from everybody who is known not to be in the group."""
        inside = self.gruppe(gruppe)
        table = _table(self.ja[[anteil]], self.auswertung, self.design, inside.fillna(False).astype(bool), self.grenzen)
        row = table[(table.raum != GESAMT) & (table.auspraegung == 1)].iloc[0]
        sides = inside.map({True: "drin", False: "übrige"}).astype(object)
        return row, comparison.between(self.design, self.ja[anteil], sides, [("drin", "übrige")]).iloc[0]

    def unterschied(self, anteil: Anteil) -> pd.Series:
        """Difference of the two groups of a named share's `vergleich` (`comparison.between`)."""
        gruppe = pd.Series(pd.NA, self.befragung.daten.index, object)
        for key in anteil.vergleich:
            gruppe[self.gruppe(key).fillna(False).to_numpy(bool)] = key
        return comparison.between(self.design, self.ja[anteil.key], gruppe, [anteil.vergleich]).iloc[0]

    def raumunterschiede(self, keys: list[str]) -> pd.DataFrame:
        """Each area against all others for named shares, corrected for all comparisons (`comparison.against_rest`)."""
        return comparison.against_rest(self.design, self.ja[keys], self.raum)


def load(
    ags: str,
    kurz: str = "",
    *,
    je_raum: bool = True,
    armut_unter: float = 0.6,
    gering_unter: float = 0.85,
    grenzen: Grenzen = GRENZEN,
) -> Befragungsprofil:
    """Read and evaluate a survey of a Kreis.

    Parameters
    ----------
    kurz
        Short name of the survey in its description; the newest one if empty.
    je_raum
        Whether results are given by area, too.
    armut_unter, gering_unter
        Thresholds as shares of the median income.

    Raises
    ------
    InputError
        The Kreis has no such survey, or its description or data are wrong.
    """
    this = kreis(ags)
    if not 0 < armut_unter < gering_unter <= 2:
        raise InputError(
            f"thresholds {armut_unter} and {gering_unter}: expected two shares of the median in this order"
        )
    survey = befragungen.load(_path(ags, kurz))
    wanted = auswertungen.read(survey.angaben, survey.codebuch)
    technical = [column for role, column in survey.angaben.get("design", {}).items() if role != "schluessel"]
    disposition = interview.dispositions(survey.daten, survey.codebuch, technical)
    counts = disposition != "R"
    if counts.sum() < 2:
        raise InputError(f"{survey.pfad}: {counts.sum()} interviews are not broken off; expected at least two")
    drawn = sample(survey)
    found = checks.checks(survey.daten, survey.codebuch, survey.angaben, ziehung=drawn)
    checks.require(found)
    with Store() as store:
        gewichtung = weighted(survey, wanted, counts, drawn, store)
    quoten = (
        response.response_rates(survey, disposition) if "unzustellbar" in survey.angaben.get("ziehung", {}) else None
    )
    valid_survey = replace(survey, daten=survey.daten[counts.to_numpy()].reset_index(drop=True))
    design = gewichtung.design
    raum = valid_survey.raum.map(area_names(survey)).astype(object) if je_raum and "raum" in survey.angaben else None
    einkommen, bezug = _income(valid_survey, wanted, design)
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
        antworten_je_raum=response.response_by(drawn, "raum")
        if drawn is not None and {"raum", "n_geantwortet"} <= set(drawn)
        else None,
        raum=raum,
        fragen=publishable(tabulate(valid_survey, design, raum), grenzen),
        anteile=_table(yes, wanted, design, raum, grenzen),
        ja=yes,
        pruefungen=found,
        einkommen=einkommen,
        bezug=bezug,
        baender=(armut_unter, gering_unter),
        grenzen=grenzen,
    )


def area_names(survey: Befragung) -> dict[str, str]:
    """Key of each area → its name as the questionnaire puts it (several answers of one area: the first)."""
    given = survey.angaben.get("raum")
    if not given:
        return {}
    labels = {str(code): label for code, label in survey.codebuch.merkmal(given["merkmal"]).labels.items()}
    names: dict[str, str] = {}
    for code, key in given["schluessel"].items():
        names.setdefault(key, labels.get(str(code), key))
    return names


def _path(ags: str, kurz: str):
    found = befragungen.descriptions().get(ags, [])
    if not found:
        raise InputError(f"there is no survey of the Kreis {ags}; expected its befragung.yaml under data/local/")
    if not kurz:
        return found[0]
    names = {befragungen.short_name(path): path for path in reversed(found)}
    if kurz not in names:
        raise InputError(f"there is no survey {kurz!r} of the Kreis {ags}; there are {', '.join(sorted(names))}")
    return names[kurz]


def _income(survey: Befragung, wanted: Auswertung, design: Design) -> tuple[Einkommen | None, dict]:
    if not wanted.einkommen or not wanted.haushalt:
        return None, {}
    persons = [wanted.haushalt[who] for who in ("erwachsene", "jugendliche", "kinder")]
    # the same answers have the same point in their bracket, wherever the row stands
    keys = pd.Series(pd.util.hash_pandas_object(survey.daten.astype(str), index=False), survey.daten.index)
    income, _ = aus_befragung(
        survey.daten,
        survey.codebuch,
        wanted.einkommen,
        persons,
        gewicht=design.gewicht,
        leer_ist_null=True,
        schluessel=keys,
    )
    if income.aequivalent.notna().sum() < 2:
        return None, {}
    bezug = {"eigener": armut.eigener_median(design, income.aequivalent)}
    if wanted.median is not None:
        bezug["vorgegeben"] = armut.vorgegebener_median(design, wanted.median[0])
    return income, bezug


def _named(survey: Befragung, wanted: Auswertung) -> pd.DataFrame:
    """Named shares per respondent: 1, 0, NA where not asked, not answered or not in the group."""
    columns = {}
    for share in wanted.anteile.values():
        inside = member(survey.daten, survey.codebuch, share.filter)
        if share.unter:
            base = member(survey.daten, survey.codebuch, wanted.gruppen[share.unter].filter)
            inside = inside.mask(~base.fillna(False).astype(bool))
        columns[share.key] = inside.astype("Int64")
    return pd.DataFrame(columns, index=survey.daten.index)


def _table(yes: pd.DataFrame, wanted: Auswertung, design: Design, raum, grenzen: Grenzen) -> pd.DataFrame:
    """Shares of yes/no items, overall and by area, with signs (as `tabulate`)."""
    labels: Mapping[str, str] = {share.key: share.titel for share in wanted.anteile.values()}
    book = Codebuch(
        tuple(
            Frage(key, "einfach", (Merkmal(key, "einfach", labels.get(key, key), {1: "ja", 0: "nein"}),)) for key in yes
        )
    )
    if yes.empty and not len(yes.columns):
        return pd.DataFrame()
    return publishable(tabulate((yes, book), design, raum), grenzen)
