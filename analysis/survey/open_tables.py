"""Open answers of a whole survey as a report may show them: categories with intervals and signs, never a text."""

from dataclasses import dataclass

import pandas as pd

from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.sources.befragung import Befragung
from analysis.survey import open_answers
from analysis.survey.cell_suppression import MINDESTENS
from analysis.survey.design import Design
from analysis.survey.open_answers import Kategorie
from analysis.survey.reliability import GRENZEN, Grenzen, publishable
from analysis.survey.tabulate import tabulate

OHNE_THEMA = "anderes, keinem Thema zugeordnet"
"""Answers without a category, as a report names them."""


@dataclass(frozen=True)
class OffeneFrage:
    """An open question with its coded answers.

    Attributes
    ----------
    kodiert
        As `open_answers.code`: one row per respondent, a column per category.
    uebersicht
        As `open_answers.overview`: what became of the answers.
    """

    key: str
    text: str
    kodiert: pd.DataFrame
    uebersicht: pd.Series
    kategorien: dict[str, Kategorie]


def coded(befragung: Befragung, wer: pd.Series) -> list[OffeneFrage]:
    """All open questions of a survey that somebody answered, coded with the files that its description names.

    Parameters
    ----------
    wer
        Boolean per interview: whose answers count. The analyst's table may also name the others.

    Raises
    ------
    InputError
        As `open_answers.tables` and `open_answers.code`.
    """
    daten, book = befragung.daten, befragung.codebuch
    kategorien, zuordnung = open_answers.tables(befragung)
    schluessel = daten[befragung.fall] if befragung.fall else None
    inside, found = wer.to_numpy(bool), []
    for frage in book.fragen:
        columns = [m.spalte for m in frage.items if m.spalte in daten]
        if frage.typ != "offen" or not columns:
            continue
        texts = _joined(daten[columns])
        table = open_answers.code(texts, kategorien, frage.key, zuordnung, schluessel)[inside].reset_index(drop=True)
        counts = open_answers.overview(texts[inside].reset_index(drop=True), table)
        if counts["kodiert"] + counts["unkodiert"]:
            found.append(OffeneFrage(frage.key, frage.text or frage.key, table, counts, kategorien))
    return found


def categories_with_signs(
    design: Design, frage: OffeneFrage, grenzen: Grenzen = GRENZEN, mindestens: int = MINDESTENS
) -> pd.DataFrame:
    """Categories of an open question with interval, base and sign; the base are those who wrote something.

    Returns
    -------
    pandas.DataFrame
        Index: text of the category, the most frequent first, `OHNE_THEMA` last; columns as those of `publishable`.
        Categories that nobody named are left out.
    """
    named = frage.kodiert.loc[:, frage.kodiert.sum() > 0]
    labels = {key: frage.kategorien[key].label if key in frage.kategorien else OHNE_THEMA for key in named}
    items = (Merkmal(key, "einfach", label, {1: "ja", 0: "nein"}) for key, label in labels.items())
    book = Codebuch(tuple(Frage(m.spalte, "einfach", (m,)) for m in items))
    table = publishable(tabulate((named.astype("Int64"), book), design), grenzen, mindestens)
    rows = table[table.auspraegung == 1]
    rows = rows.assign(rest=rows.merkmal == open_answers.UNKODIERT)
    rows = rows.sort_values(["rest", "anteil"], ascending=[True, False], na_position="last", kind="stable")
    return rows.set_index(rows.merkmal.astype(str).map(labels)).drop(columns="rest").rename_axis("kategorie")


def _joined(texts: pd.DataFrame) -> pd.Series:
    """Answers to the fields of one question as one text."""
    first, *others = (texts[name].astype("string") for name in texts)
    return first.str.cat(others, sep=" ", na_rep="").str.strip().mask(lambda text: text == "") if others else first
