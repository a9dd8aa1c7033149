"""What is truly so in the Musterkreis, written down so that analyses can be judged against it."""

import pandas as pd

from analysis.example.antworten import fragebogen
from analysis.example.bevoelkerung import Einwohner
from analysis.example.dateien import yaml_datei
from analysis.example.haushalte import ARM_MAL, MEDIAN_EUR, ZIELE
from analysis.example.kreis import STAND_RAEUME, gemeinden, musterkreis, raumnamen, schluessel


def wahrheit(
    seed: int,
    stand: dict[int, Einwohner],
    register: dict[int, Einwohner],
    amtlich: dict[int, Einwohner],
    personen: pd.DataFrame,
) -> bytes:
    """The file `wahrheit.yaml`.

    Parameters
    ----------
    seed
        Seed of the example.
    stand, register, amtlich
        True, registered and officially projected residents at the end of each year.
    personen
        All adults of the register with their households (`haushalte.haushalte`).
    """
    wahr = musterkreis()
    content = {
        "erfunden": True,
        "kreis": schluessel(),
        "seed": seed,
        "bevoelkerung": {
            "erklaerung": "Das Melderegister zählt etwas mehr als die wirklichen Einwohner, die "
            "Fortschreibung bis 2021 auch; ab 2022 (Zensus) ist sie gleich der Wirklichkeit.",
            "melderegister_mehr_anteil": wahr["melderegister"],
            "fortschreibung_mehr_bis_2021_anteil": wahr["fortschreibung"]["mehr_bis_2021"],
            "am_31_12": {
                year: {"wirklich": len(e), "melderegister": len(register[year]), "fortschreibung": len(amtlich[year])}
                for year, e in stand.items()
            },
        },
        "gruppen": _gruppen(),
        "arbeitslosigkeit": _arbeitslosigkeit(),
        "grundsicherung": {
            "erklaerung": "Anteil der Personen in Bedarfsgemeinschaften an den Menschen unter 65; unter 18 höher; "
            "überall gleich außer in den genannten Planungsräumen (Vielfaches).",
            "anteil": wahr["grundsicherung"]["anteil"],
            "kinder_mal": wahr["grundsicherung"]["kinder"],
            "mal": wahr["grundsicherung"]["raum"],
            "trend": "Erwachsene: keiner, nur die Bevölkerung ändert sich. Kinder unter 18: Vielfaches je Jahr, das "
            "bis 2021 fällt und ab 2022 steigt.",
            "kinder_verlauf": wahr["grundsicherung"]["kinder_verlauf"],
        },
        "reihen": {
            "erklaerung": "Jahreswerte des Kreises ab 2012. konstant: Anteil ohne jeden Trend; stetig: vom ersten zum "
            "letzten Jahr in gleichen Schritten; stufe_2023: ein Wert bis 2022, ein anderer danach. Was darüber hinaus "
            "schwankt, ist Zufall.",
            **wahr["reihen"],
        },
        "planungsraeume": {
            "stand_der_unterschiede": STAND_RAEUME,
            "aenderung": {"datum": "2021-01-01", "gemeinde": "99099010", "von": "99099.nebel", "nach": "99099.tinte"},
        },
        "befragung": _befragung(personen),
    }
    return yaml_datei(
        content, "Alles ist erfunden. Was in den erfundenen Daten wirklich der Fall ist und was nur Zufall."
    )


def _gruppen() -> dict:
    groups = gemeinden().groupby("gruppe").ags.apply(list)
    return {
        "erklaerung": "Drei Gruppen von Gemeinden. Sie unterscheiden sich in Alter, Ausländeranteil, Wanderung und "
        "Arbeitsplätzen; Arbeitslosigkeit und Grundsicherung hängen nicht von der Gruppe ab.",
        "mitglieder": groups.to_dict(),
        "bewegung": musterkreis()["bewegung"],
    }


def _arbeitslosigkeit() -> dict:
    wahr = musterkreis()["arbeitslosigkeit"]
    flat = [ags for ags in gemeinden().ags if ags not in wahr["trend"]["gemeinden"]]
    return {
        "erklaerung": "Chance eines Menschen von 15 bis 64, arbeitslos zu sein: überall gleich, in den genannten "
        "Planungsräumen das Vielfache. Gezählt wird in jedem Quartal neu; was darüber hinaus schwankt, ist Zufall.",
        "anteil": wahr["anteil"],
        "mal": wahr["raum"],
        "langzeit_anteil": wahr["langzeit"],
        "sgb2_anteil": wahr["sgb2"],
        "trend_steigend": {
            "gemeinden": wahr["trend"]["gemeinden"],
            "mal_2015": wahr["trend"]["von"],
            "mal_2024": wahr["trend"]["bis"],
        },
        "kein_trend": flat,
    }


def _befragung(p: pd.DataFrame) -> dict:
    with_area, without = {}, []
    for frage in (frage for seite in fragebogen() for frage in seite if frage["art"] == "batterie"):
        for item, what in frage["items"].items():
            name = f"{frage['key']}_{item}"
            if "raum" in what:
                with_area[name] = what["raum"]
            else:
                without.append(name)
    families, single = p[p.mit_kindern], p[p.alleinerziehend]
    arm = (p.lage == "arm").groupby(p.raum).mean()
    return {
        "erklaerung": "erwartet: Anteile, die bei den Antwortenden im Mittel herauskommen. alle: Anteile bei allen "
        "Erwachsenen des Melderegisters; gewichtete Schätzungen zielen auf sie.",
        "median_eur": MEDIAN_EUR,
        "erwartet": ZIELE,
        "alle": {
            "personen": len(p),
            "mit_kindern": _share(p.mit_kindern),
            "alleinerziehend_unter_diesen": _share(families.alleinerziehend),
            "arm": _share(p.lage == "arm"),
            "geringes_einkommen": _share(p.lage == "gering"),
            "mehr_betreuung_unter_eltern": _share(families.mehr_betreuung),
            "alleinerziehend_ohne_kitaplatz": _share(single.ohne_kitaplatz),
            "arm_je_planungsraum": {key: round(float(arm[key]), 4) for key in raumnamen()},
        },
        "arm_mal": ARM_MAL,
        "ueberall_gleich": ["arm (außer in den Planungsräumen unter arm_mal)", "KI02", "KI04", "ZU02"],
        "skalen_mit_raumunterschied": with_area,
        "skalen_ohne_raumunterschied": without,
        "alle_uebrigen_fragen": "kein wirklicher Unterschied zwischen den Planungsräumen außer durch Alter, "
        "Staatsangehörigkeit und Einkommen",
    }


def _share(mask: pd.Series) -> float:
    return round(float(mask.mean()), 4)
