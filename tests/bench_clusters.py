"""Robustness of groups: ratio to R `fpc::clusterboot` on equal resamples, in turn in one run, and what large data take.

600 areas × 12 indicators in four planted groups, 200 resamples, four groups; Ward and k-means with ten starts. R and
this package write their Jaccard values, which must agree. `python tests/bench.py clusters` needs Rscript with fpc; the
part with 10,800 areas takes a few minutes.
"""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.clusters.anzahl import je_verfahren
from analysis.clusters.empfindlichkeit import sensitivity
from analysis.clusters.gruppen import group
from analysis.clusters.stabilitaet import bootstrap, ziehungen
from analysis.clusters.uebereinstimmung import jaccard, kreuztabellen
from analysis.clusters.verfahren import labels, partitionen, tree
from analysis.clusters.vorbereitung import prepare
from analysis.rates import wilson

N, P, B, K, ROUNDS = 600, 12, 200, 4, 3
LARGE = 10_800

R_SIDE = """
suppressMessages(library(fpc))
x <- as.matrix(read.csv("x.csv", header = FALSE)); drawn <- as.matrix(read.csv("drawn.csv", header = FALSE))
# `sample` gives clusterboot the resamples that are asked for
given <- list(sample = function(...) { at <<- at + 1; drawn[at, ] })
environment(clusterboot) <- list2env(given, parent = environment(clusterboot))
options(digits = 17)
boot <- function(...) clusterboot(x, B = nrow(drawn), count = FALSE, ...)
for (method in c("ward", "kmeans")) {
  at <- 0; set.seed(1)
  taken <- system.time(found <- if (method == "ward")
    boot(clustermethod = hclustCBI, k = %d, method = "ward.D2", scaling = FALSE)
  else boot(clustermethod = kmeansCBI, krange = %d, runs = 10))
  cat(method, taken[["elapsed"]], taken[["user.self"]] + taken[["sys.self"]], sort(found$bootmean), "\\n")
}
"""


def areas(n: int = N, seed: int = 1) -> np.ndarray:
    """Values in four groups."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, P))
    group = np.arange(n) % K
    x[:, :4] += 4.0 * (group % 2)[:, None]
    x[:, 4:8] += 4.0 * (group // 2)[:, None]
    return x


def against_clusterboot() -> None:
    """Seconds and Jaccard values of both, on the same resamples."""
    if not shutil.which("Rscript"):
        print("  R is missing: no comparison")
        return
    x = areas()
    drawn = np.random.default_rng(2).integers(0, N, (B, N))
    chosen = np.zeros((B, N), bool)
    np.put_along_axis(chosen, drawn, True, axis=1)
    with tempfile.TemporaryDirectory() as folder:
        pd.DataFrame(x).to_csv(Path(folder) / "x.csv", header=False, index=False)
        pd.DataFrame(drawn + 1).to_csv(Path(folder) / "drawn.csv", header=False, index=False)
        (Path(folder) / "boot.R").write_text(R_SIDE % (K, K))
        theirs, ours = {"ward": [], "kmeans": []}, {"ward": [], "kmeans": []}
        values = {}
        for _ in range(ROUNDS):
            done = subprocess.run(["Rscript", "boot.R"], cwd=folder, check=True, capture_output=True, text=True)
            for line in done.stdout.splitlines():
                method, wall, cpu, *means = line.split()
                theirs[method].append((float(wall), float(cpu)))
                values["R", method] = np.array(means, float)
            for method in ours:
                wall, cpu = time.perf_counter(), time.process_time()
                own = partitionen(x, chosen, [K], method, 1)[:, 0]
                found = jaccard(kreuztabellen(labels(x, K, method), own)).mean(axis=0)
                ours[method].append((time.perf_counter() - wall, time.process_time() - cpu))
                values["here", method] = np.sort(found)
    for method in ours:
        r, own = (np.median(rows[method], axis=0) for rows in (theirs, ours))
        apart = np.abs(values["R", method] - values["here", method]).max()
        print(f"  {method:8} R {r[0]:6.2f} s, here {own[0]:6.2f} s: {r[0] / own[0]:5.1f} x faster "
              f"({r[1] / own[1]:.1f} x in processor time); largest difference of Jaccard {apart:.1e}")  # fmt: skip


def rates() -> pd.DataFrame:
    """Rows of `indicators.compute` for invented shares of persons in 600 areas."""
    random = np.random.default_rng(3)
    logit = -2 + 0.4 * areas()
    whole = random.integers(500, 20_000, N).astype(float)
    tables = []
    for number in range(P):
        part = random.binomial(whole.astype(int), 1 / (1 + np.exp(-logit[:, number]))).astype(float)
        low, high = wilson(pd.Series(part), pd.Series(whole))
        tables.append(
            pd.DataFrame(
                {
                    "ags": [f"{n:08d}" for n in range(N)],
                    "stichtag": "2023-12-31",
                    "indikator": f"i{number}",
                    "anteil": part / whole,
                    "unten": low,
                    "oben": high,
                    "intervall": "wilson",
                    "grund": "",
                    "zaehler": part,
                    "nenner": whole,
                }  # fmt: skip
            )
        )
    return pd.concat(tables, ignore_index=True)


def whole_part() -> None:
    """Seconds of all that the report says on robustness, for 600 areas."""
    made = timed("prepared", lambda: prepare(rates()))
    found = timed("chosen, with data without structure", lambda: group(made))
    timed("all methods, 2 to 8 groups, 100 resamples", lambda: je_verfahren(made.matrix.to_numpy()))
    timed("sensitivity", lambda: sensitivity(made, max(found.k, 2)))
    print(f"  {found.ergebnis}")


def large() -> None:
    """Seconds and memory of Ward for all Gemeinden of Germany."""
    x = areas(LARGE)
    before = peak()
    timed(f"Ward's tree of {LARGE:,} areas", lambda: tree(x))
    print(f"    {peak() - before:.0f} MB more than before")
    from tqdm import tqdm

    with tqdm(total=B) as bar:
        timed(f"stability of {K} groups, {B} resamples", lambda: bootstrap(x, K, "ward", B, balken=bar.update))
    print(f"    {peak():.0f} MB in all; {ziehungen(LARGE, 1, 1).sum():,} areas in a resample")


def peak() -> float:
    """Largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(what: str, make):
    """Result of a call; its seconds are printed."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = make()
    print(
        f"  {what:45} {time.perf_counter() - wall:7.2f} s ({time.process_time() - cpu:.2f} s of processor time)",
        flush=True,
    )
    return result


def main() -> None:
    """Print all three parts."""
    print(f"{N} areas x {P} indicators, {B} resamples, {K} groups, {os.cpu_count()} processors")
    against_clusterboot()
    print(f"Robustness part of a report, {N} areas")
    whole_part()
    print(f"{LARGE:,} areas")
    large()
