"""Speed of the suppression of large tables, and how many cells each method withholds, also beside τ-ARGUS.

`pytauargus` is no dependency: it is compared with where it can be imported, or where TAUARGUS_PYTHON names a Python
that can.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np

_TAUARGUS = """
import json, sys, time
import pytauargus
begin = time.perf_counter()
cells = pytauargus.protect(json.load(sys.stdin), ["raum", "art"], "eins", "FREQ(3,100)", "OPT(1)").tables[0].rows
status = [cell["status"] for cell in cells]
print(json.dumps([time.perf_counter() - begin, status.count("U"), status.count("M")]))
"""


def tauargus(s, limit_s: float) -> str:
    """What τ-ARGUS needs for a table without groups, and how many cells it withholds."""
    rows = s.zellen.reset_index()
    rows = rows[(rows.raum != "alle") & (rows.art != "ges")]
    people = [{"raum": r.raum, "art": r.art, "eins": 1} for r in rows.itertuples() for _ in range(int(r.wert))]
    python = os.environ.get("TAUARGUS_PYTHON", sys.executable)
    try:
        done = subprocess.run(
            [python, "-c", _TAUARGUS], input=json.dumps(people), capture_output=True, text=True, timeout=limit_s,
            check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"not done after {limit_s:.0f} s"
    except (OSError, subprocess.CalledProcessError) as error:
        last = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        return f"does not run here ({''.join(last)[:90]})"
    seconds, primary, further = json.loads(done.stdout)
    return f"{seconds:.1f} s, primary {primary}, withheld {primary + further}"


def main(limit_s: float = 120) -> None:
    """A 30 × 20 table exactly and quickly, alone and with groups, a 600 × 20 table quickly, all audited."""
    from disclosure_made import two_way

    from analysis.disclosure.regeln import rule
    from analysis.disclosure.schutz import unprotected
    from analysis.disclosure.unterdrueckung import suppress, task

    for rows, groups, methods in (
        (30, 0, ("exakt", "schnell")),
        (30, 6, ("exakt", "schnell")),
        (600, 30, ("schnell",)),
    ):
        s = two_way(np.random.default_rng(1), rows, 20, 25, groups)
        a = task(s, rule())
        for method in methods:
            begin = time.perf_counter()
            found = suppress(a, method)
            seconds, begin = time.perf_counter() - begin, time.perf_counter()
            open_cells = unprotected(a, found.gesperrt)
            print(
                f"disclosure {rows} x 20, {groups} groups, {method}: {seconds:.1f} s, primary {a.primaer.sum()}, "
                f"withheld {found.gesperrt.sum()} of {len(s.wert)}, proved best: {found.optimal}; audit "
                f"{time.perf_counter() - begin:.1f} s, {len(open_cells)} not protected",
                flush=True,
            )
        if not groups:
            print(f"disclosure {rows} x 20, 0 groups, τ-ARGUS (OPT): {tauargus(s, limit_s)}", flush=True)
