"""A report with everything that is hard to print: long texts, wide and long tables, figures at every height."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis import figures, outputs, tables

TITEL = "Prüfbericht: „Landkreis Süd“ (erfunden), sehr langer Titel"
SATZ = "Dieser Satz füllt die Seite, damit das Folgende an einer anderen Stelle steht, und er sagt sonst nichts."
NOTIZ = "Diese Anmerkung gehört zur Tabelle darüber und steht auf demselben Blatt wie deren letzte Zeile."
GEMEINDEN = ["Langenwetzendorf-Wildetaube", "Ober", "Verwaltungsgemeinschaft Uder", "Bad Klosterlausnitz"]


def printed_report() -> str:
    """HTML of the made report; each `## Höhe n` section begins a little further down on its page."""
    from analysis.report.exporter import BerichtExporter

    cells = [_cell(outputs.kopf(TITEL, "Worum es geht", "Stand: 31.12.2024")), new_markdown_cell("## Anfang")]
    cells += [_cell(outputs.kuerze([SATZ] * 4)), _cell(outputs.hinweis("So lesen Sie die Zahlen", [SATZ] * 5, True))]
    cells += [_cell(outputs.formel(r"\frac{p + \frac{z^2}{2n} \pm z}{1 + \frac{z^2}{n}}", "p plus, geteilt durch"))]
    cells += [new_markdown_cell("### Zwischentitel\n\nVor der kurzen Tabelle."), _cell(_table(5, 4, "Kurze Tabelle"))]
    cells += [new_markdown_cell("## Breite Tabelle\n\nZwölf Spalten."), _cell(_table(20, 12, "Breite Tabelle"))]
    cells += [new_markdown_cell("## Lange Tabelle\n\nSechzig Zeilen."), _cell(_table(60, 5, "Lange Tabelle"))]
    for n in range(12):
        text = (
            f"## Höhe {n}\n\n" + "\n\n".join([SATZ] * (3 + 2 * n % 11)) + f"\n\n### Unter Höhe {n}\n\nEinleitung {n}."
        )
        cells.append(new_markdown_cell(text))
        cells.append(_cell(_figure(n) if n % 3 == 0 else _table(3 + 5 * (n % 3), 6, f"Tabelle auf Höhe {n}")))
    html, _ = BerichtExporter().from_notebook_node(new_notebook(cells=cells))
    return html


def small_notebook(*markdown: str) -> nbformat.NotebookNode:
    """Executed notebook with a head, a summary, a table and a figure; `markdown` are further cells."""
    cells = [_cell(outputs.kopf("Kleiner Bericht", "Worum es geht", "Stand: 31.12.2024")), new_markdown_cell("## Eins")]
    cells += [_cell(outputs.kuerze([SATZ])), _cell(_table(4, 3, "Kleine Tabelle")), _cell(_figure(1))]
    cells += map(new_markdown_cell, markdown)
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def small_page(content: str = "<p>Text</p>", titel: str = "Ein Titel & mehr") -> str:
    """HTML of a page as Kreisblick could have made it."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="generator" content="Kreisblick 0.1.0">'
        f"<title>{titel.replace('&', '&amp;')}</title></head><body><main><h1>T</h1>{content}</main></body></html>"
    )


def _cell(ausgabe: outputs.Ausgabe) -> nbformat.NotebookNode:
    data, metadata = ausgabe._repr_mimebundle_()
    output = new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    return new_code_cell("x", execution_count=1, outputs=[output])


def _table(rows: int, columns: int, titel: str) -> outputs.Ausgabe:
    heads = ["Einwohnerinnen und Einwohner", "Mindestsicherungsquote", "Rang", "Stand"]
    oben = [("2023",) if n < columns / 2 else ("2024",) for n in range(columns)] if columns > 9 else [()] * columns
    spalten = [tables.Spalte(f"{heads[n % 4]} {n}" if n else "Gemeinde", oben=oben[n]) for n in range(columns)]
    cell = ["1.234.567", "13,6 bis 14,1", "nicht berechenbar", "−3,5\xa0%", "15 von 15"]
    zeilen = [[f"{GEMEINDEN[r % 4]} {r}", *(cell[(r + n) % 5] for n in range(1, columns))] for r in range(rows)]
    halb = rows // 2 if rows > 12 else rows
    gruppen = [tables.Gruppe(zeilen[:halb], "Erste Hälfte"), tables.Gruppe(zeilen[halb:], "Zweite Hälfte", [0])]
    return tables.tabelle(spalten, [g for g in gruppen if g.zeilen], titel=titel, quelle="Erfunden", hinweise=[NOTIZ])


def _figure(n: int) -> outputs.Ausgabe:
    fig, (ax,) = figures.new_figure(2.5)
    ax.plot([1, 2 + n])
    return figures.abbildung(
        fig,
        name=f"linie_{n}",
        titel=f"Linie auf Höhe {n}",
        einheit="in Prozent",
        quelle="Erfunden",
        alternativtext=f"Die Linie Nummer {n} steigt von links unten nach rechts oben.",
        daten=_table(14, 4, f"Zahlen der Linie {n}"),
    )
