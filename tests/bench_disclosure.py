"""Speed of the suppression of large tables, and how many cells each method withholds."""

import time

import numpy as np


def main() -> None:
    """A 30 × 20 table with groups exactly and quickly, a 600 × 20 table quickly, both audited."""
    from disclosure_made import two_way

    from analysis.disclosure.regeln import rule
    from analysis.disclosure.schutz import unprotected
    from analysis.disclosure.unterdrueckung import suppress, task

    for rows, groups, methods in ((30, 6, ("exakt", "schnell")), (600, 30, ("schnell",))):
        s = two_way(np.random.default_rng(1), rows, 20, 25, groups)
        a = task(s, rule())
        for method in methods:
            begin = time.perf_counter()
            found = suppress(a, method)
            seconds, begin = time.perf_counter() - begin, time.perf_counter()
            open_cells = unprotected(a, found.gesperrt)
            print(
                f"disclosure {rows} x 20, {groups} groups, {method}: {seconds:.1f} s, primary {a.primaer.sum()}, "
                f"withheld {found.gesperrt.sum()} of {len(s.wert)}; audit {time.perf_counter() - begin:.1f} s, "
                f"{len(open_cells)} not protected"
            )
