"""What divides blocs: how salient and contested each code is, and how far groups differ on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_seed
from camdata._display.results import Result
from camdata._display.words import count, join_names, p_words
from camdata.analysis.chance import ALPHA, adjust
from camdata.analysis.clustering import Clusters, louvain
from camdata.analysis.cohesion import GroupedSides, left_out, left_out_words
from camdata.analysis.groups import Groups
from camdata.analysis.null import QUESTIONS, NoNullError, Null, RandomTables, p_value, random_tables
from camdata.analysis.pairs import ratio
from camdata.analysis.trees import TIE, Floats, partitions
from camdata.model.tally import Tally, as_tally


@dataclass(frozen=True, eq=False, repr=False)
class Divisions(Result):
    """What divides groups or clusters, code by code.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `code` (or `dimension`), in the order of the codebook: `label`, `for`, `against`,
        `other` (actors, int; other: abstaining, or recorded both ways), `n` (actors recorded),
        `salience` (n of all actors with a position), `contestedness` (1 where as many are for as
        against, 0 where all are on one side), `divisiveness` (Cramér's V, 0 to 1), `expected` (its
        mean in random tables), `p_value` and `p_adjusted` (Benjamini & Hochberg). Also as `frame`.
    by_group : pandas.DataFrame
        One row per code and group: `code`, `group`, `for`, `against`, `other`, `n` (int) and
        `agreement` (the share of pairs of members on a side that are on the same one).
    null : {"positions", "sides"}
        What is compared: who takes a position, or who takes which side.
    of_clusters : bool
        Whether the groups are clusters, which are found again in each random table.
    tables : int
        How many random tables there are; 0 where none could be drawn.
    left_out : tuple of str
        The actors without a group.
    """

    table: pd.DataFrame
    by_group: pd.DataFrame
    null: Null
    of_clusters: bool
    tables: int
    left_out: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Which codes divide, beside chance, in words."""
        table = self.table.sort_values("divisiveness", ascending=False)
        blocs = "clusters (found again in each random table)" if self.of_clusters else "groups"
        found = table[table["p_adjusted"] <= ALPHA]
        if table["divisiveness"].isna().all():
            return "Nothing to compare: members of two groups could differ on nothing."
        if not self.tables:
            head = "No random tables can be drawn, so there is no chance level."
        elif len(found):
            pairs = zip(found["label"], found["p_adjusted"], strict=True)
            words = join_names(f"{label} ({p_words(p)})" for label, p in pairs)
            head = f"What divides the {blocs} (adjusted p): {words}."
        else:
            by = self.table.index.name
            head = f"No {by} is found to divide the {blocs} more than chance gives."
        most = table.iloc[0]
        as_much = int((table["divisiveness"] >= most["divisiveness"] - TIE).sum()) - 1
        chance = f"chance {most['expected']:.2f}, adjusted {p_words(most['p_adjusted'])}; "
        chance = chance if self.tables else ""
        lines = [
            head,
            f"Largest: {most['label']}, Cramér's V {most['divisiveness']:.2f} ({chance}"
            f"{count(int(most['n']), 'actor')})"
            f"{f'; {as_much} more divide as much' if as_much else ''}.",
        ]
        if self.tables:
            asked = QUESTIONS[self.null]
            lines.append(f"{count(self.tables, 'random table')}; asked: {asked}")
        return "\n".join(lines + left_out_words(self.left_out))


def divisions(
    tally: Tally,
    groups: Groups | Clusters,
    n_resamples: int | None = None,
    *,
    null: Null | None = None,
    seed: Seed = 0,
) -> Divisions:
    """Find what divides groups or clusters: per code, how far they differ and what chance gives.

    Parameters
    ----------
    tally : Tally
        With stances 1 and -1, and 0 for an abstention where the scale has it.
    groups : str, Series, mapping or Clusters
        A column of the meeting's actors, the group of each actor, or the clusters of this tally.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    null : {"positions", "sides"}, optional
        ``sides`` compares for and against among those who speak on a code, ``positions`` also who
        speaks on it at all. By default ``sides`` where opposition is recorded, else ``positions``.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Divisions

    Raises
    ------
    ValueError
        For another scale, if no actor has a group, or for clusters of another tally.

    Notes
    -----
    Divisiveness is Cramér's V of the table of groups by what their members are recorded with. Its p
    value is the share of random tables with a V as large; they keep every actor's and every code's
    totals (see `camdata.structure`). Clusters were found on these very codes, so that they differ
    on them in any case: each random table is therefore clustered in the same way, into as many
    clusters.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.analysis.divisions(cam.load_meeting().tally(), "process", 199)
    >>> result.frame[["for", "against", "n"]].head(2)
                      for  against  n
    dimension
    terms definition    4        0  4
    pragmatism          6        0  6
    """
    tally = as_tally(tally)
    clusters = groups if isinstance(groups, Clusters) else None
    if clusters is not None:
        made = clusters.agreement.tally
        if made is None or (made.actors, made.keys) != (tally.actors, tally.keys):
            raise ValueError("These clusters are of another tally: give the one they were made of.")
    data = GroupedSides.of(tally, groups)
    yes, no, other = data.sides.sum(axis=1)
    if null is None:
        null = "sides" if yes.any() and no.any() else "positions"
    n = yes + no + other
    member = data.member.to_numpy().T[None]
    values = _cramers_v(data.sides[None], member, null)
    try:
        drawn = random_tables(tally, n_resamples, null=null, seed=check_seed(seed))
        again = member[:, :, drawn.actors] if clusters is None else _clustered(drawn, clusters)
        random = _cramers_v(GroupedSides.of_tables(drawn), again, null)
        values = np.concatenate([values, random[1:]])
    except NoNullError:
        pass
    p = np.full(len(n), np.nan)
    tested = ~np.isnan(values[0]) & (len(values) > 1)
    filled = np.nan_to_num(values)
    p[tested] = [p_value(column) for column in filled.T[tested]]
    table = pd.DataFrame(
        {"label": tally.labels, "for": yes, "against": no, "other": other, "n": n},
        index=pd.Index(tally.keys, name=tally.by, dtype="str"),
    ).astype({"label": "str"})
    table["salience"] = n / max(data.sides.any(axis=(0, 2)).sum(), 1)
    table["contestedness"] = 2 * ratio(np.minimum(yes, no), yes + no)
    table["divisiveness"] = values[0]
    table["expected"] = np.where(tested, filled[1:].mean(axis=0) if tested.any() else 0.0, np.nan)
    table["p_value"] = p
    table["p_adjusted"] = adjust_defined(p)
    tables, alone = len(values) - 1, left_out(data.member)
    return Divisions(table, _by_group(data), null, clusters is not None, tables, alone)


def adjust_defined(p: Floats) -> Floats:
    """Return the p values that are defined, adjusted (Benjamini & Hochberg)."""
    adjusted = p.copy()
    adjusted[~np.isnan(p)] = adjust(p[~np.isnan(p)])
    return adjusted


def _clustered(drawn: RandomTables, clusters: Clusters) -> Floats:
    """Return who is in which cluster of each random table: tables × clusters × actors."""
    values = drawn.values(clusters.agreement)
    if clusters.method == "louvain":
        labels = np.array([louvain(table, clusters.seed)[0] for table in values])
    else:
        method: Any = clusters.method
        labels = partitions(values, clusters.n_clusters, method)
    number = np.arange(max(int(labels.max()) + 1, 1))
    return np.asarray((labels[:, None, :] == number[:, None]).astype(float))


def _cramers_v(cells: NDArray[np.bool_], member: Floats, null: Null) -> Floats:
    """Return Cramér's V of groups by categories on each code: tables × codes.

    Parameters
    ----------
    cells : numpy.ndarray
        Shape (tables, categories, actors, codes).
    member : numpy.ndarray
        Shape (tables or 1, groups, actors).
    null : {"positions", "sides"}
        Whether an empty cell is a category too.
    """
    kinds = cells
    if null == "positions":
        kinds = np.concatenate([cells, ~cells.any(axis=1, keepdims=True)], axis=1)
    counts = member[:, None] @ kinds.astype(float)  # tables × categories × groups × codes
    total = counts.sum(axis=(1, 2), keepdims=True)
    by_kind, by_group = counts.sum(axis=2, keepdims=True), counts.sum(axis=1, keepdims=True)
    expected = ratio(by_kind * by_group, total)
    far = np.nansum(ratio((counts - expected) ** 2, expected), axis=(1, 2))
    rows, columns = (by_group > 0).sum(axis=2)[:, 0], (by_kind > 0).sum(axis=1)[:, 0]
    return np.sqrt(ratio(far, total[:, 0, 0] * (np.minimum(rows, columns) - 1)))


def _by_group(data: GroupedSides) -> pd.DataFrame:
    """Return one row per code and group, in the order of the codes."""
    yes, no, _ = data.counts
    same = ratio(yes * (yes - 1) + no * (no - 1), (yes + no) * (yes + no - 1))
    table = data.by_code(agreement=same)
    order = np.arange(len(table)).reshape(same.shape).T.ravel()
    by = data.tally.by
    return table.iloc[order].reset_index(drop=True)[[by, *table.columns.drop(by)]]
