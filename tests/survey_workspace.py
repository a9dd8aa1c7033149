"""A workspace of its own with the survey of the invented Kreis, whole or changed."""

import contextlib
import os
from pathlib import Path

import yaml


def write_survey(root: Path, files: dict[str, bytes], change=None, rows=None) -> Path:
    """Files of the survey under `data/local/` of a new workspace; `change` edits the description, `rows` the cells.

    `rows` gets the header and the lines of cells of the export and gives the lines back.
    """
    for folder in ("analysis", "notebooks", "data/local"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    there = {Path(name).name: content for name, content in files.items() if name.startswith("befragung/")}
    given = yaml.safe_load(there["befragung.yaml"])
    if change:
        change(given["befragung"])
    if rows:
        name = given["befragung"]["daten"]
        header, *lines = [line.split("\t") for line in there[name].decode("utf-8-sig").rstrip("\r\n").split("\r\n")]
        lines = rows([cell.strip('"') for cell in header], lines)
        text = "\r\n".join("\t".join(line) for line in [header, *lines]) + "\r\n"
        there[name] = text.encode("utf-8-sig")
    there["befragung.yaml"] = yaml.safe_dump(given, allow_unicode=True).encode()
    for name, content in there.items():
        (root / "data" / "local" / name).write_bytes(content)
    return root


@contextlib.contextmanager
def inside(root: Path):
    """Working folder and store of the workspace."""
    before, store = os.getcwd(), os.environ.get("KREISBLICK_STORE")
    os.chdir(root)
    os.environ["KREISBLICK_STORE"] = str(root / "data" / "local" / "store.duckdb")
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.pop("KREISBLICK_STORE")
        if store is not None:
            os.environ["KREISBLICK_STORE"] = store
