"""Contrast between two colours as WCAG 2.1 defines it."""


def kontrast(eine: str, andere: str) -> float:
    """Contrast ratio of two colours (`#rrggbb`): 1 for equal ones, 21 for black on white.

    Source: WCAG 2.1, definitions of "contrast ratio" and "relative luminance"; the threshold is 0.04045 as in
    IEC 61966-2-1 (WCAG prints 0.03928, which gives the same for colours of 8 bits).
    """
    darker, lighter = sorted((_luminance(eine), _luminance(andere)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(farbe: str) -> float:
    channels = (int(farbe[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
