"""Do the intervals of alpha hold? Coverage in simulated codings, by number of actors.

``python tests/benchmarks.py coders`` prints the table: the jackknife's intervals beside those of a
bootstrap over actors, which they replace.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from coded import coded, coding

import camdata as cam

CODES = "abcdefgh"


class Case(NamedTuple):
    """How many actors there are, and how often a coder errs."""

    actors: int
    error: float


CASES = [Case(n, error) for error in (0.02, 0.06, 0.14) for n in (10, 5, 20, 50)]


def draw(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Return what two coders recorded: coders × actors × codes, bool.

    Actors differ in how much they say, and in how hard they are to code, so that their cells are
    not independent.
    """
    says = rng.beta(2, 4, size=(case.actors, 1))
    truth = rng.random((case.actors, len(CODES))) < says
    error = case.error * rng.gamma(2, 0.5, size=(case.actors, 1))
    return np.array([truth ^ (rng.random(truth.shape) < error) for _ in range(2)])


def alpha_of(table: np.ndarray) -> float:
    """Return nominal alpha of two coders without gaps."""
    both = table.reshape(2, -1)
    share = both.mean()
    n = both.size
    expected = 2 * share * (1 - share) * n / (n - 1)
    return float(1 - (both[0] != both[1]).mean() / expected) if expected else float("nan")


def coverage(case: Case, n: int, seed: int) -> dict[str, float]:
    """Return how many of the intervals hold the true alpha, by jackknife and by bootstrap."""
    rng = np.random.default_rng(seed)
    true = alpha_of(np.concatenate([draw(case, rng) for _ in range(2000)], axis=1))
    held = {"jackknife": [], "bootstrap": []}
    for _ in range(n):
        table = draw(case, rng)
        table = table[:, table.any(axis=(0, 2))]  # actors on whom both are silent are not compared
        cells = [np.argwhere(part) for part in table]
        if not all(map(len, cells)):
            continue
        parts = (
            coding(who, [(f"actor {i}", CODES[j]) for i, j in own])
            for who, own in zip(("Ana", "Ben"), cells, strict=True)
        )
        low, high = cam.reliability(coded(*parts, codes=CODES), read="everything").interval
        if not np.isnan(low):
            held["jackknife"].append(low <= true <= high)
        size = table.shape[1]
        again = [alpha_of(table[:, rng.integers(size, size=size)]) for _ in range(200)]
        low, high = np.nanquantile(again, [0.025, 0.975])
        held["bootstrap"].append(low <= true <= high)
    return {
        "alpha": true,
        "intervals": len(held["jackknife"]),
        "coverage": float(np.mean(held["jackknife"])),
        "bootstrap": float(np.mean(held["bootstrap"])),
    }


def main() -> None:
    """Print the coverage of 95 % intervals in each case, 400 simulated codings each."""
    rows = [{**case._asdict(), **coverage(case, 400, seed=7)} for case in CASES]
    print(pd.DataFrame(rows).round(3).to_string(index=False))
