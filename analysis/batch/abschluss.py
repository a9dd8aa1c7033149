"""What a run says at its end: a table by report, and what failed, why, and what to do."""

from collections import Counter

from analysis.batch.job import ERSTELLT, Result
from analysis.batch.plan import Plan


def table(plan: Plan, results: list[Result]) -> list[str]:
    """Lines with the number of reports made, failed, fresh, not possible and left out, and the seconds that one took.

    A kind of outcome that did not occur has no column. The seconds are the mean of those that ran.
    """
    kinds = {
        "made": [r.notebook for r in results if r.ergebnis == ERSTELLT],
        "failed": [r.notebook for r in results if r.ergebnis != ERSTELLT],
        "fresh": (Counter(j.notebook.name for j in plan.jobs) - Counter(r.notebook for r in results)).elements(),
        "not possible": [block.notebook.name for block in plan.blocked],
        "left out": [job.notebook.name for job in plan.ausgelassen],
    }
    counts = {kind: Counter(names) for kind, names in kinds.items()}
    counts = {kind: count for kind, count in counts.items() if count or kind == "made"}
    names = sorted(set().union(*counts.values()))
    width = max(map(len, [*names, "report"]))
    lines = [f"{'report':{width}}" + "".join(f"{kind:>{len(kind) + 2}}" for kind in counts) + "  seconds"]
    for name in names:
        took = [r.dauer_s for r in results if r.notebook == name]
        numbers = "".join(f"{count[name]:{len(kind) + 2}}" for kind, count in counts.items())
        lines.append(f"{name:{width}}{numbers}" + (f"{sum(took) / len(took):9.1f}" if took else ""))
    total = "".join(f"{count.total():{len(kind) + 2}}" for kind, count in counts.items())
    return [*lines, f"{'all':{width}}{total}"]


def failures(results: list[Result]) -> list[str]:
    """Lines about what failed and what to do; none where nothing failed."""
    failed = [r for r in results if r.ergebnis != ERSTELLT]
    if not failed:
        return []
    lines = [f"failed: {r.raum or r.ags} {r.notebook}: {r.meldung}" for r in failed]
    advice = (
        "the notebook beside the other reports of the Kreis shows the error, the log (logs/) says where; "
        "mend it and run again: only what failed is made"
    )
    return [f"{len(failed)} of {len(results)} reports failed:", *lines, advice]
