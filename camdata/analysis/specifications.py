"""The multiverse: who stands together over all defensible choices, and what chance gives there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, as_list, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, listed, p_words, percent
from camdata.analysis import null as nulls
from camdata.analysis import trees as _trees
from camdata.analysis.chance import ALPHA, PLANTED, adjust
from camdata.analysis.labels import adjusted_rand
from camdata.analysis.measures import SETS, Agreement, MeasureName, remeasure
from camdata.analysis.null import NoNullError, first_eigenvalues, p_range, p_value
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.trees import TIE, UNPLACED, Flags, Floats, Integers, LinkageMethod
from camdata.model.meeting import Meeting
from camdata.model.tally import By

CHOICES = ("by", "basis", "coder", "measure", "method", "n_clusters")
"""What a specification decides, in the order in which it is named."""
CHOICE_WORDS = {
    "by": "the level (dimensions or codes)",
    "basis": "whether positions by reference count",
    "coder": "the coder",
    "measure": "the measure",
    "method": "the linkage",
    "n_clusters": "the number of clusters",
}
"""What each choice is, in words."""
DEFAULT_MEASURES: tuple[MeasureName, ...] = ("jaccard", "dice", "cosine")
"""Overlap is left out: it counts a subset as the same, and ties nearly everything by dimension."""


@dataclass(frozen=True, eq=False, repr=False)
class Multiverse(Result):
    """Clusters under every defensible combination of choices, beside what chance gives.

    Attributes
    ----------
    specifications : pandas.DataFrame
        One row per combination that could be computed: `by`, `basis` (``all`` or ``explicit``),
        `coder` (empty where nobody is named), `measure`, `method` (str), `n_clusters` (int64),
        `silhouette` (float).
    labels : pandas.DataFrame
        Actors × specifications, ``Int64``, ``<NA>`` where unplaced; clusters numbered by size.
    skipped : pandas.DataFrame
        The combinations that could not be computed: the choices, and `reason`.
    pairs : pandas.DataFrame
        One row per pair of actors that some specification places both of: `actor`, `other`,
        `share` (of the specifications that place both, those in which they stand together),
        `chance` (the mean share in random tables), `p` (one-sided: how often a random table
        reaches the share) and `p_adjusted` (Benjamini & Hochberg, all pairs). Ordered by share,
        then p.
    p_value : float
        Overall: whether pairs are more clearly together or apart than in random tables.
    structure : pandas.DataFrame
        Index `level` (``all``, then each level): `p_value` of the largest eigenvalues of all
        agreements of that level jointly, which needs no clusters.
    influence : pandas.DataFrame
        Index `choice`: `pairs` (int64, of specifications that differ in that choice alone),
        `adjusted_rand` (their mean; 1 means that the choice changes nothing) and `lowest`. The
        choice that matters most is first; choices with one option only are left out.
    swing : pandas.DataFrame
        One row per placed actor, the most undecided first: `actor`, `swing` (0 to 1, the mean of
        4 s (1 - s) over its pairs, s being their shares) and `chance` (the mean in random tables).
    power : float
        The share of tables with the same totals and two planted clear blocks in which the overall
        test finds structure at 5 %.
    n_resamples : int
        How many random tables.

    Examples
    --------
    >>> import camdata as cam
    >>> universe = cam.multiverse(cam.load_meeting(), n_resamples=199)
    >>> universe.pairs.loc[0, ["actor", "other", "share"]].tolist()
    ['United States', 'Guatemala', 1.0]
    >>> universe.p_value > 0.05
    True
    """

    specifications: pd.DataFrame
    labels: pd.DataFrame
    skipped: pd.DataFrame
    pairs: pd.DataFrame
    p_value: float
    structure: pd.DataFrame
    influence: pd.DataFrame
    swing: pd.DataFrame
    power: float
    n_resamples: int

    @property
    def frame(self) -> pd.DataFrame:
        return self.pairs

    @property
    def p_range(self) -> tuple[float, float]:
        """Where the overall p would lie if all random tables were drawn, with 95 % certainty."""
        return p_range(self.p_value, self.n_resamples)

    @property
    def together(self) -> pd.DataFrame:
        """Actors × actors: the shares of `pairs`; ``NaN`` where none places both, 1 with itself."""
        actors = self.labels.index
        table = pd.DataFrame(np.nan, actors, actors)
        for row in self.pairs.to_dict("records"):
            table.at[row["actor"], row["other"]] = row["share"]
            table.at[row["other"], row["actor"]] = row["share"]
        for actor in actors[self.labels.notna().any(axis="columns")]:
            table.at[actor, actor] = 1.0
        return table

    @property
    def unplaced(self) -> list[str]:
        """The actors that no specification places."""
        labels = self.labels
        return labels.index[labels.isna().all(axis="columns")].tolist()

    @property
    def is_clear(self) -> bool:
        """Whether groups are clearer than in random tables, at 5 %."""
        return bool(self.p_value <= ALPHA)

    @property
    def groups(self) -> list[list[str]]:
        """Actors of whom every two are together more often than chance, after correction.

        Empty where the overall test finds nothing. The largest first.
        """
        pairs = self.pairs[self.pairs["p_adjusted"] <= ALPHA]
        if not self.is_clear or pairs.empty:
            return []
        names = [a for a in self.labels.index if a in {*pairs["actor"], *pairs["other"]}]
        place = {name: i for i, name in enumerate(names)}
        distance = np.ones((1, len(names), len(names)))
        for row in pairs.to_dict("records"):
            i, j = place[row["actor"]], place[row["other"]]
            distance[0, i, j] = distance[0, j, i] = 0.5 - row["share"] / 2
        tree = _trees.link(distance, "complete")
        merges = int((tree.heights[0] < 1 - TIE).sum())
        while merges and not tree.ends[0, merges - 1]:
            merges -= 1
        labels = tree.cut([len(names) - merges])[0, 0]
        found = [[names[i] for i in np.flatnonzero(labels == k)] for k in range(labels.max() + 1)]
        return sorted((group for group in found if len(group) > 1), key=len, reverse=True)

    @property
    def finding(self) -> str:
        """The answer in one sentence of at most 100 characters, for a title."""
        words = p_words(self.p_value)
        if not self.is_clear:
            return f"No group stands together more clearly than chance gives ({words})"
        number = len(self.groups)
        if number == 0:
            return f"Weak evidence of groups ({words}): no single pair is certain"
        stand = "group stands" if number == 1 else "groups stand"
        return f"{number} {stand} together more often than chance gives ({words})"

    @property
    def verdict(self) -> str:
        """Who stands together, and how sure that is: a few sentences that chance has checked."""
        words = p_words(self.p_value)
        over = f"Over {count(len(self.specifications), 'combination')} of choices,"
        power = f"two clear blocks in a table like this one would be found in {percent(self.power)}"
        joint = float(self.structure["p_value"].loc["all"])
        if self.groups:
            lines = [
                f"{over} groups are clearer than in random tables with the same totals ({words}).",
                *map(self._of_group, self.groups[:5]),
            ]
            if len(self.groups) > 5:
                lines.append(f"So do {count(len(self.groups) - 5, 'smaller group')}.")
        elif self.is_clear:
            lines = [
                f"{over} pairs are more clearly together or apart than in random tables with the "
                f"same totals ({words}), but no single pair is certain.",
                self._most_together(),
                "Agreement itself, which needs no clusters, has "
                + ("more" if joint <= ALPHA else "no more")
                + f" structure than chance gives ({p_words(joint)}).",
                f"So the evidence of groups is weak; {power} of cases.",
            ]
        else:
            lines = [
                f"{over} groups like these are usual in random tables in which every actor takes "
                f"as many positions and every position is as popular ({words}).",
                self._most_together(),
                f"This is no evidence that there are no groups: {power} of cases.",
            ]
        if not self.groups and (hint := self._hint()):
            lines.append(hint)
        if self.unplaced:
            lines.append(f"Nothing to compare: {listed(self.unplaced)}.")
        return " ".join(lines)

    def _of_group(self, group: list[str]) -> str:
        """Return how often a group's members stand together, and what chance gives."""
        inside = self.pairs["actor"].isin(group) & self.pairs["other"].isin(group)
        share, chance = self.pairs.loc[inside, ["share", "chance"]].mean()
        return (
            f"{_names(group)} stand together in {percent(share)} of them, where chance gives "
            f"{percent(chance)}."
        )

    def _hint(self) -> str:
        """Return which level alone has structure, where the levels differ."""
        levels = {str(by): float(p) for by, p in self.structure["p_value"].items() if by != "all"}
        hints = [f"by {by} ({p_words(p)})" for by, p in levels.items() if p <= ALPHA]
        if not hints or len(hints) == len(levels):
            return ""
        return f"Taken alone, agreement {' and '.join(hints)} has more structure than chance gives."

    def _most_together(self) -> str:
        """Return the sentence about the pairs most often together, and what chance says of them."""
        number = count(len(self.pairs), "pair")
        top = self.pairs[self.pairs["share"] >= self.pairs["share"].iloc[0] - TIE]
        share, p = percent(self.pairs["share"].iloc[0]), float(top["p_adjusted"].min())
        chance = percent(float(top["chance"].mean()))
        does = "survives" if p <= ALPHA else "does not survive"
        if len(top) > 3:
            return (
                f"{count(len(top), 'pair')} stand together in {share} of them, where chance gives "
                f"{chance}; none survives correction for {number} (smallest adjusted {p_words(p)})."
            )
        pairs = "; ".join(f"{a} and {b}" for a, b in zip(top["actor"], top["other"], strict=True))
        return (
            f"Most often together, in {share} of them where chance gives {chance}: {pairs}; this "
            f"{does} correction for {number} (adjusted {p_words(p)})."
        )

    @property
    def summary(self) -> str:
        """The verdict, the pairs, which choice matters most, and what could not be computed."""
        lines = [self.verdict]
        top = self.pairs.head(5).to_dict("records")
        lines += [
            f"{row['actor']} – {row['other']}: together in {percent(row['share'])}, by chance "
            f"{percent(row['chance'])} ({p_words(row['p'])}, adjusted {p_words(row['p_adjusted'])})"
            for row in top
        ]
        reached = int((self.pairs["p"] <= ALPHA).sum())
        lines.append(
            f"{reached} of {count(len(self.pairs), 'pair')} reach p ≤ 0.05 one by one; "
            f"{ALPHA * len(self.pairs):.1f} are expected by chance"
        )
        if len(self.influence):
            first = self.influence.iloc[0]
            name = CHOICE_WORDS[str(self.influence.index[0])]
            lines.append(
                f"what matters most is {name}: adjusted Rand {first['adjusted_rand']:.2f} between "
                "specifications that differ in it alone"
            )
        swing = self.swing.head(3)
        if len(swing) and swing["swing"].iloc[0] > TIE:
            names = (f"{row['actor']} ({row['swing']:.2f})" for row in swing.to_dict("records"))
            lines.append(f"most undecided, 0 to 1: {', '.join(names)}")
        if len(self.skipped):
            lines.append(self._left_out())
        lines.append(f"{count(self.n_resamples, 'random table')}, every coder's totals kept")
        return "\n".join(lines)

    def _left_out(self) -> str:
        """Return how many combinations could not be computed, by choice."""
        made, lost = len(self.specifications), len(self.skipped)
        parts = []
        for choice in ("by", "method", "n_clusters"):
            counts = self.skipped[choice].value_counts(sort=False)
            if len(counts):
                parts.append(", ".join(f"{value} {number}" for value, number in counts.items()))
        return (
            f"{made} of {made + lost} combinations could be computed; trees with ties have no such "
            f"cut in the others ({'; '.join(parts)})"
        )


def _names(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence."""
    if len(names) < 2:
        return "".join(names)
    shown = [*names[:6], f"{len(names) - 6} more"] if len(names) > 7 else list(names)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


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
    views = _views(meeting, basis, coder)
    levels = _levels(meeting, by, views.codes)
    names = {
        "measure": as_list("measures", measures, SETS),
        "method": as_list("methods", methods, ("average", "complete")),
    }
    cuts = sorted({check_count("numbers", number, least=2) for number in numbers})
    observed, contents = nulls.categories(views.counts)
    recorded = observed.any(axis=1)
    if recorded.sum() < 3:
        raise ValueError("A multiverse needs at least three actors with a recorded position.")
    n = nulls.default_resamples(int(recorded.sum())) if n_resamples is None else n_resamples
    table = observed[recorded]
    tables = nulls.draw(table, check_count("n_resamples", n), "positions", generator)
    if not (tables[1:] != table).any():
        raise NoNullError("No other table has these totals, so that chance gives only this one.")
    tilt = nulls.blocks(table, PLANTED, generator, levels.get("dimension"))
    planted = nulls.draw(table, PLANTED, "positions", generator, tilt)
    space = _Space(views, levels, names["measure"], names["method"], cuts, contents)
    run = space.run(np.concatenate([tables, planted[1:]]))
    if not run.made:
        raise ValueError(
            f"None of {count(len(run.skipped), 'specification')} can be computed: no tree can be "
            f"cut into {listed(cuts)} clusters."
        )
    return _result(run, np.flatnonzero(recorded), views.actors)


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

    @cached_property
    def both(self) -> Floats:
        """In how many cuts each table's actors are placed."""
        return np.asarray((self.labels[:, :, 0] != UNPLACED).sum(axis=1), dtype=np.float64)

    @cached_property
    def same(self) -> Floats:
        """In how many of each table's cuts two actors are together."""
        total = np.zeros((len(self.labels), *[self.labels.shape[2]] * 2))
        for i in range(len(self.numbers)):
            cut = self.labels[:, i]
            total += (cut[:, :, None] == cut[:, None, :]) & (cut[:, :1, None] != UNPLACED)
        return total


@dataclass(frozen=True)
class _Space:
    """All combinations of choices, to be run on tables of categories."""

    views: _Views
    levels: dict[str, NDArray[np.int64] | None]
    measures: list[str]
    methods: list[str]
    numbers: list[int]
    contents: Floats

    def run(self, tables: nulls.Tables) -> _Run:
        """Cluster every table under every combination of choices."""
        total, n, _ = tables.shape
        run = _Run([], [], [], np.zeros((total, n, n)), np.zeros((total, n, n)), {})
        known: dict[tuple[bytes, str], list[_Found]] = {}
        steps = len(self.levels) * len(self.views.names)
        each = progress(product(self.levels, enumerate(self.views.names)), "specifications", steps)
        for level, (view, (coder, basis)) in each:
            # coders who agree throughout, and bases that make no difference, are computed once
            key = (self._held(view).tobytes(), level)
            if key not in known:
                known[key] = list(self._cluster(tables, view, level))
            for found in known[key]:
                run.eigenvalues.setdefault(level, []).append(found.eigenvalues)
                choices = {"by": level, "basis": basis, "coder": coder, "measure": found.measure}
                self._add(run, choices | {"method": found.method}, found)
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
            distance = _trees.distances(values)[0].reshape(-1, n, n)
            trees = [_trees.link(distance, name) for name in self.methods]  # type: ignore[arg-type]
            cuts = [tree.cut(numbers) for tree in trees]
            labels.append(np.reshape(cuts, (len(cuts), *values.shape[:2], len(numbers), n)))
            if start == 0:
                observed = distance.reshape(values.shape)[:, :1]
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

    def _add(self, run: _Run, choices: dict[str, str], found: _Found) -> None:
        """Add one tree's cuts to the sums and to the list of specifications."""
        rows = np.flatnonzero(found.placed)
        place = (slice(None), rows[:, None], rows)
        run.same[place] += found.same
        run.both[place] += found.both[:, None, None]
        for number in self.numbers:
            row: dict[str, object] = {**choices, "n_clusters": number}
            at = found.numbers.index(number) if number in found.numbers else None
            if at is not None and found.labels[0, at, 0] != UNPLACED:
                full = np.full(len(found.placed), UNPLACED)
                full[rows] = found.labels[0, at]
                run.made.append(row | {"silhouette": float(found.scores[at])})
                run.labels.append(full)
            else:
                reason = "too few actors" if at is None else "merges that tie are made together"
                run.skipped.append(row | {"reason": reason})


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
        p_value=p_value(overall),
        structure=_structure(run.eigenvalues, len(shares)),
        influence=_influence(specifications, np.array(run.labels)),
        swing=_swing(4 * filled * (1 - filled), seen, names),
        power=float(((reached + 1) / len(overall) <= ALPHA).mean()),
        n_resamples=len(shares) - 1,
    )


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
    rows = []
    for choice in CHOICES:
        if frame[choice].nunique() < 2:
            continue
        others = [name for name in CHOICES if name != choice]
        found = []
        for a, b in _differing(frame, others):
            both = (labels[a] != UNPLACED) & (labels[b] != UNPLACED)
            if both.sum() > 1:
                found.append(adjusted_rand(labels[a][both], labels[b][both]))
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
