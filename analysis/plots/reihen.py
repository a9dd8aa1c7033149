"""Series over years: intervals, declared and detected breaks, a line to compare with, a forecast."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from analysis.catalogue import FAKTOR, Indikator
from analysis.errors import InputError
from analysis.figures import ANDERE, FARBEN, HERVOR
from analysis.plots.beschriftung import KLEIN
from analysis.plots.reihenrahmen import arrange, legend, unit_text, value_axis
from analysis.plots.zeitachse import decimal_year, segments, year_shift
from analysis.wording import wert

_BREAKS = {
    "erklaert": ("--", "Bruch: nicht vergleichbar"),
    "erkannt": (":", "erkannter Bruch"),
    "knick": ("-.", "erkannter Knick"),
}


def reihe(
    ax: Axes,
    werte: pd.DataFrame,
    indikator: Indikator,
    brueche: pd.DataFrame | None = None,
    *,
    vergleich: pd.DataFrame | None = None,
    vergleich_text: str = "Median",
    vorausschau: pd.DataFrame | None = None,
    legende: bool = True,
) -> Axes:
    """One indicator of one area over the years, with the newest value at the end of the line.

    With at most one value per year, a value stands above its year; otherwise at its date. Values are joined only
    where no break and no missing date lies between them.

    Parameters
    ----------
    werte
        Columns `stichtag`, `anteil`, `unten`, `oben` (ratios; NaN where there is none), one row per date.
    brueche
        Columns `datum`, `art` (`erklaert`, `erkannt`, `knick`) and `kurz`, a short word for the line ("Bruch 2022",
        "erkannt", "Knick erkannt" where the column is missing). A value of the day of the break belongs to the time
        after it; a change of slope (`knick`) parts nothing and has the columns of `trends.knick`.
    vergleich, vergleich_text
        Columns `stichtag`, `anteil` of a line to compare with (Land, median), and what it is called.
    vorausschau
        Columns `stichtag`, `anteil`, `unten`, `oben` of later dates; without any `anteil` it is a range ("Spanne").
    legende
        Whether the meaning of lines and bands is said below the axes.

    Raises
    ------
    InputError
        A date stands twice.
    """
    labels = _drawn(ax, werte, indikator, brueche, vergleich, vergleich_text, vorausschau)
    if legende:
        legend(ax.figure)
    arrange([ax], [labels], [""])
    return ax


def reihen(
    axes: list[Axes],
    werte: pd.DataFrame,
    indikatoren: list[Indikator],
    brueche: pd.DataFrame | None = None,
    *,
    vergleich: pd.DataFrame | None = None,
    vergleich_text: str = "Median",
    vorausschau: pd.DataFrame | None = None,
    legende: bool = True,
) -> list[Axes]:
    """Several indicators of one area as small multiples: the same years, each its own axis of values.

    Parameters
    ----------
    axes, indikatoren
        One pair of axes per indicator.
    werte, brueche, vergleich, vergleich_text, vorausschau, legende
        As in `reihe`, with a column `indikator`.
    """
    parts = [
        _drawn(
            ax,
            _of(werte, indikator.id),
            indikator,
            _of(brueche, indikator.id),
            _of(vergleich, indikator.id),
            vergleich_text,
            _of(vorausschau, indikator.id),
        )
        for ax, indikator in zip(axes, indikatoren, strict=True)
    ]
    limits = np.array([ax.get_xlim() for ax in axes])
    for ax in axes:
        ax.set_xlim(limits[:, 0].min(), limits[:, 1].max())
    if legende:
        legend(axes[0].figure)
    arrange(axes, parts, [indikator.kurz for indikator in indikatoren])
    return axes


def _of(table: pd.DataFrame | None, id: str) -> pd.DataFrame | None:
    return None if table is None else table[table.indikator == id]


def _drawn(ax, werte, indikator, brueche, vergleich, vergleich_text, vorausschau):
    """Everything but the places of the labels: labels at the ends of lines, labels of breaks."""
    faktor = FAKTOR[indikator.einheit]
    table = werte.sort_values("stichtag").reset_index(drop=True)
    if table.stichtag.duplicated().any():
        twice = table.stichtag[table.stichtag.duplicated()].iloc[0]
        raise InputError(f"series of {indikator.id}: {twice} stands twice; expected one value per date, of one area")
    shift = year_shift(table.stichtag)
    table["x"] = decimal_year(table.stichtag) - shift
    table["teil"] = segments(table, brueche)
    table = table.dropna(subset="anteil")
    line_labels = []
    forecast = vorausschau is not None and len(vorausschau) > 0
    if vergleich is not None and vergleich.anteil.notna().any():
        line_labels += _comparison(ax, vergleich, indikator, brueche, shift, vergleich_text, labelled=not forecast)
    for n, (_, part) in enumerate(table.groupby("teil")):
        _part(ax, part, faktor, first=n == 0)
    if forecast and len(table):
        _forecast(ax, table.iloc[-1], vorausschau.sort_values("stichtag"), faktor, shift)
    if len(table):
        line_labels.append(_newest(ax, table, indikator, forecast))
    else:
        ax.annotate("keine Werte", (0.5, 0.5), xycoords="axes fraction", ha="center", va="center")
    break_labels = _break_lines(ax, table, brueche, shift)
    falls = len(table) > 1 and table.anteil.iloc[-2] > table.anteil.iloc[-1]
    value_axis(ax, *((0.4, 0.08) if falls else (0.08, 0.4)) if forecast else (0.08, 0.08))
    ax.grid(False, axis="x")
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=9, steps=[1, 2, 5, 10], integer=True))
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0f}")
    return line_labels, break_labels, unit_text(ax, indikator)


def _part(ax: Axes, part: pd.DataFrame, faktor: float, first: bool) -> None:
    band = part.dropna(subset=["unten", "oben"])
    label = "Schwankungsbereich (95 %)" if first else None
    if len(band) > 1:
        ax.fill_between(
            band.x, band.unten * faktor, band.oben * faktor, color=HERVOR, alpha=0.2, linewidth=0, label=label
        )
    elif len(band):
        ax.vlines(band.x, band.unten * faktor, band.oben * faktor, color=HERVOR, alpha=0.35, linewidth=5)
    ax.plot(part.x, part.anteil * faktor, "-o", color=HERVOR, linewidth=1.8, markersize=4.5, zorder=4)


def _comparison(ax, vergleich, indikator, brueche, shift, text, labelled) -> list[Annotation]:
    table = vergleich.sort_values("stichtag").reset_index(drop=True)
    table = table.assign(x=decimal_year(table.stichtag) - shift, teil=segments(table, brueche)).dropna(subset="anteil")
    faktor = FAKTOR[indikator.einheit]
    for n, (_, part) in enumerate(table.groupby("teil")):
        ax.plot(
            part.x, part.anteil * faktor, color=ANDERE, linewidth=2.2, zorder=2, label=text if n == 0 else None,
            marker="s" if len(part) == 1 else "", markersize=4,
        )  # fmt: skip
    if not labelled:
        return []
    last = table.iloc[-1]
    return [_end_label(ax, last.x, last.anteil * faktor, f"{text} {_short(last.anteil, indikator)}", color="#5a5a5a")]


def _newest(ax: Axes, table: pd.DataFrame, indikator: Indikator, forecast: bool) -> Annotation:
    """Newest value beside its point; before a forecast above or below it, away from the line."""
    last, faktor = table.iloc[-1], FAKTOR[indikator.einheit]
    text, y = _short(last.anteil, indikator), last.anteil * faktor
    label = _end_label(ax, last.x, y, text, color=HERVOR, fontweight="bold")
    if forecast:
        falls = len(table) > 1 and table.anteil.iloc[-2] > last.anteil
        bound = np.nanmin([last.unten, last.anteil]) if falls else np.nanmax([last.oben, last.anteil])
        label.xy = (last.x, bound * faktor)
        label.set(ha="center", va="top" if falls else "bottom")
        label.xyann = (0, -3 if falls else 3)
    return label


def _end_label(ax: Axes, x: float, y: float, text: str, **style) -> Annotation:
    return ax.annotate(
        text, (x, y), xytext=(7, 0), textcoords="offset points", va="center", zorder=6, annotation_clip=False, **style
    )


def _short(anteil: float, indikator: Indikator) -> str:
    return wert(anteil, indikator, einheit=indikator.einheit == "prozent")


def _forecast(ax: Axes, last: pd.Series, later: pd.DataFrame, faktor: float, shift: float) -> None:
    x, line = decimal_year(later.stichtag) - shift, later.anteil.notna().any()
    low, high, middle = (later[column].to_numpy(float) for column in ("unten", "oben", "anteil"))
    if line:
        x, low, high, middle = (
            np.insert(a, 0, b) for a, b in zip((x, low, high, middle), (last.x, *[last.anteil] * 3), strict=True)
        )
        ax.plot(x, middle * faktor, linestyle=(0, (4, 2)), color=FARBEN[1], linewidth=1.6, zorder=3)
    ax.fill_between(
        x, low * faktor, high * faktor, facecolor="#f6e9de", edgecolor=FARBEN[1], linestyle=(0, (4, 2)),
        linewidth=0.9, zorder=1, label="Vorausschau mit Schwankungsbereich" if line else "Spanne der bisherigen Werte",
    )  # fmt: skip


def _break_lines(ax: Axes, table: pd.DataFrame, brueche: pd.DataFrame | None, shift: float) -> list[Annotation]:
    """Lines at the breaks within the series, one for those between the same two values, with a word above the axes.

    With yearly values a line stands half-way between the values that it parts. A change of slope stands where it is,
    with a band for its interval.
    """
    if brueche is None or brueche.empty or table.empty:
        return []
    lines = brueche.sort_values("datum", kind="stable")
    after = np.searchsorted(pd.to_datetime(table.stichtag).to_numpy(), pd.to_datetime(lines.datum).to_numpy())
    lines = lines.assign(after=after, x=decimal_year(lines.datum) - shift)[(after > 0) & (after < len(table))]
    labels = []
    for (art, place), group in lines.groupby(["art", "after"]):
        x = group.x.iloc[0] if not shift or art == "knick" else table.x.iloc[place - 1 : place + 1].mean()
        style, label = _BREAKS[art]
        if art == "knick":
            ends = x + group[["jahr_unten", "jahr_oben"]].iloc[0] - group.jahr.iloc[0]
            ax.axvspan(*ends, color="#333333", alpha=0.08, linewidth=0, zorder=0)
        ax.axvline(x, color="#333333", linestyle=style, linewidth=1.3, zorder=1.5, label=label)
        labels.append(
            ax.annotate(
                _break_word(art, group), (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", ha="center", va="bottom", fontsize=KLEIN, color="#333333",
                annotation_clip=False,
            )
        )  # fmt: skip
    return labels


def _break_word(art: str, breaks: pd.DataFrame) -> str:
    """Short words given for the breaks, else "erkannt", "Knick erkannt" or "Bruch 2022"."""
    given = breaks.kurz.dropna() if "kurz" in breaks else pd.Series(dtype=object)
    words = [word for word in dict.fromkeys(given) if word]
    if words:
        return ", ".join(words)
    if art in ("erkannt", "knick"):
        return "erkannt" if art == "erkannt" else "Knick erkannt"
    years = dict.fromkeys(f"{pd.Timestamp(day).year}" for day in breaks.datum)
    return f"Bruch {'/'.join(years)}"
