"""Labelings of actors: read, numbered, matched with one another, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from numbers import Real
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool

from camdata._display import html as _html
from camdata._display.checks import wrong_type
from camdata._display.results import Result
from camdata._display.words import decimals, join_names
from camdata.model.tally import names_of

Integers = NDArray[np.int64]


class Labeled(Protocol):
    """Anything that carries labels of actors, such as `Clusters`."""

    @property
    def labels(self) -> pd.Series[int]: ...


Labeling = Labeled | pd.Series | Mapping[Any, Any]
"""Clusters, or a plain labeling: actor to label, missing meaning unplaced."""


def as_labels(labeling: Labeling) -> pd.Series[int]:
    """Return the labels of clusters, or a plain labeling as a Series of ``Int64``.

    Whole numbers stay as they are; labels of any other kind are numbered from 1 in ascending order
    (categories in theirs).

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If an actor has no name or several labels, or the labels cannot be put in an order.
    """
    labels = getattr(labeling, "labels", None)
    if isinstance(labels, pd.Series):
        return labels
    if not isinstance(labeling, pd.Series | Mapping):
        kind, expected = type(labeling).__name__, "clusters, or labels by actor"
        raise TypeError(f"Expected {expected} as a Series or mapping, got {kind}.")
    labels = pd.Series(labeling)
    actors = pd.Index(names_of(labels.index, "actor"), name=labels.index.name, dtype="str")
    labels = labels.set_axis(actors)
    placed = labels.dropna()
    try:
        order = sorted(set(placed))
    except TypeError:
        kinds = sorted({type(value).__name__ for value in placed})
        raise ValueError(
            f"Labels must be of one kind to be put in an order, but are {join_names(kinds)}."
        ) from None
    if isinstance(labels.dtype, pd.CategoricalDtype):
        order = placed.cat.remove_unused_categories().cat.categories.tolist()
    numbers = {value: number for number, value in enumerate(order, 1)}
    if all(isinstance(v, Real) and not is_bool(v) and float(v).is_integer() for v in order):
        numbers = {value: int(value) for value in order}
    return placed.map(numbers).astype("Int64").reindex(actors)


def as_numbers(labels: pd.Series[int]) -> Integers:
    """Return labels without missing ones as an array."""
    return np.asarray(labels, dtype=np.int64)


def members(labels: pd.Series[int]) -> dict[int, list[str]]:
    """Return the actors of each label in ascending order of labels."""
    placed = labels.dropna()
    return {int(label): group.index.tolist() for label, group in placed.groupby(placed)}


def number_clusters(group: Integers, speaking: Integers) -> Integers:
    """Renumber clusters from 1 by size, then by the first speaker among their members."""
    size = np.bincount(group)
    first = np.full(len(size), np.iinfo(np.int64).max)
    np.minimum.at(first, group, speaking)
    rank: Integers = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(1, len(size) + 1)
    return rank[group]


def adjusted_rand(a: Integers, b: Integers) -> float:
    """Return the adjusted Rand index of two labelings of the same actors.

    Parameters
    ----------
    a, b : numpy.ndarray
        Labels, shape (n,).

    Returns
    -------
    float
        1 for the same partition, 0 on average for unrelated ones (Hubert & Arabie 1985,
        doi:10.1007/BF01908075). Two partitions that leave nothing to chance (both one cluster, or
        both all singletons) are the same, so 1. ``NaN`` for fewer than two actors.
    """
    if len(a) < 2:
        return float("nan")

    def pairs(*labels: Integers) -> float:
        """Count the pairs of actors that are alike in each labeling."""
        counts = np.unique(np.stack(labels), axis=1, return_counts=True)[1]
        return float((counts * (counts - 1) // 2).sum())

    both, first, second = pairs(a, b), pairs(a), pairs(b)
    expected = first * second / (len(a) * (len(a) - 1) / 2)
    largest = (first + second) / 2
    return 1.0 if largest == expected else (both - expected) / (largest - expected)


def shared_rand(a: pd.Series[int], b: pd.Series[int]) -> float:
    """Return the adjusted Rand index of two labelings over the actors that both place."""
    both = a.notna() & b.notna()
    return adjusted_rand(as_numbers(a[both]), as_numbers(b[both]))


def align_labels(labels: pd.Series[int], reference: pd.Series[int]) -> pd.Series[int]:
    """Renumber a labeling so that it matches another as well as it can.

    Parameters
    ----------
    labels, reference : pandas.Series
        ``Int64`` labels by actor, missing meaning unplaced.

    Returns
    -------
    pandas.Series
        `labels` with its clusters renamed: an optimal assignment (Kuhn 1955,
        doi:10.1002/nav.3800020109) gives them the numbers of the reference clusters with which
        they share the most actors; those left over get the numbers after the largest in use.
        Where overlaps tie, a cluster keeps its own number if it can, else takes the smaller one.
    """
    from scipy.optimize import linear_sum_assignment

    names = sorted(int(label) for label in labels.dropna().unique())
    targets = sorted(int(label) for label in reference.dropna().unique())
    own = labels.to_numpy("float64", na_value=np.nan)
    other = reference.reindex(labels.index).to_numpy("float64", na_value=np.nan)
    # a missing label is NaN, which equals no name
    overlap = np.equal.outer(names, own).astype(float) @ np.equal.outer(other, targets)
    # where overlaps tie, keep the own number, then take the smaller one
    prefer = np.equal.outer(names, targets) + 1 / (2 + np.arange(len(targets)))
    rows, columns = linear_sum_assignment(overlap + 1e-6 * prefer, maximize=True)
    renamed = {
        names[i]: targets[j] for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0
    }
    left = [name for name in names if name not in renamed]
    renamed |= {name: number for number, name in enumerate(left, max([*targets, 0]) + 1)}
    return labels.map(renamed, na_action="ignore").astype("Int64")


@dataclass(frozen=True, eq=False, repr=False)
class LabelComparison(Result):
    """Labelings side by side.

    Attributes
    ----------
    labels : pandas.DataFrame
        Actors × labelings, ``Int64``, ``<NA>`` where unplaced or absent; the clusters of each
        labeling are renumbered to match the first. Also as `frame`.
    rand : pandas.DataFrame
        Labelings × labelings: adjusted Rand index over the actors that both place; ``NaN`` where
        fewer than two are.
    differ : pandas.DataFrame
        One row per labeling and actor that differs from the first: `labeling`, `actor`, `before`
        and `after` (Int64, missing where unplaced).
    absent : mapping of str to tuple of str
        For each labeling the actors that only other labelings have; they do not count as differing.
    """

    labels: pd.DataFrame
    rand: pd.DataFrame
    differ: pd.DataFrame
    absent: Mapping[str, tuple[str, ...]]

    @property
    def frame(self) -> pd.DataFrame:
        return self.labels.copy()

    @property
    def summary(self) -> str:
        """What differs from the first labeling, in words."""
        first, *rest = self.labels.columns
        if not rest:
            return f"one labeling: {first}"
        lines = []
        differ, absent, rand = self.differ, self.absent, self.rand[first]
        for name in rest:
            rows = differ[differ["labeling"] == name]
            lost = rows[rows["after"].isna()]["actor"].tolist()
            moved = rows[rows["after"].notna()]["actor"].tolist()
            parts = [f"adjusted Rand {decimals(rand[name])}"]
            parts.append(f"differ: {', '.join(moved)}" if moved else "nobody differs")
            listed = {
                "no longer placed": lost,
                "absent": [actor for actor in absent[name] if actor not in absent[first]],
                "only there": [actor for actor in absent[first] if actor not in absent[name]],
            }
            parts += [f"{what}: {', '.join(who)}" for what, who in listed.items() if who]
            lines.append(f"{name} against {first}: {'; '.join(parts)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + _html.frame(self.rand)


def compare_clusters(labelings: Mapping[str, Labeling]) -> LabelComparison:
    """Compare clusterings of the same actors: measures, methods, levels, with or without a basis.

    Parameters
    ----------
    labelings : mapping of str to Clusters, Series or mapping
        At least one; the first is what the others are matched with.

    Returns
    -------
    LabelComparison
        The matched labels, the adjusted Rand index of every two (Hubert & Arabie 1985,
        doi:10.1007/BF01908075), and who differs from the first.

    Raises
    ------
    ValueError
        If no labeling is given, or two of one name.
    TypeError
        If they are no mapping, or one of them is no labeling.

    Notes
    -----
    Numbers of clusters say nothing by themselves: clusters are numbered by size, so a cluster that
    gains an actor may change its number without changing. They are therefore matched first.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally())
    >>> cam.analysis.compare_clusters({
    ...     "average": cam.cluster(agreement, n_clusters=3),
    ...     "complete": cam.cluster(agreement, n_clusters=3, method="complete"),
    ... })
    complete against average: adjusted Rand 0.76; differ: El Salvador, Mexico, Peru
    """
    if not isinstance(labelings, Mapping):
        raise wrong_type("labelings", "a mapping of names to labelings", labelings)
    if not labelings:
        raise ValueError("At least one labeling is needed to compare.")
    names = names_of(pd.Index(list(labelings)), "labeling")
    series = dict(zip(names, map(as_labels, labelings.values()), strict=True))
    first = next(iter(series.values()))
    every = dict.fromkeys(actor for labels in series.values() for actor in labels.index)
    actors = pd.Index(list(every), name="actor", dtype="str")
    absent = {name: tuple(actors.difference(s.index, sort=False)) for name, s in series.items()}
    table = pd.DataFrame(
        {name: align_labels(labels, first).reindex(actors) for name, labels in series.items()}
    )
    rand = pd.DataFrame(np.nan, index=table.columns, columns=table.columns)
    for a, b in product(table.columns, repeat=2):
        rand.at[a, b] = shared_rand(table[a], table[b])
    differ = [differences(first, first).assign(labeling="")]  # none so far
    for name in table.columns[1:]:
        shared = [actor for actor in first.index if actor not in absent[name]]
        changed = differences(table.loc[shared, names[0]], table.loc[shared, name])
        differ.append(changed.assign(labeling=name))
    joined = pd.concat(differ, ignore_index=True)[["labeling", "actor", "before", "after"]]
    return LabelComparison(table, rand, joined, absent)


def differences(before: pd.Series[int], after: pd.Series[int]) -> pd.DataFrame:
    """List the actors whose matched label is another, gained or lost."""
    both = pd.DataFrame({"before": before, "after": after})
    same = (both["before"] == both["after"]).fillna(False) | both.isna().all(axis=1)
    changed = both[~same.astype(bool)].rename_axis("actor").reset_index()
    return changed.astype({"actor": "str"})
