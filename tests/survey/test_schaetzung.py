"""Linear combinations of estimates of which some are not known."""

import numpy as np
import pandas as pd

from analysis.survey.schaetzung import Schaetzung


def test_contrast_does_not_need_what_it_does_not_name():
    cov = np.array([[4.0, 1.0, np.nan], [1.0, 9.0, np.nan], [np.nan, np.nan, np.nan]])
    three = Schaetzung(pd.Series([5.0, 3.0, np.nan], ["a", "b", "c"]), cov, np.array([7, 5, 0]), np.array([8, 6, 1]))
    both = three.kontrast({"a-b": {"a": 1, "b": -1}, "a-c": {"a": 1, "c": -1}})
    assert both.wert["a-b"] == 2 and both.se["a-b"] == np.sqrt(11) and both.freiheitsgrade.tolist() == [5, 0]
    assert both.wert.isna()["a-c"] and np.isnan(both.kovarianz[:, 1]).all()
    assert both.intervall().loc["a-c"].isna().all()
