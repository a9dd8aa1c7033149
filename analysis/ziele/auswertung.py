"""A goal catalogue as tables at a reference date: states, deadlines, progress, responsibility, changes, Lebenslagen."""

import datetime as dt

import pandas as pd

from analysis.ziele.katalog import ABGESCHLOSSEN, UMSETZUNG, Ziel, Zielkatalog
from analysis.ziele.verlauf import am, erledigt_bis, seit, wortlaut

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
    *("code", "ebene", "ueber", "tiefe", "feld", "lebenslage", "text", "stellen", "frist", "faellig", "wieder"),
    *("umsetzung", "lage", "unten", "unten_gemeldet", "unten_erledigt", "indikatoren"),
    *("erlaeuterung", "genannt"),
]


def plus_monate(stichtag: dt.date, monate: int) -> dt.date:
    """Same day so many months later; the last day of that month where it has no such day."""
    return (pd.Timestamp(stichtag) + pd.DateOffset(months=monate)).date()


def tabelle(katalog: Zielkatalog, stichtag: dt.date, monate: int = 12) -> pd.DataFrame:
    """Every goal of a catalogue that was in force on a reference date, as it was then (`verlauf.am`).

    Parameters
    ----------
    monate
        How far ahead `bald` (the first half) and `spaeter` (the second half) reach.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, in the order of the catalogue. `feld`, `lebenslage` and `stellen` (names as reports use them) come
        from the nearest goal above where a goal has none; `tiefe` is the number of goals above; `faellig` is the last
        day of the deadline (None without a day; of a yearly one the day for which nobody reported it done, else the
        next), `wieder` the next day of a yearly one; `lage` is a key of `LAGE`; `unten` counts
        the goals below that have none below themselves, `unten_gemeldet` those of them with a state, `unten_erledigt`
        those that are done.
    """
    katalog = am(katalog, stichtag)
    children: dict[str, list[Ziel]] = {z.code: [] for z in katalog.ziele}
    for z in katalog.ziele:
        if z.ueber:
            children[z.ueber].append(z)
    soon, late = plus_monate(stichtag, (monate + 1) // 2), plus_monate(stichtag, monate)
    states = {z.code: z.umsetzung for z in katalog.ziele}
    rows = []
    for z in katalog.ziele:
        ends = [e.code for e in _ends(z.code, children) if e.code != z.code]
        day, again = faellig(z, katalog, stichtag)
        rows.append(
            {
                "code": z.code,
                "ebene": z.ebene,
                "ueber": z.ueber,
                "tiefe": katalog.tiefe(z),
                "feld": katalog.geerbt(z, "feld"),
                "lebenslage": katalog.geerbt(z, "lebenslage"),
                "text": z.text,
                "stellen": tuple(dict.fromkeys(katalog.stellennamen[s] for s in katalog.geerbt(z, "zustaendig"))),
                "frist": z.frist,
                "faellig": day,
                "wieder": again,
                "umsetzung": states[z.code],
                "lage": _lage(day, again, states[z.code], stichtag, soon, late),
                "unten": len(ends),
                "unten_gemeldet": sum(states[code] != "" for code in ends),
                "unten_erledigt": sum(states[code] == "erledigt" for code in ends),
                "indikatoren": z.indikatoren,
                "erlaeuterung": z.erlaeuterung,
                "genannt": z.genannt,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _ends(code: str, children: dict[str, list[Ziel]]) -> list[Ziel]:
    """Goals below a goal that have none below themselves."""
    return [end for child in children[code] for end in (_ends(child.code, children) or [child])]


def faellig(ziel: Ziel, katalog: Zielkatalog, stichtag: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Day of the deadline that counts on a reference date, and of a yearly one the next day; None where there is none.

    A yearly deadline counts from the first day on that lies after the catalogue's beginning and after the deadline
    was set. A report that the goal is done holds for the deadline of its year.
    """
    deadline = ziel.frist
    if deadline is None or deadline.art != "jaehrlich":
        return deadline and deadline.tag, None
    done = erledigt_bis(ziel, stichtag, katalog.stand)
    last, after = deadline.vorige(stichtag), deadline.naechste(stichtag)
    if after and after.year <= done:
        after = deadline.naechste(dt.date(done + 1, 1, 1))
    missed = last and last >= seit(ziel, stichtag, katalog.anfang) and last.year > done
    return (last if missed else after), after


def _lage(
    day: dt.date | None, again: dt.date | None, state: str, stichtag: dt.date, soon: dt.date, late: dt.date
) -> str:
    if state == "aufgegeben" or (state in ABGESCHLOSSEN and again is None):
        return "abgeschlossen"
    if day is None:
        return "ohne"
    if day < stichtag:
        return {"": "unbekannt", "zurueckgestellt": "zurueckgestellt"}.get(state, "ueberfaellig")
    return "bald" if day <= soon else "spaeter" if day <= late else "danach"


def naechste(ziele: pd.DataFrame) -> pd.Series:
    """Next day of each open deadline on or after the reference date, also of a yearly one that was missed before."""
    days = ziele.faellig.where(ziele.lage.isin((*BALD, "danach")), ziele.wieder.where(ziele.lage.isin(VORBEI)))
    return days.where(days.notna(), None)


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
        `datum`, `code`, `text` (the wording at the end), `was`, `von`, `auf`, `grund`, `beschluss`.
    """
    rows = [
        {"datum": a.datum, "code": z.code, "text": wortlaut(z, bis), "was": a.was, "von": a.von, "auf": a.auf,
         "grund": a.grund, "beschluss": a.beschluss}
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
