"""The multiverse: who stands together over all defensible choices, and what chance gives there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, as_list, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.words import count, join_names
from camdata.analysis import null as nulls
from camdata.analysis import trees as _trees
from camdata.analysis.chance import ALPHA, PLANTED, adjust
from camdata.analysis.labels import adjusted_rand
from camdata.analysis.measures import SETS, Agreement, MeasureName, remeasure
from camdata.analysis.null import NoNullError, first_eigenvalues, p_value
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.shares import CHOICES, Multiverse
from camdata.analysis.trees import TIE, UNPLACED, Flags, Floats, Integers, LinkageMethod
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
        For an unknown choice, if no specification can be computed, or if no random tables can be
        drawn.

    Notes
    -----
    The idea is that of the multiverse (Steegen et al. 2016, doi:10.1177/1745691616658637) and of
    the specification curve (Simonsohn, Simmons & Nelson 2020, doi:10.1038/s41562-020-0912-z): what
    depends on choices is shown rather than chosen, and every combination counts the same.
    Specifications are no sample of anything; what a share means is said by the same combinations on
    random tables. There, a cell's category is the whole pattern of what all coders recorded, on
    each basis, so that one trade keeps every coder's totals and every disagreement between them.

    The overall p compares the mean of s (1 - s) over pairs, which is small where pairs are clearly
    together or clearly apart. Sizes of groups would have no power, and are not tested.

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
    if n_resamples is not None:
        check_count("n_resamples", n_resamples)
    named = as_list("measures", measures, SETS)
    linkages = as_list("methods", methods, ("average", "complete"))
    cuts = sorted({check_count("numbers", number, least=2) for number in numbers})
    views = _views(meeting, basis, coder)
    levels = _levels(meeting, by, views.codes)
    observed, contents = nulls.categories(views.counts)
    recorded = observed.any(axis=1)
    if recorded.sum() < 3:
        raise ValueError("A multiverse needs at least three actors with a recorded position.")
    n = nulls.default_resamples(int(recorded.sum())) if n_resamples is None else n_resamples
    table = observed[recorded]
    tables = nulls.draw(table, n, "positions", generator)
    if not (tables[1:] != table).any():
        raise NoNullError("No other table has these totals, so that chance gives only this one.")
    tilt = nulls.blocks(table, PLANTED, generator, levels.get("dimension"))
    planted = nulls.draw(table, PLANTED, "positions", generator, tilt)
    space = _Space(views, levels, named, linkages, cuts, contents)  # type: ignore[arg-type]
    run = space.run(np.concatenate([tables, planted[1:]]))
    if not run.made:
        raise ValueError(
            f"None of {count(len(run.skipped), 'specification')} can be computed: no tree can be "
            f"cut into {join_names(cuts)} clusters."
        )
    attributes = meeting.actors.set_index("actor").reindex(views.actors)
    return replace(_result(run, np.flatnonzero(recorded), views.actors), attributes=attributes)


@dataclass(frozen=True)
class _Views:
    """One coding each, a coder's with or without positions by reference, side by side."""

    names: list[tuple[str, str]]  # coder and basis
    counts: Floats  # actors × codes × (views · stances), 1 where a view holds a stance
    actors: tuple[str, ...]
    codes: tuple[str, ...]
    stances: tuple[int, ...]


def _views(meeting: Meeting, basis: object, coder: object) -> _Views:
    tables = [meeting.statements, meeting.recodings]
    named = [table["coder"].dropna() for table in tables if "coder" in table]
    coders = (pd.concat(named).unique().tolist() if named else []) or [""]
    values = {value for table in tables if "basis" in table for value in table["basis"].dropna()}
    bases = ["all", "explicit"] if {"explicit", "by_reference"} <= values else ["all"]
    if coder is not None:
        coders = as_list("coder", coder, coders)  # type: ignore[arg-type]
    if basis is not None:
        bases = as_list("basis", basis, bases)  # type: ignore[arg-type]
    tallies, names = [], []
    for one, which in product(coders, bases):
        part = meeting.select(coder=one) if one else meeting
        if which == "explicit":
            part = part.select(basis="explicit")
        tallies.append(part.tally("code"))
        names.append((one, which))
    actors = meeting.tally("code").actors if len(coders) < 2 else tallies[0].actors
    actors = tuple(dict.fromkeys([*actors, *(a for tally in tallies for a in tally.actors)]))
    codes = tuple(dict.fromkeys(key for tally in tallies for key in tally.keys))
    stances = tallies[0].stances
    counts = np.zeros((len(actors), len(codes), len(tallies), len(stances)))
    for i, tally in enumerate(tallies):
        row = [actors.index(name) for name in tally.actors]
        column = [codes.index(key) for key in tally.keys]
        counts[np.ix_(row, column, [i])] = (tally.dense() > 0)[:, :, None]
    return _Views(names, counts.reshape(len(actors), len(codes), -1), actors, codes, stances)


def _levels(
    meeting: Meeting, by: object, codes: tuple[str, ...]
) -> dict[str, NDArray[np.int64] | None]:
    """Return the levels, each with the number of every code's dimension (None for codes)."""
    known = ["dimension", "code"] if "dimension" in meeting.codebook else ["code"]
    chosen = known if by is None else as_list("by", by, known)  # type: ignore[arg-type]
    codebook = meeting.codebook
    dimension = pd.factorize(codebook["dimension"])[0] if "dimension" in codebook else None
    place = {} if dimension is None else dict(zip(codebook["code"], dimension, strict=True))
    return {
        level: None if level == "code" else np.array([place[code] for code in codes])
        for level in chosen
    }


@dataclass
class _Run:
    """What all specifications give for the observed table, random ones, and planted ones."""

    made: list[dict[str, object]]
    skipped: list[dict[str, object]]
    labels: list[Integers]  # of the observed table
    same: Floats  # tables × actors × actors: in how many specifications two are together
    both: Floats  # … and in how many both are placed
    eigenvalues: dict[str, list[Floats]]  # by level

    @property
    def shares(self) -> Floats:
        """The shares of all pairs, tables × pairs, NaN where no specification places both."""
        a, b = np.triu_indices(self.same.shape[-1], 1)
        same, both = self.same[:, a, b], self.both[:, a, b]
        return np.divide(same, both, out=np.full_like(same, np.nan), where=both > 0)


@dataclass(frozen=True)
class _Found:
    """One tree of every table, cut into several numbers of clusters."""

    measure: str
    method: str
    placed: Flags
    numbers: list[int]
    labels: Integers  # tables × numbers × placed actors
    scores: Floats  # silhouettes of the observed table
    eigenvalues: Floats

    @property
    def both(self) -> Integers:
        """In how many cuts each table's actors are placed."""
        return np.asarray((self.labels[:, :, 0] != UNPLACED).sum(axis=1))

    @property
    def same(self) -> Integers:
        """In how many of each table's cuts two actors are together."""
        total = np.zeros((len(self.labels), *[self.labels.shape[2]] * 2), dtype=np.int64)
        for cut in self.labels.astype(np.int16).swapaxes(0, 1):
            total += (cut[:, :, None] == cut[:, None, :]) & (cut[:, :1, None] != UNPLACED)
        return total


@dataclass(frozen=True)
class _Space:
    """All combinations of choices, to be run on tables of categories."""

    views: _Views
    levels: dict[str, NDArray[np.int64] | None]
    measures: list[str]
    methods: list[LinkageMethod]
    numbers: list[int]
    contents: Floats

    def run(self, tables: nulls.Tables) -> _Run:
        """Cluster every table under every combination of choices."""
        total, n, _ = tables.shape
        run = _Run([], [], [], np.zeros((total, n, n)), np.zeros((total, n, n)), {})
        known: dict[tuple[bytes, str], list[_Found]] = {}
        times: Counter[tuple[bytes, str]] = Counter()
        steps = len(self.levels) * len(self.views.names)
        each = progress(product(self.levels, enumerate(self.views.names)), "specifications", steps)
        for level, (view, (coder, basis)) in each:
            # coders who agree throughout, and bases that make no difference, are computed once
            key = (self._held(view).tobytes(), level)
            if key not in known:
                known[key] = list(self._cluster(tables, view, level))
            times[key] += 1
            for found in known[key]:
                run.eigenvalues.setdefault(level, []).append(found.eigenvalues)
                choices = {"by": level, "basis": basis, "coder": coder, "measure": found.measure}
                self._list(run, choices | {"method": found.method}, found)
        for key, trees in known.items():
            for found in trees:
                rows = np.flatnonzero(found.placed)
                place = (slice(None), rows[:, None], rows)
                run.same[place] += times[key] * found.same
                run.both[place] += times[key] * found.both[:, None, None]
        return run

    def _held(self, view: int) -> Floats:
        """Return what a cell of each category holds in one view, categories × stances."""
        k = len(self.views.stances)
        return self.contents[:, view * k : (view + 1) * k]

    def _cluster(self, tables: nulls.Tables, view: int, level: str) -> Iterator[_Found]:
        """Cluster all tables by one view and level, under each measure and linkage."""
        values = self._values(tables[:1], view, level)
        placed, _ = _trees.find_placed(values[0, 0])  # all measures of sets have the same gaps
        n, inside = int(placed.sum()), np.flatnonzero(placed)
        if n < 2:
            return
        numbers = [number for number in self.numbers if number < n]
        step = max(1, nulls.CHUNK // (len(placed) ** 2 * len(self.measures)))
        labels, eigenvalues = [], []
        for start in range(0, len(tables), step):
            values = self._values(tables[start : start + step], view, level)
            values = values[..., inside[:, None], inside]
            eigenvalues.append(first_eigenvalues(values))
            distance, _ = _trees.distances(values)
            labels.append(
                [[_trees.link(d, name).cut(numbers) for d in distance] for name in self.methods]
            )
            if start == 0:
                observed = distance[:, :1]
        every, eigen = np.concatenate(labels, axis=2), np.concatenate(eigenvalues, axis=1)
        for (i, measure), (j, method) in product(enumerate(self.measures), enumerate(self.methods)):
            scores = _trees.silhouettes(observed[i], every[j, i, :1])[0]
            yield _Found(measure, method, placed, numbers, every[j, i], scores, eigen[i])

    def _values(self, tables: nulls.Tables, view: int, level: str) -> Floats:
        """Return agreement by each measure, measures × tables × actors × actors."""
        pairs = pairs_of_counts(self._counts(tables, view, level), self.views.stances)
        empty = np.empty((0, 0))
        return np.array([remeasure(Agreement((), empty, name), pairs) for name in self.measures])

    def _counts(self, tables: nulls.Tables, view: int, level: str) -> Floats:
        """Return what one view holds by one level: tables × actors × keys × stances, 0 or 1."""
        held = self._held(view)[tables]
        group = self.levels[level]
        if group is None:
            return held
        groups = range(int(group.max(initial=-1)) + 1)
        parts = [held[:, :, group == one].max(axis=2, initial=0) for one in groups]
        return np.stack(parts, axis=2)

    def _list(self, run: _Run, choices: dict[str, str], found: _Found) -> None:
        """List the cuts of one tree of the observed table among the specifications."""
        for number in self.numbers:
            row: dict[str, object] = {**choices, "n_clusters": number}
            at = found.numbers.index(number) if number in found.numbers else None
            if at is not None and found.labels[0, at, 0] != UNPLACED:
                full = np.full(len(found.placed), UNPLACED)
                full[found.placed] = found.labels[0, at]
                run.made.append(row | {"silhouette": float(found.scores[at])})
                run.labels.append(full)
            else:
                reason = "too few actors" if at is None else "merges that tie are made together"
                run.skipped.append(row | {"reason": reason})


def _reached(shares: Floats) -> Floats:
    """Return in how many pairs each table has a p of 0.05 or less, were it the observed one."""
    tables = len(shares)
    below = np.column_stack([np.searchsorted(np.sort(column), column - TIE) for column in shares.T])
    return np.asarray(((tables - below) / tables <= ALPHA).sum(axis=1), dtype=np.float64)


def _result(run: _Run, rows: Integers, actors: tuple[str, ...]) -> Multiverse:
    """Judge the observed table, the first of a run, among the random ones."""
    index = pd.Index(actors, name="actor", dtype="str")
    names = index[rows]
    shares, planted = np.split(run.shares, [-PLANTED])
    a, b = np.triu_indices(len(rows), 1)
    seen = ~np.isnan(shares[0])
    # a pair that a random table never places both of counts there as chance has it elsewhere
    with np.errstate(invalid="ignore"):
        chance = np.nanmean(np.where(seen, shares, 0.0)[1:], axis=0)
    filled = np.where(np.isnan(shares), chance, shares)
    p = (filled >= filled[0] - TIE).mean(axis=0)
    adjusted = np.full(len(p), np.nan)
    adjusted[seen] = adjust(p[seen])
    pairs = pd.DataFrame(
        {
            "actor": names[a],
            "other": names[b],
            "share": shares[0],
            "chance": chance,
            "p": p,
            "p_adjusted": adjusted,
        }
    )[seen]
    pairs = pairs.sort_values(["share", "p"], ascending=[False, True], kind="stable")
    undecided = (filled * (1 - filled))[:, seen]
    overall = -undecided.mean(axis=1)
    found = np.where(np.isnan(planted), chance, planted)[:, seen]
    clear = -(found * (1 - found)).mean(axis=1)
    reached = (overall[1:] >= clear[:, None] - TIE).sum(axis=1)
    numbers = np.full((len(index), len(run.labels)), UNPLACED)
    for i, cut in enumerate(run.labels):
        numbers[rows[cut != UNPLACED], i] = _by_size(cut[cut != UNPLACED])
    labels = pd.DataFrame(numbers, index).astype("Int64").where(numbers != UNPLACED)
    labels.columns.name = "specification"
    specifications = pd.DataFrame(run.made).rename_axis("specification")
    columns = [*CHOICES, "reason"]
    return Multiverse(
        specifications=specifications,
        labels=labels,
        skipped=pd.DataFrame(run.skipped, columns=columns),
        pairs=pairs.reset_index(drop=True),
        expected_pairs=_reached(filled[:, seen])[1:].mean(),
        candidates=_candidates(filled, names),
        p_value=p_value(overall),
        structure=_structure(run.eigenvalues, len(shares)),
        influence=_influence(specifications, np.array(run.labels)),
        swing=_swing(4 * filled * (1 - filled), seen, names),
        power=float(((reached + 1) / len(overall) <= ALPHA).mean()),
        n_resamples=len(shares) - 1,
    )


def _candidates(shares: Floats, names: pd.Index[str]) -> pd.DataFrame:
    """Return the groups of the first table, and how often others have any as distinct.

    Pairs are standardised over all tables, since busy actors are together more often. A group is
    as distinct as the mean of its pairs exceeds that of pairs with others, times the root of its
    size: large groups vary less.
    """
    n = len(names)
    a, b = np.triu_indices(n, 1)
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
    rows = score @ inside
    within, total = (
        (inside * rows).sum(axis=1),
        (inside * score.sum(axis=2)[:, :, None]).sum(axis=1),
    )
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


def _by_size(labels: Integers) -> Integers:
    """Number clusters from 1, the largest first."""
    size = np.bincount(labels)
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(1, len(size) + 1)
    return rank[labels]


def _structure(eigenvalues: dict[str, list[Floats]], n_tables: int) -> pd.DataFrame:
    """Return the p values of the eigenvalues of all levels jointly, and of each level."""

    def jointly(parts: Iterable[Floats]) -> float:
        values = np.array(list(parts))[:, :n_tables]
        deviation = np.maximum(values.std(axis=1, keepdims=True), TIE)
        return p_value(((values - values.mean(axis=1, keepdims=True)) / deviation).mean(axis=0))

    found = {"all": jointly(part for parts in eigenvalues.values() for part in parts)}
    found |= {level: jointly(parts) for level, parts in eigenvalues.items()}
    index = pd.Index(list(found), name="level", dtype="str")
    return pd.DataFrame({"p_value": list(found.values())}, index)


def _swing(undecided: Floats, seen: Flags, names: pd.Index[str]) -> pd.DataFrame:
    """Return how undecided each actor's pairs are, and what chance gives."""
    a, b = np.triu_indices(len(names), 1)
    rows = []
    for i, name in enumerate(names):
        own = seen & ((a == i) | (b == i))
        if own.any():
            each = undecided[:, own].mean(axis=1)
            rows.append((name, float(each[0]), float(each[1:].mean())))
    table = pd.DataFrame(rows, columns=["actor", "swing", "chance"])
    return table.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)


def _influence(frame: pd.DataFrame, labels: Integers) -> pd.DataFrame:
    """Return what each choice changes: adjusted Rand of specifications that differ in it alone."""
    # many specifications give the same labels
    kinds = np.unique(labels, axis=0, return_inverse=True)[1].ravel()  # numpy 2.0 adds an axis
    known: dict[tuple[int, int], float] = {}
    rows = []
    for choice in CHOICES:
        if frame[choice].nunique() < 2:
            continue
        others = [name for name in CHOICES if name != choice]
        found = []
        for a, b in _differing(frame, others):
            kind = kinds[a], kinds[b]
            if kind not in known:
                both = (labels[a] != UNPLACED) & (labels[b] != UNPLACED)
                known[kind] = adjusted_rand(labels[a][both], labels[b][both])
            found.append(known[kind])
        found = [value for value in found if not np.isnan(value)]
        if found:
            rows.append((choice, len(found), float(np.mean(found)), float(np.min(found))))
    table = pd.DataFrame(rows, columns=["choice", "pairs", "adjusted_rand", "lowest"])
    table = table.astype({"pairs": "int64", "adjusted_rand": "float64", "lowest": "float64"})
    return table.sort_values("adjusted_rand", kind="stable").set_index("choice")


def _differing(frame: pd.DataFrame, others: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of specifications that agree in all other choices."""
    for _, group in frame.groupby(others, sort=False, dropna=False):
        numbers = group.index.tolist()
        for i, a in enumerate(numbers):
            for b in numbers[i + 1 :]:
                yield a, b
