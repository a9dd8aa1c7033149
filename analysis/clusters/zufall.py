"""Chance made repeatable where a library draws from NumPy's global generator."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def global_seed(startwert: int) -> Iterator[None]:
    """Seed of NumPy's global generator within a block; its state before is put back afterwards."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(startwert)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
