"""The shipped small Musterkreis goes through the readers as a user would bring it in."""

from collections import Counter

from conftest import ROOT

KLEIN = ROOT / "data" / "musterkreis"


def test_every_delivery_is_read_and_nothing_contradicts_a_rule(whole_store, kreisblick):
    said = whole_store.with_name("gesagt.txt").read_text(encoding="utf-8").splitlines()
    read = [line for line in said if " rows - " in line]
    files = [p for p in (KLEIN / "lieferungen").rglob("*") if p.is_file()]
    deliveries = [p for p in files if not p.match("arbeitsmarkt/*.yaml")]  # these go with the tables beside them
    names = Counter(path.name for path in [*deliveries, KLEIN / "befragung" / "befragung.yaml"])
    assert len(deliveries) > 40 and names - Counter(line.partition(":")[0] for line in read) == Counter()
    assert [line for line in read if " 0 changed" not in line] == []
    check = kreisblick("check", env={"KREISBLICK_STORE": str(whole_store)})
    assert check.returncode == 0, check.stdout
    assert "nothing contradicts a rule" in check.stdout, check.stdout
