"""The index page over all reports of an output folder."""

import datetime as dt
from pathlib import Path

from analysis.files import write_atomic
from analysis.regions import kreise, name
from analysis.report.exporter import page_environment, seite
from analysis.worte import worte

_GRUPPEN = {"Landkreis": "Landkreise", "kreisfreie Stadt": "Kreisfreie Städte"}
_GRUENDE = {
    "fehlgeschlagen": "Beim Erstellen ist ein Fehler aufgetreten.",
    "zeitlimit": "Das Erstellen dauerte zu lange und wurde abgebrochen.",
}


def write_index(path: Path, manifest: dict) -> None:
    """Write `index.html` with links to all reports of the manifest and the reasons of those that failed."""
    made = [b for b in manifest["berichte"] if b["ergebnis"] == "erstellt"]
    failed = [b for b in manifest["berichte"] if b["ergebnis"] != "erstellt"]
    by_kreis: dict[str, list[dict]] = {}
    for bericht in manifest["berichte"]:
        by_kreis.setdefault(bericht["ags"], []).append(bericht)
    gruppen = [
        {
            "id": titel.lower().replace(" ", "-").replace("ä", "ae"),
            "titel": titel,
            "kreise": [
                {"name": name(ags), "berichte": [_entry(b) for b in by_kreis[ags]]}
                for ags in sorted(by_kreis, key=lambda a: name(a).translate(_SORT))
                if kreise()[ags].art == art
            ],
        }
        for art, titel in _GRUPPEN.items()
    ]
    fehler = [
        {
            "titel": b["titel"],
            "kreis": name(b["ags"]),
            "grund": _GRUENDE[b["ergebnis"]],
        }
        for b in failed
    ] + [{"titel": b["titel"], "kreis": name(b["ags"]), "grund": b["grund"]} for b in manifest["nicht_moeglich"]]
    zeit = dt.datetime.fromisoformat(manifest["lauf"]["zeit"])
    orte = len({b["ags"] for b in made})
    uebersicht = {
        "zusammenfassung": f"{_count(len(made), 'Bericht', 'Berichte')} für {_count(orte, 'Kreis', 'Kreise')}"
        + (f"; {_count(len(fehler), 'Bericht', 'Berichte')} nicht erstellt" if fehler else ""),
        "stand": f"{zeit:%d.%m.%Y, %H:%M} Uhr",
        "gruppen": [g for g in gruppen if g["kreise"]],
        "fehler": fehler,
    }
    template = page_environment().get_template("uebersicht.html.j2")
    write_atomic(path, template.render(seite=seite("Berichte zur Sozialplanung", worte("de")), uebersicht=uebersicht))


_SORT = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss"})


def _entry(bericht: dict) -> dict:
    page = next((d for d in bericht["dateien"] if d.endswith(".html")), "")
    return {"titel": bericht["titel"], "datei": page}


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
