"""Makes segregation_pysal.csv and data_sids.csv: PySAL's segregation on births in the counties of North Carolina.

Needs an environment of its own with `pip install segregation==2.5.4` (not one of Kreisblick). Run in this folder.
"""

import sys

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
from segregation.singlegroup import BiasCorrectedDissim, Dissim, Interaction, Isolation, ModifiedDissim

counties = gpd.read_file(libpysal.examples.get_path("sids2.shp"))
data = pd.DataFrame(counties[["FIPS", "BIR74", "NWBIR74", "SID74", "BIR79", "NWBIR79", "SID79"]])
data = data.astype(dict.fromkeys(data.columns[1:], int))
data.to_csv("data_sids.csv", index=False)


def modified(group, total):
    """Mean over seeds: the index uses one seed for all its draws, so that each call is a single draw."""
    calls = [ModifiedDissim(data, group, total, iterations=2, n_jobs=1, seed=seed) for seed in range(1, 601)]
    return np.mean([call.statistic for call in calls])


rows = []
np.random.seed(1)  # noqa: NPY002 (what PySAL draws with)
for group, total in [("NWBIR74", "BIR74"), ("SID74", "BIR74"), ("NWBIR79", "BIR79"), ("SID79", "BIR79")]:
    rows.append(
        {
            "gruppe": group,
            "insgesamt": total,
            "dissimilaritaet": Dissim(data, group, total).statistic,
            "isolation": Isolation(data, group, total).statistic,
            "interaktion": Interaction(data, group, total).statistic,
            "modifiziert": modified(group, total),
            "bereinigt": BiasCorrectedDissim(data, group, total, B=2000).statistic,
        }
    )
print("# PySAL segregation 2.5.4, libpysal 4.14.1 (sids2)", file=sys.stdout)
pd.DataFrame(rows).to_csv(sys.stdout, index=False, float_format="%.17g")
