"""What an indicator refers to: its denominator in words, and from which census the population in it was carried on."""

import datetime as dt
import re

from analysis.catalogue import Indikator

NUR_NEU = dt.date(2024, 1, 1)
"""Populations from this day on exist after the Zensus 2022 alone; those of 2022 and 2023 were first published after the
Zensus 2011 and changed over later."""


def bezug(indikator: Indikator, stichtag: dt.date) -> str:
    """Denominator of a value in words, with the census from which its population was carried on.

    Which indicators rest on a population carried on from a census is told by their declared breaks. No delivery says
    which of the two editions a population of 2022 or 2023 is. Empty for a product of rates.
    """
    if indikator.art == "produkt":
        return ""
    return f"Bezug: {', '.join(filter(None, [indikator.nenner, _volkszaehlung(indikator, stichtag)]))}."


def _volkszaehlung(indikator: Indikator, stichtag: dt.date) -> str:
    named = ((b.datum, re.search(r"Zensus (\d{4})", b.grund)) for b in indikator.brueche)
    jahre = sorted((day, found[1]) for day, found in named if found)
    past = [jahr for day, jahr in jahre if day <= stichtag]
    if not jahre:
        return ""
    if not past:
        return f"fortgeschrieben aus der Zeit vor dem Zensus {jahre[0][1]}"
    yearend = indikator.nenner_stichtag == "jahresende_davor" and (stichtag.month, stichtag.day) != (12, 31)
    counted = dt.date(stichtag.year - 1, 12, 31) if yearend else stichtag
    if past[-1] == "2022" and counted < NUR_NEU:
        return f"fortgeschrieben nach dem Zensus {past[-2]} oder {past[-1]} (die Quelle nennt ihn nicht)"
    return f"fortgeschrieben nach dem Zensus {past[-1]}"
