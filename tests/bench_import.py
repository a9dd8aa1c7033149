"""Import of a large table as ratio to what pandas and DuckDB need at least; each time in a process of its own."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS, ROUNDS = 1_000_000, 3

HEADER = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;2_variable_attribute_code;"
    "2_variable_attribute_label;value;value_unit;value_variable_code;value_variable_label;value_q"
)

PLAIN = """
import duckdb, pandas as pd
frame = pd.read_csv({file!r}, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
with duckdb.connect({store!r}) as db:
    db.execute("CREATE TABLE tabelle AS SELECT * FROM frame")
"""

OWN = """
from pathlib import Path
from analysis.store import Store
with Store(Path({store!r}), read_only=False) as store:
    assert store.import_file(Path({file!r})).neu == {rows}
"""


def write_flat_csv(path: Path) -> None:
    """Population of 11,000 invented Gemeinden by sex over 31 years as a long flat CSV, unsorted."""
    random = np.random.default_rng(1)
    keys = [
        f"{land:02d}0{kreis:02d}{nr:03d}"
        for land in (3, 5, 6, 7, 8, 9)
        for kreis in range(1, 38)
        for nr in range(1, 50)
    ]
    keys, days = keys[:11_000], [f"{year}-12-31" for year in range(1994, 2025)]
    sexes = (("", "Insgesamt"), ("GESM", "männlich"), ("GESW", "weiblich"))
    male, female = random.integers(50, 9000, (2, len(days), len(keys)))
    values = np.stack([male + female, male, female])
    places = random.permutation(values.size)[:ROWS]
    lines = [HEADER]
    for sex, day, key in zip(*np.unravel_index(places, values.shape), strict=True):
        code, label = sexes[sex]
        lines.append(
            f"12411;Fortschreibung des Bevölkerungsstandes;STAG;Stichtag;{days[day]};GEMEIN;Gemeinden;{keys[key]};"
            f"Gemeinde {keys[key]};GES;Geschlecht;{code};{label};{values[sex, day, key]};"
            "Anzahl;BEVSTD;Bevölkerungsstand;e"
        )
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join([*lines, ""]).encode())


def measure(code: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of a process that runs the code."""
    tail = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def main() -> None:
    """Print seconds and memory of both ways."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tabelle.csv"
        write_flat_csv(file)
        size = file.stat().st_size / 1e6
        taken: dict[str, list] = {"pandas.read_csv and DuckDB insert": [], "kreisblick import": []}
        for turn in range(ROUNDS):
            for name, code in zip(taken, (PLAIN, OWN), strict=True):
                store = str(Path(folder) / f"{name[:6]}{turn}.duckdb")
                taken[name].append(measure(code.format(file=str(file), store=store, rows=ROWS)))
        print(f"flat CSV with {ROWS:,} rows, {size:.0f} MB, median of {ROUNDS}")
        base = None
        for name, pairs in taken.items():
            seconds, memory = (statistics.median(column) for column in zip(*pairs, strict=True))
            base = base or seconds
            ratios = f"{seconds / base:4.1f} x   {memory:6.0f} MB   {memory / size:4.1f} x file"
            print(f"  {name:36} {seconds:6.1f} s   {ratios}")
