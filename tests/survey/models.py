"""Public data and designs of the expected values that models.R makes, for the tests of tables, tests and models."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.survey.design import Design, Kalibrierung, design

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"

DOMAINS = {
    "all": lambda x: pd.Series(True, x.index),
    "E": lambda x: x["stype"] == "E",
    "poor": lambda x: x["meals"] > 40,
    "hard": lambda x: x["meals"] > 25,
    "adult": lambda x: x["age"] != 1,
}


@cache
def expected(name: str) -> pd.DataFrame:
    """Values of R; not to be changed."""
    return pd.read_csv(EXPECTED / f"models_{name}.csv")


@cache
def sample(name: str) -> tuple[Design, pd.DataFrame]:
    """Design and data by the name that they have in models.R."""
    if name == "hanes":
        data = pd.read_csv(EXPECTED / "data_nhanes_models.csv").astype({"chol": "Int64"})
        return design(data, "weight", schicht="stratum", einheit="psu"), data
    api = pd.read_csv(EXPECTED / "data_api_models.csv")
    data = api[api["sample"] == {"strat": "apistrat", "clus2": "apiclus2"}.get(name, "apiclus1")].reset_index(drop=True)
    if name == "strat":
        return design(data, "pw", schicht="stype", umfang="fpc1"), data
    if name == "clus2":
        return design(data, einheit=["dnum", "snum"], umfang=["fpc1", "fpc2"]), data
    before = design(data, "pw", einheit="dnum", umfang="fpc1")
    if name == "clus1":
        return before, data
    known = np.column_stack([np.ones(len(data)), data["stype"] == "H", data["stype"] == "M", data["api99"]]).astype(
        float
    )
    root = np.sqrt(before.gewicht)
    basis = np.linalg.qr(known * root[:, None])[0]
    weights = data["calibrated"].to_numpy()
    return before.mit_gewicht(weights, Kalibrierung(basis, weights / root)), data


def case(spec) -> tuple[Design, pd.DataFrame, pd.Series]:
    """Design, data and domain of a row of expected cases."""
    found, data = sample(spec["design"])
    return found, data, DOMAINS[spec["domain"]](data)
