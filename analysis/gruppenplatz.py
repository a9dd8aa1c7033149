"""The group of an area for its Steckbrief: sentences that are computed once for all areas of a Kreis and then kept."""

from analysis import ablage, gruppenbericht, gruppenprofil, regelwerk, workspace
from analysis.errors import InputError
from analysis.files import sha256
from analysis.gruppenprofil import NAMEN, Gruppenprofil
from analysis.regions import level
from analysis.store import Store


def kurz(ags: str, raum: str) -> list[str]:
    """Sentences on the group of a Gemeinde or a Planungsraum, as `notebooks/03_gemeindecluster.ipynb` finds it.

    None for a whole Kreis, an area that is not grouped, a group that is not stable, or where there are no groups.
    They are made with the defaults of the report. What was found is kept (`ablage.kept`) while everything that it
    depends on stays as it is: the store's current values, what is withheld, the names given to groups.
    """
    if not raum or level(raum) not in ("gemeinde", "planungsraum"):
        return []
    with Store() as store:
        path, state = store.path, _state(store)
    return ablage.kept(path, f"{ags}-gruppen-{level(raum)}", state, lambda: _all(ags, level(raum))).get(raum, [])


def _state(store: Store) -> str:
    """What a grouping depends on; it may read the figures of all Kreise."""
    names, earlier = workspace.local() / NAMEN, workspace.ausgaben(store.path)
    files = [p for p in (names, *sorted(earlier.glob("[0-9]*.csv"))) if p.exists()]
    return " ".join([store.fingerprint(), repr(regelwerk.load()), *map(sha256, files)])


def _all(ags: str, ebene: str) -> dict[str, list[str]]:
    """Sentences by area."""
    try:
        s = gruppenprofil.load(ags, ebene)
    except InputError:  # too few figures to group: the Steckbrief is no place to say so
        return {}
    if s.k < 2:
        return {}
    return {area: told for area in s.eigene if (told := _sentences(s, area))}


def _sentences(s: Gruppenprofil, area: str) -> list[str]:
    row, words = s.platz.loc[area], s.gebiete.woerter
    if not s.gruppierung.stabil.stabil[row.gruppe]:
        return []
    count = int(s.gruppierung.stabil.anzahl[row.gruppe])
    sure = "Das ist sicher." if row.sicher else "Das ist nicht sicher."
    marks = gruppenbericht.merkmale(s, row.gruppe)
    return [
        f"Es gibt {s.k} Gruppen ähnlicher {words.mehrzahl}. {words.der[:1].upper()}{words.der[1:]} gehört zu Gruppe "
        f"{row.gruppe} mit {count} {words.dativ if count > 1 else words.einzahl}. {sure} {marks}".strip()
    ]
