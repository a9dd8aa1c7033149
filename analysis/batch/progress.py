"""Progress of a run on standard error: a bar on a terminal, one plain line per job elsewhere."""

import sys
from collections.abc import Callable


class Progress:
    """Bar with done, failed and remaining time; gives a function that takes what one job came to.

    That function takes the job's name, its outcome in a word, whether it failed, the seconds it took, and why it
    failed.
    """

    def __init__(self, total: int, unit: str = "report"):
        self.total, self.unit, self.done, self.failed = total, unit, 0, 0

    def __enter__(self) -> Callable[[str, str, bool, float, str], None]:
        from tqdm import tqdm

        self.bar = tqdm(
            total=self.total,
            unit=self.unit,
            disable=not sys.stderr.isatty(),
            bar_format="{desc}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]{postfix}",
            postfix={"failed": 0},
        )
        return self.report

    def __exit__(self, *_) -> None:
        self.bar.close()

    def report(self, name: str, outcome: str, failed: bool, seconds: float, message: str = "") -> None:
        """Count a job and say what it came to."""
        self.done += 1
        self.failed += failed
        self.bar.set_postfix(failed=self.failed, refresh=False)
        self.bar.update()
        line = f"[{self.done}/{self.total}] {name}: {outcome} ({seconds:.1f} s)" + (f" - {message}" if message else "")
        if self.bar.disable:
            print(line, file=sys.stderr, flush=True)
        elif failed:
            self.bar.write(line, file=sys.stderr)
