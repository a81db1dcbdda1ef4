"""How sure: what becomes of clusters when codes or statements change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.clustering import (
    ClusterMethod,
    Clusters,
    Floats,
    cluster,
    find_unplaced,
    link,
    louvain,
    nearest_cut,
    tree_cuts,
)
from camdata.labels import (
    Integers,
    adjusted_rand,
    align_labels,
    differences,
    number_clusters,
)
from camdata.measures import (
    Counts,
    Method,
    Normalization,
    agreement,
    measure_values,
)
from camdata.meeting import Meeting
from camdata.positions import By, Choice, Duplicates
from camdata.schema import check_choice

UNPLACED = -1


@dataclass(frozen=True)
class _Coded:
    """A meeting's statements as numbers, for counting them again and again.

    Every row is a statement: its actor, code, column of the table and stance, by number, and the
    number of the cell that repeated statements share.
    """

    frame: pd.DataFrame
    actors: tuple[str, ...]
    stances: tuple[int, ...]
    actor: Integers
    code: Integers
    column: Integers
    stance: Integers
    cell: Integers
    n_codes: int
    n_columns: int
    once: bool

    def counts(self, rows: Integers | None = None) -> Counts:
        """Count the statements `rows` (all by default; repeated rows count again)."""
        rows = np.arange(len(self.actor)) if rows is None else rows
        if self.once:
            rows = rows[np.unique(self.cell[rows], return_index=True)[1]]
        shape = (len(self.actors), self.n_columns, len(self.stances))
        flat = np.ravel_multi_index((self.actor[rows], self.column[rows], self.stance[rows]), shape)
        values = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
        return Counts(values.astype(np.float64), tuple(map(float, self.stances)))


def _coded(
    meeting: Meeting,
    table: pd.DataFrame,
    by: By,
    kinds: Choice,
    basis: Choice,
    coder: Choice,
    duplicates: Duplicates,
) -> _Coded:
    """Number the statements that `table`, the meeting's tally with the same choices, counts."""
    _, statements = meeting.select(kinds=kinds, basis=basis, coder=coder)
    if "statement" in statements:
        statements = statements.sort_values("statement", kind="stable")
    # sorted, so that neither ties nor draws depend on the order of any rows
    actors = sorted(table.index)
    columns = sorted(table.columns.get_level_values(0).drop_duplicates())
    codes = columns
    if by == "dimension":
        codebook = meeting.codebook
        codes = sorted(codebook["code"])
        place = statements["code"].map(codebook.set_index("code")["dimension"])
        statements, place = statements[place.notna()], place[place.notna()]
    else:
        place = statements["code"]
    cell = ["actor", "_column", "stance", *(["document"] if duplicates == "document" else [])]
    return _Coded(
        frame=statements.reset_index(drop=True),
        actors=tuple(actors),
        stances=meeting.stances,
        actor=_places(actors, statements["actor"]),
        code=_places(codes, statements["code"]),
        column=_places(columns, place),
        stance=_places(meeting.stances, statements["stance"].astype("int64")),
        cell=np.asarray(
            statements.assign(_column=place).groupby(cell, dropna=False).ngroup(), dtype=np.int64
        ),
        n_codes=len(codes),
        n_columns=len(columns),
        once=duplicates != "all",
    )


def _places(known: Any, values: pd.Series[Any]) -> Integers:
    place = pd.Index(known).get_indexer(pd.Index(values))
    return np.asarray(place, dtype=np.int64)


def _partition(
    values: Floats, method: ClusterMethod, n_clusters: int, seed: int
) -> tuple[Integers, Floats]:
    """Return a label for each actor (UNPLACED for some) and the tree of the placed ones."""
    labels = np.full(len(values), UNPLACED, dtype=np.int64)
    if method == "louvain":
        return louvain(values, seed)[0], np.empty((0, 4))
    np.fill_diagonal(values, np.nan)
    placed, _ = find_unplaced(values)
    if not placed.any():
        return labels, np.empty((0, 4))
    linkage, _, _ = link(values[np.ix_(placed, placed)], method)
    labels[placed] = nearest_cut(linkage, n_clusters)
    return labels, linkage


def branches(linkage: Floats, placed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the members of every branch of a tree, branches × actors, in the order of merges."""
    n = len(linkage) + 1
    inside = np.zeros((2 * n - 1, len(placed)), dtype=bool)
    inside[np.arange(n), np.flatnonzero(placed)] = True
    for i, (left, right) in enumerate(linkage[:, :2].astype(np.int64)):
        inside[n + i] = inside[left] | inside[right]
    return inside[n:]


def _best_jaccard(groups: NDArray[np.bool_], others: NDArray[np.bool_]) -> Floats:
    """Return for each group its largest Jaccard coefficient with any of the others."""
    shared = groups.astype(np.float64) @ others.astype(np.float64).T
    union = groups.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] - shared
    return np.asarray((shared / np.maximum(union, 1)).max(axis=1, initial=0.0))


@dataclass(frozen=True, repr=False)
class Stability:
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
        members placed there and a cluster found there (Hennig 2007).
    branches : pandas.DataFrame
        One row per merge of the tree, in its order: `members` (list of str), `height` and
        `recovery`, the same mean for the branches of the trees. No rows for ``louvain``.
    exact : float
        The share of the resamples whose tree could be cut into exactly the number of clusters;
        in the others the nearest attainable number was taken.
    over : str
        What was drawn: ``codes`` or ``statements``.
    n : int
        How many resamples.
    """

    clusters: Clusters
    together: pd.DataFrame
    placed: pd.Series[float]
    recovery: pd.DataFrame
    branches: pd.DataFrame
    exact: float
    over: str
    n: int

    @property
    def summary(self) -> str:
        """How well each cluster comes back, in words."""
        lines = [
            f"{self.n} resamples of {self.over}, {self.clusters.n_clusters} clusters held "
            f"(exactly in {self.exact:.0%})"
        ]
        for label, actors in self.clusters.members.items():
            recovery = float(self.recovery["recovery"].loc[label])
            lines.append(f"{label}: {recovery:.2f}  {', '.join(actors)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary


def stability(
    meeting: Meeting,
    over: Literal["codes", "statements"] = "codes",
    n: int = 1000,
    *,
    seed: int = 0,
    by: By = "dimension",
    kinds: Choice = None,
    basis: Choice = None,
    coder: Choice = None,
    duplicates: Duplicates = "once",
    measure: Method = "jaccard",
    normalization: Normalization = None,
    method: ClusterMethod = "average",
    n_clusters: int | None = None,
) -> Stability:
    """Cluster again and again on codes or statements drawn with replacement.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    over : {"codes", "statements"}
        What is drawn: the codes of the codebook, each with all its statements, or the statements.
    n : int
        How many resamples.
    seed : int
        Seed of the draws, which do not depend on the order of rows in any table.
    by, kinds, basis, coder, duplicates
        As for `Meeting.tally`. With ``by="code"`` a code that is drawn twice is two columns.
    measure, normalization
        As the method and normalization of `camdata.agreement`.
    method, n_clusters
        As for `camdata.cluster`; the number of clusters, given or chosen, is held in every
        resample. Louvain finds its own number each time.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        For an unknown choice, or as for the functions above.

    Notes
    -----
    This is a perturbation of the coding scheme or of the statements, not a confidence interval: the
    codes are no sample of codes, and the report's statements no sample of statements. Hennig's
    rules of thumb for the recovery (2007, doi:10.1016/j.csda.2006.11.025) were found by resampling
    the clustered objects, which here are the actors, and do not carry over.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.stability(cam.load_meeting())
    >>> result.recovery.loc[1].round(2).to_list()
    [4.0, 0.58]
    """
    check_choice("over", over, ("codes", "statements"))
    table = meeting.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
    reference = cluster(
        agreement(table, measure, normalization=normalization), n_clusters, method, seed=seed
    )
    coded = _coded(meeting, table, by, kinds, basis, coder, duplicates)
    number = len(coded.actors)
    wanted = reference.n_clusters
    own = reference.labels.reindex(list(coded.actors))
    held = own.notna().to_numpy()
    groups = np.zeros((wanted, number), dtype=bool)
    for row, label in enumerate(reference.members):
        groups[row] = (own == label).fillna(False).to_numpy(dtype=bool)
    tree = (
        branches(reference.linkage, held) if len(reference.linkage) else np.zeros((0, number), bool)
    )

    together, both = np.zeros((number, number)), np.zeros((number, number))
    placed_times = np.zeros(number)
    found, times = np.zeros(len(groups)), np.zeros(len(groups))
    tree_found, tree_times = np.zeros(len(tree)), np.zeros(len(tree))
    exact = 0
    for counts in _resampled(coded, over, by, n, seed):
        values = measure_values(counts, measure, normalization)
        labels, linkage = _partition(values, method, wanted, seed)
        placed = labels != UNPLACED
        if not placed.any():
            continue
        clusters = labels[None, :] == np.unique(labels[placed])[:, None]
        exact += len(clusters) == wanted
        together += (labels[:, None] == labels[None, :]) & placed[:, None]
        both += placed[:, None] & placed[None, :]
        placed_times += placed
        _tally_recovery(groups, clusters, placed, found, times)
        if len(tree) and len(linkage):
            _tally_recovery(tree, branches(linkage, placed), placed, tree_found, tree_times)

    names = pd.Index(coded.actors, name="actor")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = pd.DataFrame(np.where(both > 0, together / both, np.nan), names, names)
        recovery = found / times
        tree_recovery = tree_found / tree_times
    order = reference.labels.index
    return Stability(
        clusters=reference,
        together=share.loc[order, order],
        placed=pd.Series(placed_times / n, names, name="placed").loc[order],
        recovery=pd.DataFrame(
            {"members": groups.sum(axis=1), "recovery": recovery},
            index=pd.Index(list(reference.members), name="cluster"),
        ),
        branches=pd.DataFrame(
            {
                "members": [names[row].tolist() for row in tree],
                "height": reference.linkage[:, 2],
                "recovery": tree_recovery,
            }
        ),
        exact=exact / n,
        over=over,
        n=n,
    )


def _tally_recovery(
    groups: NDArray[np.bool_],
    others: NDArray[np.bool_],
    placed: NDArray[np.bool_],
    found: Floats,
    times: Floats,
) -> None:
    """Add the recovery of each group that has a placed member to the running sums."""
    inside = groups & placed
    counted = inside.any(axis=1)
    found += np.where(counted, _best_jaccard(inside, others), 0.0)
    times += counted


def _resampled(coded: _Coded, over: str, by: By, n: int, seed: int) -> Iterator[Counts]:
    generator = np.random.default_rng(seed)
    if over == "statements":
        size = len(coded.actor)
        for _ in range(n):
            yield coded.counts(generator.integers(size, size=size))
        return
    complete = coded.counts()
    rows_of = [np.flatnonzero(coded.code == code) for code in range(coded.n_codes)]
    for _ in range(n):
        drawn = generator.integers(coded.n_codes, size=coded.n_codes)
        if by == "code":
            yield Counts(complete.values[:, drawn, :], complete.stances)
        else:
            yield coded.counts(np.concatenate([rows_of[code] for code in drawn]))


def sensitivity(
    meeting: Meeting,
    *,
    by: By = "dimension",
    kinds: Choice = None,
    basis: Choice = None,
    coder: Choice = None,
    duplicates: Duplicates = "once",
    measure: Method = "jaccard",
    normalization: Normalization = None,
    method: ClusterMethod = "average",
    n_clusters: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Leave out each coded statement in turn: which of them carry the clusters?

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    by, kinds, basis, coder, duplicates
        As for `Meeting.tally`.
    measure, normalization
        As the method and normalization of `camdata.agreement`.
    method, n_clusters, seed
        As for `camdata.cluster`. The number of clusters, given or chosen, is held (the nearest
        attainable one where ties forbid it), so that what changes is who is with whom.

    Returns
    -------
    pandas.DataFrame
        One row per statement, those with the largest effect first (nobody left to compare, then the
        smallest `adjusted_rand`, then the most actors concerned). Columns: `statement`, `actor`,
        `code`, `quote` (where the meeting has quotes), `adjusted_rand` (float, against the clusters
        of all statements, over actors placed in both; ``NaN`` where fewer than two are), `n_moved`
        (int), `moved` (str, "actor: from → to" with matched labels), `unplaced` (str, who is no
        longer placed), `n_clusters` (int, how many there were) and `n_chosen` (int, how many the
        silhouette would choose).

    Raises
    ------
    ValueError
        As for the functions above.

    Examples
    --------
    >>> import camdata as cam
    >>> table = cam.sensitivity(cam.load_meeting(), n_clusters=3)
    >>> table.loc[table["adjusted_rand"] < 1, ["statement", "actor", "moved"]].head(2)
      statement     actor                                moved
    0      s016  Colombia  Colombia: 1 → 2; El Salvador: 1 → 2
    1      s014  Colombia                   El Salvador: 1 → 2
    """
    table = meeting.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
    reference = cluster(
        agreement(table, measure, normalization=normalization), n_clusters, method, seed=seed
    )
    coded = _coded(meeting, table, by, kinds, basis, coder, duplicates)
    names = pd.Index(coded.actors, name="actor")
    own = reference.labels.reindex(names)
    everything = np.arange(len(coded.actor))
    speaking = np.asarray(reference.labels.index.get_indexer(names), dtype=np.int64)
    rows = []
    for left_out in everything:
        counts = coded.counts(np.delete(everything, left_out))
        values = measure_values(counts, measure, normalization)
        labels, linkage = _partition(values, method, reference.n_clusters, seed)
        after = pd.Series(pd.NA, names, dtype="Int64")
        if (placed := labels != UNPLACED).any():
            after[placed] = number_clusters(labels[placed], speaking[placed])
        after = align_labels(after, own)
        both = own.notna() & after.notna()
        changed = differences(own, after)
        lost = changed[changed["after"].isna()]
        moved = changed[changed["after"].notna()]
        entry = {
            name: coded.frame.at[left_out, name]
            for name in ("statement", "actor", "code", "quote")
            if name in coded.frame
        }
        rows.append(
            {
                **entry,
                "adjusted_rand": adjusted_rand(_numbers(own[both]), _numbers(after[both])),
                "n_moved": len(moved),
                "moved": "; ".join(
                    f"{actor}: {'unplaced' if pd.isna(before) else before} → {to}"
                    for actor, before, to in zip(
                        moved["actor"], moved["before"], moved["after"], strict=True
                    )
                ),
                "unplaced": "; ".join(lost["actor"]),
                "n_clusters": int(after.nunique()),
                "n_chosen": _chosen(values, linkage, labels),
            }
        )
    text = [c for c in ("statement", "actor", "code", "quote") if c in coded.frame]
    dtypes = {
        **dict.fromkeys(text, "str"),
        "adjusted_rand": "float64",
        "n_moved": "int64",
        "moved": "str",
        "unplaced": "str",
        "n_clusters": "int64",
        "n_chosen": "int64",
    }
    result = pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)
    lost_number = result["unplaced"].str.count(";") + (result["unplaced"] != "")
    order = result.assign(_concerned=-(result["n_moved"] + lost_number)).sort_values(
        ["adjusted_rand", "_concerned"], kind="stable", na_position="first"
    )
    return result.loc[order.index].reset_index(drop=True)


def _numbers(labels: pd.Series[int]) -> Integers:
    return np.asarray(labels, dtype=np.int64)


def _chosen(values: Floats, linkage: Floats, labels: Integers) -> int:
    """Return how many clusters the silhouette would choose."""
    placed = labels != UNPLACED
    if not len(linkage):
        return len(np.unique(labels[placed]))
    distance = link(values[np.ix_(placed, placed)], "average")[1]
    return tree_cuts(distance, linkage)[2]
