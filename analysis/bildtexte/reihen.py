"""What lines over years show."""

import datetime as dt

import numpy as np
import pandas as pd

from analysis.bildtexte.saetze import gekuerzt
from analysis.catalogue import FAKTOR, Indikator
from analysis.wording import aufzaehlung, datum, knickjahr, spanne, wert


def reihe(
    werte: pd.DataFrame,
    indikator: Indikator,
    brueche: pd.DataFrame | None = None,
    *,
    vergleich: pd.DataFrame | None = None,
    vergleich_text: str = "Median",
    vorausschau: pd.DataFrame | None = None,
) -> str:
    """What the line of one indicator does: first and last value, the turn between them, each side of a declared break.

    Parameters
    ----------
    werte, brueche, vergleich, vergleich_text, vorausschau
        As in `plots.reihen.reihe`.
    """
    table = werte.sort_values("stichtag").reset_index(drop=True)
    known = table.dropna(subset="anteil")
    if known.empty:
        return f"Leeres Liniendiagramm: Zu {indikator.kurz} liegen keine Werte vor."
    name = _namer(known.stichtag)
    parts = _parts(known, brueche)
    newest = known.iloc[-1]
    first = f"Linie von {name(known.stichtag.iloc[0])} bis {name(newest.stichtag)}, {indikator.kurz}:"
    if len(known) == 1:
        first = f"Ein einzelner Punkt, {indikator.kurz}:"
    earlier = [f"Davor, {_when(part, name)}{_course(part, indikator, name)}." for part in parts[-2::-1]]
    since = f"seit dem Bruch {parts[-1].stichtag.iloc[0].year} " if len(parts) > 1 else ""
    return gekuerzt(
        [
            f"{first} {since}{_course(parts[-1], indikator, name)}.",
            *earlier,
            _bends(brueche),
            _range("Schwankungsbereich zuletzt", newest.unten, newest.oben, indikator),
            _compared(vergleich, vergleich_text, newest.stichtag, indikator),
            _outlook(vorausschau, indikator),
            _gaps(table),
        ]
    )


def reihen(werte: pd.DataFrame, indikatoren: list[Indikator], brueche: pd.DataFrame | None = None) -> str:
    """What several lines do: first and last value of each since its last declared break, then what was before it.

    Parameters
    ----------
    werte, indikatoren, brueche
        As in `plots.reihen.reihen`.
    """
    known = werte.dropna(subset="anteil").sort_values("stichtag")
    known = known[known.indikator.isin([i.id for i in indikatoren])]
    if known.empty:
        return f"{len(indikatoren)} leere Liniendiagramme: Es liegen keine Werte vor."
    years = [day.year for day in known.stichtag]
    texts, earlier = [], []
    for indikator in indikatoren:
        table = known[known.indikator == indikator.id]
        own = None if brueche is None else brueche[brueche.indikator == indikator.id]
        if table.empty:
            texts.append(f"{indikator.kurz}: keine Werte.")
            continue
        *before, part = _parts(table, own)
        texts += [f"{indikator.kurz}: {_ends(part, indikator)}.", _bends(own)]
        earlier += [f"Davor {indikator.kurz}: {_ends(old, indikator)}." for old in before[-1:] if len(old) > 1]
    figures = "Ein Liniendiagramm" if len(indikatoren) == 1 else f"{len(indikatoren)} Liniendiagramme"
    first = f"{figures} für {min(years)} bis {max(years)}, verglichen seit dem letzten Bruch."
    return gekuerzt([first, *texts, *earlier])


def _ends(part: pd.DataFrame, indikator: Indikator) -> str:
    """First and last value: "5,0 % (2012), dann 7,0 % (2014)"."""
    ends = [f"{wert(a, indikator)} ({day.year})" for a, day in zip(part.anteil, part.stichtag, strict=True)]
    return ", dann ".join(dict.fromkeys([ends[0], ends[-1]]))


def _namer(stichtage: pd.Series):
    """How dates are called: by their year where no year stands twice."""
    years = [day.year for day in stichtage]
    return (lambda day: str(day.year)) if len(set(years)) == len(years) else datum


def _parts(known: pd.DataFrame, brueche: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Values between declared breaks, in time."""
    days = pd.to_datetime(known.stichtag).to_numpy()
    declared = np.empty(0, days.dtype)
    if brueche is not None and len(brueche):
        declared = np.sort(pd.to_datetime(brueche.datum[brueche.art == "erklaert"]).to_numpy())
    after = np.searchsorted(declared, days, side="right")
    return [part for _, part in known.groupby(after)]


def _bends(brueche: pd.DataFrame | None) -> str:
    """Changes of slope that were detected: "Erkannter Knick: 2013 (2012 bis 2015)."."""
    if brueche is None or not (brueche.art == "knick").any():
        return ""
    found = brueche[brueche.art == "knick"].sort_values("jahr")
    return f"Erkannter Knick: {aufzaehlung(list(map(knickjahr, found.jahr, found.jahr_unten, found.jahr_oben)))}."


def _when(part: pd.DataFrame, name) -> str:
    return f"{name(part.stichtag.iloc[0])} bis {name(part.stichtag.iloc[-1])}: " if len(part) > 1 else ""


def _course(part: pd.DataFrame, indikator: Indikator, name) -> str:
    """First value, the turn farthest outside the first and last, last value: "7,1 % (2012), Tiefpunkt …"."""
    texts = [wert(a, indikator) for a in part.anteil]
    label = [f"{text} ({name(day)})" for text, day in zip(texts, part.stichtag, strict=True)]
    if len(part) == 1:
        return label[0]
    if len(set(texts)) == 1:
        return f"durchgehend {texts[0]}"
    values = part.anteil.to_numpy() * FAKTOR[indikator.einheit]
    low, high = sorted(values[[0, -1]])
    beyond = np.maximum(values - high, low - values)
    turn = int(beyond.argmax())
    if beyond[turn] <= 0 or texts[turn] in (texts[0], texts[-1]):
        return f"von {label[0]} auf {label[-1]}"
    return f"von {label[0]} {'hinauf' if values[turn] > high else 'hinunter'} auf {label[turn]}, dann auf {label[-1]}"


def _range(begin: str, unten: float, oben: float, indikator: Indikator) -> str:
    text = spanne(unten, oben, indikator)
    return f"{begin} {text}." if text else ""


def _compared(vergleich: pd.DataFrame | None, text: str, day: dt.date, indikator: Indikator) -> str:
    """The line to compare with at the day of the newest value."""
    if vergleich is None:
        return ""
    there = vergleich.anteil[(vergleich.stichtag == day) & vergleich.anteil.notna()]
    return f"{text} {wert(there.iloc[0], indikator)}." if len(there) else ""


def _outlook(vorausschau: pd.DataFrame | None, indikator: Indikator) -> str:
    if vorausschau is None or vorausschau.empty:
        return ""
    last = vorausschau.sort_values("stichtag").iloc[-1]
    if vorausschau.anteil.isna().all():
        return _range("Spanne der bisherigen Werte:", last.unten, last.oben, indikator)
    return _range(f"Vorausschau auf {last.stichtag.year}:", last.unten, last.oben, indikator)


def _gaps(table: pd.DataFrame) -> str:
    """Years without value between the first and the last."""
    known = sorted({day.year for day in table.stichtag[table.anteil.notna()]})
    missing = sorted(set(range(known[0], known[-1] + 1)) - set(known))
    return f"Ohne Wert: {aufzaehlung(list(map(str, missing)))}." if missing else ""
