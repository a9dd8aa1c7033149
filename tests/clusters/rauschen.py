"""How often a structure is found in data that have none: `python tests/clusters/rauschen.py` (half an hour)."""

import numpy as np

from analysis.clusters.anzahl import choose, criteria
from analysis.clusters.ohnestruktur import WIEDERHOLUNGEN

ARTEN = ("normal", "korreliert", "gleichverteilt")


def rauschen(art, seed, gebiete=60, indikatoren=5):
    """Values of areas without structure."""
    random = np.random.default_rng(1000 + seed)
    if art == "gleichverteilt":
        return random.uniform(size=(gebiete, indikatoren))
    x = random.standard_normal((gebiete, indikatoren))
    return x @ random.standard_normal((indikatoren, indikatoren)) if art == "korreliert" else x


def structures(verfahren, art, seeds=100, repeats=WIEDERHOLUNGEN, **wie):
    """Seeds in which groups are found, with their number."""
    found = {s: choose(criteria(rauschen(art, s, **wie), verfahren, wiederholungen=repeats, startwert=s))
             for s in range(seeds)}  # fmt: skip
    return [(seed, k) for seed, k in found.items() if k > 1]


if __name__ == "__main__":
    for verfahren in ("ward", "average", "kmeans", "kmedoids", "gmm"):
        for art in ARTEN:
            found = structures(verfahren, art)
            print(f"{verfahren:8} {art:14} groups found in {len(found)} of 100 seeds {found}", flush=True)
