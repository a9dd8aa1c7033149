"""Weights of the Lebenslagen in a grouping, from the text of a parameter."""

from analysis.catalogue import katalog
from analysis.errors import InputError

GLEICH = "gleich"
"""Every Lebenslage counts the same, however many indicators it has."""


def weights(text: str) -> dict[str, float] | None:
    """Weight of each Lebenslage; None for an empty text: every indicator counts the same.

    Parameters
    ----------
    text
        `gleich`, or weights as `Wohnen = 2; Gesundheit = 0,5`; a Lebenslage that is not named has the weight 1. The
        first word of a Lebenslage is enough where it names only one.

    Raises
    ------
    InputError
        An unknown or ambiguous Lebenslage, one that stands twice, no number of 0 or more, only zeros.
    """
    if not text.strip():
        return None
    result = dict.fromkeys(sorted({i.lebenslage for i in katalog().indikatoren.values()}), 1.0)
    if text.strip() == GLEICH:
        return result
    named = set()
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, number = (word.strip() for word in part.partition("="))
        field = _lebenslage(name, list(result))
        if field in named:
            raise InputError(f"weights: {field} stands twice")
        named.add(field)
        result[field] = _number(number if equals else part, part)
    if not any(result.values()):
        raise InputError("weights: all are 0; expected at least one above")
    return result


def _lebenslage(name: str, known: list[str]) -> str:
    found = [field for field in known if name and field.casefold().startswith(name.casefold())]
    if len(found) != 1:
        raise InputError(f"weights: {name!r} names {len(found)} Lebenslagen; expected one of {'; '.join(known)}")
    return found[0]


def _number(text: str, part: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"weights: {part!r}; expected a Lebenslage and a number of 0 or more, as Wohnen = 2")
    return value
