"""The multiverse: who stands together over all defensible choices, and what chance gives there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, as_list, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.words import count, join_names
from camdata.analysis import null as nulls
from camdata.analysis import trees as _trees
from camdata.analysis.chance import ALPHA, PLANTED, adjust
from camdata.analysis.labels import adjusted_rand, number_clusters
from camdata.analysis.measures import SETS, Agreement, MeasureName, remeasure
from camdata.analysis.null import NoNullError, first_eigenvalues, p_value
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.shares import CHOICES, Multiverse
from camdata.analysis.trees import TIE, UNPLACED, Floats, Integers, LinkageMethod
from camdata.model.meeting import Meeting
from camdata.model.tally import By

DEFAULT_MEASURES: tuple[MeasureName, ...] = ("jaccard", "dice", "cosine")
"""Overlap is left out: it counts a subset as the same, and ties nearly everything by dimension."""


def multiverse(
    meeting: Meeting,
    *,
    by: Iterable[By] | By | None = None,
    basis: Iterable[str] | str | None = None,
    coder: Iterable[str] | str | None = None,
    measures: Iterable[MeasureName] | MeasureName = DEFAULT_MEASURES,
    methods: Iterable[LinkageMethod] | LinkageMethod = ("average", "complete"),
    numbers: Iterable[int] = (2, 3, 4, 5),
    n_resamples: int | None = None,
    seed: Seed = 0,
) -> Multiverse:
    """Cluster under every combination of choices that could be defended, and compare with chance.

    Parameters
    ----------
    meeting : Meeting
        The meeting; what is not to vary is chosen with `Meeting.select` before.
    by : {"dimension", "code"} or several, optional
        The levels; by default all that the meeting has.
    basis : {"all", "explicit"} or several, optional
        With positions that are recorded by reference only, or without; by default both where the
        meeting tells them apart.
    coder : str or several, optional
        Whose coding, each by itself; by default every coder of the statements and the recodings.
    measures : str or several
        Measures of sets; by default jaccard, dice and cosine.
    methods : {"average", "complete"} or several
        The linkages.
    numbers : sequence of int
        The numbers of clusters; a tree is cut into each that it can be cut into.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Multiverse

    Raises
    ------
    ValueError
        For an unknown choice, with fewer than three actors, or if no specification can be computed.

    Notes
    -----
    The idea is that of the multiverse (Steegen et al. 2016, doi:10.1177/1745691616658637) and of
    the specification curve (Simonsohn, Simmons & Nelson 2020, doi:10.1038/s41562-020-0912-z): what
    depends on choices is shown rather than chosen, and every combination counts the same.
    Specifications are no sample of anything; what a share means is said by the same combinations on
    random tables. There, a cell's category is the whole pattern of what all coders recorded, on
    each basis, so that one trade keeps every coder's totals and every disagreement between them.

    The overall p compares the mean of s (1 - s) over pairs, which is small where pairs are clearly
    together or clearly apart. Sizes of groups would have no power, and are not tested. Where the
    totals of actors and codes alone give the groups, random tables have them too: the verdict says
    so, and names them.

    Examples
    --------
    >>> import camdata as cam
    >>> universe = cam.multiverse(
    ...     cam.load_meeting(), coder="camdata", measures="jaccard", numbers=[3], n_resamples=99
    ... )
    >>> len(universe.specifications), len(universe.skipped)
    (6, 2)
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    generator = check_seed(seed)
    named = as_list("measures", measures, SETS)
    linkages = as_list("methods", methods, ("average", "complete"))
    cuts = sorted({check_count("numbers", number, least=2) for number in numbers})
    views, joined = _views(meeting, basis, coder)
    names, codes, stances = joined.index, joined.columns.unique(level=1), meeting.stances
    levels = _levels(meeting, by, codes)
    # one trade exchanges all that is recorded of an actor on a code, in all views
    size = len(names), len(views), len(codes), len(stances)
    cells = joined.to_numpy().reshape(size).swapaxes(1, 2)
    observed, contents = nulls.categories(cells.reshape(size[0], size[2], size[1] * size[3]))
    recorded = np.flatnonzero(observed.any(axis=1))
    if len(recorded) < 3:
        raise NoNullError("A multiverse needs at least three actors with a recorded position.")
    table, n = observed[recorded], nulls.number_of_tables(n_resamples, len(recorded))
    tables = nulls.draw(table, n, "positions", generator)
    tilt = nulls.blocks(table, PLANTED, generator, levels.get("dimension"))
    planted = nulls.draw(table, PLANTED, "positions", generator, tilt)[1:]
    held = contents.reshape(len(contents), len(views), -1)
    space = _Space(views, stances, levels, named, linkages, cuts, held)  # type: ignore[arg-type]
    result = _result(space.run(np.concatenate([tables, planted])), cuts, recorded, names)
    return replace(result, attributes=meeting.actors.set_index("actor").reindex(names))


def _views(
    meeting: Meeting, basis: object, coder: object
) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return the views, each of one coder and basis, and what is recorded in each.

    The table is actors × (view, code, stance), 1 where a view holds a stance.
    """
    tables = [meeting.statements, meeting.recodings]
    named = [table["coder"].dropna() for table in tables if "coder" in table]
    coders = (pd.concat(named).unique().tolist() if named else []) or [""]
    values = {value for table in tables if "basis" in table for value in table["basis"].dropna()}
    bases = ["all", "explicit"] if {"explicit", "by_reference"} <= values else ["all"]
    if coder is not None and coders == [""]:
        raise ValueError(f"coder={coder!r} was passed, but this meeting names no coders.")
    if coder is not None:
        coders = as_list("coder", coder, coders)  # type: ignore[arg-type]
    if basis is not None:
        bases = as_list("basis", basis, bases)  # type: ignore[arg-type]
    views = list(product(coders, bases))
    frames = {}
    for i, (one, which) in enumerate(views):
        part = meeting.select(coder=one) if one else meeting
        part = part.select(basis="explicit") if which == "explicit" else part
        frames[i] = (part.tally("code").frame > 0).astype("float64")
    joined = pd.concat(frames, axis=1)
    codes = joined.columns.unique(level=1)
    columns = pd.MultiIndex.from_product([list(frames), list(codes), list(meeting.stances)])
    return views, joined.reindex(columns=columns).fillna(0.0)


def _levels(
    meeting: Meeting, by: object, codes: pd.Index[str]
) -> dict[str, NDArray[np.int64] | None]:
    """Return the levels, each with the number of every code's dimension (None for codes)."""
    codebook = meeting.codebook
    known: dict[str, NDArray[np.int64] | None] = {"code": None}
    if "dimension" in codebook:
        number = pd.Series(pd.factorize(codebook["dimension"])[0], codebook["code"])
        known = {"dimension": number[codes].to_numpy(), **known}
    chosen = list(known) if by is None else as_list("by", by, known)  # type: ignore[arg-type]
    return {level: known[level] for level in chosen}


@dataclass(frozen=True)
class _Cuts:
    """The tree of every table by one measure and linkage, cut into each number of clusters."""

    choices: tuple[str, ...]  # level, basis, coder, measure and linkage
    n_placed: int
    labels: Integers  # tables × numbers × actors, UNPLACED throughout where there is no such cut
    scores: Floats  # silhouettes of the observed table, by number
    eigenvalues: Floats  # by table


@dataclass(frozen=True)
class _Space:
    """All combinations of choices, to be run on tables of categories."""

    views: list[tuple[str, str]]  # coder and basis
    stances: tuple[int, ...]
    levels: dict[str, NDArray[np.int64] | None]
    measures: list[str]
    methods: list[LinkageMethod]
    numbers: list[int]
    contents: Floats  # what a cell of each category holds: categories × views × stances

    def run(self, tables: nulls.Tables) -> list[_Cuts]:
        """Cluster every table under every combination of choices."""
        found: list[_Cuts] = []
        known: dict[tuple[str, bytes], list[_Cuts]] = {}
        every = list(product(self.levels, enumerate(self.views)))
        for level, (view, (coder, basis)) in progress(every, "specifications"):
            # coders who agree throughout, and bases that make no difference, are computed once
            key = (level, self.contents[:, view].tobytes())
            if key not in known:
                known[key] = list(self._cluster(tables, view, level))
            for one in known[key]:
                found.append(replace(one, choices=(level, basis, coder, *one.choices)))
        return found

    def _cluster(self, tables: nulls.Tables, view: int, level: str) -> Iterator[_Cuts]:
        """Cluster all tables by one view and level, under each measure and linkage."""
        own = self._values(tables[:1], view, level)
        placed, _ = _trees.find_placed(own[0, 0])  # all measures of sets have the same gaps
        n, inside = int(placed.sum()), np.flatnonzero(placed)
        if n < 2:
            return
        possible = [number for number in self.numbers if number < n]
        shape = (len(self.methods), len(self.measures), len(tables), len(self.numbers), len(placed))
        labels = np.full(shape, UNPLACED, dtype=np.int16)
        eigenvalues = np.empty(shape[1:3])
        step = max(1, nulls.CHUNK // (len(placed) ** 2 * len(self.measures)))
        for start in range(0, len(tables), step):
            part = slice(start, start + step)
            values = self._values(tables[part], view, level)[..., inside[:, None], inside]
            eigenvalues[:, part] = first_eigenvalues(values)
            distance, _ = _trees.distances(values)
            for made, method in zip(labels, self.methods, strict=True):
                cuts = [_trees.link(one, method).cut(possible) for one in distance]
                made[:, part, : len(possible), inside] = np.array(cuts)
        observed, _ = _trees.distances(own[..., inside[:, None], inside])
        for (i, measure), (j, method) in product(enumerate(self.measures), enumerate(self.methods)):
            first = labels[j, i, :1].astype(np.int64)[..., inside]
            scores = _trees.silhouettes(observed[i], first)[0]
            yield _Cuts((measure, method), n, labels[j, i], scores, eigenvalues[i])

    def _values(self, tables: nulls.Tables, view: int, level: str) -> Floats:
        """Return agreement by each measure, measures × tables × actors × actors."""
        held = self.contents[:, view][tables]
        if (group := self.levels[level]) is not None:
            groups = range(int(group.max(initial=-1)) + 1)
            parts = [held[:, :, group == one].max(axis=2, initial=0) for one in groups]
            held = np.stack(parts, axis=2)
        pairs = pairs_of_counts(held, self.stances)
        empty = np.empty((0, 0))
        return np.array([remeasure(Agreement((), empty, name), pairs) for name in self.measures])


def _result(
    trees: list[_Cuts], numbers: list[int], rows: Integers, index: pd.Index[str]
) -> Multiverse:
    """Judge the observed table, the first of all, among the random ones."""
    specifications, skipped, cuts = _listed(trees, numbers)
    if specifications.empty:
        raise ValueError(
            f"None of {count(len(skipped), 'specification')} can be computed: no tree can be cut "
            f"into {join_names(numbers)} clusters."
        )
    names = index[rows]
    a, b = np.triu_indices(len(rows), 1)
    every = _shares(trees)[:, a, b]
    seen = ~np.isnan(every[0])
    a, b, (shares, planted) = a[seen], b[seen], np.split(every[:, seen], [-PLANTED])
    # a pair that a random table never places both of counts there as chance has it elsewhere
    chance = np.nanmean(shares[1:], axis=0)
    shares, planted = (np.where(np.isnan(part), chance, part) for part in (shares, planted))
    p = (shares >= shares[0] - TIE).mean(axis=0)
    pairs = pd.DataFrame({"actor": names[a], "other": names[b], "share": shares[0]})
    pairs = pairs.assign(chance=chance, p=p, p_adjusted=adjust(p))
    pairs = pairs.sort_values(["share", "p"], ascending=[False, True], ignore_index=True)
    # how many pairs have a p of 0.05 or less in each table, were it the observed one
    ranks = pd.DataFrame(shares.round(9)).rank(ascending=False, method="max")
    reach = (ranks / len(shares) <= ALPHA).sum(axis=1)
    undecided = shares * (1 - shares)
    overall = -undecided.mean(axis=1)
    clear = -(planted * (1 - planted)).mean(axis=1)
    reached = (overall[1:] >= clear[:, None] - TIE).sum(axis=1)
    labels = np.full((len(index), len(cuts)), UNPLACED)
    for i, cut in enumerate(cuts):
        placed = cut != UNPLACED
        labels[rows[placed], i] = number_clusters(cut[placed], rows[placed])
    table = pd.DataFrame(labels, index).astype("Int64").where(labels != UNPLACED)
    return Multiverse(
        specifications=specifications,
        labels=table.rename_axis(columns="specification"),
        skipped=skipped,
        pairs=pairs,
        expected_pairs=float(reach[1:].mean()),
        candidates=_candidates(shares, a, b, names),
        p_value=p_value(overall),
        structure=_structure(trees, len(shares)),
        influence=_influence(specifications, cuts),
        swing=_swing(4 * undecided, a, b, names),
        power=float(((reached + 1) / len(overall) <= ALPHA).mean()),
        n_resamples=len(shares) - 1,
    )


def _listed(trees: list[_Cuts], numbers: list[int]) -> tuple[pd.DataFrame, pd.DataFrame, Integers]:
    """Return the specifications, those that cannot be computed, and the observed labels."""
    rows, cuts = [], []
    for one in trees:
        for i, number in enumerate(numbers):
            few = number >= one.n_placed
            lost = "too few actors" if few else "merges that tie are made together"
            reason = lost if (one.labels[0, i] == UNPLACED).all() else ""
            rows.append((*one.choices, number, one.scores[i], reason))
            cuts.append(one.labels[0, i])
    every = pd.DataFrame(rows, columns=[*CHOICES, "silhouette", "reason"])
    made = (every["reason"] == "").to_numpy(dtype=bool)
    specifications = every[made].drop(columns="reason").reset_index(drop=True)
    skipped = every[~made].drop(columns="silhouette").reset_index(drop=True)
    return specifications.rename_axis("specification"), skipped, np.array(cuts)[made]


def _shares(trees: list[_Cuts]) -> Floats:
    """Return the shares in which actors are together, tables × actors × actors.

    ``NaN`` where no specification places both.
    """
    times = Counter(
        id(one.labels) for one in trees
    )  # what is the same by several coders is counted at once
    same = both = np.zeros(())
    for key, labels in {id(one.labels): one.labels for one in trees}.items():
        placed = labels != UNPLACED
        pairs = placed[..., None] & placed[..., None, :]
        both = both + times[key] * pairs.sum(axis=1)
        pairs &= labels[..., None] == labels[..., None, :]
        same = same + times[key] * pairs.sum(axis=1)
    return np.divide(same, both, out=np.full_like(same, np.nan), where=both > 0)


def _candidates(shares: Floats, a: Integers, b: Integers, names: pd.Index[str]) -> pd.DataFrame:
    """Return the groups of the first table, and how often others have any as distinct.

    Pairs are standardised over all tables, since busy actors are together more often. A group is
    as distinct as the mean of its pairs exceeds that of pairs with others, times the root of its
    size: large groups vary less.
    """
    n = len(names)
    share, score = np.zeros((2, len(shares), n, n))
    share[:, a, b] = share[:, b, a] = shares
    mean, deviation = shares.mean(axis=0), np.maximum(shares.std(axis=0), TIE)
    score[:, a, b] = score[:, b, a] = (shares - mean) / deviation
    trees = _trees.link(1 - share, "average")
    root = np.tile(np.arange(n), (len(shares), 1))
    for first, second, height in zip(trees.first.T, trees.second.T, trees.heights.T, strict=True):
        merged = (root == second[:, None]) & (height < 0.5 - TIE)[:, None]
        root = np.where(merged, first[:, None], root)
    inside = (root[:, :, None] == np.arange(n)).astype(np.float64)
    size = inside.sum(axis=1)
    within = (inside * (score @ inside)).sum(axis=1)
    total = (inside * score.sum(axis=2)[:, :, None]).sum(axis=1)
    is_group = (size > 1) & (size < n)
    own = within / np.maximum(size * (size - 1), 1)
    others = (total - within) / np.maximum(size * (n - size), 1)
    distinct = np.where(is_group, (own - others) * np.sqrt(size), -np.inf)
    largest = distinct.max(axis=1)
    found = []
    for i in sorted(np.flatnonzero(is_group[0]), key=lambda i: -size[0, i]):
        members = root[0] == i
        pairs = members[a] & members[b]
        p = float((largest >= distinct[0, i] - TIE).mean())
        chance = shares[1:, pairs].mean()
        found.append((tuple(names[members]), shares[0, pairs].mean(), chance, p))
    return pd.DataFrame(found, columns=["members", "share", "chance", "p"])


def _structure(trees: list[_Cuts], n_tables: int) -> pd.DataFrame:
    """Return the p values of the eigenvalues of all levels jointly, and of each level."""

    def jointly(*levels: str) -> float:
        parts = [one.eigenvalues[:n_tables] for one in trees if one.choices[0] in levels]
        values = np.array(parts)
        deviation = values.std(axis=1, keepdims=True)
        # where all tables are alike, differences are rounding errors
        far = np.where(deviation > TIE, values - values.mean(axis=1, keepdims=True), 0)
        return p_value((far / np.maximum(deviation, TIE)).mean(axis=0))

    levels = list(dict.fromkeys(one.choices[0] for one in trees))
    found = {"all": jointly(*levels)} | {level: jointly(level) for level in levels}
    return pd.Series(found, name="p_value").rename_axis("level").to_frame()


def _swing(undecided: Floats, a: Integers, b: Integers, names: pd.Index[str]) -> pd.DataFrame:
    """Return how undecided each actor's pairs are, and what chance gives."""
    rows = []
    for i, name in enumerate(names):
        own = (a == i) | (b == i)
        if own.any():
            each = undecided[:, own].mean(axis=1)
            rows.append((name, float(each[0]), float(each[1:].mean())))
    table = pd.DataFrame(rows, columns=["actor", "swing", "chance"])
    return table.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)


def _influence(frame: pd.DataFrame, labels: Integers) -> pd.DataFrame:
    """Return what each choice changes: adjusted Rand of specifications that differ in it alone."""
    # many specifications give the same labels
    different, kinds = np.unique(labels, axis=0, return_inverse=True)
    kinds = kinds.ravel()  # numpy 2.0 adds an axis

    @cache
    def rand(a: int, b: int) -> float:
        both = (different[[a, b]] != UNPLACED).all(axis=0)
        return adjusted_rand(different[a, both], different[b, both])

    rows = []
    for choice in CHOICES:
        others = [name for name in CHOICES if name != choice]
        groups = frame.groupby(others, sort=False, dropna=False).groups.values()
        each = (rand(kinds[a], kinds[b]) for group in groups for a, b in combinations(group, 2))
        found = [value for value in each if not np.isnan(value)]
        if found:
            rows.append((choice, len(found), float(np.mean(found)), float(np.min(found))))
    table = pd.DataFrame(rows, columns=["choice", "pairs", "adjusted_rand", "lowest"])
    table = table.astype({"pairs": "int64", "adjusted_rand": "float64", "lowest": "float64"})
    return table.sort_values("adjusted_rand", kind="stable").set_index("choice")
