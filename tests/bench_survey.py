"""Tables of a whole questionnaire as ratio to a bare NumPy linearisation of the same estimates, errors and intervals.

5,000 respondents, 30 areas, 150 items with 5 values, overall and by area: 23,250 shares. The bare way starts from a
matrix of whole numbers, with one stratum per area or ten across them, and with weights taken as fixed or calibrated; it
ends with arrays of shares, standard errors and logit intervals, or the intervals of the package (about a fifth of the
shares rests on few respondents and gets an exact one). The package starts from the data and the codebook and ends with
the tidy table: missing codes, bases, degrees of freedom per cell, labels.
"""

import resource
import statistics
import time

import numpy as np
import pandas as pd
from scipy import sparse, special, stats

from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.survey.design import Design, Kalibrierung, design
from analysis.survey.estimates import share
from analysis.survey.intervals import share_interval
from analysis.survey.tabulate import tabulate

ROUNDS = 15
N, RAEUME, ITEMS, WERTE, RAENDER = 5000, 30, 150, 5, 20


def survey() -> tuple[pd.DataFrame, Codebuch, pd.Series, dict[str, Design]]:
    """Invented answers with 3 % missing, areas, and designs by name."""
    random = np.random.default_rng(1)
    chances = random.dirichlet(np.full(WERTE, 8.0), ITEMS)
    answers = (random.random((N, 1, ITEMS)) > chances.cumsum(axis=1).T[:-1]).sum(axis=1) + 1
    answers[random.random((N, ITEMS)) < 0.03] = -9
    columns = [f"V{n:03}" for n in range(ITEMS)]
    labels = {code: f"Antwort {code}" for code in range(1, WERTE + 1)}
    missing = {-9: "nicht_beantwortet"}
    book = Codebuch(
        tuple(Frage(c, "einfach", (Merkmal(c, "einfach", labels=labels, fehlend=missing),)) for c in columns)
    )
    raum = pd.Series(random.integers(0, RAEUME, N)).map("R{:02}".format)
    frame = pd.DataFrame({"w": random.uniform(0.5, 3, N), "raum": raum, "zehn": random.integers(0, 10, N)})
    fixed = design(frame, "w", schicht="raum")
    margins = np.column_stack([np.ones(N), random.integers(0, 2, (N, RAENDER - 1))])
    basis = np.linalg.qr(margins * np.sqrt(fixed.gewichte))[0]
    factor = random.uniform(0.9, 1.1, N)
    calibrated = fixed.mit_gewicht(fixed.gewicht * factor, Kalibrierung(basis, np.sqrt(fixed.gewicht) * factor))
    designs = {"strata = areas": fixed, "10 strata across areas": design(frame, "w", schicht="zehn"),
               f"calibrated to {RAENDER} margins": calibrated}  # fmt: skip
    return pd.DataFrame(answers, columns=columns).astype("Int64"), book, raum, designs


def bare(place, weight, stratum, raum, step: Kalibrierung | None = None, logit=True) -> tuple[np.ndarray, ...]:
    """Shares, standard errors, logit bounds: (areas, all) × values; `place` counts over all items."""
    strata, values, width = stratum.max() + 1, ITEMS * WERTE, ITEMS * WERTE + 1
    column = np.where(place < 0, values, place).astype(np.int32)
    drawn = np.bincount(stratum)
    factor = drawn / (drawn - 1)

    def counted(group, groups, x):
        """Sums of columns by group and value."""
        member = sparse.csr_array(
            (np.ones(place.size), (column + (group * width).astype(np.int32)[:, None]).ravel(),
             np.arange(0, place.size + 1, ITEMS, dtype=np.int32)), shape=(N, groups * width))  # fmt: skip
        return (member.T @ x).reshape(groups, width, -1)[:, :values]

    known, which = np.unique(raum * strata + stratum, return_inverse=True)
    area_of, stratum_of = known // strata, known % strata
    starts = np.searchsorted(area_of, np.arange(RAEUME))
    cells = counted(which, len(known), np.column_stack([weight, factor[stratum] * weight**2]))
    total, squares = np.moveaxis(np.add.reduceat(cells, starts), 2, 0)
    total, squares = (np.concatenate([x, x.sum(axis=0, keepdims=True)]) for x in (total, squares))

    def base(x):
        """Sums over the values of each item, once per value."""
        return np.repeat(x.reshape(len(x), ITEMS, WERTE, *x.shape[2:]).sum(axis=2), WERTE, axis=1)

    below = base(total)
    p = total / below
    inner = squares * (1 - 2 * p) + p**2 * base(squares)
    outer = np.empty_like(p)
    t, q = cells[..., 0], factor / drawn
    outer[:-1] = np.add.reduceat((t - p[area_of] * base(t)) ** 2 * q[stratum_of, None], starts)
    order = np.argsort(stratum_of, kind="stable")
    t = np.add.reduceat(t[order], np.searchsorted(stratum_of[order], np.arange(strata)))
    outer[-1] = q @ (t - p[-1] * base(t)) ** 2
    variance = inner - outer
    if step is not None:
        onto, out = step.basis / step.faktor[:, None], step.basis * step.faktor[:, None]
        by_stratum = np.zeros((strata, out.shape[1]))
        np.add.at(by_stratum, stratum, out)
        away = factor[stratum, None] * (out - by_stratum[stratum] / drawn[stratum, None])
        gamma = out.T @ away
        vectors = counted(raum, RAEUME, np.hstack([onto, away]) * weight[:, None])
        vectors = np.concatenate([vectors, vectors.sum(axis=0, keepdims=True)])
        vectors = vectors - p[..., None] * base(vectors)
        c, products = np.split(vectors, 2, axis=2)
        variance = variance + ((c @ gamma - 2 * products) * c).sum(axis=2)
    se = np.sqrt(np.maximum(variance, 0)) / below
    if not logit:
        n = np.full(p.shape, N // RAEUME)
        n[-1] = N
        return p, se, *share_interval(p, se, n, N - strata)
    half = stats.t.ppf(0.975, N - strata) * se / (p * (1 - p))
    centre = special.logit(p)
    return p, se, special.expit(centre - half), special.expit(centre + half)


def main() -> None:
    """Print times of both ways, their ratio, and the largest difference of values."""
    daten, book, raum, designs = survey()
    place = daten.to_numpy(np.int64) - 1 + WERTE * np.arange(ITEMS)
    place[daten.to_numpy(np.int64) == -9] = -1
    area = pd.factorize(raum, sort=True)[0]
    print(f"{(RAEUME + 1) * ITEMS * WERTE:,} shares with error and interval, processor time, median of {ROUNDS}")
    for name, sample in designs.items():
        step = sample.kalibrierung[0] if sample.kalibrierung else None
        stratum = sample.stufen[0].schicht

        def reference(logit=True, sample=sample, stratum=stratum, step=step):
            return bare(place, sample.gewicht, stratum, area, step, logit)

        def own(sample=sample):
            return tabulate((daten, book), sample, raum)

        taken = [(seconds(reference), seconds(lambda r=reference: r(False)), seconds(own)) for _ in range(ROUNDS)]
        plain, same, whole = (statistics.median(times) for times in zip(*taken, strict=True))
        print(
            f"  {name:26} tabulate {1000 * whole:5.1f} ms; bare, logit {1000 * plain:5.1f} ms: {whole / plain:4.2f} x; "
            f"bare, same intervals {1000 * same:5.1f} ms: {whole / same:4.2f} x"
        )
        table, (p, se, *_) = own(), reference()
        order = [RAEUME, *range(RAEUME)]
        for what, values in (("anteil", p), ("se", se)):
            worst = np.abs(table[what].to_numpy() / values[order].ravel() - 1).max()
            print(f"    {what}: largest relative difference {worst:.1e}")
    one, items = designs["strata = areas"], [daten[c].replace(-9, pd.NA) for c in book.spalten[:3]]
    single = statistics.median(seconds(lambda item=item: share(one, item, raum)) for item in items)
    print(f"  item by item with estimates.share: {1000 * single * ITEMS:,.0f} ms (from {len(items)} items)")
    print(f"  memory of the process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def seconds(task) -> float:
    """Processor time of a task: nothing waits, and other programs on the machine do not count."""
    start = time.process_time()
    task()
    return time.process_time() - start
