from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.errors import InputError
from analysis.sources import befragung, ziehung

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "musterkreis" / "befragung" / "befragung.yaml"
GIVEN = {"datei": "z.csv", "n": 15, "unzustellbar": 1, "je_raum": {"99099.a": 10, "99099.b": 5}}
HEAD = "raum;N;n_gezogen;n_unzustellbar;n_geantwortet"
ROWS = ["99099.a;100;10;1;3", "99099.b;50;5;0;5"]


def load(folder, rows, head=HEAD, **given):
    (folder / "z.csv").write_text("\ufeff" + "\n".join([head, *rows, ""]), encoding="utf-8")
    return ziehung.load(
        folder / "befragung.yaml", SimpleNamespace(kurz="probe", angaben={"ziehung": {**GIVEN, **given}})
    )


def test_sample_of_the_example():
    cells = ziehung.load(EXAMPLE, befragung.load(EXAMPLE))
    assert cells[list(ziehung.ZAHLEN)].sum().tolist()[1:] == [740, 9, 200] and len(cells) == 80
    assert cells.raum.iloc[0] == "99099.mitte" and cells.N.dtype == int


def test_cells_are_read(tmp_path):
    cells = load(tmp_path, ROWS)
    assert cells.to_numpy().tolist() == [["99099.a", 100, 10, 1, 3], ["99099.b", 50, 5, 0, 5]]


@pytest.mark.parametrize(
    ("rows", "given", "message"),
    [
        (["99099.a;100;10;1;10", ROWS[1]], {}, "row 2, n_geantwortet: '10'; expected not more than drawn"),
        (["99099.a;9;10;1;3", ROWS[1]], {}, "row 2, n_gezogen: '10'; expected not more than N"),
        (["99099.a;100;10;-1;3", ROWS[1]], {}, "row 2, n_unzustellbar: '-1'; expected a number"),
        (["99099.a;100;10;1;", ROWS[1]], {}, "row 2, n_geantwortet: ''; expected a number"),
        ([";100;10;1;3", ROWS[1]], {}, "row 2, raum: ''; expected the name of a group"),
        ([ROWS[0], ROWS[0]], {}, "row 3, raum: '99099.a'; expected each cell once"),
        (ROWS, {"n": 16}, "n_gezogen sums to 15; ziehung.n is 16"),
        (ROWS, {"unzustellbar": 2}, "n_unzustellbar sums to 1; ziehung.unzustellbar is 2"),
        (ROWS, {"je_raum": {"99099.a": 15}}, "n_gezogen of 99099.a is 10; ziehung.je_raum says 15"),
        (ROWS, {"datei": "y.csv"}, "there is no such file"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, rows, given, message):
    with pytest.raises(InputError, match=message):
        load(tmp_path, rows, **given)


def test_a_file_of_another_form_is_refused(tmp_path):
    with pytest.raises(InputError, match="no column 'N'"):
        load(tmp_path, ["a;1"], head="raum;n")
    with pytest.raises(InputError, match="no table"):
        load(tmp_path, [], head="")
    with pytest.raises(InputError, match="names no file"):
        ziehung.load(tmp_path / "b.yaml", SimpleNamespace(kurz="probe", angaben={}))
