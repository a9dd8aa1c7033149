"""Where things of the workspace lie: data, notebooks, the store, the outputs."""

import os
from pathlib import Path

STORE_VARIABLE = "KREISBLICK_STORE"
"""Environment variable with the path of another store than the workspace's own."""


def root() -> Path:
    """Folder of the workspace: the nearest folder from here upwards that holds `notebooks/` and `data/`.

    Outside any workspace it is the folder that this package was installed from.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "data").is_dir() and (folder / "analysis").is_dir():
            return folder
    return Path(__file__).resolve().parents[1]


def data() -> Path:
    """Folder of the shipped figures."""
    return root() / "data"


def local() -> Path:
    """Folder of the store and of everything confidential; git ignores it."""
    return data() / "local"


def gestaltung() -> Path:
    """Folder of the corporate designs, one YAML file per Kreis."""
    return data() / "gestaltung"


def notebooks() -> Path:
    """Folder of the parameterised reports."""
    return root() / "notebooks"


def output() -> Path:
    """Folder of the generated reports."""
    return root() / "output"


def store() -> Path:
    """File of the indicator database; git ignores its folder. `KREISBLICK_STORE` names another one."""
    return Path(os.environ.get(STORE_VARIABLE) or local() / "kreisblick.duckdb")


def ausgaben(store_file: Path | None = None) -> Path:
    """Folder beside the store with what reports showed before, one file per Kreis and per survey."""
    return (store_file or store()).with_name("ausgaben")


def ablage(store_file: Path | None = None) -> Path:
    """Folder beside the store with results that need not be computed again; it may be deleted at any time."""
    return (store_file or store()).with_name("ablage")
