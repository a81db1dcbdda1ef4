"""How sure: what becomes of clusters and of agreement when codes or statements change."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis import trees as _trees
from camdata.analysis.chance import tally_of
from camdata.analysis.clustering import UNPLACED, Clusters, partition
from camdata.analysis.labels import (
    adjusted_rand,
    align_labels,
    as_numbers,
    differences,
    number_clusters,
)
from camdata.analysis.measures import Agreement, again
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.trees import Flags, Floats, Integers
from camdata.model.tally import Coded, Tally
from camdata.model.validate import numbered

Over = Literal["codes", "statements"]
NAMED = ("statement", "actor", "code", "quote")
"""What is said of a statement that is left out."""


@dataclass(frozen=True)
class _Statements:
    """A tally's statements in an order that no order of rows changes, for counting them again.

    Actors and codes are numbered alphabetically (so that ties fall the same way), statements by
    their ids where they have any, else by what they say.
    """

    tally: Tally  # actors and keys in alphabetical order
    coded: Coded
    said: pd.DataFrame  # `statement`, `actor`, `code` and `quote` of each, as far as known
    speaking: Integers  # the place of each actor in the speaking order

    def counts(self, rows: Integers) -> Floats:
        return self.coded.counts(self.tally, rows)


def _statements_of(tally: Tally) -> _Statements:
    if tally.coded is None:
        if tally.statements is None:
            raise ValueError(
                "This tally was made from positions, of which the statements are not known: make "
                "it with Meeting.tally or camdata.tally."
            )
        if tally.duplicates not in ("once", "all"):
            raise ValueError(
                f"Statements that count once in each {tally.duplicates} can only be drawn again "
                "from a meeting: use Meeting.tally."
            )
        cells = tally.cells
        place = np.repeat(np.arange(len(cells.key)), cells.statements)
        key = cells.key[place].astype(np.int64)
        actor = cells.actor[place].astype(np.int64)
        stance = cells.stance[place].astype(np.int64)
        coded = Coded(actor, key, stance, key, tally.keys, tally.labels)
    else:
        coded = tally.coded
    actors, actor = _alphabetical(tally.actors, coded.actor)
    keys, key = _alphabetical(tally.keys, coded.key)
    codes, code = _alphabetical(coded.codes, coded.code)
    unit = coded.unit
    order = np.lexsort((np.zeros(len(code)) if unit is None else unit, coded.stance, actor, code))
    said = pd.DataFrame(
        {
            "actor": np.array(actors, dtype=object)[actor],
            "code": np.array(codes, dtype=object)[code],
        }
    )
    if (frame := coded.frame) is not None:
        ids = "statement" in frame
        frame = numbered(frame)
        if coded.rows is not None:
            frame = frame.iloc[coded.rows]
        said = frame[[name for name in NAMED if name in frame]]
        if ids:
            order = np.argsort(said["statement"].to_numpy(dtype=object), kind="stable")
    return _Statements(
        replace(tally, actors=actors, keys=keys, labels=keys, statements=None, coded=None),
        Coded(
            actor[order],
            key[order],
            coded.stance[order],
            code[order],
            codes,
            codes,
            None if unit is None else unit[order],
        ),
        said.iloc[order].reset_index(drop=True),
        np.array([tally.actors.index(name) for name in actors], dtype=np.int64),
    )


def _alphabetical(names: tuple[str, ...], numbers: Integers) -> tuple[tuple[str, ...], Integers]:
    """Return names in alphabetical order, and numbers of them in the new order."""
    order = sorted(range(len(names)), key=lambda i: names[i])
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return tuple(names[i] for i in order), place[numbers]


def _best_jaccard(groups: Flags, others: Flags) -> Floats:
    """Return for each group its largest Jaccard coefficient with any of the others."""
    shared = groups.astype(np.float64) @ others.astype(np.float64).T
    union = groups.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] - shared
    return np.asarray((shared / np.maximum(union, 1)).max(axis=1, initial=0.0))


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Result):
    """What becomes of clusters when codes or statements are drawn again.

    Attributes
    ----------
    clusters : Clusters
        The clusters of all statements.
    together : pandas.DataFrame
        Actors × actors, float: among the resamples that place both, the share in which they fall
        together. ``NaN`` where no resample places both; 1 on the diagonal.
    placed : pandas.Series
        By actor, the share of the resamples that place it.
    recovery : pandas.DataFrame
        Index `cluster`: `members` (int) and `recovery` (float, 0 to 1): the mean, over the
        resamples that place any of its members, of the largest Jaccard coefficient between its
        members placed there and a cluster found there (Hennig 2007). Also as `frame`.
    branches : pandas.DataFrame
        One row per merge of the tree, in its order: `members` (list of str), `height` and
        `recovery`, the same mean for the branches of the trees. No rows for ``louvain``.
    exact : float
        The share of the resamples whose tree could be cut into exactly the number of clusters;
        in the others the nearest attainable number was taken.
    over : str
        What was drawn: ``codes`` or ``statements``.
    n_resamples : int
        How many resamples.
    """

    clusters: Clusters
    together: pd.DataFrame
    placed: pd.Series[float]
    recovery: pd.DataFrame
    branches: pd.DataFrame
    exact: float
    over: Over
    n_resamples: int

    @property
    def frame(self) -> pd.DataFrame:
        return self.recovery

    @property
    def summary(self) -> str:
        """How well each cluster comes back, in words."""
        lines = [
            f"{self.n_resamples} resamples of {self.over}, {self.clusters.n_clusters} clusters "
            f"held (exactly in {self.exact:.0%})"
        ]
        recovery = self.recovery["recovery"]
        for label, actors in self.clusters.members.items():
            lines.append(f"{label}: {recovery.loc[label]:.2f}  {', '.join(actors)}")
        return "\n".join(lines)


def stability(
    clusters: Clusters, over: Over = "codes", n_resamples: int = 1000, *, seed: Seed = 0
) -> Stability:
    """Cluster again and again on codes or statements drawn with replacement.

    Parameters
    ----------
    clusters : Clusters
        From `camdata.cluster`, of an agreement that was made from a tally. Measure, linkage and the
        number of clusters are held in every resample; Louvain finds its own number each time.
    over : {"codes", "statements"}
        What is drawn: the codes, each with all its statements, or the statements. In a tally of
        codes a code that is drawn twice is two columns.
    n_resamples : int
        How many resamples.
    seed : int or numpy.random.Generator
        Seed of the draws, which do not depend on the order of rows in any table.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError, TypeError
        For an unknown choice, or clusters whose statements are not known.

    Notes
    -----
    This is a perturbation of the coding scheme or of the statements, not a confidence interval: the
    codes are no sample of codes, and the report's statements no sample of statements. Hennig's
    rules of thumb for the recovery (2007, doi:10.1016/j.csda.2006.11.025) were found by resampling
    the clustered objects, which here are the actors, and do not carry over.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> cam.stability(clusters, n_resamples=200).frame.round(2).loc[1].to_list()
    [8.0, 0.75]
    """
    check_choice("over", over, ("codes", "statements"))
    n = check_count("n_resamples", n_resamples)
    generator = check_seed(seed)
    if not isinstance(clusters, Clusters):
        raise wrong_type("clusters", "Clusters", clusters)
    agreement, statements = clusters.agreement, _statements_of(tally_of(clusters.agreement))
    actors = statements.tally.actors
    wanted = clusters.n_clusters
    own = clusters.labels.reindex(list(actors))
    held = own.notna().to_numpy()
    groups = np.array(
        [(own == label).fillna(False).to_numpy(dtype=bool) for label in clusters.members]
    ).reshape(clusters.n_clusters, len(actors))
    tree = np.zeros((0, len(actors)), dtype=bool)
    if len(clusters.linkage):
        tree = _trees.branches(clusters.linkage, held)
    together, both = np.zeros((2, len(actors), len(actors)))
    placed_times = np.zeros(len(actors))
    found, times = np.zeros((2, len(groups)))
    tree_found, tree_times = np.zeros((2, len(tree)))
    exact = 0
    for counts in progress(_draws(statements, over, n, generator), "resamples", n):
        pairs = pairs_of_counts(counts, statements.tally.stances)
        labels, linkage = partition(again(agreement, pairs), clusters, wanted)
        placed = labels != UNPLACED
        if not placed.any():
            continue
        drawn = labels[None, :] == np.unique(labels[placed])[:, None]
        exact += len(drawn) == wanted
        together += (labels[:, None] == labels[None, :]) & placed[:, None]
        both += placed[:, None] & placed[None, :]
        placed_times += placed
        _add_recovery(groups, drawn, placed, found, times)
        if len(tree) and len(linkage):
            _add_recovery(tree, _trees.branches(linkage, placed), placed, tree_found, tree_times)
    names = pd.Index(actors, name="actor", dtype="str")
    order = list(clusters.labels.index)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = pd.DataFrame(np.where(both > 0, together / both, np.nan), names, names)
        recovery, tree_recovery = found / times, tree_found / tree_times
    return Stability(
        clusters=clusters,
        together=share.loc[order, order],
        placed=pd.Series(placed_times / n, names, name="placed").loc[order],
        recovery=pd.DataFrame(
            {"members": groups.sum(axis=1), "recovery": recovery},
            index=pd.Index(list(clusters.members), name="cluster"),
        ),
        branches=pd.DataFrame(
            {
                "members": [names[row].tolist() for row in tree],
                "height": clusters.linkage[:, 2],
                "recovery": tree_recovery,
            }
        ),
        exact=exact / n,
        over=over,
        n_resamples=n,
    )


def _add_recovery(
    groups: Flags, others: Flags, placed: Flags, found: Floats, times: Floats
) -> None:
    """Add the recovery of each group that has a placed member to the running sums."""
    inside = groups & placed
    counted = inside.any(axis=1)
    found += np.where(counted, _best_jaccard(inside, others), 0.0)
    times += counted


def _draws(
    statements: _Statements, over: Over, n: int, generator: np.random.Generator
) -> Iterator[Floats]:
    coded = statements.coded
    if over == "statements":
        size = len(coded.actor)
        for _ in range(n):
            yield statements.counts(generator.integers(size, size=size))
        return
    n_codes = len(coded.codes)
    if statements.tally.by == "code":
        complete = statements.counts(np.arange(len(coded.actor)))
        for _ in range(n):
            yield complete[:, generator.integers(n_codes, size=n_codes), :]
        return
    rows_of = [np.flatnonzero(coded.code == code) for code in range(n_codes)]
    for _ in range(n):
        drawn = generator.integers(n_codes, size=n_codes)
        yield statements.counts(np.concatenate([rows_of[code] for code in drawn]))


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Result):
    """What leaving out each coded statement in turn does to the clusters, or to agreement.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per statement, those with the largest effect first. `statement`, `actor`, `code`,
        `quote` (where the meeting has them) and, for clusters (nobody left to compare first, then
        the smallest `adjusted_rand`, then the most actors concerned): `adjusted_rand` (float,
        against the clusters of all statements, over actors placed in both; ``NaN`` where fewer than
        two are), `n_moved` (int), `moved` (str, "actor: from → to" with matched labels), `unplaced`
        (str, who is no longer placed), `n_clusters` (int, how many there were) and `n_chosen` (int,
        how many would be chosen by the silhouette). For agreement: `pair` (str, "actor – other",
        the one that changes most; of those that change as much, the first in alphabetical order),
        `before` and `after` (float), and `change` (float, with its sign; ``NaN`` where there is
        nothing left to compare, which counts as the largest change, and there the pair is the one
        that agreed most). Also as `frame`.
    of : Clusters or Agreement
        What was done without each statement.
    labels : mapping of str to str
        What charts call the codes.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> print(cam.sensitivity(clusters).summary)
    Without one statement: 13 of 38 change who is with whom.
    Most of all s016 of Colombia (Migrants are subjects of law): Colombia: 1 → 2; El Salvador: 1 → 2
    """

    table: pd.DataFrame
    of: Clusters | Agreement
    labels: Mapping[str, str]

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

    @property
    def effect(self) -> Flags:
        """Which statements change anything, in the order of the table."""
        if isinstance(self.of, Clusters):
            lost = (self.table["unplaced"] != "").to_numpy(dtype=bool)
            return ~(self.table["adjusted_rand"] >= 1 - _trees.TIE).to_numpy(dtype=bool) | lost
        return ~(self.table["change"].abs() <= _trees.TIE).to_numpy(dtype=bool)

    @property
    def summary(self) -> str:
        """How many statements matter, and which most, in words."""
        changing, total = int(self.effect.sum()), count(len(self.table), "statement")
        what = "who is with whom" if isinstance(self.of, Clusters) else "agreement"
        if not changing:
            return f"No single one of {total} changes {what}."
        lines = [f"Without one statement: {changing} of {len(self.table)} change {what}."]
        first = self.table.iloc[0]
        label = self.labels.get(first["code"], first["code"])
        name = f"{first['statement']} of " if "statement" in first else ""
        if isinstance(self.of, Clusters):
            lost = f"no longer placed: {first['unplaced']}" if first["unplaced"] else ""
            effect = "; ".join(part for part in (first["moved"], lost) if part)
        else:
            steps = [
                "nothing to compare" if np.isnan(value) else f"{value:.2f}"
                for value in first[["before", "after"]]
            ]
            effect = f"{first['pair']} from {steps[0]} to {steps[1]}"
        lines.append(f"Most of all {name}{first['actor']} ({label}): {effect}")
        return "\n".join(lines)


def sensitivity(of: Clusters | Agreement) -> Sensitivity:
    """Leave out each coded statement in turn: which of them carry the clusters, or agreement?

    Parameters
    ----------
    of : Clusters or Agreement
        Made from a tally. Measure, linkage and number of clusters are held (the nearest attainable
        number where ties forbid it), so that what changes is who is with whom.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ValueError, TypeError
        If the statements are not known.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally())
    >>> table = cam.sensitivity(cam.cluster(agreement, n_clusters=3)).frame
    >>> table.loc[table["adjusted_rand"] < 1, ["statement", "actor", "moved"]].head(2)
      statement     actor                                moved
    0      s016  Colombia  Colombia: 1 → 2; El Salvador: 1 → 2
    1      s014  Colombia                   El Salvador: 1 → 2
    >>> cam.sensitivity(agreement).frame.loc[0, ["statement", "pair"]].to_list()
    ['s019', 'Brazil – Dominican Republic']
    """
    if isinstance(of, Agreement):
        return _of_agreement(of)
    if not isinstance(of, Clusters):
        raise wrong_type("of", "Clusters or Agreement", of)
    agreement, statements = of.agreement, _statements_of(tally_of(of.agreement))
    names = pd.Index(statements.tally.actors, name="actor", dtype="str")
    own = of.labels.reindex(names)
    rows = []
    for entry, counts in _without_each(statements):
        values = again(agreement, pairs_of_counts(counts, statements.tally.stances))
        labels, linkage = partition(values, of, of.n_clusters)
        placed = labels != UNPLACED
        after = pd.Series(pd.NA, names, dtype="Int64")
        if placed.any():
            after[placed] = number_clusters(labels[placed], statements.speaking[placed])
        after = align_labels(after, own)
        both = own.notna() & after.notna()
        changed = differences(own, after)
        lost = changed[changed["after"].isna()]
        moved = changed[changed["after"].notna()]
        steps = zip(moved["actor"], moved["before"], moved["after"], strict=True)
        chosen = len(np.unique(labels[placed]))
        if len(linkage):
            distance, _ = _trees.distances(values[np.ix_(placed, placed)])
            chosen = _trees.best_cut(distance, linkage)[3]
        rows.append(
            {
                **entry,
                "adjusted_rand": adjusted_rand(as_numbers(own[both]), as_numbers(after[both])),
                "n_moved": len(moved),
                "moved": "; ".join(
                    f"{actor}: {'unplaced' if pd.isna(before) else before} → {to}"
                    for actor, before, to in steps
                ),
                "unplaced": "; ".join(lost["actor"]),
                "n_clusters": int(after.nunique()),
                "n_chosen": chosen,
            }
        )
    dtypes = {
        "adjusted_rand": "float64",
        "n_moved": "int64",
        "moved": "str",
        "unplaced": "str",
        "n_clusters": "int64",
        "n_chosen": "int64",
    }
    table = _table(rows, statements, dtypes)
    concerned = table["n_moved"] + table["unplaced"].str.count(";") + (table["unplaced"] != "")
    order = table.assign(_concerned=-concerned).sort_values(
        ["adjusted_rand", "_concerned"], kind="stable", na_position="first"
    )
    table = table.loc[order.index].reset_index(drop=True)
    return Sensitivity(table, of, _labels(agreement))


def _of_agreement(agreement: Agreement) -> Sensitivity:
    statements = _statements_of(tally_of(agreement))
    names = statements.tally.actors
    place = [agreement.actors.index(name) for name in names]
    before = agreement.values[np.ix_(place, place)]
    a, b = np.triu_indices(len(names), 1)
    # a pair is named in speaking order
    first = np.where(statements.speaking[a] < statements.speaking[b], a, b)
    second = np.where(first == a, b, a)
    rows = []
    for entry, counts in _without_each(statements):
        values = again(agreement, pairs_of_counts(counts, statements.tally.stances))
        old, new = before[a, b], values[a, b]
        lost = np.isnan(old) != np.isnan(new)
        size = np.abs(np.nan_to_num(new) - np.nan_to_num(old))
        if lost.any():
            size = np.where(lost, size, -1.0)
        row: dict[Hashable, Any] = {"pair": "", "before": np.nan, "after": np.nan, "change": 0.0}
        if lost.any() or size.max(initial=0.0) > _trees.TIE:
            largest = int(np.flatnonzero(size >= size.max() - _trees.TIE)[0])
            row = {
                "pair": f"{names[first[largest]]} – {names[second[largest]]}",
                "before": float(old[largest]),
                "after": float(new[largest]),
                "change": float(new[largest] - old[largest]),
            }
        rows.append(entry | row)
    dtypes = {"pair": "str", "before": "float64", "after": "float64", "change": "float64"}
    table = _table(rows, statements, dtypes)
    order = table["change"].abs().sort_values(ascending=False, kind="stable", na_position="first")
    return Sensitivity(table.loc[order.index].reset_index(drop=True), agreement, _labels(agreement))


def _without_each(statements: _Statements) -> Iterator[tuple[dict[Hashable, Any], Floats]]:
    """Yield what each statement is, and the counts without it."""
    everything = np.arange(len(statements.coded.actor))
    for row, entry in enumerate(statements.said.to_dict("records")):
        yield entry, statements.counts(np.delete(everything, row))


def _table(
    rows: list[dict[Hashable, Any]], statements: _Statements, dtypes: Mapping[str, str]
) -> pd.DataFrame:
    every = {**dict.fromkeys(statements.said.columns, "str"), **dtypes}
    return pd.DataFrame(rows, columns=list(every)).astype(every)


def _labels(agreement: Agreement) -> Mapping[str, str]:
    """Return what charts call the codes."""
    tally = tally_of(agreement)
    if tally.coded is None:
        return dict(zip(tally.keys, tally.labels, strict=True))
    return dict(zip(tally.coded.codes, tally.coded.labels, strict=True))
