"""Readers: one module per delivered format; signs, keys and dates are resolved here, once."""

from pathlib import Path

from analysis.errors import InputError


def read(path: Path, katalog):
    """Observations of a delivered file, its format recognised from its name and content.

    Returns
    -------
    tuple
        Name of the reader with its version (`tidy 1`) and the checked observations.

    Raises
    ------
    InputError
        The file is missing, empty, of no known format, or not what its format demands.
    """
    from analysis.sources import referenzwerte, tidy

    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    if not str(path).isprintable():
        raise InputError(f"{str(path)!r}: a file name with characters that cannot be printed; rename the file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    reader = {".csv": tidy, ".yaml": referenzwerte, ".yml": referenzwerte}.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: unknown format {path.suffix!r} (expected .csv or .yaml)")
    return f"{reader.__name__.rsplit('.', 1)[1]} {reader.VERSION}", reader.read(path, katalog)
