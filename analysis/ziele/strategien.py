"""Which Lebenslagen the fifteen Armutspräventionsstrategien of Thüringen speak of (brochure of 2020, table 2)."""

from pathlib import Path

import pandas as pd

from analysis.yaml_files import load_yaml

SCHEMA = Path(__file__).with_name("lebenslagen.schema.json")


def lesen(path: Path) -> pd.DataFrame:
    """Lebenslagen by the strategies that speak of them.

    Returns
    -------
    pandas.DataFrame
        `lebenslage` (as the indicators' catalogue names it), `name` (as the brochure does), `strategien`, `gruppen`
        (grouped goals of the table); in `attrs` `quelle`, `fundstelle` (of the Lebenslagen), `fundstelle_ziele` (of the
        grouped goals), `hinweis` (what to know of the numbers), and `strategien`, how many there are.

    Raises
    ------
    InputError
        The file does not follow its schema.
    """
    content = load_yaml(path, SCHEMA)["lebenslagen"]
    columns = ("lebenslage", "name", "strategien")
    rows = [{part: e[part] for part in columns} | {"gruppen": len(e["ziele"])} for e in content["liste"]]
    table = pd.DataFrame(rows)
    table.attrs = {key: content[key] for key in ("quelle", "fundstelle", "fundstelle_ziele", "hinweis", "strategien")}
    return table


def ziele(path: Path) -> pd.DataFrame:
    """Grouped goals of the strategies by Lebenslage, with the number of strategies that name them.

    Returns
    -------
    pandas.DataFrame
        `lebenslage`, `name`, `text`, `nennungen` (missing where the number cannot be read), in the order of the table.

    Raises
    ------
    InputError
        As `lesen`.
    """
    content = load_yaml(path, SCHEMA)["lebenslagen"]["liste"]
    rows = [
        {"lebenslage": e["lebenslage"], "name": e["name"], "text": goal["text"], "nennungen": goal.get("nennungen")}
        for e in content
        for goal in e["ziele"]
    ]
    return pd.DataFrame(rows).astype({"nennungen": "Int64"})
