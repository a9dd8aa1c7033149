"""What stands at the end of every report: published sentences, definitions, how to read the figures, sources."""

from analysis import outputs, rates, tables
from analysis.bezug import bezug
from analysis.catalogue import Indikator, Katalog
from analysis.kreisprofil import Kreisprofil
from analysis.outputs import Ausgabe, Folge
from analysis.regeltexte import regeltafel
from analysis.regions import is_complete, kreise_on, name
from analysis.wording import NBSP, aufzaehlung, datum, zahl


def weitere(s: Kreisprofil) -> Ausgabe:
    """Further published key figures with the sentence that states them and what to mind."""
    if not s.referenz:
        return outputs.saetze([f"Für {s.gebiet.woerter.dieser} sind keine weiteren Kennzahlen hinterlegt."])
    quellen = dict.fromkeys(s.katalog.quellen[e["quelle"]].kurz for e in s.referenz)
    survey = any("basis" in e for e in s.referenz)
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Wert"), tables.Spalte("Schwankungsbereich (95 %)", zahl=False),
         tables.Spalte("Wortlaut der Quelle", zahl=False), tables.Spalte("Hinweis", zahl=False)],
        [tables.Gruppe([_reference_row(e) for e in s.referenz])],
        titel=f"Weitere veröffentlichte Kennzahlen: {s.kreis.amtlich}",
        name="weitere",
        quelle=aufzaehlung(list(quellen)),
        hinweise=["Bei Befragungen zeigt der Schwankungsbereich nur den Zufall der Auswahl. Wer nicht geantwortet hat, "
                  "kann andere Antworten haben."] if survey else None,
    )  # fmt: skip


def _reference_row(entry: dict) -> list[str]:
    interval = "nicht berechenbar: Anzahl nicht veröffentlicht"
    if "basis" in entry:
        share = float(entry["wert"].replace(",", ".")) / 100
        unten, oben = rates.wilson([share * entry["basis"]], [entry["basis"]])
        interval = (
            f"{zahl(unten[0] * 100, 1)}{NBSP}bis {zahl(oben[0] * 100, 1)}{NBSP}% (n{NBSP}={NBSP}{zahl(entry['basis'])})"
        )
    elif "nenner" in entry:
        interval = f"entfällt: gezählt wurden {zahl(entry['zaehler'])} von {zahl(entry['nenner'])}"
    text = f"„{entry['satz']}“ ({entry['fundstelle']})" if "fundstelle" in entry else f"„{entry['satz']}“"
    return [
        f"{entry['kennzahl']}, {entry['zeit']} – {entry['raum']}",
        f"{entry['wert']}{NBSP}{entry['einheit']}",
        interval,
        text,
        entry.get("hinweis", "nichts Besonderes"),
    ]


def begriffe(s: Kreisprofil) -> Ausgabe:
    """What each indicator means and what to mind."""
    people = [
        ["Bevölkerung", zahl(s.bevoelkerung.wert.iloc[-1]), "Wie viele Menschen hier wohnen.", "nichts Besonderes"]
    ]
    rows = people * s.klein + [
        [i.label, s.gezaehlt(i.id) or "keine Anzahlen in der Quelle", _meaning(s, i), i.hinweis or "nichts Besonderes"]
        for i in map(s.indikator, s.vergleich.index)
    ]
    return tables.tabelle(
        [
            tables.Spalte("Kennzahl"),
            tables.Spalte("Gezählt"),
            tables.Spalte("Bedeutung", zahl=False),
            tables.Spalte("Zu beachten", zahl=False),
        ],
        [tables.Gruppe(rows)],
        titel="Was die Kennzahlen bedeuten, und welche Anzahlen ihnen zugrunde liegen",
        name="begriffe",
        quelle="Indikatorenkatalog von Kreisblick; Anzahlen aus den Quellen der Kennzahlen",
    )


def _meaning(s: Kreisprofil, indikator: Indikator) -> str:
    plain = f"„In Kürze“ nennt sie: {indikator.einfach}." if indikator.einfach else ""
    reference = bezug(indikator, s.vergleich.stichtag[indikator.id])
    return " ".join(filter(None, [f"{indikator.definition}.", reference, plain]))


def lesehilfe(s: Kreisprofil) -> Ausgabe:
    """How to read rank, median and interval."""
    areas = s.gebiet.woerter.mehrzahl
    compared = [
        f"Median: der mittlere Wert, wenn man die {areas} nach ihrem Wert ordnet. Rang 1 ist der höchste Wert. "
        f"Ein hoher Rang ist weder gut noch schlecht. {areas} mit fast gleichen Werten tauschen leicht die Plätze.",
        "Liegt der Median im Schwankungsbereich, kann der Abstand Zufall sein. Bei manchen Zahlen lässt sich das "
        "nicht prüfen, weil die Quelle keine Anzahlen nennt.",
    ] * (s.anzahl > 1)
    return outputs.hinweis(
        "So lesen Sie die Zahlen",
        [
            _who_is_compared(s),
            *compared[:1],
            "Schwankungsbereich: eine Rechenhilfe. Die meisten Zahlen sind gezählt, nicht geschätzt. Trotzdem "
            "schwanken sie von Jahr zu Jahr auch ohne besonderen Grund. Der Bereich zeigt, wie weit das bei "
            "unabhängigen Einzelfällen reicht (mit 95 % Sicherheit). Fehler beim Zählen enthält er nicht.",
            *compared[1:],
        ],
    )


def _who_is_compared(s: Kreisprofil) -> str:
    land, words = s.kreis.ags[:2], s.gebiet.woerter
    if s.klein:
        return "Wo nur wenige Menschen leben, zeigen wir allein ihre Zahl."
    if s.anzahl == 1:
        return (
            f"Für andere {words.mehrzahl} {s.gebiet.rahmen} liegen keine Zahlen vor. Deshalb fehlt hier der Vergleich."
        )
    if s.gebiet.ebene != "kreis":
        return (
            f"Verglichen werden die Werte von {s.kreise()} {s.gebiet.rahmen}, deren Zahlen vorliegen. "
            f"Der Median ist der mittlere dieser Werte, nicht der Wert {s.kreis.wo}."
        )
    if s.gebiet.rahmen != f"in {name(land)}":
        everybody = f"Verglichen werden die Werte von {s.kreise()} {s.gebiet.rahmen}, deren Zahlen vorliegen."
        return f"{s.gruppe.satz or everybody} Der Median ist der mittlere dieser Werte."
    day = s.compared.stichtag[s.compared.anzahl.idxmax()]
    there = f" Am {datum(day)} gab es {len(kreise_on(day, land))}." if is_complete(land) else ""
    return (
        f"Verglichen werden die Werte von {s.kreise()} und kreisfreien Städten in {name(land)}, deren Zahlen vorliegen."
        f"{there} Der Median ist der mittlere dieser Werte, nicht der Wert für {name(land)}."
    )


def quellen(s: Kreisprofil) -> Ausgabe | Folge:
    """Sources of the report in full; of a small area the rules of what is not shown, too."""
    ids = s.quellen(list(s.vergleich.index))
    table = quellentafel([*ids, *(entry["quelle"] for entry in s.referenz)], s.katalog, s.kreis.erfunden)
    return table if s.gebiet.ebene == "kreis" else Folge((table, regeltafel(s.regeln, ids, s.katalog)))


def quellentafel(ids: list[str], katalog: Katalog, erfunden: bool) -> Ausgabe:
    """Table of sources by id, each once; of an invented Kreis only the formats come from them."""
    return tables.tabelle(
        [tables.Spalte("Quelle"), tables.Spalte("Herausgeber", zahl=False), tables.Spalte("Jahr"),
         tables.Spalte("Hinweis", zahl=False)],
        [tables.Gruppe([
            [q.titel, q.herausgeber, str(q.jahr), q.hinweis or "nichts Besonderes"]
            for q in map(katalog.quellen.get, dict.fromkeys(ids))
        ])],
        titel="Quellen, in deren Format die Zahlen erfunden sind" if erfunden else "Quellen der Zahlen",
        name="quellen",
        quelle="Indikatorenkatalog von Kreisblick",
    )  # fmt: skip
