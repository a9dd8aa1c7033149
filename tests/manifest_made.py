"""Manifests for the tests of the index pages, with many invented Kreise where they are needed."""

from analysis import regions
from analysis.batch.plan import report_name

ZEIT = "2026-03-01T09:05:00+01:00"


def entry(
    ags, ergebnis="erstellt", meldung="", notebook="01_test", titel="Steckbrief", endings=("html", "ipynb"), raum=""
):
    """Report of the manifest; a failed one leaves its notebook only."""
    endings = endings if ergebnis == "erstellt" else ("ipynb",)
    name = report_name(notebook, ags, raum)
    files = {f"{regions.kreis(ags).slug}/{name}.{ending}": "0" * 64 for ending in endings}
    common = {"ags": ags, "notebook": notebook, "raum": raum, "titel": titel, "meldung": meldung}
    return {**common, "ergebnis": ergebnis, "dateien": files, "lauf": {"zeit": "2026-02-03T04:05:06+01:00"}}


def blocked(ags, grund="Es fehlen Daten: Bevölkerung.", notebook="01_test", titel="Steckbrief", **further):
    return {"ags": ags, "notebook": notebook, "titel": titel, "grund": grund, **further}


def four_hundred_kreise(monkeypatch) -> list[str]:
    """Keys of four hundred invented Kreise in 16 Laender, known for one test; two of them have the same name."""
    found = dict(regions.kreise())
    start = found["16077"].ab
    for n in range(400):
        ags, titel = f"{n % 16 + 1:02d}{900 + n // 16}", f"{'ABDEGHKLMNOPRSTUWÄÖÜ'[n % 20]}kreis {n:03d}"
        titel = "Kreis 001" if n in (16, 17) else titel
        art, full = ("Landkreis", "Landkreis ") if n % 16 else ("kreisfreie Stadt", "Stadt ")
        found[ags] = regions.Kreis(ags, titel, full + titel, f"in {titel}", art, start)
    for module in ("regions", "report.eintraege", "report.index"):
        monkeypatch.setattr(f"analysis.{module}.kreise", lambda: found)
    return [ags for ags in found if ags[2] == "9" and ags != "99099"]


def five_reports(kreise: list[str]) -> tuple[list[dict], list[dict]]:
    """Four reports that were made and one that was not possible, for each Kreis."""
    reports = [{"notebook": f"0{n}_bericht", "titel": f"Bericht über Thema {n}"} for n in range(1, 6)]
    made = [entry(ags, endings=("html", "pdf", "xlsx"), **r) for ags in kreise for r in reports[:4]]
    return made, [blocked(ags, **reports[4]) for ags in kreise]
