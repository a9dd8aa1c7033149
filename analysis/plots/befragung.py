"""Answers of a survey: shares with their intervals, batteries of scales."""

import textwrap

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import FARBEN, HERVOR, LINIE, german_axis
from analysis.wording import zahl

_DIVERGIEREND = matplotlib.colors.LinearSegmentedColormap.from_list("", [FARBEN[1], "#dddddd", FARBEN[0]])


def intervalle(ax: Axes, tabelle: pd.DataFrame, gesamt: float, gesamt_text: str) -> Axes:
    """Shares of several areas or groups as dots with their intervals, the share of all as a line.

    Parameters
    ----------
    tabelle
        One row per dot (index: its label, first on top); columns `anteil`, `unten`, `oben` (0..1, NaN where too few
        were asked), `n` (answers, empty where not shown), `sicher` (whether the value is reliable; others are hollow).
    gesamt, gesamt_text
        Share of all and what stands beside its line.
    """
    y = list(range(len(tabelle)))
    ax.hlines(y, tabelle.unten * 100, tabelle.oben * 100, color=LINIE, linewidth=1.6, zorder=2)
    fill = [HERVOR if sure else "white" for sure in tabelle.sicher]
    ax.scatter(tabelle.anteil * 100, y, s=52, c=fill, edgecolors=HERVOR, linewidths=1.6, zorder=3)
    for row, text in zip(y, tabelle.anteil.isna(), strict=True):
        if text:
            ax.annotate(
                "kein Wert", (0.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )  # fmt: skip
    ax.axvline(gesamt * 100, color=FARBEN[1], linestyle="--", linewidth=1.2, zorder=1)
    ax.annotate(
        gesamt_text,
        (gesamt * 100, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4 if gesamt <= 0.6 else -4, 2),
        textcoords="offset points",
        ha="left" if gesamt <= 0.6 else "right",
        color=FARBEN[1],
        fontsize=9,
    )
    labels = [f"{label}\n(n = {n})" if n else label for label, n in zip(tabelle.index, tabelle.n, strict=True)]
    ax.set(yticks=y, yticklabels=labels, ylim=(len(y) - 0.5, -0.5), xlabel="Anteil in %")
    ends = [tabelle.unten.min() * 100, tabelle.oben.max() * 100, gesamt * 100]
    low, high = min(e for e in ends if e == e), max(e for e in ends if e == e)
    ax.set_xlim(max(low - 5, -2), min(high + 5, 102))
    german_axis(ax)
    return ax


def zustimmung(ax: Axes, tabelle: pd.DataFrame) -> Axes:
    """A battery of scales as diverging bars: disagreement to the left, agreement to the right of the middle.

    Parameters
    ----------
    tabelle
        One row per item (index: its text, first on top), one column per answer from the most negative to the most
        positive, shares of 0..1; with an odd number of answers the middle one lies across the zero line.
    """
    prozent, count = tabelle * 100, tabelle.shape[1]
    half = count // 2
    palette = [matplotlib.colors.to_hex(c) for c in _DIVERGIEREND(np.linspace(0, 1, count))]
    left = -prozent.iloc[:, :half].sum(axis=1) - (prozent.iloc[:, half] / 2 if count % 2 else 0)
    y = list(range(len(prozent)))
    for n, column in enumerate(prozent):
        values, colour = prozent[column], palette[n]
        ax.barh(y, values, left=left, color=colour, edgecolor="white", height=0.72, label=str(column))
        dark = np.dot(matplotlib.colors.to_rgb(colour), (0.299, 0.587, 0.114)) < 0.5
        for row, (start, value) in enumerate(zip(left, values, strict=True)):
            if value >= 7:
                ax.text(
                    start + value / 2, row, zahl(value, 0), ha="center", va="center", fontsize=8.5,
                    color="white" if dark else "#111111",
                )  # fmt: skip
        left = left + values
    ax.axvline(0, color=LINIE, linewidth=1, zorder=0.5)
    labels = ["\n".join(textwrap.wrap(str(text), 30)) for text in prozent.index]
    ax.set(yticks=y, yticklabels=labels, ylim=(len(y) - 0.5, -0.5), xlabel="Anteil der Antworten in %")
    ax.tick_params(axis="y", labelsize=9)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda x, _: zahl(abs(x), 0))
    ax.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncols=3, frameon=False, handlelength=1, fontsize=8.5)
    return ax
