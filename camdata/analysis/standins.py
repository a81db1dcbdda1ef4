"""May a model stand in for coders, and does the result survive: tests of codings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from camdata._display import checks
from camdata._display.checks import Choice, Seed
from camdata._display.results import Result
from camdata._display.words import count, decimals, join_names, p_words, percent
from camdata.analysis.chance import ALPHA, adjust, cluster_choice, structure
from camdata.analysis.clustering import cluster
from camdata.analysis.coders import Level, Units, column_of, compared, jackknife_interval
from camdata.analysis.codings import ABSENT, CELL, NO_CODER, UNCODED, Codings, Read, collect, cross
from camdata.analysis.labels import LabelComparison, compare_clusters
from camdata.analysis.measures import MeasureName, agreement
from camdata.analysis.pairs import ratio
from camdata.analysis.specifications import multiverse
from camdata.analysis.trees import TIE, Floats
from camdata.model.meeting import Meeting
from camdata.model.tally import By, Coded, Tally

COUNTED, SCORES = ("reference", "recorded", "right"), ("precision", "recall", "f1")


@dataclass(frozen=True, eq=False, repr=False)
class AgainstReference(Result):
    """How good each coder's coding is against a reference coding.

    Attributes
    ----------
    reference : str
        Whose coding is taken as right.
    table : pandas.DataFrame
        Index `coder`, `level` (all, dimension, code) and `of` (all, or which): `reference` (how
        many positions the reference records), `recorded` (how many the coder), `right` (how many
        both; int), `precision` (right of those that the coder records), `recall` (right of the
        reference's) and `f1` (their harmonic mean), ``NaN`` where there is nothing to divide by;
        and of each of these ``…_low`` and ``…_high``, its 95 % interval over actors, ``NaN`` where
        there is none (as for `reliability`). Also as `frame`.
    errors : pandas.DataFrame
        One row per position that only one of the two records: `coder`, `document` (where there are
        several), `actor`, `code`, `stance` (int), `error` (``missed``: the reference only;
        ``added``: the coder only) and `quote` (of the one who records it; empty without quotes).
    """

    reference: str
    table: pd.DataFrame
    errors: pd.DataFrame

    @property
    def summary(self) -> str:
        """Precision, recall and F1 of each coder, in words."""
        lines = [f"Against {self.reference}:"]
        for who, row in self.table.xs(("all", "all"), level=("level", "of")).iterrows():
            parts = []
            for name in SCORES:
                low, high = row[f"{name}_low"], row[f"{name}_high"]
                between = "" if np.isnan(low) else f" ({decimals(low)} to {decimals(high)})"
                parts.append(f"{name.replace('f1', 'F1')} {decimals(row[name])}{between}")
            lines.append(
                f"  {who}: {', '.join(parts)}; {row['right']:.0f} right of {row['recorded']:.0f} "
                f"recorded, {row['reference']:.0f} in the reference"
            )
        return "\n".join(lines)


def against_reference(
    meeting: Meeting, reference: str, *, coder: Choice = None, read: Read = None
) -> AgainstReference:
    """Measure coders against a reference coding: precision, recall and F1, with intervals.

    For those who check a machine's coding, or coders in training, against one that is taken as
    right.

    Parameters
    ----------
    meeting : Meeting
        Its statements and its recodings are compared.
    reference : str
        The coder that is taken as right.
    coder : str or sequence of str, optional
        Whom to measure; by default everyone else.
    read : "everything" or mapping, optional
        As for `reliability`; each coder is measured on what both it and the reference read.

    Returns
    -------
    AgainstReference

    Raises
    ------
    TypeError, ValueError
        As for `reliability`; for a coder that the meeting does not have.

    Notes
    -----
    What is right or wrong is a position: an actor, a code and a stance (in a document, where there
    are several), however often it is recorded. With r positions that both record, of p that the
    coder and q that the reference records: precision r / p, recall r / q, F1 2 r / (p + q).
    Agreement on absence counts nowhere, so chance plays less of a part than in percent agreement.
    Intervals are the jackknife's over actors, on the logits of the shares.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> result = cam.analysis.against_reference(meeting, "camdata", coder="full_codebook")
    >>> print(result)
    Against camdata:
      full_codebook: precision 0.96 (0.80 to 0.99), recall 1.00, F1 0.98 (0.89 to >0.99); 52 right
      of 54 recorded, 52 in the reference
    """
    codings = collect(meeting, None, read, what="A comparison")
    checks.as_list("reference", reference, codings.coders)
    others = [who for who in codings.coders if who != reference]
    dimension = column_of(meeting.codebook, "code", "dimension")
    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    errors = []
    for who in dict.fromkeys(checks.as_list("coder", others if coder is None else coder, others)):
        both = _of_either(codings.of([reference, who]))
        rows[who, "all", "all"] = _scores(both)
        for name in dimension.unique():
            rows[who, "dimension", name] = _scores(both[both["code"].map(dimension) == name])
        for name in codings.codes:
            rows[who, "code", name] = _scores(both[both["code"] == name])
        errors.append(both[both["reference"] != both["recorded"]].assign(coder=who))
    index = pd.MultiIndex.from_tuples(rows, names=["coder", "level", "of"])
    wrong = pd.concat(errors, ignore_index=True)
    wrong["error"] = wrong["reference"].map({True: "missed", False: "added"}).astype("str")
    place = ["document"] * codings.several + ["actor"]
    table = pd.DataFrame(list(rows.values()), index).astype(dict.fromkeys(COUNTED, "int64"))
    return AgainstReference(
        reference, table, wrong[["coder", *place, "code", "stance", "error", "quote"]]
    )


def _of_either(pair: Codings) -> pd.DataFrame:
    """Return each position that either of two coders records of what both read, and who does."""
    rows = pair.rows.assign(quote=pair.rows["quote"].fillna("")).merge(pair.cells(), on=CELL)
    for name, who in zip(("reference", "recorded"), pair.coders, strict=True):
        rows[name] = rows["coder"].eq(who)
    how: dict[str, Any] = {"reference": "any", "recorded": "any", "quote": " / ".join}
    found: pd.DataFrame = rows.groupby([*CELL, "stance"], sort=False).agg(how).reset_index()
    return found


def _scores(positions: pd.DataFrame) -> dict[str, float]:
    """Return counts, shares and their intervals of the positions that either records."""
    counted = positions.assign(right=positions["reference"] & positions["recorded"])
    each = counted.groupby("actor")[list(COUNTED)].sum()
    p, q = each["recorded"], each["reference"]
    found = dict(each.sum())
    for name, of in zip(SCORES, (p, q, (p + q) / 2), strict=True):
        total = of[of > 0]
        r, t = each.loc[total.index, "right"].to_numpy(dtype=float), total.to_numpy(dtype=float)
        share = float(ratio(r.sum(), t.sum()))
        without = ratio(r.sum() - r, t.sum() - t)
        ends, _ = jackknife_interval(share, without, r < t, "error", 0)
        found |= dict(zip((name, f"{name}_low", f"{name}_high"), (share, *ends), strict=True))
    return found


@dataclass(frozen=True, eq=False, repr=False)
class AlternativeTest(Result):
    """Whether a model may stand in for coders, by the alternative annotator test.

    Attributes
    ----------
    model : str
        The coder that is tested.
    table : pandas.DataFrame
        Index `human`: `units` (int: that this coder, the model and another human coded), `model`
        (how often the model agrees with the other humans as well as this coder or better), `human`
        (the reverse), `p_value` (one-sided t: the model is not worse by `epsilon` or more),
        `p_adjusted` (Benjamini & Yekutieli) and `wins` (bool: rejected at 5 %). Also as `frame`.
    left_out : tuple of str
        The humans with too few units.
    epsilon : float
        By how much a human may be better, for what a human costs more.
    n_silent : int
        How many units were left out because nobody recorded anything.
    recorded : pandas.Series
        Index `coder`, the model first: in how many units (int) each recorded something.
    """

    model: str
    table: pd.DataFrame
    left_out: tuple[str, ...]
    epsilon: float
    n_silent: int
    recorded: pd.Series[int]

    @property
    def winning_rate(self) -> float:
        """The share of humans whom the model replaces well; it may stand in from 0.5 on."""
        return float(self.table["wins"].mean())

    @property
    def advantage(self) -> float:
        """The average advantage probability: the mean of the column `model`."""
        return float(self.table["model"].mean())

    @property
    def summary(self) -> str:
        """The answer in words."""
        may = "may" if self.winning_rate >= 0.5 else "may not"
        lines = [
            f"{self.model} {may} stand in for these {len(self.table)} coders: winning rate "
            f"{self.winning_rate:.2f} (epsilon {self.epsilon:g}, false discovery rate 5%), average "
            f"advantage probability {self.advantage:.2f}."
        ]
        lines += [
            f"  instead of {who}: as near to the others or nearer in {percent(row['model'])} of "
            f"{count(int(row['units']), 'unit')}, {who} in {percent(row['human'])}; adjusted "
            f"{p_words(row['p_adjusted'])}"
            for who, row in self.table.iterrows()
        ]
        lines += [f"  too few units: {join_names(self.left_out)}"] * bool(self.left_out)
        own, others = self.recorded.iloc[0], self.recorded.iloc[1:]
        lines.append(
            f"  something recorded: by {self.model} in {count(int(own), 'unit')}, by the others in "
            f"{others.min()} to {others.max()}"
        )
        if 2 * own < others.min():
            lines[-1] += (
                ": it says much less than they do, and wins where others are silent. See "
                "cam.analysis.against_reference for what it misses"
            )
        return "\n".join(lines)


def alternative_test(
    meeting: Meeting,
    model: str,
    humans: Sequence[str],
    *,
    units: str = "positions",
    level: Level | None = None,
    read: Read = None,
    epsilon: float = 0.2,
    min_units: int = 30,
) -> AlternativeTest:
    """Test whether a model may stand in for human coders (the alternative annotator test).

    Parameters
    ----------
    meeting : Meeting
        With the codings of the model and of three humans or more.
    model : str
        The coder that is tested.
    humans : sequence of str
        The coders it would stand in for.
    units, level, read
        What is compared, as for `reliability`.
    epsilon : float
        By how much a human may be better: 0.2 for experts, 0.15 for skilled annotators, 0.1 for
        crowd workers, as its authors advise.
    min_units : int
        Humans with fewer units are left out.

    Returns
    -------
    AlternativeTest

    Raises
    ------
    TypeError, ValueError
        For fewer than three humans, or fewer than three with enough units; as for `reliability`.

    Notes
    -----
    Calderon, Reichart & Dror (2025, ACL; arXiv:2501.10970). Each human is left out in turn. On each
    unit that it, the model and another human coded, whoever is nearer to the other humans on
    average wins (both do in a tie): by the share of equal values, the root mean squared difference
    on a scale, or the MASI distance of sets of codes. The model wins against a human if a t test
    rejects that it wins less often by `epsilon` or more, at a false discovery rate of 5 % over all
    humans. It may stand in for them if it wins against half of them.

    Units on which all are silent are left out: there a model that says nothing would be as good as
    anybody. The t test takes units as independent; those of one actor are not quite.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> cam.alternative_test(meeting, "camdata", ["definitions_only", "full_codebook"])
    Traceback (most recent call last):
    ...
    ValueError: The alternative test needs three humans or more beside the model, but got
    definitions_only, full_codebook.
    """
    names = list(dict.fromkeys(checks.as_names("humans", humans)))
    if model in names or len(names) < 3:
        raise ValueError(
            "The alternative test needs three humans or more beside the model, but got "
            f"{join_names(names) or 'none'}."
        )
    codings = collect(meeting, [model, *names], read, what="The alternative test")
    every = compared(codings, units, level)[0]
    parts = every.where(np.asarray((every.raw > ABSENT).any(axis=0)))
    least = checks.check_count("min_units", min_units, least=2)
    margin, rows = checks.check_share("epsilon", epsilon), {}
    for number, who in enumerate(names, 1):
        wins = _wins(parts, number)
        if wins.shape[1] >= least:
            p = _not_worse(wins[1] - wins[0], margin)
            rows[who] = [wins.shape[1], *wins.mean(axis=1), p]
    if len(rows) < 3:
        raise ValueError(
            f"Three humans need {least} units each that the model and another human coded too, but "
            f"only {join_names(rows) or 'nobody'} has so many."
        )
    columns = ["units", "model", "human", "p_value"]
    table = pd.DataFrame(list(rows.values()), pd.Index(list(rows), name="human"), columns)
    harmonic = (1 / np.arange(1, len(table) + 1)).sum()
    adjusted = np.minimum(adjust(table["p_value"].to_numpy()) * harmonic, 1)
    table = table.astype({"units": "int64"}).assign(p_adjusted=adjusted, wins=adjusted <= ALPHA)
    left_out = tuple(who for who in names if who not in rows)
    index = pd.Index([model, *names], name="coder")
    recorded = pd.Series((parts.raw > ABSENT).sum(axis=1), index, dtype="int64")
    silent = len(every.frame) - len(parts.frame)
    return AlternativeTest(model, table, left_out, margin, silent, recorded)


def _wins(units: Units, human: int) -> Floats:
    """Say on which units the model, and on which a human, is as near to the others as the other."""
    coded = units.values != UNCODED
    others = [i for i in range(1, len(coded)) if i != human]
    shared = coded[0] & coded[human] & coded[others].any(axis=0)
    rest, counts = units.values[others][:, shared], coded[others][:, shared]
    own = units.values[[0, human]][:, None, shared]
    model, other = (units.distances[own, rest] * counts).sum(axis=1)
    return np.array([model <= other + TIE, other <= model + TIE], dtype=float)


def _not_worse(difference: Floats, margin: float) -> float:
    """Return the p value of the hypothesis that a mean difference is the margin or more."""
    from scipy.special import stdtr

    error = difference.std(ddof=1) / np.sqrt(len(difference))
    if error == 0:
        return float(difference[0] >= margin)
    return float(stdtr(len(difference) - 1, (difference.mean() - margin) / error))


@dataclass(frozen=True, eq=False, repr=False)
class CodingComparison(Result):
    """What becomes of the results when another coder's coding is used.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `coder`: `positions` (int, cells of its tally), `structure` (p), `n_clusters` (int),
        `clusters` (p of the choice), `together` (overall p of the multiverse) and `groups` (tuples
        of actors who stand together more often than chance gives, after correction). Also as
        `frame`.
    correlation : pandas.DataFrame
        Coders × coders: Pearson's correlation of their agreements over all pairs of actors.
    clusters : LabelComparison
        Each coder's clusters side by side; its `rand` has the adjusted Rand index of each two.
    """

    table: pd.DataFrame
    correlation: pd.DataFrame
    clusters: LabelComparison

    @property
    def changed(self) -> list[str]:
        """The conclusions that depend on the coder: columns of `table`, and the clusters' members.

        Of p values, whether they are at most 5 %.
        """
        tests = ["structure", "clusters", "together"]
        answers = self.table[["n_clusters", "groups"]].join(self.table[tests] <= ALPHA)
        names = [str(name) for name in answers if len(set(answers[name])) > 1]
        return names + ["members"] * bool((self.clusters.rand < 1 - TIE).any(axis=None))

    @property
    def summary(self) -> str:
        """How alike the results are, and which conclusions change, in words."""
        pair = np.triu_indices(len(self.table), 1)
        alike = [part.to_numpy()[pair].min() for part in (self.correlation, self.clusters.rand)]
        lines = [
            f"Between each two coders: correlation of agreements at least {decimals(alike[0])}, "
            f"adjusted Rand of clusters at least {decimals(alike[1])}. Conclusions that depend on "
            f"the coder: {join_names(self.changed) or 'none'}."
        ]
        lines += [
            f"{who}: structure {p_words(row['structure'])}, {row['n_clusters']} clusters "
            f"{p_words(row['clusters'])}, pairs together or apart {p_words(row['together'])}"
            for who, row in self.table.iterrows()
        ]
        return "\n".join(lines)


def compare_codings(
    meeting: Meeting,
    *,
    coder: Choice = None,
    by: By | None = None,
    measure: MeasureName | None = None,
    n_resamples: int | None = None,
    seed: Seed = 0,
) -> CodingComparison:
    """Make the results from each coder's coding, and compare: does the conclusion survive?

    Parameters
    ----------
    meeting : Meeting
        With two coders (or runs of a model) or more among its statements and recodings.
    coder : sequence of str, optional
        Whom to compare; by default everyone.
    by, measure
        As for `Meeting.tally` and `camdata.agreement`.
    n_resamples : int, optional
        How many random tables, as for `camdata.structure`. With few of them a p value near 5 % may
        fall on either side by chance alone.
    seed : int or numpy.random.Generator
        Of the random tables; all coders get the same.

    Returns
    -------
    CodingComparison

    Raises
    ------
    TypeError, ValueError
        As for `reliability`, and where one coder's statements are too few to be clustered.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.compare_codings(cam.load_meeting(), n_resamples=99)
    >>> result.clusters.rand.to_numpy().min(), result.correlation.to_numpy().min().round(2)
    (np.float64(1.0), np.float64(1.0))
    """
    coders = collect(meeting, coder, None, what="A comparison", independent=False).coders
    number = checks.seed_number(seed)
    rows, agreements, found = [], {}, {}
    actors = meeting.actors["actor"]
    upper = np.triu_indices(len(actors), 1)
    for who in coders:
        part = meeting.select(coder=who)
        tally = part.tally(by)
        agreed = agreement(tally, measure)
        clear = structure(agreed, n_resamples, seed=number)
        choice = cluster_choice(agreed, n_resamples, seed=number)
        universe = multiverse(part, n_resamples=n_resamples, seed=number)
        agreements[who] = agreed.frame.reindex(actors, columns=actors).to_numpy()[upper]
        found[who] = cluster(agreed, choice)
        row = [len(tally.cells.key), clear.p_value, choice.n_clusters, choice.p_value]
        rows.append([*row, universe.p_value, tuple(sorted(map(tuple, universe.groups)))])
    columns = ["positions", "structure", "n_clusters", "clusters", "together", "groups"]
    table = pd.DataFrame(rows, pd.Index(coders, name="coder"), columns)
    return CodingComparison(table, pd.DataFrame(agreements).corr(), compare_clusters(found))


def recoded(tally: Tally, coded: Coded, n: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Yield counts of a tally as another coder might have coded, at the observed rates.

    In each draw, what stands in a cell of text, actor and code becomes what another coder recorded
    where this one recorded the same, or stays: positions are kept, turned, dropped and added as
    often as the coders differ, over all cells and all other coders. Statements that were added
    after the codings had been compared stand in the cells, but say nothing of how coders differ.
    """
    if tally.duplicates != "once":
        raise ValueError('Stability over codings needs a tally with duplicates="once".')
    meeting, what = coded.meeting, "Stability over codings"
    own = collect(meeting, None, None, what=what)
    named = meeting.statements.get("coder", pd.Series(dtype="str")).dropna().tolist()
    first = np.isin(own.coders, named or [NO_CODER])
    whole = collect(meeting, None, None, what=what, independent=False)
    cells = cross(whole.places, "code", coded.codes)
    key = cells["code"]
    if tally.by == "dimension":
        key = key.map(column_of(meeting.codebook, "code", "dimension"))
    keys = pd.Index(tally.keys).get_indexer(pd.Index(key))
    actors = pd.Index(tally.actors).get_indexer(pd.Index(cells["actor"]))
    values, kinds = whole.values(cells)
    inside = (actors >= 0) & (keys >= 0) & (values[first] != UNCODED).any(axis=0)
    before, actors, keys = values[first].max(axis=0)[inside], actors[inside], keys[inside]
    values, others = own.values(own.cells())
    values = np.array([*map(kinds.index, others), UNCODED])[values]  # UNCODED is the last
    rates = np.zeros((len(kinds), len(kinds)))
    for one, other in product(np.flatnonzero(first), np.flatnonzero(~first)):
        both = (values[[one, other]] != UNCODED).all(axis=0)
        np.add.at(rates, (values[one, both], values[other, both]), 1)
    if not rates.any():
        raise ValueError("No two coders coded the same, so nothing is known of how they differ.")
    rates += np.diag(rates.sum(axis=1) == 0)  # what nobody else could have recorded stays
    steps = (rates / rates.sum(axis=1, keepdims=True)).cumsum(axis=1)[:, :-1]
    holds = np.array([[stance in kind for stance in tally.stances] for kind in kinds])
    for _ in range(n):
        drawn = (generator.random(len(before))[:, None] > steps[before]).sum(axis=1)
        cell, stance = np.nonzero(holds[drawn])
        counts = np.zeros((len(tally.actors), len(tally.keys), len(tally.stances)))
        counts[actors[cell], keys[cell], stance] = 1
        yield counts
