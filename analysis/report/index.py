"""The index page over all reports of an output folder, and one for each Kreis in its folder."""

from itertools import groupby
from pathlib import Path

from analysis.errors import InputError, say
from analysis.files import write_atomic
from analysis.regions import Kreis, kreis, kreise, name
from analysis.report.eintraege import ERSTELLT, Eintrag, anzeige, eintraege, sort_key, zeitpunkt
from analysis.report.gestaltung import Gestaltung, gestaltung
from analysis.report.rahmen import page_environment, seite
from analysis.wording import zahl
from analysis.worte import worte


def write_index(path: Path, manifest: dict) -> None:
    """Write `index.html` over all reports of the manifest, and an `index.html` in the folder of each Kreis.

    All links are relative and lead only to files that are there. The page of a Kreis has its corporate design, also
    lists the reports of its areas, and says no other time than that of its reports; a Kreis without any report keeps no
    page.
    """
    found = eintraege(path.parent, manifest)
    by_kreis = {ags: list(group) for ags, group in groupby(found, key=lambda e: e.ags)}
    templates = page_environment()
    of_kreis = templates.get_template("kreis.html.j2")
    for k in kreise().values():
        page = path.parent / k.slug / "index.html"
        if k.ags in by_kreis:
            _write(page, of_kreis.render(**_kreis_page(k, by_kreis[k.ags])))
        else:
            page.unlink(missing_ok=True)
    uebersicht = _uebersicht(found, by_kreis) | {"stand": zeitpunkt(manifest["lauf"]["zeit"])}
    template = templates.get_template("uebersicht.html.j2")
    _write(path, template.render(seite=seite("Berichte zur Sozialplanung", worte("de")), uebersicht=uebersicht))


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_bytes() != text.encode():
        write_atomic(path, text)


def _kreis_page(k: Kreis, berichte: list[Eintrag]) -> dict:
    own = [b.aus_ordner(k.slug) for b in berichte]
    return {
        "seite": seite(f"Berichte zur Sozialplanung: {k.amtlich}", worte("de"), _design(k.ags)),
        "kreis": {
            "name": anzeige(k.ags),
            "amtlich": k.amtlich,
            "berichte": [b for b in own if not b.raum],
            "raeume": [b for b in own if b.raum],
        },
    }


def _design(ags: str) -> Gestaltung | None:
    """Corporate design of a Kreis; a mistake in that of one that does not run is told, and its page is neutral."""
    try:
        return gestaltung(ags)
    except InputError as error:
        say(error)
        return None


def _uebersicht(found: list[Eintrag], by_kreis: dict[str, list[Eintrag]]) -> dict:
    """What the main page shows; reports of areas are counted there, the page of their Kreis lists them."""
    rows = {ags: _kreis(ags, berichte) for ags, berichte in by_kreis.items()}
    laender = sorted({ags[:2] for ags in by_kreis}, key=lambda land: (land == "99", name(land)))
    failed: dict[tuple[str, str], list[dict]] = {}
    for e in sorted(found, key=lambda e: e.notebook):
        if e.zustand != ERSTELLT:
            failed.setdefault((e.titel, e.grund), []).append(rows[e.ags])
    own, of_areas = [e for e in found if not e.raum], [e for e in found if e.raum]
    return {
        "kreise": len(by_kreis),
        "zahlen": [
            *(_zahlen(group[0].titel, group) for group in _by_report(own)),
            *([_zahlen("Gemeinden und Planungsräume", of_areas)] if of_areas else []),
        ],
        "zusammen": _zahlen("", found) | {"kreise": len({e.ags for e in found if e.zustand == ERSTELLT})},
        "laender": [
            {
                "id": f"land-{land}",
                "titel": name(land),
                "kreise": [row for ags, row in rows.items() if ags.startswith(land)],
                "berichte": sum(row["erstellt"] for ags, row in rows.items() if ags.startswith(land)),
            }
            for land in laender
        ],
        "buchstaben": [
            {"id": f"buchstabe-{letter}", "titel": letter.upper(), "kreise": [rows[ags] for ags in group]}
            for letter, group in groupby(rows, key=lambda ags: sort_key(ags)[0][:1])
        ],
        "arten": [
            {"id": f"bericht-{n}", "titel": group[0].titel, "eintraege": [(rows[e.ags], e) for e in group]}
            for n, group in enumerate(_by_report(own), start=1)
        ],
        "fehler": [{"titel": titel, "grund": grund, "kreise": group} for (titel, grund), group in failed.items()],
    }


def _by_report(found: list[Eintrag]) -> list[list[Eintrag]]:
    ordered = sorted(found, key=lambda e: e.notebook)  # stable: the Kreise stay in their order
    return [list(group) for _, group in groupby(ordered, key=lambda e: e.notebook)]


def _kreis(ags: str, berichte: list[Eintrag]) -> dict:
    own = [b for b in berichte if not b.raum]
    return {
        "name": anzeige(ags),
        "art": kreis(ags).art,
        "land": name(ags[:2]),
        "seite": f"{kreis(ags).slug}/index.html",
        "berichte": own,
        "erstellt": sum(b.zustand == ERSTELLT for b in own),
        "raeume": sum(b.zustand == ERSTELLT for b in berichte if b.raum),
    }


def _zahlen(titel: str, group: list[Eintrag]) -> dict:
    made = sum(e.zustand == ERSTELLT for e in group)
    return {"titel": titel, "erstellt": zahl(made), "nicht": zahl(len(group) - made)}
