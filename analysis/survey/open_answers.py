"""Open answers as categories: coded by words from an editable file and by an analyst, counted; quoted only if released.

Nothing verbatim leaves this module except through `quotes`, which takes a release list made by hand and refuses what
`personal_data` recognises.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.codebook import as_code
from analysis.errors import InputError
from analysis.sources.befragung import Befragung
from analysis.survey.design import Design
from analysis.survey.estimates import mean
from analysis.survey.personal_data import ARTEN, findings, masked
from analysis.yaml_files import load_yaml

EIGENE = Path(__file__).with_name("kategorien.yaml")
"""The categories that come with Kreisblick."""

UNKODIERT = "unkodiert"
"""Answers without any category."""

OHNE = "ohne"
"""In the analyst's table: the answer has no category, whatever its words say."""


@dataclass(frozen=True)
class Kategorie:
    """A category of open answers.

    Attributes
    ----------
    muster
        What an answer of this category contains (of the text as `_folded` writes it); None: coded by hand only.
    fragen
        Questions it is for; empty: all.
    """

    key: str
    label: str
    muster: re.Pattern | None
    fragen: tuple[str, ...] = ()


def categories(path: Path | None = None) -> dict[str, Kategorie]:
    """Categories of a file, by default those that come with Kreisblick.

    Raises
    ------
    InputError
        The file does not follow its form, a pattern cannot be read, an example is not recognised by its own category.
    """
    path = Path(path) if path else EIGENE
    given = load_yaml(path, Path(__file__).with_name("kategorien.schema.json"))["kategorien"]
    result = {}
    for key, entry in given.items():
        parts = [_word(word) for word in entry.get("worte", [])]
        for pattern in entry.get("muster", []):
            parts.append(f"(?:{_umlauts(pattern)})")
        try:
            found = re.compile("|".join(parts), re.I) if parts else None
        except re.error as error:
            raise InputError(f"{path}, kategorien.{key}: a pattern cannot be read ({error})") from None
        for example in entry.get("beispiele", []):
            if found is None or not found.search(_folded(example)):
                raise InputError(f"{path}, kategorien.{key}.beispiele: {example!r} is not recognised by its category")
        result[key] = Kategorie(key, entry["label"], found, tuple(entry.get("fragen", ())))
    return result


def tables(befragung: Befragung) -> tuple[dict[str, Kategorie], pd.DataFrame | None]:
    """Categories and table of the analyst that the description of a survey names under `offen`.

    Parameters
    ----------
    befragung
        The survey; the files lie beside its description.

    Returns
    -------
    tuple
        Categories (those of Kreisblick where none are named), table of the analyst (None where not named).
    """
    named = befragung.angaben.get("offen", {})
    files = {key: befragung.pfad.parent / name for key, name in named.items()}
    return (
        categories(files.get("kategorien")),
        _table(files.get("zuordnung"), ["id", "frage", "kategorie"]),
    )


def release_list(beschreibung: Path, angaben: dict, freigaben: Collection[str]) -> pd.DataFrame | None:
    """Answers released to be quoted, each with the name of the rule by which it was: the file `offen.freigabe`.

    Parameters
    ----------
    beschreibung, angaben
        File of the description of a survey, and its content.
    freigaben
        Names of the rules (`regelwerk.Regelwerk.freigaben`).

    Returns
    -------
    pandas.DataFrame or None
        `id`, `frage`, `regel`, if given `text`; None where no file is named.

    Raises
    ------
    InputError
        The file has not these columns, an empty cell in them, or names another rule.
    """
    named = angaben.get("offen", {}).get("freigabe")
    table = _table(named and beschreibung.parent / named, ["id", "frage", "regel"])
    if table is None:
        return None
    table["regel"] = table.regel.str.strip()
    strange = np.flatnonzero(~table.regel.isin(list(freigaben)))
    if len(strange):
        raise InputError(
            f"{beschreibung.parent / named}, row {strange[0] + 2}, regel: {table.regel.iloc[strange[0]]!r} is no rule "
            f"by which an answer may be released; expected one of {', '.join(freigaben)}"
        )
    return table


def releases(befragung: Befragung, freigaben: Mapping[str, str]) -> dict[str, int]:
    """Text of each rule by which answers of a survey were released, with the number of them."""
    table = release_list(befragung.pfad, befragung.angaben, freigaben)
    return {} if table is None else {freigaben[name]: int(n) for name, n in table.regel.value_counts().items()}


def _table(file: Path | None, columns: list[str]) -> pd.DataFrame | None:
    if file is None:
        return None
    try:
        table = pd.read_csv(file, sep=";", dtype="string", encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError(f"{file}: no table; expected UTF-8 with the columns {';'.join(columns)}") from None
    table.columns = [str(name).strip().lower() for name in table.columns]
    for name in columns:
        if name not in table:
            raise InputError(f"{file}: there is no column {name!r}; expected {';'.join(columns)}")
        if table[name].isna().any():
            row = int(np.flatnonzero(table[name].isna())[0]) + 2
            raise InputError(f"{file}, row {row}, {name}: empty")
    return table


def answered(texte: pd.Series) -> pd.Series:
    """Whether there is an answer: at least one letter or digit; `-`, `?`, blanks and emojis alone are none."""
    return texte.astype("string").str.contains(r"[^\W_]", regex=True).fillna(False).astype(bool)


def code(
    texte: pd.Series,
    kategorien: dict[str, Kategorie],
    frage: str | None = None,
    zuordnung: pd.DataFrame | None = None,
    schluessel: pd.Series | None = None,
) -> pd.DataFrame:
    """Categories of each answer; an answer may have several, or none.

    Parameters
    ----------
    texte
        Answers; missing ones and such without letter or digit have no codes.
    frage
        Key of the question: categories for other questions are left out.
    zuordnung
        The analyst's table with the columns `id`, `kategorie` and, for several questions, `frage`; a row per answer and
        category: for an answer that stands in it only its rows count, not its words. `ohne` takes all away.
    schluessel
        The id of each respondent (as the case number).

    Returns
    -------
    pandas.DataFrame
        `boolean`, index as `texte`, a column per category and last `unkodiert`; NA where there is no answer.

    Raises
    ------
    InputError
        The table names an unknown category or an id that no respondent or several have, or gives a category to
        somebody who did not answer.
    """
    texts = texte.astype("string").map(_folded, "ignore").astype("string")
    used = {key: k for key, k in kategorien.items() if not k.fragen or frage is None or frage in k.fragen}
    result = {}
    for key, kategorie in used.items():
        hit = texts.map(lambda text, m=kategorie.muster: m is not None and m.search(text) is not None, "ignore")
        result[key] = hit.astype("boolean").fillna(False).to_numpy(bool)
    table = pd.DataFrame(result, index=texte.index, columns=list(used), dtype=bool)
    given = answered(texte)
    if zuordnung is not None:
        table = _by_hand(table, given.to_numpy(), _of_question(zuordnung, frage), schluessel)
    table[UNKODIERT] = ~table.any(axis=1)
    return table.astype("boolean").where(given, pd.NA)


def _of_question(table: pd.DataFrame, frage: str | None) -> pd.DataFrame:
    if "frage" not in table:
        return table
    if frage is None:
        raise InputError("open answers: the table has a column `frage`, but it was not said which question is meant")
    return table[(table.frage == frage).fillna(False).astype(bool)].reset_index(drop=True)


def _by_hand(table: pd.DataFrame, given: np.ndarray, zuordnung: pd.DataFrame, schluessel) -> pd.DataFrame:
    if schluessel is None:
        raise InputError("open answers: a table of the analyst needs the key of each respondent")
    for name in ("id", "kategorie"):
        if name not in zuordnung or zuordnung[name].isna().any():
            raise InputError(f"open answers, table of the analyst: the column {name!r} is missing or has empty cells")
    wanted, keys = _ids(zuordnung.id), zuordnung.kategorie.astype("string").str.strip()
    strange = ~keys.isin([*table, OHNE])
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        raise InputError(
            f"open answers, table of the analyst, row {row + 1}: there is no category {keys.iloc[row]!r}; "
            f"expected {', '.join([*table, OHNE])}"
        )
    places = pd.Index(_ids(schluessel).to_numpy(object))
    twice = wanted.isin(places[places.duplicated()])
    unknown = ~wanted.isin(places)
    for wrong, why in ((unknown, "no respondent has the id"), (twice, "several respondents have the id")):
        if wrong.any():
            raise InputError(f"open answers, table of the analyst: {why} {wanted[wrong].iloc[0]!r}")
    rows = places.get_indexer(wanted) if places.is_unique else np.array([places.get_loc(w) for w in wanted], int)
    if not given[rows].all():
        first = wanted.iloc[int(np.flatnonzero(~given[rows])[0])]
        raise InputError(f"open answers, table of the analyst: {first!r} gave no answer to this question")
    values = table.to_numpy(copy=True)
    values[rows] = False
    kept = (keys != OHNE).to_numpy(bool)
    values[rows[kept], table.columns.get_indexer(keys[kept])] = True
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def frequencies(design: Design, kodiert: pd.DataFrame, kategorien: dict[str, Kategorie]) -> pd.DataFrame:
    """How many named each category, and their share of the population that answered the question.

    Parameters
    ----------
    design
        Design of all respondents.
    kodiert
        Result of `code`.

    Returns
    -------
    pandas.DataFrame
        Index: categories and last `unkodiert`; `label`, `antworten` (respondents with an answer: the base), `n`
        (unweighted, who named it), `anteil` (weighted, 0..1), `se`. Shares sum to more than 1 as answers have several
        categories. NaN without an answer.
    """
    labels = [kategorien[key].label if key in kategorien else key for key in kodiert]
    n = kodiert.sum().astype(int)
    answers = kodiert.notna().sum()
    if not answers.any():
        return pd.DataFrame({"label": labels, "antworten": 0, "n": 0, "anteil": np.nan, "se": np.nan}, kodiert.columns)
    estimate = mean(design, kodiert)
    return pd.DataFrame(
        {"label": labels, "antworten": answers, "n": n, "anteil": estimate.wert, "se": estimate.se}, kodiert.columns
    ).rename_axis("kategorie")


def overview(texte: pd.Series, kodiert: pd.DataFrame) -> pd.Series:
    """What became of the answers to an open question: counts that add up, and what must be withheld.

    Returns
    -------
    pandas.Series
        `befragte` = `ohne_text` + `ohne_inhalt` (no letter or digit) + `kodiert` + `unkodiert`; `zurueckgehalten`
        (answers with any finding), then the kinds of findings (`personal_data.ARTEN`).
    """
    given, found = answered(texte), findings(texte)
    blank = texte.isna() | (texte.astype("string").str.strip() == "").fillna(False)
    uncoded = int(kodiert[UNKODIERT].sum())
    counts = {
        "befragte": len(texte),
        "ohne_text": int(blank.sum()),
        "ohne_inhalt": int((~given & ~blank).sum()),
        "kodiert": int(given.sum()) - uncoded,
        UNKODIERT: uncoded,
        "zurueckgehalten": int(found.any(axis=1).sum()),
    }
    return pd.concat([pd.Series(counts), found.sum().reindex(list(ARTEN))]).astype(int)


def quotes(texte: pd.Series, schluessel: pd.Series, freigabe: pd.DataFrame, frage: str | None = None) -> list[str]:
    """Quotations that somebody released, sorted by text and without anything about who said it.

    Not even the id is returned, so that no quotation meets age, area and sex of its author.

    Parameters
    ----------
    texte, schluessel
        Answers and ids of the respondents.
    freigabe
        The release list (`release_list`) with the columns `id`, `regel` (by which rule), for several questions `frage`,
        and if wanted `text`: the wording that was released (shortened, made anonymous); where it is empty the answer
        stands as it was given.

    Returns
    -------
    list of str
        Safe as cells of a spreadsheet (formulas get an apostrophe); texts for a page must be escaped there.

    Raises
    ------
    InputError
        An id that no respondent or several have, no answer, or a text in which personal data or an insult is found: the
        message names id and kind, never the text.
    """
    for name in ("id", "regel"):
        if name not in freigabe:
            raise InputError(f"release list: there is no column {name!r}; expected id;frage;regel;text")
    freigabe = _of_question(freigabe, frage)
    ids = pd.Index(_ids(schluessel).to_numpy(object))
    wanted = _ids(freigabe.id)
    for bad, why in (
        (wanted.isna() | ~wanted.isin(ids), "no respondent has the id"),
        (wanted.isin(ids[ids.duplicated()]), "several respondents have the id"),
        (wanted.duplicated(), "twice in the list: the id"),
    ):
        if bad.any():
            raise InputError(f"release list: {why} {wanted[bad].iloc[0]!r}")
    rows = [ids.get_loc(one) for one in wanted]
    said = texte.astype("string").iloc[rows].reset_index(drop=True)
    if not answered(said).all():
        raise InputError(
            f"release list: {wanted[~answered(said).to_numpy()].iloc[0]!r} gave no answer to this question"
        )
    if "text" in freigabe:
        edited = freigabe["text"].astype("string").str.strip().reset_index(drop=True)
        said = edited.where(edited.fillna("") != "", said)
    found = findings(said)
    if found.to_numpy().any():
        row = int(np.flatnonzero(found.any(axis=1))[0])
        kinds = ", ".join(found.columns[found.iloc[row]])
        raise InputError(f"release list, id {wanted.iloc[row]!r}: the text holds {kinds}; give an anonymous `text`")
    return sorted(masked(said).tolist())


def _ids(values: pd.Series) -> pd.Series:
    """Ids as text, whole numbers without a decimal point."""
    return values.astype(object).map(lambda one: str(as_code(one)), "ignore").astype("string")


def _word(word: str) -> str:
    """Pattern of a word or a sequence of words; * at an end stands for any letters."""
    parts = [re.escape(part).replace(r"\*", r"\w*") for part in _folded(word).split()]
    return r"(?<!\w)" + r"\W+".join(parts) + r"(?!\w)"


def _folded(text: str) -> str:
    """Small letters, ä as ae, ß as ss, one form of each character, no invisible ones."""
    text = _umlauts(unicodedata.normalize("NFKC", text).lower())
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _umlauts(text: str) -> str:
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
