"""Change over time: a meeting in windows, how agreement and memberships change between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from statistics import multimode
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, join_names, minus, p_words, with_suggestion
from camdata.analysis.chance import ALPHA
from camdata.analysis.cohesion import left_out, left_out_words, members_of
from camdata.analysis.divisions import adjust_defined
from camdata.analysis.groups import Groups
from camdata.analysis.labels import adjusted_rand, align_labels, as_numbers, number_clusters
from camdata.analysis.measures import Agreement, MeasureName, agreement, remeasure
from camdata.analysis.null import CHUNK, NoNullError, first_eigenvalues, p_value, random_tables
from camdata.analysis.pairs import mean_defined, pairs_of_counts
from camdata.analysis.polarization import polarization
from camdata.analysis.shifts import Shifts, find_shifts
from camdata.analysis.trees import Floats, Integers, partitions
from camdata.analysis.windowing import Window, counted_statements, divide, part_of_tally
from camdata.model.meeting import Meeting
from camdata.model.tally import By, Tally

POLARIZATION = ("polarization", "polarization_expected", "polarization_p")
FEWEST_DRAWS = 20
"""Days that can be exchanged in fewer ways than this cannot show a change at 5 %."""


@dataclass(frozen=True, eq=False, repr=False)
class Windows(Result):
    """A meeting in windows: the same actors and codes in each, in the same order.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per window, index `window` (str): `start`, `end` (datetime64[s], missing without
        dates), `statements`, `actors` (int, those with statements), `agreement` (mean over pairs),
        `within` and `between` (mean agreement within and between the groups, or the clusters where
        no groups are given), `modularity` (of the same), `p_value` (of `camdata.structure`: more
        agreement than chance), `polarization`, `polarization_expected` and `polarization_p` (see
        `camdata.analysis.polarization`). Also as `frame`.
    memberships : pandas.DataFrame
        Actors × windows, ``Int64``: clusters, aligned so that a bloc keeps its number as long as it
        keeps most of its members; ``<NA>`` for an unplaced actor.
    changes : pandas.DataFrame
        One row per window after the first: `before`, `after` (str), `pairs` (int, those with
        agreement in both), `distance` (mean absolute difference of their agreement, where
        tested with as many statements a day in both), `expected` (its mean where days are exchanged
        between the two windows), `p_value`, `p_adjusted`
        (Benjamini & Hochberg) and `rand` (adjusted Rand index of the memberships).
    distances, membership_distances : pandas.DataFrame
        Windows × windows: mean absolute difference of agreement; 1 - adjusted Rand index.
    measured : tuple of Agreement
        The agreement of each window, with its tally; by name as `agreements`.
    left_out : int
        How many statements are in no window, since they have no date.
    too_small : tuple of str
        The windows without a test of structure (see `camdata.structure`): fewer than three actors,
        or totals that force the table.
    without_group : tuple of str
        The actors without a group, where groups are given.
    meeting : Meeting
        The whole meeting.
    """

    table: pd.DataFrame
    memberships: pd.DataFrame
    changes: pd.DataFrame
    distances: pd.DataFrame
    membership_distances: pd.DataFrame
    measured: tuple[Agreement, ...]
    left_out: int
    too_small: tuple[str, ...]
    without_group: tuple[str, ...]
    meeting: Meeting

    @property
    def names(self) -> tuple[str, ...]:
        """The windows in order."""
        return tuple(self.table.index)

    @property
    def agreements(self) -> dict[str, Agreement]:
        """The agreement of each window, by its name."""
        return dict(zip(self.names, self.measured, strict=True))

    def __len__(self) -> int:
        return len(self.measured)

    def tally(self, name: str) -> Tally:
        """Return the tally of a window: all actors and codes, silent ones included."""
        if name not in self.names:
            raise ValueError(f"There is no window {with_suggestion(str(name), self.names)}.")
        return self.agreements[name].tally  # type: ignore[return-value]

    def part(self, name: str) -> Meeting:
        """Return a window as a meeting of its statements, with all actors."""
        coded: Any = self.tally(name).coded
        statements = self.meeting.statements.iloc[np.sort(coded.rows)]
        return self.meeting.replace(statements=statements, actors=self.meeting.actors)

    def shifts(self, a: str, b: str) -> Shifts:
        """Find who moved on which code between two windows, with the words before and after.

        Parameters
        ----------
        a, b : str
            The names of two windows; see `names`.

        Returns
        -------
        camdata.analysis.Shifts
        """
        return find_shifts({name: self.tally(name) for name in (a, b)})

    @property
    def summary(self) -> str:
        """How many windows, and between which of them agreement changes, in words."""
        table, changes = self.table, self.changes
        low, high = table["statements"].min(), table["statements"].max()
        ends = table["agreement"].agg(["min", "max"])
        agreed = " to ".join(minus(f"{end:.2f}") for end in ends)
        lines = [
            f"{count(len(self), 'window')}, the first {self.names[0]}, the last {self.names[-1]}: "
            f"{low:,} to {high:,} statements, mean agreement {agreed}"
        ]
        tested = changes[changes["p_value"].notna()]
        found = tested[tested["p_adjusted"] <= ALPHA]
        if not len(tested):
            lines.append(
                "No test of change: no random draws were asked for, windows overlap or share a "
                "day, or they have too few days or documents that could be exchanged."
            )
        elif len(found):
            words = (
                f"{row['before']} to {row['after']} ({p_words(row['p_adjusted'])})"
                for _, row in found.iterrows()
            )
            lines.append(
                f"Agreement changes more than chance gives: {join_names(words)}. A change of who "
                "speaks, or on what, counts as one; `shifts` says who moved."
            )
        else:
            lines.append(
                f"No change of agreement is found beyond chance (smallest adjusted "
                f"{p_words(tested['p_adjusted'].min())}, "
                f"{count(len(tested), 'pair')} of consecutive windows), which is no evidence that "
                "there is none."
            )
        if self.too_small:
            small = join_names(self.too_small)
            lines.append(
                f"no test of structure (fewer than three actors, or forced by the totals): {small}"
            )
        if self.left_out:
            lines.append(f"in no window, having no date: {count(self.left_out, 'statement')}")
        return "\n".join(lines + left_out_words(self.without_group))


def windows(
    meeting: Meeting,
    by: str | None = None,
    *,
    of: By | None = None,
    days: int | None = None,
    step: int | None = None,
    statements: int | None = None,
    groups: Groups | None = None,
    measure: MeasureName | None = None,
    n_clusters: int = 2,
    n_resamples: int | None = None,
    seed: Seed = 0,
) -> Windows:
    """Divide a meeting into windows of time and measure agreement and blocs in each.

    Parameters
    ----------
    meeting : Meeting
        Of several coders, one is selected before.
    by : str, optional
        ``"meeting"`` or ``"document"``; ``"day"``, ``"week"``, ``"month"``, ``"quarter"``,
        ``"year"``; or any offset of pandas, such as ``"2MS"``. By default ``"month"``, unless
        `days` or `statements` is given.
    of : {"dimension", "code"}, optional
        As `by` of `Meeting.tally`.
    days, step : int, optional
        Sliding windows of so many days, each `step` days (by default `days`) after the other; the
        last one ends with or after the last statement.
    statements : int, optional
        Windows of so many statements in the order of their dates; the last one may have fewer.
    groups : str, Series or mapping, optional
        As for `camdata.analysis.association`.
    measure : str, optional
        As for `camdata.agreement`.
    n_clusters : int
        How many clusters in each window, by average linkage, or the nearest number that its tree
        can be cut into. They describe; `p_value` says whether there is more structure than chance
        gives.
    n_resamples : int, optional
        How many random tables for each window (by default 199) and exchanges of days for each
        change (by default 999); 0 for none.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Windows

    Raises
    ------
    ValueError
        If the statements have no dates (or meetings, or documents), or all are in one window; for
        an offset that pandas does not know.

    Notes
    -----
    Whether two consecutive windows differ is tested by exchanging days (of each document, where
    there are several) between them: if nothing changes, each day could as well be in the other
    window. Days stay whole, since what is said on one day is not independent. Agreement grows with
    the number of statements alone, so that of the busier window statements are left out at random
    until both have as many a day. No change is found in stationary noise in more than 5 % of all
    series (p adjusted over all pairs of windows). A change of who speaks, or on what, counts as a
    change; `Windows.shifts` says whose positions moved.

    Compare the levels of agreement of windows only where about as much is said in them.

    Clusters are aligned to the last known cluster of each actor: an optimal assignment gives each
    the number with which it shares most actors. One that shares none gets the number that its
    members had most often before, else a new one.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.analysis.windows(cam.load_meeting())
    Traceback (most recent call last):
    ...
    ValueError: This meeting cannot be divided by month: its statements have no column 'date' ...
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    if of is not None:
        check_choice("of", of, ("dimension", "code"))
    generator = check_seed(seed)
    whole = meeting.tally(of)
    frame = counted_statements(whole)
    found = divide(frame, by, days, step, statements)
    agreements = {w.name: agreement(part_of_tally(whole, w.rows), measure) for w in found}
    values = {name: one.values for name, one in agreements.items()}
    memberships = _memberships(values, check_count("n_clusters", n_clusters), whole)
    blocs = {name: pd.factorize(memberships[name])[0] for name in values}
    without_group: tuple[str, ...] = ()
    if groups is not None:
        member = members_of(whole, groups)
        without_group = left_out(member)
        group = np.where(member.any(axis=1).to_numpy(), member.to_numpy().argmax(axis=1), -1)
        blocs = dict.fromkeys(values, group)
    draws = 199 if n_resamples is None else n_resamples
    rows = [
        _measures(one, blocs[name], draws, generator)
        for name, one in progress(agreements.items(), "windows", total=len(found))
    ]
    index = pd.Index(list(values), name="window", dtype="str")
    bounds = pd.DataFrame({"start": [w.start for w in found], "end": [w.end for w in found]}, index)
    table = bounds.astype("datetime64[s]").join(pd.DataFrame(rows, index))
    too_small = table.index[table["p_value"].isna()] if draws else ()
    rand = [[1 - _rand(memberships[a], memberships[b]) for b in values] for a in values]
    far = [[_distance(a, b)[0] for b in values.values()] for a in values.values()]
    exchange = _Exchange(agreement(whole, measure), _exchanged(frame), generator)
    draws = 999 if n_resamples is None else n_resamples
    return Windows(
        table=table,
        memberships=memberships,
        changes=_changes(found, values, np.array(rand), exchange, draws),
        distances=pd.DataFrame(far, index, index),
        membership_distances=pd.DataFrame(rand, index, index),
        measured=tuple(agreements.values()),
        left_out=len(frame) - len(np.unique(np.concatenate([w.rows for w in found]))),
        too_small=tuple(too_small),
        without_group=without_group,
        meeting=meeting,
    )


# measuring


def _memberships(values: Mapping[str, Floats], number: int, whole: Tally) -> pd.DataFrame:
    """Cluster each window, and align its clusters to the last known ones of the actors."""
    actors = pd.Index(whole.actors, name="actor", dtype="str")
    last = pd.Series(pd.NA, actors, dtype="Int64")
    known: set[int] = set()
    columns: dict[str, pd.Series[int]] = {}
    for name, table in values.items():
        group = partitions(table[None], number, "average")[0]
        labels = pd.Series(pd.NA, actors, dtype="Int64")
        placed = np.flatnonzero(group >= 0)
        labels.iloc[placed] = number_clusters(group[placed], placed)
        aligned = align_labels(labels, last)
        kept = {*aligned.dropna()} & {*last.dropna()}
        names = {label: label for label in kept}
        for label in sorted({*aligned.dropna()} - kept):
            # a bloc that comes back gets the number that its members had most often
            inside = aligned.eq(label).fillna(False)
            had = [n for old in columns.values() for n in old[inside].dropna() if n not in kept]
            names[label] = min(multimode(had), default=len(known) + 1)
            kept.add(names[label])
            known.add(names[label])
        columns[name] = aligned.map(names, na_action="ignore").astype("Int64")
        last = columns[name].fillna(last)
    return pd.DataFrame(columns, actors).rename_axis(columns="window")


def _measures(
    one: Agreement, bloc: Integers, draws: int, generator: np.random.Generator
) -> dict[str, float]:
    """Return the row of a window; `bloc` numbers the bloc of each actor, -1 for none."""
    tally: Any = one.tally
    values = one.values.copy()
    np.fill_diagonal(values, np.nan)
    both = np.logical_and.outer(bloc >= 0, bloc >= 0)
    same = np.equal.outer(bloc, bloc)
    row = {
        "statements": int(tally.statements.sum()),
        "actors": int((tally.statements > 0).sum()),
        "agreement": _mean(values),
        "within": _mean(values[same & both]),
        "between": _mean(values[~same & both]),
        "modularity": _modularity(values, bloc),
    }
    row |= dict.fromkeys(["p_value", *POLARIZATION], np.nan)
    try:
        if draws:
            drawn = random_tables(one, draws, seed=generator)
            row["p_value"] = p_value(first_eigenvalues(drawn.values(one)))
    except NoNullError:
        pass  # too few positions in this window: its p value stays missing
    if row["actors"] >= 2 and set(tally.stances) == {1, -1}:
        found = polarization(tally, n_resamples=draws, seed=generator).frame
        cells = found[["polarization", "expected", "p_value"]].to_numpy(dtype=float)[0]
        row |= zip(POLARIZATION, cells.tolist(), strict=True)
    return row


def _mean(values: Floats) -> float:
    return float(mean_defined(values.ravel()))


def _modularity(values: Floats, bloc: Integers) -> float:
    """Return Newman's modularity of blocs in the positive agreement of their members."""
    inside = np.flatnonzero(bloc >= 0)
    weights = np.maximum(np.nan_to_num(values[np.ix_(inside, inside)]), 0.0)
    degree, total = weights.sum(axis=1), weights.sum()
    if total == 0:
        return np.nan
    same = np.equal.outer(bloc[inside], bloc[inside])
    return float(((weights - np.outer(degree, degree) / total) * same).sum() / total)


# changing


def _distance(a: Floats, b: Floats) -> tuple[float, int]:
    """Return the mean absolute difference of two tables of agreement, and over how many pairs."""
    upper = np.triu_indices(len(a), 1)
    far = np.abs(a[upper] - b[upper])
    return _mean(far), int((~np.isnan(far)).sum())


def _rand(a: pd.Series[int], b: pd.Series[int]) -> float:
    both = a.notna() & b.notna()
    return adjusted_rand(as_numbers(a[both]), as_numbers(b[both]))


def _exchanged(frame: pd.DataFrame) -> Integers:
    """Return the number of each statement's day and document: what is exchanged as a whole."""
    columns = ["meeting", "document", "date"]  # those that are not there are the same for all
    grouped = frame.reindex(columns=columns).groupby(columns, dropna=False, sort=True)
    return np.asarray(grouped.ngroup(), dtype=np.int64)


@dataclass(frozen=True)
class _Exchange:
    """Exchanges of whole days between two windows."""

    agreement: Agreement
    unit: Integers
    generator: np.random.Generator

    def distances(self, a: Integers, b: Integers, draws: int) -> Floats | None:
        """Return the distance of two windows of statements, and after each exchange."""
        rows = np.concatenate([a, b])
        units, place = np.unique(self.unit[rows], return_inverse=True)
        ends = ((0, len(a)), (len(a), len(rows)))
        days = [np.unique(place[start:stop]) for start, stop in ends]
        n, is_split = len(days[0]), sum(map(len, days)) > len(units)
        if is_split or not draws or comb(len(units), n) < FEWEST_DRAWS:
            return None
        # as many statements a day of both windows, drawn at random
        least = min(len(a) / len(days[0]), len(b) / len(days[1]))
        kept = np.zeros(len(rows), dtype=bool)
        for (start, stop), own in zip(ends, days, strict=True):
            chosen = self.generator.permutation(stop - start)[: round(least * len(own))]
            kept[start + chosen] = True
        first = np.zeros((draws + 1, len(units)), dtype=bool)
        first[0, days[0]] = True
        for row in first[1:]:
            row[self.generator.permutation(len(units))[:n]] = True
        before = self._values([rows[kept & one[place]] for one in first])
        after = self._values([rows[kept & ~one[place]] for one in first])
        return np.array([_distance(x, y)[0] for x, y in zip(before, after, strict=True)])

    def _values(self, parts: Sequence[Integers]) -> Floats:
        """Return the agreement in each of many parts of the statements."""
        tally: Any = self.agreement.tally
        size = len(tally.actors) * max(len(tally.keys), len(tally.actors)) * len(tally.stances)
        step, found = max(1, CHUNK // max(size, 1)), []
        for start in range(0, len(parts), step):
            counts = [tally.coded.counts(tally, rows) for rows in parts[start : start + step]]
            pairs = pairs_of_counts(np.array(counts), tally.stances)
            found.append(remeasure(self.agreement, pairs))
        return np.concatenate(found)


def _changes(
    found: Sequence[Window],
    values: Mapping[str, Floats],
    membership: Floats,
    exchange: _Exchange,
    draws: int,
) -> pd.DataFrame:
    rows = []
    for i, (a, b) in enumerate(pairwise(found)):
        distance, pairs = _distance(values[a.name], values[b.name])
        drawn = exchange.distances(a.rows, b.rows, draws) if pairs else None
        expected = p = np.nan
        if drawn is not None:
            filled = np.nan_to_num(drawn)
            distance, expected, p = float(filled[0]), float(filled[1:].mean()), p_value(filled)
        rows.append((a.name, b.name, pairs, distance, expected, p, 1 - membership[i, i + 1]))
    columns = ["before", "after", "pairs", "distance", "expected", "p_value", "rand"]
    table = pd.DataFrame(rows, columns=columns).astype({"before": "str", "after": "str"})
    table.insert(6, "p_adjusted", adjust_defined(table["p_value"].to_numpy()))
    return table
