"""Optimal suppression by τ-ARGUS (pytauargus 0.6.0, a venv of its own) of the tables in tafeln.csv.

Primary: counts of 1 and 2, protected by as much as the count itself to both sides (FREQ(3,100)). Cost of a cell: its
count. Empty cells are shown. Run as: python tauargus.py > tauargus.csv
"""

import csv
from pathlib import Path

import pytauargus

rows = list(csv.DictReader(Path(__file__).with_name("tafeln.csv").open(encoding="utf-8")))
print("tafel,primaer,zusaetzlich,kosten")
for number in sorted({row["tafel"] for row in rows}, key=int):
    inner = [r for r in rows if r["tafel"] == number and r["raum"] != "alle" and r["art"] != "ges"]
    people = [{"raum": r["raum"], "art": r["art"], "eins": 1} for r in inner for _ in range(int(r["wert"]))]
    cells = pytauargus.protect(people, ["raum", "art"], "eins", "FREQ(3,100)", "OPT(1)").tables[0].rows
    status = [(cell["status"], cell["cost"]) for cell in cells]
    extra = [cost for kind, cost in status if kind == "M"]
    print(f"{number},{sum(kind == 'U' for kind, _ in status)},{len(extra)},{sum(extra):g}")
