"""Reading an SPSS data file in a process of its own: what a damaged file does to the C library ends there.

Called as a program with the path and the encoding (or ""); writes the data and their description to standard output.
"""

import pickle
import sys

FIELDS = ("column_names_to_labels", "variable_value_labels", "missing_ranges", "original_variable_types",
          "readstat_variable_types", "variable_measure", "mr_sets")  # fmt: skip


def main() -> None:
    """Read the file that the first argument names."""
    import pyreadstat

    path, encoding = sys.argv[1:]
    try:
        table, meta = pyreadstat.read_sav(path, user_missing=True, encoding=encoding or None)
    except Exception as error:  # pyreadstat raises its own and whatever a damaged file leads it to
        sys.exit(" ".join(str(error).split())[:200] or type(error).__name__)
    pickle.dump((table, {name: getattr(meta, name, None) for name in FIELDS}), sys.stdout.buffer)


if __name__ == "__main__":
    main()
