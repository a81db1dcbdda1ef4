"""Meetings that several coders have coded, for tests, and alpha by a second route."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

import camdata as cam


def coding(coder: str, cells: Iterable[Sequence[Any]], **columns: object) -> pd.DataFrame:
    """Return the statements of one coder from (actor, code) or (actor, code, stance)."""
    rows = [(*cell, 1)[:3] for cell in cells]
    return pd.DataFrame(rows, columns=["actor", "code", "stance"]).assign(coder=coder, **columns)


def coded(*tables: pd.DataFrame, codes: Sequence[str] = ("tax", "quota"), **others) -> cam.Meeting:
    """Return a meeting of several codings."""
    codebook = pd.DataFrame({"code": list(codes)})
    return cam.Meeting(pd.concat(tables, ignore_index=True), codebook=codebook, **others)


def rated(table: Sequence[Sequence[float | None]], stances: Sequence[int]) -> cam.Meeting:
    """Return a meeting in which coders rated units, coders × units, missing where they did not."""
    rows = [
        (f"u{unit}", "x", int(value), f"coder {coder}")
        for coder, values in enumerate(table)
        for unit, value in enumerate(values)
        if value is not None
    ]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance", "coder"])
    return cam.Meeting(table, stances=tuple(stances))


def alpha_by_definition(columns: Iterable[Sequence[Hashable]], distance: str = "nominal") -> float:
    """Compute alpha by loops over pairs of values (Krippendorff 2011); NaN if not defined.

    `columns` holds the values that coders gave to each unit. Ordinal and interval values are
    numbers, sets are compared by MASI.
    """
    units = [list(column) for column in columns if len(column) > 1]
    values = [value for unit in units for value in unit]

    def apart(a: Any, b: Any) -> float:
        if distance == "nominal":
            return float(a != b)
        if distance == "interval":
            return float((a - b) ** 2)
        if distance == "ordinal":
            low, high = min(a, b), max(a, b)
            between = sum(low <= value <= high for value in values)
            return (between - (values.count(a) + values.count(b)) / 2) ** 2
        shared = 1 if a == b else 2 / 3 if a <= b or b <= a else 1 / 3 if a & b else 0
        return 1 - shared * len(a & b) / len(a | b)

    observed = sum(
        apart(unit[i], unit[j]) / (len(unit) - 1)
        for unit in units
        for i, j in product(range(len(unit)), repeat=2)
        if i != j
    )
    expected = sum(apart(a, b) for a, b in product(values, repeat=2)) / max(len(values) - 1, 1)
    return float("nan") if expected == 0 else 1 - observed / expected


def jackknife(alphas: Sequence[float], alpha: float) -> tuple[float, float]:
    """Compute the 95 % interval of an alpha from the alphas without each actor."""
    from scipy.stats import t

    logits = np.log((1 + np.array(alphas)) / (1 - np.array(alphas)))
    n, middle = len(alphas), np.log((1 + alpha) / (1 - alpha))
    wide = t.ppf(0.975, n - 1) * np.sqrt((n - 1) / n * ((logits - logits.mean()) ** 2).sum())
    return np.tanh((middle - wide) / 2), np.tanh((middle + wide) / 2)
