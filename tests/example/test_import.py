"""The shipped small Musterkreis goes through the readers as a user would bring it in."""

from conftest import ROOT

KLEIN = ROOT / "data" / "musterkreis"


def test_every_delivery_is_read_and_nothing_contradicts_a_rule(kreisblick):
    deliveries = [KLEIN / "lieferungen" / part for part in ("regionaldatenbank", "arbeitsmarkt", "melderegister")]
    deliveries += [KLEIN / "lieferungen" / "kennzahlen", KLEIN / "lieferungen" / "gebiet" / "planungsraeume_99099.yaml"]
    done = kreisblick("import", *deliveries, KLEIN / "befragung" / "befragung.yaml")
    assert done.returncode == 0, done.stderr
    assert " rows - " in done.stdout and done.stdout.count("EWO_Glockenmark") == 3
    changed = [line for line in done.stdout.splitlines() if " rows - " in line and " 0 changed" not in line]
    assert changed == []
    check = kreisblick("check")
    assert check.returncode == 0, check.stdout
    assert "nothing contradicts a rule" in check.stdout, check.stdout
