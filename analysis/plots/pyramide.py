"""The population pyramid: ages upwards, men to the left, women to the right."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation

from analysis.errors import InputError
from analysis.figures import FARBEN, LINIE
from analysis.plots.beschriftung import legend_below
from analysis.wording import zahl

_SEITEN = {"m": (-1, "Männer"), "w": (1, "Frauen")}
_FARBEN = {"m": (FARBEN[2], "#a9cccd"), "w": (FARBEN[0], "#b3aad8")}
"""Dark shade for Germans (or all), light shade for foreigners."""
_NAMEN = {"deutsch": "deutsch", "nichtdeutsch": "ohne deutschen Pass"}


def pyramide(
    ax: Axes,
    personen: pd.DataFrame,
    *,
    vergleich: pd.DataFrame | None = None,
    vergleich_text: str = "",
    anteile: bool = False,
) -> Axes:
    """Population by age and sex; the uppermost group is open.

    Parameters
    ----------
    personen
        Columns `alter` (first year of a group; single years or groups of equal width), `geschlecht` (`m`, `w`),
        `personen` (NaN where secret or unknown: marked with a cross) and, if citizenship is to be shaded,
        `staatsangehoerigkeit` (`deutsch`, `nichtdeutsch`).
    vergleich, vergleich_text
        Table of the same form (without citizenship) drawn as an outline, and what it is ("2015", "Kreis").
    anteile
        Whether lengths are shares of the whole population of each table in per cent; needed where the outline is
        another area. With missing values the shares refer to the known ones.

    Raises
    ------
    InputError
        A sex other than m and w, a negative number, a group that stands twice, groups of unequal width.
    """
    width = _width(personen)
    groups = ["deutsch", "nichtdeutsch"] if "staatsangehoerigkeit" in personen else [""]
    unit = _unit(personen, anteile)
    longest = 0.0
    for sex, (side, _) in _SEITEN.items():
        start = pd.Series(0.0, index=sorted(personen.alter.unique()))
        for group, colour in zip(groups, _FARBEN[sex], strict=False):
            lengths = _lengths(personen, sex, group).reindex(start.index)
            ax.barh(
                start.index, side * lengths.fillna(0) * unit, left=side * start, height=width, align="edge",
                color=colour, edgecolor="white" if width > 1 else colour, linewidth=0.4 if width > 1 else 0,
            )  # fmt: skip
            missing = lengths.index[lengths.isna()]
            beside = ax.transData + ScaledTranslation(side * 6 / 72, 0, ax.figure.dpi_scale_trans)
            ax.scatter(
                side * start[missing],
                missing + width / 2,
                marker="x",
                color="#333333",
                s=22,
                zorder=5,
                transform=beside,
            )
            start = start + lengths.fillna(0) * unit
        longest = max(longest, start.max())
    if vergleich is not None:
        longest = max(longest, _outline(ax, vergleich, _unit(vergleich, anteile), _width(vergleich), vergleich_text))
    _frame(ax, sorted(personen.alter.unique()), width, longest, anteile)
    _legend(ax, groups, vergleich is not None, personen.personen.isna().any())
    return ax


def _width(table: pd.DataFrame) -> int:
    """Years of a group, checked."""
    if unknown := sorted(set(table.geschlecht) - set(_SEITEN)):
        raise InputError(f"pyramid: sex {unknown[0]!r}; expected m or w (others are counted in a sentence beside it)")
    if (table.personen < 0).any():
        raise InputError(f"pyramid: {table.personen.min():g} persons; expected no negative number")
    keys = [c for c in ("alter", "geschlecht", "staatsangehoerigkeit") if c in table]
    if table.duplicated(keys).any():
        twice = table[table.duplicated(keys)].iloc[0]
        raise InputError(f"pyramid: age {twice.alter}, sex {twice.geschlecht} stands twice; expected once")
    steps = np.unique(np.diff(np.unique(table.alter)))
    if len(steps) != 1:
        raise InputError(f"pyramid: groups of {', '.join(map(str, steps)) or 'no'} years; expected one equal width")
    return int(steps[0])


def _unit(table: pd.DataFrame, anteile: bool) -> float:
    return 100 / table.personen.sum() if anteile else 1.0


def _lengths(table: pd.DataFrame, sex: str, group: str = "") -> pd.Series:
    chosen = table[table.geschlecht == sex]
    if group:
        chosen = chosen[chosen.staatsangehoerigkeit == group]
    return chosen.set_index("alter").personen.astype(float)


def _outline(ax: Axes, table: pd.DataFrame, unit: float, width: int, text: str) -> float:
    for sex, (side, _) in _SEITEN.items():
        lengths = _lengths(table, sex).sort_index() * unit
        edges = [*lengths.index, lengths.index[-1] + width]
        ax.stairs(
            side * lengths, edges, orientation="horizontal", baseline=None, color="#111111", linewidth=1.3, zorder=4,
            path_effects=[withStroke(linewidth=3, foreground="white")],
            label=text if sex == "m" else None,
        )  # fmt: skip
    return float(table.personen.max() * unit)


def _frame(ax: Axes, ages: list[int], width: int, longest: float, anteile: bool) -> None:
    """Axes: ages with the open group, lengths without sign, the two sides named."""
    ticks = [a for a in ages if a % (10 if width < 10 else width) == 0 and a < ages[-1]]
    if ticks and ages[-1] - ticks[-1] < max(2 * width, 5):
        ticks = ticks[:-1]
    places = [t + width / 2 for t in [*ticks, ages[-1]]]
    names = [f"{t}" if width == 1 else f"{t} bis {t + width - 1}" for t in ticks] + [f"{ages[-1]} und älter"]
    ax.set(
        yticks=places, yticklabels=names, ylim=(ages[0], ages[-1] + width), ylabel="Alter in Jahren",
        xlim=(-longest * 1.06, longest * 1.06), xlabel="Anteil an allen in %" if anteile else "Personen",
    )  # fmt: skip
    ax.axvline(0, color=LINIE, linewidth=1)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10], symmetric=True))
    whole = all(float(tick).is_integer() for tick in ax.get_xticks())
    ax.xaxis.set_major_formatter(lambda x, _: zahl(abs(x), 0 if whole else 1))
    for side, name in _SEITEN.values():
        ax.annotate(
            name, (0.5 + side * 0.25, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
            ha="center", va="bottom", fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _legend(ax: Axes, groups: list[str], outline: bool, missing: bool) -> None:
    handles = []
    if len(groups) > 1:
        pairs = [tuple(matplotlib.patches.Patch(color=_FARBEN[s][n]) for s in _SEITEN) for n in range(2)]
        handles += [(pair, _NAMEN[group]) for pair, group in zip(pairs, groups, strict=True)]
    if outline:
        line, text = ax.get_legend_handles_labels()
        handles.append((matplotlib.lines.Line2D([], [], color="#111111", linewidth=1.3), text[0] if text else ""))
    if missing:
        cross = matplotlib.lines.Line2D([], [], linestyle="", marker="x", color="#333333", markersize=5)
        handles.append((cross, "kein Wert"))
    if handles:
        pairwise = {tuple: matplotlib.legend_handler.HandlerTuple(ndivide=None, pad=0)}
        legend_below(ax.figure, *map(list, zip(*handles, strict=True)), handler_map=pairwise)
