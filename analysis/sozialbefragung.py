"""The report on a survey: what `notebooks/04_sozialbefragung.ipynb` shows, one function per cell."""

import math

import pandas as pd

from analysis import figures, outputs, tables
from analysis.auswertung import Anteil
from analysis.befragungsprofil import ARM, GERING, Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, anteil_text, anzahl, prozent, quelle, spanne, zellen
from analysis.outputs import Ausgabe
from analysis.plots.befragung import intervalle, zustimmung
from analysis.report.befragungsband import befragungsband
from analysis.survey.reliability import GEHEIM, OHNE_WERT, UNSICHER
from analysis.survey.tabulate import GESAMT, battery, multiple_response
from analysis.wording import NBSP, aufzaehlung, datum, zahl


def kopf(p: Befragungsprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report."""
    field = p.befragung.angaben["feldzeit"]
    return outputs.kopf(
        titel=p.befragung.titel,
        untertitel=f"Was {zahl(p.n)} Menschen {p.kreis.wo} geantwortet haben und wie sicher das ist",
        stand=f"Befragt wurde vom {datum(field['von'])} bis zum {datum(field['bis'])}. "
        + ("Kreis und Antworten sind erfunden." if p.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def in_kuerze(p: Befragungsprofil) -> Ausgabe:
    """The most important in short sentences, with how far the truth may lie."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle Antworten sind erfunden."] if p.kreis.erfunden else []
    drawn = p.befragung.angaben.get("ziehung", {}).get("n")
    asked = f"{zahl(drawn)} Menschen bekamen Post. " if drawn else ""
    absaetze.append(f"{asked}{zahl(p.n)} Menschen haben geantwortet. Was sie sagen, gilt nur ungefähr für alle.")
    shown = [s for s in p.auswertung.anteile.values() if s.einfach]
    lacking = [s for s in shown if p.zeile(s.key).grund]
    for share in (s for s in shown if s not in lacking):
        compared = f" {_easy_difference(p, share)}" if share.vergleich else ""
        absaetze.append(_easy(p.zeile(share.key), share.einfach) + compared)
    if p.einkommen is not None and not p.zeile(ARM).grund:
        absaetze.append(
            _easy(p.zeile(ARM), "Menschen gelten als arm") + " Wer arm ist, hat viel weniger Geld, als üblich ist."
        )
    if p.raum is not None:
        found = p.raumunterschiede
        count = int((~found.zufall).sum())
        absaetze.append(
            f"Wir haben die Orte {zahl(len(found))}-mal verglichen. "
            + (
                f"Nur {zahl(count)}-mal war ein Unterschied größer als der Zufall."
                if count
                else "Kein Unterschied war größer als der Zufall. Oft gab es dafür zu wenige Antworten."
            )
        )
    if lacking:
        absaetze.append("Zu manchen Fragen gab es zu wenige Antworten. Dann steht da keine Zahl.")
    return outputs.kuerze(absaetze)


def _easy(row: pd.Series, words: str) -> str:
    low, high = max(math.floor(row.unten * 100), 0), min(math.ceil(row.oben * 100), 100)
    return (
        f"Etwa {zahl(row.anteil * 100)} von{NBSP}100 {words}. Möglich sind {low} bis {high} von{NBSP}100."
        if row.zeichen != UNSICHER
        else f"Etwa {zahl(row.anteil * 100)} von{NBSP}100 {words}. Das ist unsicher: Möglich sind {low} bis "
        f"{high} von{NBSP}100."
    )


def _easy_difference(p: Befragungsprofil, share: Anteil) -> str:
    first, second = (p.auswertung.gruppen[key].wer for key in share.vergleich)
    difference = p.gruppenvergleiche.loc[(share.key, "")]
    if not difference.pruefbar:
        return f"Ob {first} und {second} sich dabei unterscheiden, kann man nicht sagen."
    if difference.zufall:
        return f"Ob das bei {first} anders ist als bei {second}, ist nicht sicher."
    more, less = (first, second) if difference.differenz > 0 else (second, first)
    return f"Unter den {more} sind es mehr als bei {less}. Das ist mehr als Zufall."


def lesehilfe(p: Befragungsprofil) -> Ausgabe:
    """How to read the figures: chance, signs, few answers."""
    g = p.grenzen
    return outputs.hinweis(
        "So lesen Sie die Zahlen",
        [
            f"Nicht alle wurden gefragt, und nicht alle haben geantwortet. Deshalb steht neben jedem Anteil ein "
            f"Schwankungsbereich: Der Anteil unter allen Menschen liegt mit 95{NBSP}% Sicherheit darin, wenn die "
            "Antwortenden sich nicht grundsätzlich von den übrigen unterscheiden.",
            "Ein Unterschied gilt nur dann als mehr als Zufall, wenn eine Prüfung das zeigt, die mitzählt, wie oft "
            "Räume oder Gruppen verglichen wurden. Überlappende oder getrennte Bereiche sagen das nicht.",
            f"{OHNE_WERT}: weniger als {g.ohne_wert} Antworten, darum kein Wert. Zahl in Klammern: weniger als "
            f"{g.unsicher} Antworten oder ein Standardfehler von mehr als {zahl(g.fehler * 100)}{NBSP}% des Anteils, "
            f"darum unsicher. Punkt ({GEHEIM}): Es wären nur ein oder zwei Personen, darum zu ihrem Schutz kein Wert.",
        ],
    )


def _phrase(row: pd.Series) -> str:
    """Share, interval and number of answers in a sentence: `48,1 % (44,0 bis 52,2 %; n = 531)`."""
    unsure = "unsicher; " if row.zeichen == UNSICHER else ""
    return f"{prozent(row.anteil)} ({unsure}{spanne(row.unten, row.oben)}; n{NBSP}={NBSP}{anzahl(row.n)})"


def anteile(p: Befragungsprofil, thema: str) -> Ausgabe:
    """A sentence per share of a topic: value, interval, n, and what groups have in common or not."""
    found = [_sentence(p, s) for s in p.auswertung.anteile.values() if s.thema == thema]
    return outputs.saetze(found or ["Dazu nennt die Beschreibung der Befragung keine Anteile."])


def _sentence(p: Befragungsprofil, share: Anteil) -> tuple[str, str]:
    row = p.zeile(share.key)
    who = f"Von den {p.auswertung.gruppen[share.unter].wer}" if share.unter else "Von allen Befragten"
    begin = f"{who} {share.titel}:"
    if row.grund:
        why = "zu wenige Antworten" if row.grund == "unsicher" else "es wären zu wenige Personen"
        return begin, f"keine Zahl, {why} (n{NBSP}={NBSP}{anzahl(row.n)})."
    text = f"{_phrase(row)}."
    if share.vergleich:
        text += f" {_difference(p, share)}"
    return begin, text


def _difference(p: Befragungsprofil, share: Anteil) -> str:
    rows = p.nach_gruppen(share)
    names = {key: p.auswertung.gruppen[key].wer for key in share.vergleich}
    if (rows.grund != "").any():
        few = aufzaehlung([names[key] for key in rows.index[rows.grund != ""]])
        return f"Ein Vergleich ist nicht möglich: kein Wert für {few}."
    parts = aufzaehlung([f"{names[key]}: {anteil_text(rows.loc[key])}" for key in share.vergleich])
    d = p.gruppenvergleiche.loc[(share.key, "")]
    if not d.pruefbar:
        return f"{parts}. Ob der Unterschied mehr als Zufall ist, lässt sich nicht prüfen."
    verdict = "liegt im Rahmen des Zufalls" if d.zufall else "ist mehr als Zufall"
    return f"{parts}. Der Unterschied {verdict}."


def anteile_tabelle(p: Befragungsprofil) -> Ausgabe:
    """All named shares with interval and n, overall and by group, with what is more than chance."""
    titles = {"familie": "Familien", "zufriedenheit": "Zufriedenheit", "armut": "Armut", "": "Weitere Angaben"}
    groups = []
    for thema, titel in titles.items():
        shares = [s for s in p.auswertung.anteile.values() if s.thema == thema]
        rows = [row for share in shares for row in _share_rows(p, share)]
        if thema == "armut" and p.einkommen is not None:
            rows += _poverty_rows(p)
        if rows:
            groups.append(tables.Gruppe(rows, titel=titel))
    if not groups:
        return outputs.saetze(["Die Beschreibung der Befragung nennt keine Anteile."])
    return tables.tabelle(
        [tables.Spalte("Angabe"), tables.Spalte("Von wem", zahl=False), *SPALTEN_ANTEIL,
         tables.Spalte("Unterschied", zahl=False)],
        groups,
        titel="Alle Anteile im Überblick",
        quelle=quelle(p),
        name="anteile",
        kopfspalten=2,
        hinweise=["Unterschied: zwischen den beiden Gruppen, die nacheinander stehen; bei Armut zwischen der Gruppe "
                  "und allen übrigen. Die Armutsschwelle gilt dabei als bekannt. Geprüft mit Rücksicht auf die Zahl "
                  "der Vergleiche von Gruppen."],
    )  # fmt: skip


def _share_rows(p: Befragungsprofil, share: Anteil) -> list[list[str]]:
    base = p.auswertung.gruppen[share.unter].titel if share.unter else "alle Befragten"
    rows = [[share.titel, base, *zellen(p.zeile(share.key)), "kein Vergleich"]]
    if share.vergleich:
        groups = p.nach_gruppen(share)
        word = _verdict(p.gruppenvergleiche.loc[(share.key, "")], hidden=bool((groups.grund != "").any()))
        rows += [[share.titel, p.auswertung.gruppen[key].titel, *zellen(groups.loc[key]), word] for key in groups.index]
    return rows


def _poverty_rows(p: Befragungsprofil) -> list[list[str]]:
    titel, rows = "sind armutsgefährdet", []
    for gruppe in p.auswertung.gruppen.values():
        row, difference = p.in_gruppe(gruppe.key, ARM), p.gruppenvergleiche.loc[(ARM, gruppe.key)]
        rows.append([titel, gruppe.titel, *zellen(row), _verdict(difference, hidden=bool(row.grund))])
    return [[titel, "alle Befragten", *zellen(p.zeile(ARM)), "kein Vergleich"], *rows]


def _verdict(difference: pd.Series, hidden: bool) -> str:
    """What can be said of a difference, in a cell."""
    if hidden:
        return "kein Wert"
    if not difference.pruefbar:
        return "nicht prüfbar"
    return "Zufall möglich" if difference.zufall else "mehr als Zufall"


def je_raum(p: Befragungsprofil, thema: str) -> Ausgabe:
    """The share of a topic that the description wants by area, as dots with intervals and n, the Kreis as a line."""
    wanted = [(s.key, f"{s.titel[0].upper()}{s.titel[1:]}") for s in p.auswertung.anteile.values()
              if s.thema == thema and s.je_raum]  # fmt: skip
    if thema == "armut" and ARM in p.ja:
        wanted.append((ARM, "Armutsgefährdet"))
    if p.raum is None or not wanted:
        return outputs.saetze(["Dazu gibt es keine Angaben nach Räumen."])
    key, titel = wanted[0]
    rows = pd.DataFrame([p.zeile(key, raum) for raum in p.raeume], index=p.raeume)
    whole = p.zeile(key)
    if whole.grund or (rows.grund != "").all():
        return outputs.saetze([f"{titel}: Für einen Vergleich der Räume gibt es zu wenige Antworten."])
    different = p.raumunterschiede.xs(key, level=1).reindex(p.raeume)
    verdict = [
        _verdict(d, hidden=bool(row.grund))
        for (_, row), (_, d) in zip(rows.iterrows(), different.iterrows(), strict=True)
    ]
    figure, (ax,) = figures.new_figure(0.9 + 0.45 * len(rows))
    shown = rows[["anteil", "unten", "oben"]].astype(float).assign(
        n=["" if pd.isna(n) else zahl(int(n)) for n in rows.n], sicher=(rows.zeichen == "").to_numpy()
    )  # fmt: skip
    intervalle(ax, shown, float(whole.anteil), f"ganzer Kreis {prozent(whole.anteil)}")
    known = shown.dropna(subset="anteil")
    high = known.anteil.idxmax()
    low = known.anteil.idxmin()
    sure = [raum for raum, word in zip(rows.index, verdict, strict=True) if word == "mehr als Zufall"]
    finding = f"Mehr als Zufall: {aufzaehlung(sure)}." if sure else "Kein Unterschied ist mehr als Zufall."
    return figures.abbildung(
        figure,
        name=f"{key}_je_raum",
        titel=f"{titel} nach Räumen",
        einheit="Anteile in Prozent mit Schwankungsbereich; hohler Punkt: unsicher",
        quelle=quelle(p),
        alternativtext=f"Punkte mit Schwankungsbereichen für {len(known)} Räume, von {prozent(known.anteil[low])} "
        f"({low}) bis {prozent(known.anteil[high])} ({high}); ganzer Kreis {prozent(whole.anteil)}. {finding}",
        daten=tables.tabelle(
            [tables.Spalte("Raum"), *SPALTEN_ANTEIL, tables.Spalte("Unterschied zu den anderen", zahl=False)],
            [tables.Gruppe([
                *([raum, *zellen(row), word] for (raum, row), word in zip(rows.iterrows(), verdict, strict=True)),
                ["ganzer Kreis", *zellen(whole), "entfällt"],
            ])],
            titel=f"{titel} nach Räumen",
            quelle=quelle(p),
            hinweise=["„mehr als Zufall“: geprüft gegen alle anderen Räume zusammen, mit Rücksicht auf die Zahl der "
                      "Vergleiche."],
        ),
    )  # fmt: skip


def batterie(p: Befragungsprofil, nummer: int = 1) -> Ausgabe:
    """A battery of scales as diverging bars: the first, second … that the description names."""
    if nummer > len(p.auswertung.batterien):
        return outputs.saetze([f"Die Beschreibung nennt {len(p.auswertung.batterien)} Fragen mit mehreren Skalen."])
    name, book = p.auswertung.batterien[nummer - 1], p.befragung.codebuch
    titel = book.batterien.get(name, name)
    items = book.batterie(name)
    table = battery(p.fragen, book, name)
    labels = items[0].items[0].labels
    codes = [c for c in table.columns if c not in ("label", "n", "mittelwert")]
    complete = table.dropna(subset=codes)
    if complete.empty:
        return outputs.saetze([f"{titel}: Dazu gibt es zu wenige Antworten."])
    names = [f"{code} {labels[code]}" if labels.get(code) else str(code) for code in codes]
    shares = complete[codes].astype(float).set_axis(complete.label).set_axis(names, axis=1)
    shares = shares.loc[shares.iloc[:, (len(codes) + 1) // 2 :].sum(axis=1).sort_values(ascending=False).index]
    figure, (ax,) = figures.new_figure(1.0 + 0.42 * len(shares))
    zustimmung(ax, shares)
    upper = shares.iloc[:, (len(codes) + 1) // 2 :].sum(axis=1)
    rows = p.fragen[(p.fragen.raum == GESAMT) & p.fragen.merkmal.isin(table.index)]
    text = items[0].text
    return figures.abbildung(
        figure,
        name=f"batterie_{name}",
        titel=titel,
        einheit="Anteile der Antworten in Prozent; Mitte der Skala quer über der Null",
        quelle=quelle(p),
        alternativtext=f"Gestapelte Balken um eine Mittellinie für {len(shares)} Angaben. Am meisten Zustimmung: "
        f"{upper.index[0]} ({prozent(upper.iloc[0])}), am wenigsten: {upper.index[-1]} ({prozent(upper.iloc[-1])}).",
        daten=tables.tabelle(
            [tables.Spalte("Angabe"), *(tables.Spalte(n) for n in names),
             tables.Spalte("Mittelwert (95 %)"), tables.Spalte("Antworten (n)")],
            [tables.Gruppe([_battery_row(rows[rows.merkmal == m], table.label[m]) for m in table.index])],
            titel=f"{titel}: {text}" if text else titel,
            quelle=quelle(p),
            hinweise=["Mittelwert von 1 bis zum höchsten Wert der Skala, sein Schwankungsbereich in Klammern."],
        ),
    )  # fmt: skip


def _battery_row(rows: pd.DataFrame, label: str) -> list[str]:
    shares, mean = rows[rows.kennzahl == "anteil"], rows[rows.kennzahl == "mittelwert"].iloc[0]
    text = (
        str(mean.zeichen)
        if mean.grund
        else f"{zahl(mean.mittelwert, 2)} ({zahl(mean.unten, 2)}{NBSP}bis {zahl(mean.oben, 2)})"
    )
    return [label, *(anteil_text(row) for _, row in shares.iterrows()), text, anzahl(mean.n)]


def mehrfach(p: Befragungsprofil, nummer: int = 1) -> Ausgabe:
    """A multiple choice question of the description: shares of those who answered it, with the base named."""
    if nummer > len(p.auswertung.mehrfach):
        return outputs.saetze([f"Die Beschreibung nennt {len(p.auswertung.mehrfach)} Fragen mit mehreren Antworten."])
    key = p.auswertung.mehrfach[nummer - 1]
    frage = p.befragung.codebuch.frage(key)
    rows = multiple_response(p.fragen, p.befragung.codebuch, key)
    order = rows.anteil.astype(float).sort_values(ascending=False, na_position="last").index
    return tables.tabelle(
        [tables.Spalte("Antwort"), *SPALTEN_ANTEIL],
        [tables.Gruppe([[label, *zellen(rows.loc[label])] for label in order])],
        titel=frage.text or key,
        quelle=quelle(p),
        name=f"mehrfach_{key.lower()}",
        hinweise=[f"Von wem: {rows.basis.iloc[0]}. Mehrere Antworten waren möglich, die Summe ist nicht 100{NBSP}%."],
    )


def tabellenband(p: Befragungsprofil) -> Ausgabe:
    """Every question by area as a workbook beside the report, and a link to it."""
    content = befragungsband(
        p.fragen,
        p.befragung.codebuch,
        titel=f"Tabellenband: {p.befragung.titel}",
        quelle=quelle(p),
        hinweise=[f"{OHNE_WERT}: weniger als {p.grenzen.ohne_wert} Befragte; {UNSICHER}: weniger als "
                  f"{p.grenzen.unsicher} oder relativer Fehler über {zahl(p.grenzen.fehler * 100)} %."],
    )  # fmt: skip
    return outputs.anlage(
        "tabellenband",
        "Tabellenband",
        "jede Frage auf einem Blatt, für den ganzen Kreis und je Raum, mit Schwankungsbereich, Zahl der Befragten und "
        "Zeichen.",
        content,
    )


def unterschiede(p: Befragungsprofil) -> Ausgabe:
    """Differences between areas that are more than chance, of all that were looked at."""
    if p.raum is None:
        return outputs.saetze(["Räume werden hier nicht verglichen."])
    found = p.raumunterschiede
    secret = int((~found.zufall & (found.grund != "")).sum())
    sure = found[~found.zufall & (found.grund == "")]
    tested = int(found.pruefbar.sum())
    counts = [
        ["verglichen: ein Raum mit allen anderen", zahl(len(found))],
        ["davon mit genug Antworten", zahl(tested)],
        ["davon Unterschiede, die mehr als Zufall sind", zahl(len(sure))],
    ]
    if sure.empty:
        return tables.tabelle(
            [tables.Spalte("Vergleiche"), tables.Spalte("Anzahl")],
            [tables.Gruppe(counts)],
            titel="Unterschiede zwischen Räumen, die mehr als Zufall sind",
            quelle=quelle(p),
            name="raumunterschiede",
            hinweise=["Dass kein Unterschied mehr als Zufall ist, heißt nicht, dass es keine gibt: Kleine Unterschiede "
                      "kann eine Befragung dieser Größe nicht zeigen."],
        )  # fmt: skip
    rows = []
    for (raum, key), row in sure.sort_values("p_korrigiert").iterrows():
        text, is_share = _name_of(p, key)

        def shown(x, is_share=is_share):
            return prozent(x) if is_share else zahl(x, 2)

        low, high = (
            spanne(row.unten, row.oben) if is_share else f"{zahl(row.unten, 2)}{NBSP}bis {zahl(row.oben, 2)}",
            "",
        )
        rows.append(
            [
                text,
                raum,
                shown(row.wert),
                shown(row.wert_andere),
                shown(row.differenz),
                low + high,
                f"{anzahl(row.n)} / {anzahl(row.n_andere)}",
            ]
        )
    return tables.tabelle(
        [tables.Spalte("Angabe"), tables.Spalte("Raum", zahl=False), tables.Spalte("Wert dort"),
         tables.Spalte("andere"),
         tables.Spalte("Unterschied"), tables.Spalte("Schwankungsbereich (95 %)"), tables.Spalte("n dort / andere")],
        [tables.Gruppe(rows)],
        titel=f"Unterschiede zwischen Räumen, die mehr als Zufall sind ({len(sure)} von {len(found)} Vergleichen)",
        quelle=quelle(p),
        name="raumunterschiede",
        kopfspalten=2,
        hinweise=[
            f"Verglichen wurde {len(found)}-mal ein Raum mit allen anderen; {tested} Vergleiche haben genug "
            "Antworten. Geprüft nach Holm: Die Gefahr, auch nur einen Unterschied zu nennen, den es nicht gibt, ist "
            f"höchstens 5{NBSP}%. Skalen mit ihrem Mittelwert. Ein Unterschied, der hier fehlt, kann trotzdem "
            "bestehen. Weil die anderen Räume der Maßstab sind, kann ein Raum auch auffallen, weil die anderen "
            "ungewöhnlich sind."
            + (f" {secret} weitere fehlen: wenige Antworten, oder zum Schutz von Personen." if secret else "")
        ],
    )  # fmt: skip


def _name_of(p: Befragungsprofil, key: str) -> tuple[str, bool]:
    named = {ARM: "sind von Armut bedroht", GERING: "haben ein geringes Einkommen"}
    named |= {s.key: s.titel for s in p.auswertung.anteile.values()}
    if key in p.ja:
        return named.get(key, key), True
    frage = p.befragung.codebuch.frage(key)
    label = p.befragung.codebuch.merkmal(key).label
    battery_title = p.befragung.codebuch.batterien.get(frage.batterie, "")
    return f"{battery_title}: {label}" if battery_title else label or frage.text, False
