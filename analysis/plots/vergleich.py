"""Areas beside each other: two dates, ranks with their uncertainty, status and dynamic."""

import textwrap

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.catalogue import FAKTOR, Indikator
from analysis.errors import InputError
from analysis.figures import ANDERE, HERVOR, LINIE, axis_label, german_axis
from analysis.plots.beschriftung import KLEIN, fits, lay_out, spread_upright
from analysis.wording import datum, wert

STATUS = ["hoch", "mittel", "niedrig", "sehr niedrig"]
DYNAMIK = ["positiv", "stabil", "negativ"]
"""Classes of the Berlin Monitoring Soziale Stadtentwicklung, from the first row and column of the grid on."""


def steigung(ax: Axes, werte: pd.DataFrame, ags: str, indikator: Indikator) -> Axes:
    """Slope chart: every area a line from an earlier to a later date, one set off.

    Names stand at the later date where all find room; else those of the own, the three highest and the three lowest.

    Parameters
    ----------
    werte
        Columns `ags`, `name`, `stichtag` (two dates), `anteil`; areas without a value at one of the dates are left out.
    ags
        Key of the area to set off.

    Raises
    ------
    InputError
        There are not exactly two dates.
    """
    days = sorted(werte.stichtag.unique())
    if len(days) != 2:
        raise InputError(f"slope chart of {indikator.id}: {len(days)} dates; expected two")
    faktor = FAKTOR[indikator.einheit]
    table = werte.pivot(index=["ags", "name"], columns="stichtag", values="anteil").dropna().reset_index()
    table = table.sort_values([days[1], "name"], ascending=[False, True]).reset_index(drop=True)
    own = table.ags == ags
    for row in table.itertuples(index=False):
        mine = row.ags == ags
        ax.plot(
            [0, 1], [row[2] * faktor, row[3] * faktor], marker="o", markersize=6 if mine else 4,
            color=HERVOR if mine else ANDERE, linewidth=2.6 if mine else 1.1, zorder=4 if mine else 2,
        )  # fmt: skip
    left = [_beside(ax, 0, v, indikator, "", mine) for v, mine in zip(table[days[0]], own, strict=True)]
    right = [_beside(ax, 1, r[3], indikator, r[1], r[0] == ags) for r in table.itertuples(index=False)]
    ax.set(xlim=(-0.06, 1.06), xticks=[0, 1], xticklabels=[datum(day) for day in days], yticks=[])
    ax.set_title(axis_label(indikator), loc="left", fontsize=KLEIN)
    lay_out(ax.figure)
    if not fits(ax, right):
        ends = own | (table.index < 3) | (table.index >= len(table) - 3)
        for keep, *labels in zip(ends, left, right, strict=True):
            for label in labels:
                label.set_visible(keep)
        lay_out(ax.figure)
    for labels in (left, right):
        spread_upright(ax, [label for label in labels if label.get_visible()])
    return ax


def _beside(ax: Axes, x: int, anteil: float, indikator: Indikator, name: str, own: bool):
    text = wert(anteil, indikator, einheit=indikator.einheit == "prozent")
    return ax.annotate(
        f"{text}  {name}".rstrip(), (x, anteil * FAKTOR[indikator.einheit]), xytext=(7 if x else -7, 0),
        textcoords="offset points", ha="left" if x else "right", va="center", annotation_clip=False,
        color=HERVOR if own else "#333333", fontweight="bold" if own else "normal",
    )  # fmt: skip


def rangpunkte(ax: Axes, werte: pd.DataFrame, ags: str, indikator: Indikator) -> Axes:
    """Areas from high to low as dots with their intervals; beside each its rank and the range the rank may lie in.

    Parameters
    ----------
    werte
        Columns `ags`, `name`, `anteil`, `unten`, `oben` (ratios; bounds NaN where there is no interval), `rang`,
        `rang_unten`, `rang_oben` (1 = highest value; NaN where there is none), one row per area.
    ags
        Key of the area to set off.
    """
    faktor = FAKTOR[indikator.einheit]
    table = werte.dropna(subset="anteil").sort_values(["anteil", "name"], ascending=[False, True])
    y, own = np.arange(len(table)), (table.ags == ags).to_numpy()
    colours = np.where(own, HERVOR, ANDERE)
    ax.hlines(y, table.unten * faktor, table.oben * faktor, colors=np.where(own, HERVOR, LINIE), linewidth=1.6)
    for mine, marker in ((True, "D"), (False, "o")):
        ax.scatter(
            table.anteil[own == mine] * faktor, y[own == mine], c=colours[own == mine], marker=marker, s=42, zorder=3
        )
    for row, mine, text in zip(y, own, map(_rank, table.rang, table.rang_unten, table.rang_oben), strict=True):
        ax.annotate(
            text, (1, row), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
            color=HERVOR if mine else "#333333", fontweight="bold" if mine else "normal", annotation_clip=False,
        )  # fmt: skip
    ax.annotate(
        "Rang (Spanne)", (1, 1), xycoords="axes fraction", xytext=(8, 3), textcoords="offset points", fontsize=KLEIN,
        va="bottom", annotation_clip=False,
    )  # fmt: skip
    ax.set(yticks=y, yticklabels=table.name, ylim=(len(table) - 0.4, -0.6), xlabel=axis_label(indikator))
    for label, mine in zip(ax.get_yticklabels(), own, strict=True):
        if mine:
            label.set(fontweight="bold", color=HERVOR)
    ax.margins(x=0.05)
    german_axis(ax)
    return ax


def _rank(rang: float, unten: float, oben: float) -> str:
    if np.isnan(rang):
        return "–"
    return f"{rang:.0f}" if np.isnan(unten) or np.isnan(oben) else f"{rang:.0f} ({unten:.0f}–{oben:.0f})"


def status_dynamik(
    ax: Axes, raeume: pd.DataFrame, ags: str = "", status: list[str] = STATUS, dynamik: list[str] = DYNAMIK
) -> Axes:
    """Grid of status (rows) and dynamic (columns) with the names of the areas; their number where names do not fit.

    Parameters
    ----------
    raeume
        Columns `ags`, `name`, `status`, `dynamik` (words of the two lists), one row per area; those without a class
        (empty) are left out. With a column `klasse_sicher`, names of areas whose class is not certain stand in
        brackets.
    ags
        Key of the area to set off, if any.

    Raises
    ------
    InputError
        A class is none of those given.
    """
    classified = (raeume[["status", "dynamik"]].fillna("") != "").all(axis=1)
    table = raeume[classified].sort_values("name")
    for column, allowed in (("status", status), ("dynamik", dynamik)):
        if unknown := sorted(set(table[column]) - set(allowed)):
            raise InputError(f"{column} {unknown[0]!r}; expected one of {', '.join(allowed)}")
    shades = matplotlib.colors.LinearSegmentedColormap.from_list("", ["#f7f6fb", "#b9aed9"])
    worst = len(status) + len(dynamik) - 2
    for r in range(len(status)):
        for c in range(len(dynamik)):
            ax.add_patch(
                matplotlib.patches.Rectangle((c, r), 1, 1, facecolor=shades((r + c) / worst), edgecolor="white", lw=2)
            )
    ax.set(
        xlim=(0, len(dynamik)), ylim=(len(status), 0),
        xticks=np.arange(len(dynamik)) + 0.5, xticklabels=dynamik,
        yticks=np.arange(len(status)) + 0.5, yticklabels=["\n".join(textwrap.wrap(s, 8)) for s in status],
    )  # fmt: skip
    ax.set_xlabel("Dynamik: Veränderung", fontweight="bold", labelpad=8)
    ax.set_ylabel("Status: heutige Lage", fontweight="bold", labelpad=8)
    ax.xaxis.set(label_position="top")
    ax.tick_params(bottom=False, top=False, labelbottom=False, labeltop=True)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    lay_out(ax.figure)
    scale = 72 / ax.figure.dpi
    cell = ax.get_window_extent()
    width, height = cell.width * scale / len(dynamik) - 8, cell.height * scale / len(status) - 6
    for (s, d), areas in table.groupby(["status", "dynamik"]):
        _cell(ax, dynamik.index(d), status.index(s), areas, ags, width, height)
    return ax


def _cell(ax: Axes, column: int, row: int, areas: pd.DataFrame, ags: str, width: float, height: float) -> None:
    """Names below each other, or how many they are; the own area stays named."""
    sure = areas.klasse_sicher if "klasse_sicher" in areas else pd.Series(True, index=areas.index)
    names = [name if ok else f"({name})" for name, ok in zip(areas.name, sure, strict=True)]
    own = (areas.ags == ags).to_list()
    letters, line = int(width / 5.3), 13
    if any(len(name) > letters for name in names) or len(names) * line > height:
        kept = [textwrap.shorten(name, letters, placeholder="…") for name, mine in zip(names, own, strict=True) if mine]
        rest = len(names) - len(kept)
        names = [*kept, f"{'und ' if kept else ''}{rest} {'weitere' if kept else 'Räume'}"] if rest else kept
        own = [True] * len(kept) + [False] * (rest > 0)
    for n, (name, mine) in enumerate(zip(names, own, strict=True)):
        ax.annotate(
            name, (column + 0.5, row + 0.5), xytext=(0, ((len(names) - 1) / 2 - n) * line), textcoords="offset points",
            ha="center", va="center", fontsize=KLEIN, color=HERVOR if mine else "#111111",
            fontweight="bold" if mine else "normal",
        )  # fmt: skip
