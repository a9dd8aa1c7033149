"""Two waves of a survey: independent or overlapping samples in one design, changes with their error."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.comparison import compare
from analysis.survey.design import Design, Kalibrierung, Stufe
from analysis.survey.design import design as sample_design
from analysis.survey.estimates import ratio
from analysis.survey.schaetzung import NIVEAU, Schaetzung


def stack(waves: Sequence[Design]) -> Design:
    """Design of independent samples one after the other: the wave is a stratum, SE² of a change is SE₁² + SE₂².

    The rows follow those of the waves, as `pandas.concat` stacks their data. Weights, strata, clusters, population
    sizes and calibrations of each wave stay as they are. Equals R `svydesign` of the stacked data with strata within
    waves. Only for samples drawn independently: persons asked twice need `panel`.

    Raises
    ------
    InputError
        Less than two waves, or different treatments of strata with one unit.
    """
    if len(waves) < 2:
        raise InputError(f"stack: {len(waves)} wave; expected at least two")
    treatments = {wave.einzeln for wave in waves}
    if len(treatments) > 1:
        raise InputError(f"stack: einzeln differs between waves ({', '.join(sorted(treatments))}); expected the same")
    depth = max(len(wave.stufen) for wave in waves)
    stages = [_joined([_stage(wave, k) for wave in waves]) for k in range(depth)]
    gewicht = np.concatenate([wave.gewicht for wave in waves])
    return Design(gewicht, tuple(stages), waves[0].einzeln, _calibrations(waves))


def panel(
    daten: pd.DataFrame,
    gewicht: str | None,
    *,
    person: str,
    welle: str,
    schicht: str | Sequence[str] = (),
    einheit: str | None = None,
    einzeln: str = "fehler",
) -> Design:
    """Design of overlapping samples: one unit in several waves, so that changes have the covariance of its answers.

    Equals R `svydesign(id = ~person, strata = ~schicht)` of the stacked data. Persons who took part only once count as
    units too. Without finite population correction.

    Parameters
    ----------
    daten
        Respondents of all waves one after the other.
    gewicht
        Column of the weight in the wave.
    person
        Column that identifies a person in all waves.
    welle
        Column of the wave.
    schicht
        Columns of the stratum from which the unit was once drawn.
    einheit
        Column of the unit drawn where this is more than the person (household, municipality); else the person.

    Raises
    ------
    InputError
        A person twice in a wave, in several strata or units; nobody in two waves; what `design` refuses.
    """
    strata = [schicht] if isinstance(schicht, str) else list(schicht)
    for name in (person, welle, *strata, *([einheit] if einheit else [])):
        if name not in daten:
            raise InputError(f"panel: there is no column {name!r}")
        if daten[name].isna().any():
            place = int(np.flatnonzero(daten[name].isna())[0]) + 1
            raise InputError(f"panel, column {name}, respondent {place}: empty; expected a value for everybody")
    twice = daten.duplicated([person, welle]).to_numpy()
    if twice.any():
        first = daten.iloc[np.flatnonzero(twice)[0]]
        raise InputError(f"panel: {person} {first[person]} is twice in the wave {first[welle]} ({twice.sum()} such)")
    if not daten.duplicated(person).any():
        raise InputError(f"panel: nobody is in two waves by the column {person}; independent samples need `stack`")
    for name in [*strata, *([einheit] if einheit else [])]:
        _check_once(daten, person, name)
    for name in strata:
        _check_once(daten, einheit or person, name)
    frame = daten.assign(_schicht=daten.groupby(strata, observed=True).ngroup() if strata else 0)
    return sample_design(frame, gewicht, schicht="_schicht", einheit=einheit or person, einzeln=einzeln)


def change(
    design: Design,
    y: pd.DataFrame | pd.Series,
    welle: pd.Series,
    von,
    bis,
    bereich: pd.Series | None = None,
    *,
    korrektur: str = "holm",
    familie: str = "alle",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Change of shares and means from one wave to another, overall or in domains (R `svyttest` by wave).

    Parameters
    ----------
    design
        Design of both waves, by `stack` or `panel`.
    y
        Shares (0, 1, booleans) or numbers per respondent of both waves; NA is outside.
    welle
        Wave per respondent.
    von, bis
        Values of `welle`: the earlier and the later one.
    bereich
        Domain per respondent; one change each. NA is in none.
    korrektur, familie, niveau
        As in `comparison.against_rest`, whose notes say what is tested and which interval few have.

    Returns
    -------
    pandas.DataFrame
        Index: columns of `y`, in domains pairs of domain and column (for a Series only the domain). Columns `n_von`,
        `n_bis`, `wert_von`, `wert_bis`, `aenderung` (later minus earlier), `se`, `unten`, `oben`, `freiheitsgrade`,
        `pruefbar`, `p`, `p_vorsichtig`, `p_korrigiert`, `zufall`.

    Raises
    ------
    InputError
        Nobody is in a wave or in a domain; what `comparison.against_rest` refuses.
    """
    early, late = _both(design, welle, von, bis)
    if bereich is None:
        frame = y.to_frame() if isinstance(y, pd.Series) else y
        table = compare(design, frame, {"alle": (late, early)}, korrektur, familie, niveau).droplevel(0)
    else:
        codes, names = _codes(design, bereich)
        sides = {name: (late & (codes == k), early & (codes == k)) for k, name in enumerate(names)}
        table = compare(design, y, sides, korrektur, familie, niveau)
    new = {"n": "n_bis", "n_andere": "n_von", "wert": "wert_bis", "wert_andere": "wert_von", "differenz": "aenderung"}
    table = table.rename(columns=new)
    first = ["n_von", "n_bis", "wert_von", "wert_bis"]
    return table[[*first, *(column for column in table if column not in first)]]


def change_of_ratio(
    design: Design, zaehler: pd.Series, nenner: pd.Series, welle: pd.Series, von, bis, bereich: pd.Series | None = None
) -> Schaetzung:
    """Change of a ratio of two totals from one wave to another (R `svyratio` by wave and `svycontrast`).

    Returns
    -------
    Schaetzung
        Later minus earlier ratio; index: the domains, else `aenderung`. Degrees of freedom: of the wave that has fewer.
    """
    early, late = _both(design, welle, von, bis)
    codes, names = _codes(design, bereich) if bereich is not None else (np.zeros(len(design), int), ["aenderung"])
    # cell 2k is domain k in the earlier wave, 2k + 1 in the later one
    cell = pd.Series(np.where((early | late) & (codes >= 0), 2 * codes + late, -1), zaehler.index)
    by_cell = ratio(design, zaehler, nenner, cell.where(cell >= 0).astype("Int64"))
    for k, name in enumerate(names):
        for wave, value in ((0, von), (1, bis)):
            if 2 * k + wave not in by_cell.wert.index:
                raise InputError(f"change of a ratio: nobody of {name!r} is in the wave {value!r}")
    return by_cell.kontrast({name: {2 * k + 1: 1, 2 * k: -1} for k, name in enumerate(names)})


def _both(design: Design, welle: pd.Series, von, bis) -> tuple[np.ndarray, np.ndarray]:
    if von == bis:
        raise InputError(f"change: from wave {von} to wave {bis}; expected two different waves")
    return _in_wave(design, welle, von), _in_wave(design, welle, bis)


def _in_wave(design: Design, welle: pd.Series, value) -> np.ndarray:
    if len(welle) != len(design):
        raise InputError(f"change: {len(welle)} waves for {len(design)} respondents of the design")
    result = (welle == value).fillna(False).to_numpy(bool)
    if not result.any():
        known = ", ".join(str(x) for x in welle.dropna().unique()[:10])
        raise InputError(f"change: nobody is in the wave {value!r}; expected one of {known}")
    return result


def _codes(design: Design, bereich: pd.Series) -> tuple[np.ndarray, pd.Index]:
    if len(bereich) != len(design):
        raise InputError(f"change: {len(bereich)} domains for {len(design)} respondents of the design")
    codes, names = pd.factorize(bereich, sort=True)
    if not len(names):
        raise InputError("change: nobody is in a domain")
    return codes, names


def _check_once(daten: pd.DataFrame, inner: str, outer: str) -> None:
    """Refuse an inner unit that lies in several outer ones."""
    several = daten.groupby(inner, observed=True)[outer].nunique() > 1
    if several.any():
        raise InputError(
            f"panel: {inner} {several.index[several][0]} is in several {outer} ({several.sum()} such); "
            "expected that of the drawing in all waves"
        )


def _stage(wave: Design, k: int) -> Stufe:
    """Stage k of a wave; where it has fewer stages, one that is drawn whole and adds no variance."""
    if k < len(wave.stufen):
        return wave.stufen[k]
    unit = wave.stufen[-1].einheit
    return Stufe(unit, unit, np.ones(unit.max() + 1))


def _joined(stages: Sequence[Stufe]) -> Stufe:
    """Stages of several waves as one, with codes that do not meet."""
    units = np.cumsum([0, *(stage.einheit.max() + 1 for stage in stages)])
    strata = np.cumsum([0, *(len(stage.umfang) for stage in stages)])
    return Stufe(
        np.concatenate([stage.einheit + start for stage, start in zip(stages, units[:-1], strict=True)]),
        np.concatenate([stage.schicht + start for stage, start in zip(stages, strata[:-1], strict=True)]),
        np.concatenate([stage.umfang for stage in stages]),
    )


def _calibrations(waves: Sequence[Design]) -> tuple[Kalibrierung, ...]:
    """Calibrations of each wave, which leave the others' influences as they are."""
    starts, total = np.cumsum([0, *map(len, waves)]), sum(map(len, waves))
    result = []
    for wave, start in zip(waves, starts[:-1], strict=True):
        rows = slice(start, start + len(wave))
        for step in wave.kalibrierung:
            basis, factor = np.zeros((total, step.basis.shape[1])), np.ones(total)
            basis[rows], factor[rows] = step.basis, step.faktor
            result.append(Kalibrierung(basis, factor))
    return tuple(result)
