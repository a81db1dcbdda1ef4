"""Who stands together over many combinations of choices, and what chance says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.results import Result
from camdata._display.words import count, decimals, join_names, p_words, percent
from camdata.analysis.chance import ALPHA, EXPLAINED
from camdata.analysis.null import explained, p_range
from camdata.analysis.trees import TIE

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
    expected_pairs : float
        How many pairs reach p ≤ 0.05 one by one in the random tables, on average.
    candidates : pandas.DataFrame
        One row per group of actors who stand together in more than half of the specifications (by
        average linkage of the shares), the largest first: `members` (tuple of str), `share` (mean
        over its pairs), `chance` (their mean share in random tables) and `p` (how often a random
        table has any group that is as distinct, so that searching for groups is accounted for).
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
    attributes : pandas.DataFrame, optional
        The meeting's table of actors, for the names that charts write.

    Examples
    --------
    >>> import camdata as cam
    >>> universe = cam.multiverse(cam.load_meeting(), n_resamples=199)
    >>> universe.pairs.loc[0, ["actor", "other"]].tolist()
    ['United States', 'Guatemala']
    >>> universe.groups
    []
    """

    specifications: pd.DataFrame
    labels: pd.DataFrame
    skipped: pd.DataFrame
    pairs: pd.DataFrame
    expected_pairs: float
    candidates: pd.DataFrame
    p_value: float
    structure: pd.DataFrame
    influence: pd.DataFrame
    swing: pd.DataFrame
    power: float
    n_resamples: int
    attributes: pd.DataFrame | None = None

    @property
    def frame(self) -> pd.DataFrame:
        return self.pairs.copy()

    @property
    def p_range(self) -> tuple[float, float]:
        """Where the overall p would lie if all random tables were drawn, with 95 % certainty."""
        return p_range(self.p_value, self.n_resamples)

    @property
    def together(self) -> pd.DataFrame:
        """Actors × actors: the shares of `pairs`; ``NaN`` where none places both, 1 with itself."""
        actors = self.labels.index
        shares = self.pairs.pivot_table(values="share", index="actor", columns="other")
        one_way = shares.reindex(index=actors, columns=actors)
        values = one_way.fillna(one_way.T).to_numpy(copy=True)
        placed = self.labels.notna().any(axis="columns")
        np.fill_diagonal(values, np.where(placed, 1.0, np.nan))
        return pd.DataFrame(values, actors, actors)

    @property
    def unplaced(self) -> list[str]:
        """The actors that no specification places."""
        return self.labels.index[self.labels.isna().all(axis="columns")].tolist()

    @property
    def joint_p(self) -> float:
        """The p value of the agreements of all levels jointly, which needs no clusters."""
        return float(self.structure["p_value"].loc["all"])

    @property
    def is_clear(self) -> bool:
        """Whether both overall tests find more than chance gives, at 5 %."""
        return max(self.p_value, self.joint_p) <= ALPHA

    @property
    def is_weak(self) -> bool:
        """Whether only one of the two overall tests does."""
        return min(self.p_value, self.joint_p) <= ALPHA and not self.is_clear

    @property
    def groups(self) -> list[list[str]]:
        """The candidates that stand together, and apart from others, more than chance gives.

        Empty unless both overall tests find something. The largest first.
        """
        certain = self.candidates[self.candidates["p"] <= ALPHA]
        return [list(members) for members in certain["members"]] if self.is_clear else []

    @property
    def is_explained(self) -> bool:
        """Whether shares are those of random tables, so that totals alone give these groups."""
        shares, chance = self.pairs[["share", "chance"]].to_numpy().T
        found = min(self.p_value, self.joint_p) <= ALPHA
        return not found and explained(shares, chance) >= EXPLAINED

    @property
    def finding(self) -> str:
        """The answer in one sentence of at most 100 characters, for a title."""
        p, number = p_words(self.p_value), len(self.groups)
        if self.is_clear and number:
            stand = "group stands" if number == 1 else "groups stand"
            worst = p_words(self.candidates["p"][self.candidates["p"] <= ALPHA].max())
            worst = worst if number == 1 else f"largest {worst}"
            return f"{number} {stand} together more often than chance gives ({worst})"
        if self.is_clear:
            return f"Groups are clearer than chance gives ({p}), but no single group is certain"
        if self.is_explained:
            return "The totals of actors and codes alone give these groups; no test is possible"
        if self.is_weak:
            both = f"{p}, {p_words(self.joint_p)}"
            return f"Weak evidence of groups: one of two tests finds any ({both})"
        return f"No group stands together more clearly than chance gives ({p})"

    @property
    def verdict(self) -> str:
        """Who stands together, and how sure that is: a line for each thing that was tested."""
        p, joint = p_words(self.p_value), p_words(self.joint_p)
        power = f"two clear blocks would be found in {percent(self.power)} of tables like this one"
        same = f"in random tables with the same totals ({p}, the share of them with pairs as clear)"
        if self.is_clear:
            first = f"groups are clearer than {same}; {power}."
            certain = self.candidates[self.candidates["p"] <= ALPHA].head(5).to_dict("records")
            more = [f"{_group(group)} ({p_words(group['p'])})." for group in certain]
            more = more or ["No single group is certain."]
        elif self.is_explained:
            first = (
                "the totals alone give these groups: random tables with the same totals have "
                "nearly the same ones, so that no test can tell whether there is more."
            )
            more = [f"{_group(group)}." for group in self.candidates.to_dict("records")]
        elif self.is_weak:
            tests = (self.p_value, self.joint_p)
            pairs, itself = ("more" if one <= ALPHA else "no more" for one in tests)
            first = f"the evidence of groups is weak: only one of two tests finds any; {power}."
            more = [
                f"Pairs are {pairs} clearly together or apart than {same}.",
                f"Agreement itself, before any clustering, has {itself} structure than in those "
                f"tables ({joint}).",
                *self._most_distinct(),
                self._most_together(),
            ]
        else:
            first = f"no group is clearer than chance gives; {power}."
            more = [
                f"Groups like these are not rare {same}; for agreement itself, before any "
                f"clustering, {joint}. This is no evidence that there are no groups.",
                self._most_together(),
            ]
        if self.unplaced:
            more.append(f"Nothing to compare: {join_names(self.unplaced)}.")
        over = f"Over {count(len(self.specifications), 'combination')} of choices"
        return "\n".join([f"{over}, {first}", *more])

    def _most_distinct(self) -> list[str]:
        """Return sentences about the most distinct groups, and what chance says of them."""
        most = self.candidates[self.candidates["p"] <= self.candidates["p"].min() + TIE].head(3)
        return [
            f"{_group(group)}"
            f"{', which may be chance' if group['p'] > ALPHA else ': a candidate, not a finding'} "
            f"({p_words(group['p'])}, the share of random tables with any group as distinct)."
            for group in most.to_dict("records")
        ]

    def _most_together(self) -> str:
        """Return the sentence about the pairs most often together, and what chance says of them."""
        top = self.pairs[self.pairs["share"] >= self.pairs["share"].iloc[0] - TIE]
        p = float(top["p_adjusted"].min())
        pairs = [f"{a} and {b}" for a, b in zip(top["actor"], top["other"], strict=True)]
        names = "; ".join(pairs) if len(pairs) <= 3 else count(len(pairs), "pair")
        which = "may be chance" if p > ALPHA else "is more than chance"
        if len(pairs) > 1:
            which = "may all be chance" if p > ALPHA else "are in part more than chance"
        few = ""
        if p > ALPHA and len(self.pairs) / (self.n_resamples + 1) > ALPHA:
            few = f"; with {self.n_resamples} random tables no single pair could reach 0.05"
        return (
            f"Most often together, in {percent(top['share'].iloc[0])} of the combinations where "
            f"chance gives {percent(float(top['chance'].mean()))}: {names}, which {which} "
            f"(adjusted {p_words(p)}, corrected for {count(len(self.pairs), 'pair')}{few})."
        )

    @property
    def summary(self) -> str:
        """The verdict and its details."""
        return f"{self.verdict}\n{self.details}"

    @property
    def details(self) -> str:
        """The pairs, which choice matters most, and what could not be computed."""
        lines = []
        for row in self.pairs.head(5).to_dict("records"):
            p = f"{p_words(row['p'])}, adjusted {p_words(row['p_adjusted'])}"
            often = f"together in {percent(row['share'])}, by chance {percent(row['chance'])}"
            lines.append(f"{row['actor']} – {row['other']}: {often} ({p})")
        reached = int((self.pairs["p"] <= ALPHA).sum())
        lines.append(
            f"{reached} of {count(len(self.pairs), 'pair')} reach p ≤ 0.05 one by one; "
            f"{self.expected_pairs:.1f} do in random tables"
        )
        if len(self.influence):
            name, rand = next(iter(self.influence["adjusted_rand"].items()))
            lines.append(
                f"what matters most is {CHOICE_WORDS[str(name)]}: adjusted Rand {decimals(rand)} "
                "(1 is no change) between specifications that differ in it alone"
                if rand < 1 - TIE
                else "no choice changes who is with whom"
            )
        swing = [f"{actor} ({own:.2f})" for actor, own, _ in self.swing.head(3).to_numpy()]
        if len(swing) and self.swing["swing"].iloc[0] > TIE:
            lines.append(f"most undecided, 0 to 1: {', '.join(swing)}")
        if len(self.skipped):
            made, lost = len(self.specifications), len(self.skipped)
            choices = ("by", "method", "n_clusters")
            counts = [self.skipped[choice].value_counts(sort=False) for choice in choices]
            parts = (", ".join(f"{value} {n}" for value, n in each.items()) for each in counts)
            lines.append(
                f"{made} of {made + lost} combinations could be computed; trees with ties have no "
                f"such cut in the others ({'; '.join(parts)})"
            )
        lines.append(f"{count(self.n_resamples, 'random table')}, every coder's totals kept")
        return "\n".join(lines)


def _group(group: Mapping[Any, Any]) -> str:
    """Return who stands together how often, and how often by chance."""
    return (
        f"{_names(group['members'])} stand together in {percent(group['share'])} of the "
        f"combinations, where chance gives {percent(group['chance'])}"
    )


def _names(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence."""
    shown = [*names[:6], f"{len(names) - 6} more"] if len(names) > 7 else list(names)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
