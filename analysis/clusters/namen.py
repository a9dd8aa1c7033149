"""Names that an analyst gives to groups, kept in a file and found again by the areas that stand for each group."""

from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.yaml_files import load_yaml

_SCHEMA = Path(__file__).with_name("namen.schema.json")


def load_names(path: Path, kreis: str, ebene: str) -> dict[str, tuple[str, ...]]:
    """Name → areas that stand for the group, for one Kreis and level; empty without a file or an entry.

    The file is kept by the analyst (`data/local/gruppennamen.yaml`)::

        "99099":
          gemeinde:
            - name: Städte
              stehen_dafuer: ["99099001", "99099002"]

    Raises
    ------
    InputError
        The file does not follow its schema; an area stands for two groups, a name stands twice.
    """
    if not path.exists():
        return {}
    content = load_yaml(path, _SCHEMA)
    unquoted = [key for key in content if not isinstance(key, str)]
    if unquoted:
        raise InputError(f'{path}: the key {unquoted[0]} is a number; expected the key of a Kreis in quotes: "16077"')
    entries = content.get(kreis, {}).get(ebene, [])
    seen: dict[str, str] = {}
    for entry in entries:
        for ags in entry["stehen_dafuer"]:
            if ags in seen:
                raise InputError(f"{path}, {ebene}: {ags} stands for {seen[ags]!r} and {entry['name']!r}; expected one")
            seen[ags] = entry["name"]
    doubled = pd.Series([entry["name"] for entry in entries], dtype=object)
    if doubled.duplicated().any():
        raise InputError(f"{path}, {ebene}: the name {doubled[doubled.duplicated()].iloc[0]!r} stands twice")
    return {entry["name"]: tuple(entry["stehen_dafuer"]) for entry in entries}


def named(vorschlaege: pd.Series, labels: pd.Series, namen: dict[str, tuple[str, ...]]) -> pd.Series:
    """Names of the groups: the given one where more than half of its areas are in a group, else the proposal.

    Numbers of groups may change from year to year; the areas that a name was given for tell which group it means.

    Parameters
    ----------
    vorschlaege
        Group → proposed name.
    labels
        Group of each area (index: key).
    namen
        What `load_names` gives.

    Raises
    ------
    InputError
        Two names mean the same group; none of the areas of a name is grouped.
    """
    found = vorschlaege.copy()
    meant: dict[int, str] = {}
    for name, areas in namen.items():
        here = labels.reindex(areas).dropna()
        if here.empty:
            raise InputError(f"names of groups: none of {', '.join(areas)} is in a group, but they stand for {name!r}")
        counts = here.astype(int).value_counts()
        group = int(counts.index[0])
        if counts.iloc[0] * 2 <= len(here):
            continue
        if group in meant:
            raise InputError(f"names of groups: {meant[group]!r} and {name!r} both mean group {group}")
        meant[group] = name
        found[group] = name
    return found
