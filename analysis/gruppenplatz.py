"""The group of an area for its Steckbrief: sentences that are computed once for all areas of a Kreis and then kept."""

import contextlib
import hashlib
import json
from pathlib import Path

from analysis import gruppenbericht, gruppenprofil, workspace
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.gruppenprofil import NAMEN, Gruppenprofil
from analysis.regions import level
from analysis.store import Store

ORDNER = "gruppen"
"""Folder beside the store in which the sentences are kept; it may be deleted at any time."""


def kurz(ags: str, raum: str) -> list[str]:
    """Sentences on the group of a Gemeinde or a Planungsraum, as `notebooks/03_gemeindecluster.ipynb` finds it.

    None for a whole Kreis, an area that is not grouped, a group that is not stable, or where there are no groups.
    They are made with the defaults of the report. What was found is kept under a name made of everything that it
    depends on: the store's current values, the code, the names given to groups.
    """
    if not raum or level(raum) not in ("gemeinde", "planungsraum"):
        return []
    with Store() as store:
        folder, key = store.path.parent / ORDNER, _key(store.fingerprint())
    file = folder / f"{ags}-{level(raum)}-{key}.json"
    if not file.exists():
        found = _all(ags, level(raum))
        with contextlib.suppress(OSError):  # where nothing can be kept it only takes longer
            for old in folder.glob(f"{ags}-{level(raum)}-*.json"):
                old.unlink(missing_ok=True)
            write_atomic(file, json.dumps(found, ensure_ascii=False, sort_keys=True))
        return found.get(raum, [])
    return json.loads(file.read_text(encoding="utf-8")).get(raum, [])


def _key(fingerprint: str) -> str:
    """Name for what a grouping depends on."""
    package = Path(__file__).parent
    code = sorted([*package.rglob("*.py"), *package.rglob("*.yaml")])
    names = workspace.local() / NAMEN
    parts = [
        fingerprint,
        *(f"{p.relative_to(package)} {sha256(p)}" for p in code),
        *([sha256(names)] if names.exists() else []),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


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
