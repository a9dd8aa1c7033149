"""What the index pages know of each report: its state, when it was made, and which of its files are there."""

import datetime as dt
import posixpath
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from analysis.regions import kreis, kreise, name

ERSTELLT, NICHT_ERSTELLT, FEHLT = "erstellt", "nicht erstellt", "fehlt"

_GRUENDE = {
    "fehlgeschlagen": "Beim Erstellen ist ein Fehler aufgetreten.",
    "zeitlimit": "Das Erstellen dauerte zu lange und wurde abgebrochen.",
}
_FEHLT = "Die Datei des Berichts ist nicht mehr da."
_FORMATE = {".pdf": "PDF", ".xlsx": "Tabellen (XLSX)"}
_SORT = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss"})


@dataclass(frozen=True)
class Eintrag:
    """One report of one Kreis, or of one of its areas (`raum`).

    `seite` and `formate` are links from the output folder, only to files that are there.
    """

    ags: str
    notebook: str
    titel: str
    zustand: str
    zeit: str = ""
    grund: str = ""
    seite: str = ""
    formate: tuple[tuple[str, str], ...] = ()
    raum: str = ""

    def aus_ordner(self, ordner: str) -> "Eintrag":
        """The same report with its links as they are from a folder beside the index page."""

        def link(target: str) -> str:
            return posixpath.relpath(target, ordner) if target else ""

        formate = tuple((what, link(target)) for what, target in self.formate)
        return Eintrag(**{**vars(self), "seite": link(self.seite), "formate": formate})


def eintraege(output: Path, manifest: dict) -> list[Eintrag]:
    """All reports of a manifest that were made or could not be made, in the order of their Kreis and notebook."""
    found = [_report(output, entry) for entry in manifest["berichte"]] + [
        Eintrag(e["ags"], e["notebook"], e["titel"], NICHT_ERSTELLT, _zeit(e.get("zeit")), e["grund"])
        for e in manifest["nicht_moeglich"]
    ]
    return sorted(found, key=lambda e: (sort_key(e.ags), bool(e.raum), e.notebook, e.titel.translate(_SORT).casefold()))


def anzeige(ags: str) -> str:
    """Name of a Kreis in a list; the full one where a Landkreis and a Stadt have the same name."""
    same = [k for k in kreise().values() if k.name == name(ags)]
    return kreis(ags).amtlich if len(same) > 1 else name(ags)


def sort_key(ags: str) -> tuple[str, str]:
    """Place of a Kreis in a German list of names: ä as a; the key decides between equal names."""
    return name(ags).translate(_SORT).casefold(), ags


def zeitpunkt(iso: str) -> str:
    """Date and time as a reader sees it: 01.03.2026, 09:05 Uhr."""
    return f"{dt.datetime.fromisoformat(iso):%d.%m.%Y, %H:%M} Uhr"


def _zeit(iso: str | None) -> str:
    return zeitpunkt(iso) if iso else ""


def _format(file: str) -> str:
    """What a file beside a page is called: by its ending, one of its own (`REPORT.name.xlsx`) by its name."""
    stem, ending = posixpath.splitext(posixpath.basename(file))
    own = posixpath.splitext(stem)[1][1:]
    if own and ending in (".xlsx", ".ics"):
        return f"{own.replace('_', ' ').capitalize()} ({ending[1:].upper()})"
    return _FORMATE.get(ending, "")


def _report(output: Path, entry: dict) -> Eintrag:
    common, raum = (entry["ags"], entry["notebook"], entry["titel"]), entry.get("raum", "")
    zeit = _zeit(entry.get("lauf", {}).get("zeit"))
    if entry["ergebnis"] != "erstellt":
        return Eintrag(*common, NICHT_ERSTELLT, zeit, _GRUENDE[entry["ergebnis"]], raum=raum)
    there = [file for file in entry["dateien"] if not file.startswith("../") and (output / file).is_file()]
    page = next((quote(file) for file in there if file.endswith(".html")), "")
    if not page:
        return Eintrag(*common, FEHLT, zeit, _FEHLT, raum=raum)
    formate = ((_format(file), quote(file)) for file in there)
    return Eintrag(*common, ERSTELLT, zeit, "", page, tuple(sorted(f for f in formate if f[0])), raum)
