"""10,000 random tables, suppressed and attacked by maximum flow (`make soak`): how many cells are disclosed."""

import sys
import time
from pathlib import Path

import numpy as np


def main(tables: int = 10_000) -> int:
    """Number of disclosed cells; prints what was tried."""
    from disclosure_made import soak

    begin = time.perf_counter()
    attacked, disclosed = soak(np.random.default_rng(1), tables, together=200)
    seconds = time.perf_counter() - begin
    print(f"{tables} tables, {attacked} cells attacked, {disclosed} disclosed, {seconds:.0f} s")
    return disclosed


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
