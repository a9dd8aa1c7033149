"""What reports say of the rules by which they withhold or round: sentences and one table, from the rules themselves."""

from analysis import tables
from analysis.catalogue import Katalog
from analysis.disclosure.regeln import Regel
from analysis.observations import GRUENDE
from analysis.outputs import Ausgabe
from analysis.regelwerk import BEFRAGUNG, Regelwerk
from analysis.wording import NBSP, aufzaehlung, zahl

_GERUNDET = "Ein Anteil ist aus gerundeten Zahlen gerechnet. Summen können abweichen."

_NULL = "Eine 0 zeigen wir. Nur wo in einem Gebiet eine ganze Frage fehlt, fehlt auch sie."


def nicht_gezeigt(regeln: Regelwerk) -> str:
    """What a report on areas says of figures that it does not show as they are."""
    rules = [regeln.vorgabe, *(rule for source, rule in regeln.eigene if source != BEFRAGUNG)]
    least = sorted({rule.kleinste for rule in rules if not rule.rundung})
    rounds = sorted({rule.rundung for rule in rules if rule.rundung})
    what = [f"Gebiete mit weniger als {zahl(regeln.mindesteinwohner)} Einwohnern"] if regeln.mindesteinwohner else []
    if least:
        upto = "" if len(least) == 1 else f" bis {least[-1]}"
        what.append(f"Werte aus weniger als {least[0]}{upto} Fällen" + (" (je nach Quelle)" if upto else ""))
    texts = [f"Nicht gezeigt werden {aufzaehlung(what)} („{GRUENDE['geheim']}“)."] if what else []
    if rounds:
        who = "Die Anzahlen" if not least else "Anzahlen aus manchen Quellen"
        texts.append(f"{who} sind auf {' oder '.join(map(str, rounds))} gerundet, Einwohnerzahlen nicht. {_GERUNDET}")
    return " ".join([
        *texts, "Manchmal fehlen zusätzlich andere Werte, damit sich diese nicht ausrechnen lassen. Das ist in allen "
        "Berichten über den Kreis gleich."
    ])  # fmt: skip


def wenige(regel: Regel) -> str:
    """The counts that are not shown, in words: `ein oder zwei`, `weniger als 5`."""
    return "ein oder zwei" if regel.kleinste == 3 else f"weniger als {regel.kleinste}"


def regeltafel(regeln: Regelwerk, quellen: list[str], katalog: Katalog) -> Ausgabe:
    """Rule and legal basis of each source of a report on areas."""
    by_rule: dict[Regel, list[str]] = {}
    for source in dict.fromkeys(quellen):
        by_rule.setdefault(regeln.of(source), []).append(katalog.quellen[source].kurz)
    return _tafel(
        [["; ".join(names), _gilt(rule), rule.rechtsgrundlage] for rule, names in by_rule.items()],
        [nicht_gezeigt(regeln), *dict.fromkeys(rule.hinweis for rule in by_rule if rule.hinweis)],
    )


def befragungstafel(regel: Regel, zeichen: str) -> Ausgabe:
    """Rule and legal basis of a survey; `zeichen` stands for what is withheld."""
    return _tafel(
        [["Antworten der Befragung", _gilt(regel, _NULL), regel.rechtsgrundlage]],
        [f"Das Zeichen „{zeichen}“ steht für eine Angabe, die wir nicht zeigen. Manchmal fehlen zusätzlich andere "
         "Angaben, damit sich diese nicht ausrechnen lassen.", *([regel.hinweis] if regel.hinweis else [])],
    )  # fmt: skip


def _tafel(rows: list[list[str]], hinweise: list[str]) -> Ausgabe:
    return tables.tabelle(
        [tables.Spalte("Zahlen von"), tables.Spalte("Was gilt", zahl=False),
         tables.Spalte("Rechtsgrundlage", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Was zum Schutz von Menschen nicht gezeigt wird",
        name="schutz",
        quelle="Regeln der Geheimhaltung von Kreisblick",
        hinweise=hinweise,
    )  # fmt: skip


def _gilt(regel: Regel, null: str = "Eine 0 zeigen wir, solange die anderen Zahlen trotzdem geschützt sind.") -> str:
    """A rule in short sentences; `null` says when a 0 is shown that need not be withheld like other counts."""
    if regel.rundung:
        texts = [f"Jede Anzahl ist auf {regel.rundung} gerundet, aber nicht die Zahl der Einwohner."]
    else:
        upto = "und" if regel.kleinste == 3 else "bis"
        texts = [f"Anzahlen von 1 {upto} {regel.kleinste - 1} zeigen wir nicht."]
        texts.append(null if regel.nullen_zeigen else "Eine 0 zeigen wir meistens.")
    if regel.mindestbasis:
        texts.append(f"Anteile zeigen wir ab {zahl(regel.mindestbasis)}{NBSP}Fällen.")
    return " ".join(texts)
