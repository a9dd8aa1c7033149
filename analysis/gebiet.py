"""What a report is about, in the words that its sentences need: a Kreis, a Gemeinde or a Planungsraum."""

from dataclasses import dataclass

from analysis.regions import Kreis, kreis, level, name


@dataclass(frozen=True)
class Woerter:
    """How sentences speak of areas of one kind: `Hier hat die Gemeinde …`, `im Vergleich von 30 Gemeinden`."""

    einzahl: str
    mehrzahl: str
    dativ: str
    hier: str
    der: str
    anderer: str
    dieser: str


_KREIS = Woerter("Kreis", "Kreise", "Kreisen", "Im Kreis", "der Kreis", "einem anderen Kreis", "diesen Kreis")
WOERTER = {
    "kreis": _KREIS,
    "stadt": Woerter(**{**vars(_KREIS), "hier": "In der Stadt", "der": "die Stadt"}),
    "gemeinde": Woerter(
        *("Gemeinde", "Gemeinden", "Gemeinden", "Hier", "die Gemeinde"),
        *("einer anderen Gemeinde", "diese Gemeinde"),
    ),
    "planungsraum": Woerter(
        *("Planungsraum", "Planungsräume", "Planungsräumen", "Hier", "der Planungsraum"),
        *("einem anderen Planungsraum", "diesen Planungsraum"),
    ),
}


@dataclass(frozen=True)
class Gebiet:
    """A Kreis, or one of its areas.

    `amtlich` is the name in headings, `wo` the one in sentences ("im Ilm-Kreis", "in Glockenmark"), `rahmen` says where
    the areas lie that it is compared with.
    """

    ags: str
    kreis: Kreis
    ebene: str
    name: str
    amtlich: str
    wo: str
    rahmen: str
    woerter: Woerter


def of_kreis(ags: str) -> Gebiet:
    """A whole Kreis, compared with the Kreise of its Land."""
    k = kreis(ags)
    words = WOERTER["kreis" if k.art == "Landkreis" else "stadt"]
    return Gebiet(ags, k, "kreis", k.name, k.amtlich, k.wo, f"in {name(ags[:2])}", words)


def of_area(ags: str, raum: str, gegeben: str) -> Gebiet:
    """An area of a Kreis by key and name, compared with the other areas of its kind there."""
    k, ebene = kreis(ags), level(raum)
    words, short = WOERTER[ebene], gegeben.partition(",")[0]
    long = f"{words.einzahl} {short}"
    wo = f"in {short}" if ebene == "gemeinde" else f"im {long}"
    return Gebiet(raum, k, ebene, short, f"{long}, {k.amtlich}", wo, k.wo, words)
