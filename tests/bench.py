"""Speed and size as ratios to other ways (`make bench`); `python tests/bench.py survey` is one part."""

import sys
from importlib import import_module
from pathlib import Path

SECTIONS = ("import", "export", "survey", "trends", "clusters", "disclosure", "batch", "runs")

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    asked = sys.argv[1:] or SECTIONS
    if set(asked) - set(SECTIONS):
        sys.exit(f"expected {' or '.join(SECTIONS)}, not {' '.join(asked)}")
    for section in asked:
        import_module(f"bench_{section}").main()
