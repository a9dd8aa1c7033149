"""What is said of robustness: other weights, principal components, the consensus matrix, other methods."""

import numpy as np
import pandas as pd
import pytest
from notebook_calls import every_text, rows

from analysis import gruppenmethode, gruppenprofil, gruppenraum, gruppenstabilitaet
from analysis.batch.parameter import check
from analysis.clusters.stabilitaet import bootstrap
from analysis.clusters.verfahren import VERFAHREN
from analysis.errors import InputError
from analysis.gruppengewichte import weights


@pytest.fixture
def gemeinden(loaded):
    return loaded(gruppenprofil.load, "99099")


def test_weights_are_read_with_the_first_word_of_a_lebenslage():
    found = weights("Wohnen = 2; gesundheit=0,5; Bildung = 0")
    assert (found["Wohnen"], found["Gesundheit"], found["Bildung, Betreuung und Erziehung"]) == (2, 0.5, 0)
    assert found["Demografie"] == 1 and weights("  ") is None and set(weights("gleich").values()) == {1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Wonen = 2", "'Wonen' names 0 Lebenslagen; expected one of Arbeitsmarkt"),
        ("Ge = 2", "'Ge' names 2 Lebenslagen"),
        ("Wohnen = viel", "'Wohnen = viel'; expected a Lebenslage and a number of 0 or more"),
        ("Wohnen = -1", "a number of 0 or more"),
        ("Wohnen = nan", "a number of 0 or more"),
        ("Wohnen", "a number of 0 or more"),
        ("Wohnen = 1; wohnen = 2", "Wohnen stands twice"),
        ("A=0;B=0;D=0;F=0;Gesundheit=0;Gesellschaft=0;M=0;W=0", "all are 0"),
    ],
)
def test_weights_that_are_none(text, said):
    with pytest.raises(InputError, match=said):
        weights(text)
    with pytest.raises(InputError, match=f"03: parameter gewichte is .*{said}"):
        check("03", "gewichte", text, "gewichte")


def test_weights_and_components_reach_the_groups_and_the_page(loaded, gemeinden):
    assert "jede Kennzahl zählt gleich." in every_text(gruppenmethode.vorbereitung(gemeinden))
    equal = loaded(gruppenprofil.load, "99099", gewichte="gleich")
    assert "jede Lebenslage zählt gleich." in every_text(gruppenmethode.vorbereitung(equal))
    field = {id: equal.indikator(id).lebenslage for id in equal.vorbereitet.roh}
    ratio = (equal.vorbereitet.matrix.var() / gemeinden.vorbereitet.matrix.var()).rename("factor")
    by_field = ratio.groupby(field).agg(["min", "max", "sum"])
    np.testing.assert_allclose(by_field["max"], by_field["min"])
    np.testing.assert_allclose(by_field["sum"], by_field["sum"].iloc[0])
    own = loaded(gruppenprofil.load, "99099", gewichte="Demografie = 3", hauptkomponenten=True, gruppen=3)
    text = every_text(gruppenmethode.vorbereitung(own))
    assert "Demografie 3" in text and "Hauptkomponenten mit 90 % der Streuung" in text
    assert list(own.vorbereitet.matrix.columns[:2]) == ["HK1", "HK2"]
    loadings = own.vorbereitet.ladungen.HK1
    (told,) = [row[1] for row in rows(gruppenmethode.vorbereitung(own)) if row[0] == "HK1"]
    largest = loadings.abs().idxmax()
    assert told.startswith(f"{own.indikator(largest).kurz} +") and told.count(";") == (loadings.abs() >= 0.3).sum() - 1
    told = {row[0] for row in rows(gruppenstabilitaet.empfindlichkeit(own))}
    assert {"jede Kennzahl zählt gleich", "jede Lebenslage zählt gleich", "Kennzahlen statt Hauptkomponenten"} <= told


def test_the_consensus_is_that_of_the_resamples(gemeinden):
    found = gemeinden.gruppierung
    again = bootstrap(gemeinden.vorbereitet.matrix.to_numpy(), found.k, found.verfahren, found.B, found.startwert)
    groups = found.labels[gemeinden.grouped].to_numpy()
    matrix = pd.DataFrame(again.konsens)
    for row, one in zip(rows(gruppenstabilitaet.gemeinsam(gemeinden)), range(1, found.k + 1), strict=True):
        for text, other in zip(row[1:], range(1, found.k + 1), strict=True):
            block = matrix.loc[groups == one, groups == other].to_numpy()
            cells = block[~np.eye(len(block), dtype=bool)] if one == other else block.ravel()
            assert text == f"{cells.mean() * 100:.0f} %"


def test_every_method_stands_beside_the_own_one(gemeinden):
    table = rows(gruppenstabilitaet.je_verfahren_tafel(gemeinden))
    assert len(table) == len(VERFAHREN) and all(len(row) == 8 for row in table)
    own = gemeinden.gruppierung.kriterien.set_index("k").silhouette
    ward = next(row for row in table if row[0] == "Ward")
    assert [cell.split(" / ")[0] for cell in ward[1:]] == [f"{own[k]:.2f}".replace(".", ",") for k in range(2, 9)]


def test_regions_by_max_p(gemeinden):
    around = gruppenraum.nachbarschaft(gemeinden)
    skater, maxp = (gruppenraum.regionen(gemeinden, around, 5000, how) for how in ("skater", "maxp"))
    assert "Max-p von Duque" in every_text(maxp) and "Verfahren von Assunção" in every_text(skater)
    people = [int(row[1].replace(".", "").replace("\N{NARROW NO-BREAK SPACE}", "")) for row in rows(maxp)]
    assert min(people) >= 5000 and len(people) > 1
    assert sum(int(row[2]) for row in rows(maxp)) == len(gemeinden.eigene)
