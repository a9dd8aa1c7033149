"""Figures as readers see them: one restrained style, colours that survive colour blindness and a grey print."""

import io
import textwrap

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from analysis.catalogue import FAKTOR, Indikator
from analysis.outputs import Ausgabe
from analysis.wording import NBSP, wert, zahl

FARBEN = ["#321c8f", "#8b3a04", "#2c7d7e", "#a78e43"]
"""Colours for groups: dE00 >= 23 over three kinds of colour blindness, grey dL* >= 12, contrast >= 3.2 on white."""
HERVOR, ANDERE, LINIE = FARBEN[0], "#8c8c8c", "#595959"
_DIVERGIEREND = matplotlib.colors.LinearSegmentedColormap.from_list("", [FARBEN[1], "#dddddd", FARBEN[0]])

BREITE = 5.4
"""Width of a figure in inches: its 10 pt texts stay readable when a phone scales it to 350 px."""
DPI = 150
PALETTE = 64
"""Colours of a figure's palette."""
TITEL_ZEICHEN = 54
"""Characters of a bold title that fit into the width."""

STIL = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": LINIE,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "xtick.color": "#333333",
    "ytick.color": "#111111",
    "ytick.left": False,
    "text.color": "#111111",
    "axes.labelcolor": "#333333",
    "savefig.facecolor": "white",
}


def new_figure(hoehe: float, zeilen: int = 1) -> tuple[Figure, list[Axes]]:
    """Empty figure in the workspace's style, with `zeilen` axes below each other; height in inches."""
    with matplotlib.rc_context(STIL):
        figure = Figure(figsize=(BREITE, hoehe), layout="constrained")
        axes = figure.subplots(zeilen, 1, squeeze=False)[:, 0]
    return figure, list(axes)


def abbildung(
    figure: Figure,
    *,
    name: str,
    titel: str,
    einheit: str,
    quelle: str,
    alternativtext: str,
    daten: Ausgabe,
) -> Ausgabe:
    """Figure for a report, drawn once as PNG with a palette of `PALETTE` colours.

    Parameters
    ----------
    figure
        What was drawn; the axes carry labels with units.
    name
        Short ASCII name, used for the file under `figures/`.
    titel, einheit, quelle
        What the figure shows, its unit in words, where the figures come from, with date.
    alternativtext
        What a reader would see, 30 to 400 characters.
    daten
        The same numbers as a table (`tables.tabelle`), shown on demand below the figure.

    Raises
    ------
    ValueError
        One of the texts is missing or says nothing.
    """
    png, breite, hoehe = _png(figure)
    return Ausgabe(
        {
            "art": "abbildung",
            "name": name,
            "titel": titel,
            "einheit": einheit,
            "quelle": quelle,
            "alternativtext": alternativtext,
            "breite": breite,
            "hoehe": hoehe,
            "daten": daten.inhalt,
        },
        png=png,
    )


def _png(figure: Figure) -> tuple[bytes, int, int]:
    raw = io.BytesIO()
    with matplotlib.rc_context(STIL):
        figure.savefig(raw, format="png", dpi=DPI, metadata={"Software": None})
    picture = (
        Image.open(raw).convert("RGB").quantize(PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    )
    packed = io.BytesIO()
    picture.save(packed, format="PNG", optimize=True)
    return packed.getvalue(), *picture.size


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
    ax.set(xlabel=_axis_label(indikator), ylabel="")
    ax.margins(x=0.17)
    _german_axis(ax)
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
    ax.set(xlabel=_axis_label(indikator), ylabel="", ylim=(-0.45, 0.45), yticks=[])
    ax.xaxis.label.set_size(9)
    ax.tick_params(axis="x", labelsize=9)
    ax.margins(x=0.06)
    _german_axis(ax)
    return ax


def _axis_label(indikator: Indikator) -> str:
    return {"prozent": "Anteil in %", "je_100": "Anzahl je 100", "je_1000": "Anzahl je 1.000"}[indikator.einheit]


def _german_axis(ax: Axes) -> None:
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda x, _: zahl(x, 0 if float(x).is_integer() else 1))


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
    _german_axis(ax)
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
