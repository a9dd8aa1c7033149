"""Kreise beside each other: shares of a whole, dots by name, strips."""

import textwrap

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.catalogue import FAKTOR, Indikator
from analysis.figures import ANDERE, FARBEN, HERVOR, LINIE, TITEL_ZEICHEN, axis_label, german_axis
from analysis.wording import NBSP, wert, zahl


def anteile(ax: Axes, tabelle: pd.DataFrame, namen: list[str]) -> Axes:
    """Shares of a whole as stacked bars with the numbers in them.

    Parameters
    ----------
    tabelle
        One row per bar (index: its label, first on top), one column per part, shares of 0..1.
    namen
        Legend text of each column.
    """
    left = pd.Series(0.0, index=tabelle.index)
    farben = [FARBEN[2], FARBEN[3], FARBEN[0]]
    for column, name, farbe in zip(tabelle, namen, farben, strict=True):
        prozent = tabelle[column] * 100
        bars = ax.barh(tabelle.index, prozent, left=left, color=farbe, edgecolor="white", height=0.6, label=name)
        dark = farbe != FARBEN[3]
        ax.bar_label(
            bars,
            labels=[f"{zahl(p, 1)} %" for p in prozent],
            label_type="center",
            color="white" if dark else "black",
            fontweight="bold",
            fontsize=9,
        )
        left = left + prozent
    ax.invert_yaxis()
    ax.set(xlim=(0, 100), xlabel="Anteil an der Bevölkerung in %")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(namen), frameon=False, handlelength=1)
    return ax


def punkte(ax: Axes, werte: pd.DataFrame, ags: str, indikator: Indikator) -> Axes:
    """One indicator for all Kreise as dots from high to low, one Kreis set off, the median as a line.

    Parameters
    ----------
    werte
        Columns `ags`, `name`, `anteil`, `unten`, `oben` (ratios; bounds NaN where there is no interval), one
        row per Kreis.
    ags
        Key of the Kreis to set off.
    """
    faktor = FAKTOR[indikator.einheit]
    table = werte.dropna(subset="anteil").sort_values(["anteil", "name"], ascending=[False, True])
    table = table.assign(own=table.ags == ags, x=table.anteil * faktor)
    ax.hlines(table.name, table.unten * faktor, table.oben * faktor, color=LINIE, linewidth=1.2)
    sns.scatterplot(
        table,
        x="x",
        y="name",
        hue="own",
        style="own",
        palette={True: HERVOR, False: ANDERE},
        markers={True: "D", False: "o"},
        s=52,
        linewidth=0,
        legend=False,
        zorder=3,
        ax=ax,
    )
    median = table.x.median()
    ax.axvline(median, color=FARBEN[1], linestyle="--", linewidth=1.2, zorder=1)
    ax.annotate(
        f"Median {wert(table.anteil.median(), indikator)}",
        (median, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, 2),
        textcoords="offset points",
        color=FARBEN[1],
        fontsize=9,
    )
    own = table[table.own]
    for label in ax.get_yticklabels():
        if label.get_text() in set(own.name):
            label.set(fontweight="bold", color=HERVOR)
    for row in own.itertuples():
        ax.annotate(
            wert(row.anteil, indikator),
            (row.x, row.name),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontweight="bold",
            color=HERVOR,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )
    ax.set(xlabel=axis_label(indikator), ylabel="")
    ax.margins(x=0.17)
    german_axis(ax)
    return ax


def streifen(ax: Axes, werte: pd.DataFrame, ags: str, indikator: Indikator) -> Axes:
    """One indicator for all Kreise as a strip: every Kreis a dot, one set off with its value, the median a tick.

    Parameters
    ----------
    werte, ags
        As in `punkte`.
    """
    faktor = FAKTOR[indikator.einheit]
    table = werte.dropna(subset="anteil").assign(x=lambda t: t.anteil * faktor)
    others, own = table[table.ags != ags], table[table.ags == ags]
    sns.stripplot(x=others.x, jitter=False, color=ANDERE, alpha=0.65, size=7, ax=ax)
    ax.plot([table.x.median()] * 2, [-0.28, 0.28], color=FARBEN[1], linewidth=2, zorder=3)
    if len(own):
        row = own.iloc[0]
        ax.hlines(0, row.unten * faktor, row.oben * faktor, color=HERVOR, linewidth=2.4, zorder=4)
        ax.plot(row.x, 0, "D", color=HERVOR, markersize=8, zorder=5)
    title = f"{indikator.kurz}: keine Angabe"
    if len(own):
        rank = (table.anteil > own.anteil.iloc[0]).sum() + 1
        title = f"{indikator.kurz}: {wert(own.anteil.iloc[0], indikator)} (Rang{NBSP}{rank})"
    title = "\n".join(textwrap.wrap(title, TITEL_ZEICHEN, break_long_words=False, break_on_hyphens=False))
    ax.set_title(title, color=HERVOR, fontweight="bold", loc="left", fontsize=10)
    ax.set(xlabel=axis_label(indikator), ylabel="", ylim=(-0.45, 0.45), yticks=[])
    ax.xaxis.label.set_size(9)
    ax.tick_params(axis="x", labelsize=9)
    ax.margins(x=0.06)
    german_axis(ax)
    return ax
