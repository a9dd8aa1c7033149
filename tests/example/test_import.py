"""The shipped small Musterkreis goes through the readers as a user would bring it in."""

from conftest import ROOT

KLEIN = ROOT / "data" / "musterkreis"


def test_every_delivery_is_read_and_nothing_contradicts_a_rule(kreisblick):
    done = kreisblick("import", KLEIN / "lieferungen", KLEIN / "befragung" / "befragung.yaml")
    assert done.returncode == 0, done.stderr
    read = [line for line in done.stdout.splitlines() if " rows - " in line]
    files = [p for p in (KLEIN / "lieferungen").rglob("*") if p.is_file()]
    deliveries = [p for p in files if not p.match("arbeitsmarkt/*.yaml")]  # these go with the tables beside them
    assert len(read) == len(deliveries) + 1
    assert [line for line in read if " 0 changed" not in line] == []
    check = kreisblick("check")
    assert check.returncode == 0, check.stdout
    assert "nothing contradicts a rule" in check.stdout, check.stdout
