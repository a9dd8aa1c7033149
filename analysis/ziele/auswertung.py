"""A goal catalogue as tables at a reference date: states, deadlines, progress, responsibility, changes, Lebenslagen."""

import datetime as dt

import pandas as pd

from analysis.ziele.katalog import ABGESCHLOSSEN, UMSETZUNG, Ziel, Zielkatalog

LAGE = {
    "ueberfaellig": "Frist vorbei",
    "unbekannt": "Frist vorbei, Stand nicht gemeldet",
    "zurueckgestellt": "Frist vorbei, zurückgestellt",
    "bald": "bald fällig",
    "spaeter": "später fällig",
    "danach": "noch länger Zeit",
    "ohne": "kein Tag genannt",
    "abgeschlossen": "abgeschlossen",
}
"""Where a deadline stands on the reference date → how readers see it."""

VORBEI = ("ueberfaellig", "unbekannt", "zurueckgestellt")
"""Places of a deadline that has passed although the goal is not done."""

BALD = ("bald", "spaeter")
"""Places of a deadline within the months that are looked ahead."""

COLUMNS = [
    *("code", "ebene", "ueber", "tiefe", "feld", "lebenslage", "text", "stellen", "frist", "faellig", "umsetzung"),
    *("lage", "unten", "unten_gemeldet", "unten_erledigt", "indikatoren"),
]


def umsetzung(ziel: Ziel, stichtag: dt.date) -> str:
    """State of a goal on a day, by its history; the state that the catalogue gives where nothing changed since."""
    changes = [a for a in ziel.verlauf if a.was == "umsetzung"]
    until = [a for a in changes if a.datum <= stichtag]
    if until:
        return until[-1].auf
    return changes[0].von if changes else ziel.umsetzung


def plus_monate(stichtag: dt.date, monate: int) -> dt.date:
    """Same day so many months later; the last day of that month where it has no such day."""
    return (pd.Timestamp(stichtag) + pd.DateOffset(months=monate)).date()


def tabelle(katalog: Zielkatalog, stichtag: dt.date, monate: int = 12) -> pd.DataFrame:
    """Every goal of a catalogue on a reference date.

    Parameters
    ----------
    monate
        How far ahead `bald` (the first half) and `spaeter` (the second half) reach.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, in the order of the catalogue. `feld`, `lebenslage` and `stellen` (names as reports use them) come
        from the nearest goal above where a goal has none; `tiefe` is the number of goals above; `faellig` is the last
        day of the deadline (of a yearly one the next; None without a day); `lage` is a key of `LAGE`; `unten` counts
        the goals below that have none below themselves, `unten_gemeldet` those of them with a state, `unten_erledigt`
        those that are done.
    """
    children: dict[str, list[Ziel]] = {z.code: [] for z in katalog.ziele}
    for z in katalog.ziele:
        if z.ueber:
            children[z.ueber].append(z)
    soon, late = plus_monate(stichtag, (monate + 1) // 2), plus_monate(stichtag, monate)
    states = {z.code: umsetzung(z, stichtag) for z in katalog.ziele}
    rows = []
    for z in katalog.ziele:
        ends = [e.code for e in _ends(z.code, children) if e.code != z.code]
        day = z.frist.naechste(stichtag) if z.frist else None
        rows.append(
            {
                "code": z.code,
                "ebene": z.ebene,
                "ueber": z.ueber,
                "tiefe": _depth(z, katalog),
                "feld": katalog.geerbt(z, "feld"),
                "lebenslage": katalog.geerbt(z, "lebenslage"),
                "text": z.text,
                "stellen": tuple(dict.fromkeys(katalog.stellennamen[s] for s in katalog.geerbt(z, "zustaendig"))),
                "frist": z.frist,
                "faellig": day,
                "umsetzung": states[z.code],
                "lage": _lage(day, states[z.code], stichtag, soon, late),
                "unten": len(ends),
                "unten_gemeldet": sum(states[code] != "" for code in ends),
                "unten_erledigt": sum(states[code] == "erledigt" for code in ends),
                "indikatoren": z.indikatoren,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _ends(code: str, children: dict[str, list[Ziel]]) -> list[Ziel]:
    """Goals below a goal that have none below themselves."""
    return [end for child in children[code] for end in (_ends(child.code, children) or [child])]


def _depth(ziel: Ziel, katalog: Zielkatalog) -> int:
    return 1 + _depth(katalog.nach_code[ziel.ueber], katalog) if ziel.ueber else 0


def _lage(day: dt.date | None, state: str, stichtag: dt.date, soon: dt.date, late: dt.date) -> str:
    if state in ABGESCHLOSSEN:
        return "abgeschlossen"
    if day is None:
        return "ohne"
    if day < stichtag:
        return {"": "unbekannt", "zurueckgestellt": "zurueckgestellt"}.get(state, "ueberfaellig")
    return "bald" if day <= soon else "spaeter" if day <= late else "danach"


def nach_feld(ziele: pd.DataFrame) -> pd.DataFrame:
    """How many goals of each Themenfeld (index, in the order of the catalogue) are in which state (columns)."""
    counts = pd.crosstab(ziele.feld, ziele.umsetzung)
    return counts.reindex(index=ziele.feld.unique(), columns=list(UMSETZUNG), fill_value=0)


def nach_stelle(ziele: pd.DataFrame) -> pd.DataFrame:
    """One row per responsible body and goal: `stelle` (empty: nobody is named) and the columns of `tabelle`."""
    each = ziele.assign(stelle=[stellen or ("",) for stellen in ziele.stellen]).explode("stelle")
    return each[["stelle", *COLUMNS]].reset_index(drop=True)


def aenderungen(katalog: Zielkatalog, seit: dt.date, bis: dt.date) -> pd.DataFrame:
    """Changes after the day `seit` up to the day `bis`, the newest first.

    Returns
    -------
    pandas.DataFrame
        `datum`, `code`, `text`, `was`, `von`, `auf`, `grund`, `beschluss`.
    """
    rows = [
        {"datum": a.datum, "code": z.code, "text": z.text, "was": a.was, "von": a.von, "auf": a.auf, "grund": a.grund,
         "beschluss": a.beschluss}
        for z in katalog.ziele
        for a in z.verlauf
        if seit < a.datum <= bis
    ]  # fmt: skip
    columns = ["datum", "code", "text", "was", "von", "auf", "grund", "beschluss"]
    return pd.DataFrame(rows, columns=columns).sort_values("datum", ascending=False, kind="stable", ignore_index=True)


def lebenslagen(ziele: pd.DataFrame, strategien: pd.DataFrame) -> pd.DataFrame:
    """How many goals belong to each Lebenslage, beside how many of the strategies speak of it.

    Parameters
    ----------
    strategien
        `lebenslage`, `name`, `strategien` (`strategien.lesen`).

    Returns
    -------
    pandas.DataFrame
        Rows of `strategien` with `ziele`.
    """
    counts = ziele.lebenslage.value_counts()
    return strategien.assign(ziele=strategien.lebenslage.map(counts).fillna(0).astype(int))
