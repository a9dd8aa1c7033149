"""Formulas: LaTeX notation to MathML, built from known elements only."""

import html

from markupsafe import Markup, escape

_ELEMENTE = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded",
}  # fmt: skip
_TEILE = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
"""Elements that have a fixed number of parts."""
_ATTRIBUTE = {
    "stretchy",
    "mathvariant",
    "linethickness",
    "columnalign",
    "width",
    "accent",
    "movablelimits",
    "fence",
    "form",
}
_VORGELESEN = {
    "mfrac": "Bruch {} geteilt durch {} Ende des Bruchs",
    "msqrt": "Wurzel aus {} Ende der Wurzel",
    "mroot": "Wurzel aus {} mit Wurzelexponent {} Ende der Wurzel",
    "msub": "{} Index {}",
    "msup": "{} hoch {}",
    "msubsup": "{} Index {} hoch {}",
    "munder": "{} über {}",
    "mover": "{} mit {}",
    "munderover": "{} von {} bis {}",
}
_WORTE = {
    "+": "plus", "−": "minus", "±": "plus oder minus", "=": "gleich", ",": "Komma", "∑": "Summe", "·": "mal",
    "×": "mal",
    "(": "Klammer auf", ")": "Klammer zu", "<": "kleiner als", ">": "größer als", "^": "Dach",
}  # fmt: skip
_ZEICHEN = "±∓·×"
"""Signs that stand between two terms, whatever the converter takes them for."""


def mathml(latex: str, block: bool = False, vorgelesen: str = "") -> Markup:
    r"""Formula as MathML element.

    Parameters
    ----------
    latex
        Formula in LaTeX notation without `$`, such as `\frac{a}{b}`.
    block
        Whether it stands on a line of its own.
    vorgelesen
        How one would read it out; made from the parts of the formula if not given.

    Raises
    ------
    ValueError
        The formula is empty, not complete, or uses a command that is not known or does more than set a formula.
    """
    from latex2mathml.converter import convert_to_element

    try:
        tree = convert_to_element(latex, display="block" if block else "inline")
    except Exception as error:  # the converter raises whatever an incomplete formula leads it to
        raise ValueError(f"formula {latex!r} cannot be read ({type(error).__name__})") from None
    display = Markup(' display="block"') if block else Markup()
    inner = Markup().join(_element(child, latex) for child in tree)
    spoken = vorgelesen or " ".join(" ".join(map(_spoken, tree)).split())
    return Markup('<math{} alttext="{}">{}</math>').format(display, spoken, inner)


def _element(element, latex: str) -> Markup:
    tag, text = element.tag, html.unescape(element.text or "").strip(" \n")
    strange = sorted(set(element.attrib) - _ATTRIBUTE)
    if tag not in _ELEMENTE or strange:
        raise ValueError(f"formula {latex!r}: {(strange or [tag])[0]!r} has no place in a formula of a report")
    if text.startswith("\\"):
        raise ValueError(f"formula {latex!r}: the command {text!r} is not known")
    if len(element) != _TEILE.get(tag, len(element)):
        raise ValueError(f"formula {latex!r}: {tag} has {len(element)} parts, expected {_TEILE[tag]}")
    if tag == "mi" and text in _ZEICHEN:
        tag = "mo"
    attributes = Markup().join(Markup(' {}="{}"').format(k, v) for k, v in sorted(element.attrib.items()))
    inner = Markup().join(_element(child, latex) for child in element)
    return Markup("<{}{}>{}{}</{}>").format(Markup(tag), attributes, escape(text), inner, Markup(tag))


def _spoken(element) -> str:
    """Part of a formula in German words, its inner parts marked by where they end."""
    parts = [_spoken(child) for child in element]
    if element.tag in ("msub", "msup", "msubsup"):
        parts[1:] = [f"{part} Ende" if " " in part.strip() else part for part in parts[1:]]
    if element.tag in _VORGELESEN:
        form = _VORGELESEN[element.tag]
        return form.format(*parts) if form.count("{}") == len(parts) else form.format(" ".join(parts))
    text = html.unescape(element.text or "").strip()
    return " ".join([_WORTE.get(text, text), *parts])
