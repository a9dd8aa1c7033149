"""Readers: one module per delivered format; signs, keys and dates are resolved here, once."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError


@dataclass(frozen=True)
class Lieferung:
    """A delivered file as observations.

    Attributes
    ----------
    leser
        Name of the reader with its version (`tidy 1`).
    beobachtungen
        `analysis.observations.COLUMNS` and `zeile`, checked.
    ausgelassen
        Rows that were left out: reason → number.
    """

    leser: str
    beobachtungen: pd.DataFrame
    ausgelassen: dict[str, int] = field(default_factory=dict)


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations of a delivered file, its format recognised from its content.

    Raises
    ------
    InputError
        The file is missing, empty, of no known format, or not what its format demands.
    """
    from analysis.sources import genesis, referenzwerte, tidy

    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    if not str(path).isprintable():
        raise InputError(f"{str(path)!r}: a file name with characters that cannot be printed; rename the file")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise InputError(f"{path}: the file is empty")
    if head.startswith(b"PK") or genesis.recognises(head):
        observations, left_out = genesis.read(path, katalog)
        return Lieferung(f"genesis {genesis.VERSION}", observations, left_out)
    reader = {".csv": tidy, ".yaml": referenzwerte, ".yml": referenzwerte}.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: unknown format {path.suffix!r} (expected .csv, .zip or .yaml)")
    return Lieferung(f"{reader.__name__.rsplit('.', 1)[1]} {reader.VERSION}", reader.read(path, katalog))
