"""Which areas of which Kreise reports are asked for."""

import difflib

from analysis.errors import InputError
from analysis.raumwerte import namen
from analysis.regions import kreis, level
from analysis.store import Store

ALLE = {"gemeinden": "gemeinde", "planungsraeume": "planungsraum"}
"""Word for all areas of a level."""


def chosen(store: Store, wanted: list[str], kreise: list[str]) -> dict[str, dict[str, str]]:
    """Areas by Kreis, key → name.

    Parameters
    ----------
    wanted
        Keys of Gemeinden and Planungsraeume, or words of `ALLE`.
    kreise
        Kreise whose areas are meant; a key of another Kreis is refused.

    Raises
    ------
    InputError
        A key that is no Gemeinde and no Planungsraum, that is not in the store or belongs to another Kreis; no area at
        all.
    """
    found: dict[str, dict[str, str]] = {}
    for word in dict.fromkeys(wanted):
        if word in ALLE:
            for ags in kreise:
                found.setdefault(ags, {}).update(namen(store, ags, ALLE[word]))
            continue
        if level(word) not in ALLE.values():
            raise InputError(f"--raum {word!r} is no Gemeinde and no Planungsraum; expected 16077001 or 16077.nord")
        ags = kreis(word[:5]).ags
        if ags not in kreise:
            raise InputError(f"--raum {word!r} belongs to {ags}, which is not among the Kreise of this run")
        there = namen(store, ags, level(word))
        if word not in there:
            near = ", ".join(f"{key} ({there[key]})" for key in difflib.get_close_matches(word, there, 3))
            raise InputError(
                f"--raum {word!r}: the store holds no such area{f'; did you mean {near}?' if near else ''}"
            )
        found.setdefault(ags, {})[word] = there[word]
    if not any(found.values()):
        raise InputError(
            f"--raum {' '.join(wanted)}: the store holds no such areas of {', '.join(kreise) or 'any Kreis'}"
        )
    return {ags: areas for ags, areas in found.items() if areas}
