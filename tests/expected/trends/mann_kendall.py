"""Make hamed_rao.csv and theil_sen.csv from reihen.csv with pymannkendall 1.4.3 and SciPy 1.17.1.

`discoveries` is left out of hamed_rao.csv: its slope is -1/88, so detrended values 88 years apart are equal, and
pymannkendall ranks them by the rounding of floating-point numbers.
"""

import csv
from pathlib import Path

import numpy as np
import pymannkendall
from scipy import stats

HERE = Path(__file__).parent
series = {}
with (HERE / "reihen.csv").open() as file:
    for row in csv.DictReader(file):
        series.setdefault(row["reihe"], []).append((float(row["jahr"]), float(row["wert"])))

with (HERE / "hamed_rao.csv").open("w") as rao, (HERE / "theil_sen.csv").open("w") as sen:
    rao.write("reihe,s,varianz,z,p\n")
    sen.write("reihe,steigung,unten,oben\n")
    for name, points in series.items():
        t, y = np.array(points).T
        if name != "discoveries":
            result = pymannkendall.hamed_rao_modification_test(y)
            p = 2 * stats.norm.sf(abs(result.z))
            rao.write(f"{name},{result.s:.17g},{result.var_s:.17g},{result.z:.17g},{p:.17g}\n")
        slope, _, low, high = stats.theilslopes(y, t, alpha=0.95)
        sen.write(f"{name},{slope:.17g},{low:.17g},{high:.17g}\n")
