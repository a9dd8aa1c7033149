"""Areas side by side in the report on a survey: shares with intervals, differences that are more than chance."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.befragungsprofil import ARM, GERING, Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, anzahl, prozent, quelle, spanne, urteil, zellen
from analysis.outputs import Ausgabe
from analysis.plots.befragung import intervalle
from analysis.regeltexte import wenige
from analysis.survey.reliability import GEHEIM
from analysis.wording import NBSP, aufzaehlung, zahl


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
        urteil(d, hidden=bool(row.grund))
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


def unterschiede(p: Befragungsprofil) -> Ausgabe:
    """Differences between areas that are more than chance, of all that were looked at."""
    if p.raum is None:
        return outputs.saetze(["Räume werden hier nicht verglichen."])
    found, sure = p.raumunterschiede, p.raumbefunde
    tested, secret = int(found.pruefbar.sum()), int((~found.zufall).sum()) - len(sure)
    if sure.empty:
        return _none_sure(p, len(found), tested, secret)
    return tables.tabelle(
        [tables.Spalte("Angabe"), tables.Spalte("Raum", zahl=False), tables.Spalte("Wert dort"),
         tables.Spalte("andere"),
         tables.Spalte("Unterschied"), tables.Spalte("Schwankungsbereich (95 %)"), tables.Spalte("n dort / andere")],
        [tables.Gruppe([_difference_row(p, *at, row) for at, row in sure.sort_values("p_korrigiert").iterrows()])],
        titel=f"Unterschiede zwischen Räumen, die mehr als Zufall sind ({len(sure)} von {len(found)} Vergleichen)",
        quelle=quelle(p),
        name="raumunterschiede",
        kopfspalten=2,
        hinweise=[
            f"Verglichen wurde {len(found)}-mal ein Raum mit allen anderen; {tested} Vergleiche haben genug "
            "Antworten. Geprüft nach Holm: Die Gefahr, auch nur einen Unterschied zu nennen, den es nicht gibt, ist "
            f"höchstens 5{NBSP}%. Skalen mit ihrem Mittelwert. Ein Unterschied, der hier fehlt, kann trotzdem "
            "bestehen. Weil die anderen Räume der Maßstab sind, kann ein Raum auch auffallen, weil die anderen "
            f"ungewöhnlich sind.{_direction(p) if (sure.grund != '').any() else ''}{_secret_text(secret)}"
        ],
    )  # fmt: skip


def _none_sure(p: Befragungsprofil, compared: int, tested: int, secret: int) -> Ausgabe:
    counts = [
        ["verglichen: ein Raum mit allen anderen", zahl(compared)],
        ["davon mit genug Antworten", zahl(tested)],
        ["davon Unterschiede, die mehr als Zufall sind", zahl(0)],
    ]
    return tables.tabelle(
        [tables.Spalte("Vergleiche"), tables.Spalte("Anzahl")],
        [tables.Gruppe(counts)],
        titel="Unterschiede zwischen Räumen, die mehr als Zufall sind",
        quelle=quelle(p),
        name="raumunterschiede",
        hinweise=["Dass kein Unterschied mehr als Zufall ist, heißt nicht, dass es keine gibt: Kleine Unterschiede "
                  f"kann eine Befragung dieser Größe nicht zeigen.{_secret_text(secret)}"],
    )  # fmt: skip


def _direction(p: Befragungsprofil) -> str:
    return (
        f" Punkt ({GEHEIM}): Der Wert ist geheim, weil er etwas über {wenige(p.regel)} Personen verraten könnte; "
        "geprüft wurde der Unterschied trotzdem."
    )


def _secret_text(secret: int) -> str:
    missing = "Ein weiterer fehlt" if secret == 1 else f"{zahl(secret)} weitere fehlen"
    return f" {missing}: wenige Antworten, oder zum Schutz von Personen." if secret else ""


def _difference_row(p: Befragungsprofil, raum: str, key: str, row: pd.Series) -> list[str]:
    text, is_share = _name_of(p, key)
    if row.grund:
        return [text, raum, GEHEIM, GEHEIM, "höher" if row.differenz > 0 else "niedriger", "kein Wert", GEHEIM]
    if is_share:
        values, bounds = map(prozent, (row.wert, row.wert_andere, row.differenz)), spanne(row.unten, row.oben)
    else:
        values = (zahl(x, 2) for x in (row.wert, row.wert_andere, row.differenz))
        bounds = f"{zahl(row.unten, 2)}{NBSP}bis {zahl(row.oben, 2)}"
    return [text, raum, *values, bounds, f"{anzahl(row.n)} / {anzahl(row.n_andere)}"]


def _name_of(p: Befragungsprofil, key: str) -> tuple[str, bool]:
    """Text of what was compared, and whether it is a share (else the mean of a scale)."""
    named = {ARM: "sind von Armut bedroht", GERING: "haben ein geringes Einkommen"}
    named |= {s.key: s.titel for s in p.auswertung.anteile.values()}
    if key in p.ja:
        return named.get(key, key), True
    frage = p.befragung.codebuch.frage(key)
    label = p.befragung.codebuch.merkmal(key).label
    battery_title = p.befragung.codebuch.batterien.get(frage.batterie, "")
    return f"{battery_title}: {label}" if battery_title else label or frage.text, False
