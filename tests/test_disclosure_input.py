"""Counts that cannot be protected as they are: refused or named when they are imported, or taken as they are said."""

import pytest
from conftest import HEADER

from analysis import kreissperrung
from analysis.cli import main
from analysis.store import Store

DAY = "2023-12-31"


@pytest.fixture
def imported(tmp_path, capsys):
    """Import rows `ags;groesse;wert;grund` of a source by the command line: exit code and what was said."""

    def run(*rows: str, quelle: str = "ba") -> tuple[int, str]:
        file = tmp_path / "lieferung.csv"
        full = [
            f"{ags};{DAY};{groesse};{wert};{grund};;{quelle}"
            for ags, groesse, wert, grund in (r.split(";") for r in rows)
        ]
        file.write_text("\n".join([HEADER, *full, ""]), encoding="utf-8")
        return main(["import", str(file)]), capsys.readouterr().err

    return run


def withheld() -> set[str]:
    with Store() as store:
        found = kreissperrung.gesperrt(store, "99099")
    return set(found.ags[found.groesse == "arbeitslose"])


def people(*areas: str) -> list[str]:
    return [f"{ags};bevoelkerung;{1000 if len(ags) > 5 else 4000};" for ags in areas]


GEMEINDEN = [f"9909900{n}" for n in range(1, 5)]


def test_a_negative_count_is_refused_with_row_and_value(imported):
    code, said = imported("99099;arbeitslose;-4;")
    assert code == 2 and "row 2: arbeitslose is -4; expected a count of 0 or more" in said


def test_parts_that_do_not_add_up_are_refused(imported):
    code, said = imported("99099;arbeitslose;10;", "99099;arbeitslose_sgb2;4;", "99099;arbeitslose_sgb3;5;")
    assert code == 2 and "the parts of arbeitslose in 99099" in said and "add up to 9, expected 10" in said


def test_known_parts_above_their_whole_are_refused_also_beside_a_secret_one(imported):
    code, said = imported("99099;arbeitslose;10;", "99099;arbeitslose_sgb2;12;", "99099;arbeitslose_sgb3;;geheim")
    assert code == 2 and "arbeitslose" in said and "12" in said


def test_gemeinden_that_do_not_add_up_to_their_kreis_are_named_by_check_and_withheld_nevertheless(imported, capsys):
    """As with the noise of the Zensus: the difference counts as known, and no small count can be computed with it."""
    counts = dict(zip(["99099", *GEMEINDEN], (90, 2, 20, 30, 40), strict=True))  # together 92
    code, _ = imported(*people(*counts), *(f"{ags};arbeitslose;{n};" for ags, n in counts.items()))
    assert code == 0
    main(["check"])
    assert (
        "99099 (Musterkreis (erfunden)): the Gemeinden add up to 92 arbeitslose on 2023-12-31 (ba), the Kreis has 90"
        in " ".join(capsys.readouterr().out.split())
    )
    hidden = withheld()
    assert GEMEINDEN[0] in hidden and len(hidden) >= 2  # with one alone, 90 - 90 and the known difference say it


def test_a_secret_cell_of_the_source_is_a_constraint(imported):
    """`*` of the source: where all others are shown, it would be the rest; so another one goes with it."""
    rows = [*people("99099", *GEMEINDEN), "99099;arbeitslose;92;", f"{GEMEINDEN[0]};arbeitslose;;geheim"]
    rows += [f"{ags};arbeitslose;{n};" for ags, n in zip(GEMEINDEN[1:], (20, 30, 40), strict=True)]
    assert imported(*rows)[0] == 0
    hidden = withheld()
    assert GEMEINDEN[0] in hidden and len(hidden) == 2


def test_secret_cells_that_cannot_be_whole_numbers_do_not_stop_the_others(imported):
    """A secret part beside known ones that are more than the total: the total counts other people."""
    rows = [*people("99099", *GEMEINDEN), "99099;arbeitslose;60;", f"{GEMEINDEN[0]};arbeitslose;;geheim"]
    rows += [f"{ags};arbeitslose;{n};" for ags, n in zip(GEMEINDEN[1:], (20, 30, 40), strict=True)]
    assert imported(*rows)[0] == 0
    assert withheld() == {GEMEINDEN[0]}
