"""Codebook of the invented survey as SoSci Survey exports it: variables and values."""

from analysis.example.antworten import KEINE_ANGABE, WEISS_NICHT, fragebogen
from analysis.example.kreis import raumnamen

SCHICHT = "SC01"
"""Variable with the stratum of the sample, which the access code brings: the Planungsraum of the register."""

_FEHLEND = {KEINE_ANGABE: "nicht beantwortet", WEISS_NICHT: "weiß nicht"}


def variablen(columns: list[str]) -> list[list]:
    """Rows of the codebook of variables, in the order of the data."""
    known = {row[0]: row for seite in fragebogen() for frage in seite for row in _variablen_frage(frage)}
    known[SCHICHT] = [SCHICHT, "Schicht", "NOMINAL", "SELECTION", "Schicht der Stichprobe (aus dem Zugangscode)"]
    kinds = {"STARTED": "TIME", "LASTDATA": "TIME", "MAILSENT": "TIME", "FINISHED": "BOOL", "Q_VIEWER": "BOOL"}
    texts = ("SERIAL", "REF", "QUESTNNR", "MODE", "LANGUAGE")
    return [known.get(c) or [c, c, kinds.get(c, "TEXT" if c in texts else "METRIC"), "SYSTEM", ""] for c in columns]


def _variablen_frage(frage: dict) -> list[list]:
    key, titel, frage_text = frage["key"], frage["titel"], frage["text"]
    if frage["art"] == "auswahl":
        ordered = any(word in str(frage.get("werte", "")) for word in ("sehr", "gar nicht")) or "klassen" in frage
        return [[key, titel, "ORDINAL" if ordered else "NOMINAL", "SELECTION", frage_text]]
    if frage["art"] == "zahl":
        items = frage.get("spalten", {"01": [frage.get("item"), None]})
        return [
            [f"{key}_{item}", f"{titel}: {label}", "METRIC", "OPEN", frage_text] for item, (label, _) in items.items()
        ]
    if frage["art"] == "mehrfach":
        head = f"{titel}: Ausweichoption (negativ) oder Anzahl ausgewählter Optionen"
        rows = [[key, head, "METRIC", "MULTIPLE CHOICE", frage_text]]
        for code, label in frage["werte"].items():
            rows.append([f"{key}_{code:02d}", f"{titel}: {label}", "DICHOTOMOUS", "MULTIPLE CHOICE", frage_text])
            if code == frage.get("offen"):
                rows.append([f"{key}_{code:02d}a", f"{titel}: {label} (offene Eingabe)", "TEXT", "OPEN", frage_text])
        return rows
    if frage["art"] == "offen":
        return [[f"{key}_01", f"{titel}: [01]", "TEXT", "OPEN", frage_text]]
    return [[f"{key}_{item}", f"{titel}: {what['text']}", "ORDINAL", "SCALE", frage_text]
            for item, what in frage["items"].items()]  # fmt: skip


def werte() -> list[list]:
    """Rows of the codebook of values."""
    rows = [[SCHICHT, code, name] for code, name in enumerate(raumnamen().values(), start=1)]
    for frage in (frage for seite in fragebogen() for frage in seite):
        columns = [v[0] for v in _variablen_frage(frage) if v[2] != "TEXT"]
        if frage["art"] == "mehrfach":
            rows += [[columns[0], -1, frage["rest"]]]
            rows += [[v, code, label] for v in columns[1:] for code, label in ((1, "nicht gewählt"), (2, "ausgewählt"))]
            continue
        if frage["art"] == "batterie":
            labels = {1: frage["pole"][0], 5: frage["pole"][1]}
        elif "klassen" in frage:
            labels = dict(enumerate(_klassen(frage["klassen"]), start=1))
        else:
            labels = frage.get("werte", {})
        rows += [[v, code, label] for v in columns for code, label in {**_FEHLEND, **labels}.items()]
    return rows


def _klassen(bounds: list[int]) -> list[str]:
    pairs = zip(bounds[1:-1], bounds[2:], strict=True)
    between = [f"{low} bis unter {high} Euro" for low, high in pairs]
    return [f"unter {bounds[1]} Euro", *between, f"{bounds[-1]} Euro und mehr"]
