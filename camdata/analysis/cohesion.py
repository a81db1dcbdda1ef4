"""How united groups are: Rice and Agreement Index, each member against each group, E-I index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_seed
from camdata._display.results import Result
from camdata._display.words import count, decimals, join_names, p_words, signed
from camdata.analysis.clustering import Clusters
from camdata.analysis.groups import Groups, groups_of
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.null import NoNullError, RandomTables, p_value, random_tables
from camdata.analysis.pairs import mean_defined, ratio
from camdata.analysis.trees import Flags, Floats
from camdata.model.tally import Tally, as_tally

SIDES = (1, -1, 0)
"""For, against, and what is neither: abstention, or both recorded."""
FEWEST_CODES = 5
"""From fewer codes the interval of a mean leaves nearly everything possible."""


def sides_of(contents: NDArray[np.float64], stances: tuple[int, ...]) -> Flags:
    """Return which side a cell takes, by what it holds: shape (3, …), as `SIDES`.

    Parameters
    ----------
    contents : numpy.ndarray
        Shape (…, stances), how often each stance is recorded.
    stances : tuple of int
        The scale: 1 and -1, and 0 for an abstention.
    """
    if not set(stances) <= set(SIDES):
        raise ValueError(f"Sides are stances 1, -1 and 0 (abstention), not {list(stances)}.")
    recorded = {level: contents[..., stances.index(level)] > 0 for level in stances}
    none = np.zeros(contents.shape[:-1], dtype=bool)
    yes, no, neither = (recorded.get(level, none) for level in SIDES)
    return np.stack([yes & ~no & ~neither, no & ~yes & ~neither, neither | (yes & no)])


def members_of(source: Agreement | Tally, groups: Groups | Clusters) -> pd.DataFrame:
    """Return who is in which group: actors × groups in alphabetical order, 1 or 0.

    An actor without a group is in none, and named by `left_out`.
    """
    given = groups.labels if isinstance(groups, Clusters) else groups
    member = pd.get_dummies(groups_of(source, given).astype("str"), dtype=float)
    if member.empty:
        raise ValueError("`groups` gives no actor of this tally a group.")
    return member


def left_out(member: pd.DataFrame) -> tuple[str, ...]:
    """Return the actors without a group."""
    return tuple(member.index[~member.any(axis=1)])


def left_out_words(actors: Sequence[str]) -> list[str]:
    """Return a line for a summary where actors have no group."""
    words = f"left out: {count(len(actors), 'actor')} without a group ({join_names(actors)})"
    return [words] * bool(actors)


@dataclass(frozen=True)
class GroupedSides:
    """The sides that actors take, and their groups.

    `member` is as returned by `members_of`, `sides` is 3 (see `SIDES`) × actors × codes.
    """

    tally: Tally
    member: pd.DataFrame
    sides: Flags

    @classmethod
    def of(cls, tally: Tally, groups: Groups | Clusters) -> GroupedSides:
        """Read the groups and sides of a tally."""
        return cls(tally, members_of(tally, groups), sides_of(tally.dense(), tally.stances))

    @staticmethod
    def of_tables(drawn: RandomTables) -> Flags:
        """Return the sides in random tables: tables × 3 × actors × codes."""
        sides = sides_of(drawn.contents, drawn.stances)
        return np.moveaxis(sides[:, drawn.tables], 0, 1)

    @property
    def counts(self) -> Floats:
        """How many members of each group take each side on each code: 3 × groups × codes."""
        return np.asarray(self.member.to_numpy().T @ self.sides.astype(float))

    def by_code(self, **more: Floats) -> pd.DataFrame:
        """Return one row per group and code: its counts, and `more` (groups × codes)."""
        axes = [self.member.columns, pd.Index(self.tally.keys, dtype="str")]
        index: pd.MultiIndex = pd.MultiIndex.from_product(axes, names=["group", self.tally.by])
        yes, no, other = self.counts.astype(int).reshape(3, -1)
        table = pd.DataFrame({"for": yes, "against": no, "other": other}, index)
        table["n"] = yes + no + other
        return table.assign(**{name: values.ravel() for name, values in more.items()}).reset_index()


def rice_of(counts: Floats) -> Floats:
    """Return the Rice index of counts (3, …); ``NaN`` below two members on a side."""
    total = counts[0] + counts[1]
    return ratio(np.abs(counts[0] - counts[1]), np.where(total >= 2, total, 0))


@dataclass(frozen=True, eq=False, repr=False)
class Cohesion(Result):
    """How united each group is, over all codes and on each.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `group`: `members` (int), `codes` (int: those on which at least two members take a
        side), `rice` (mean over these codes), `low` and `high` (95 % interval, codes as the sample;
        ``NaN`` with fewer than five codes, or where the index is the same on all),
        `expected` (mean Rice index in random tables), `p_value` (one-sided) and `agreement_index`
        (mean over codes with at least two members recorded). Also as `frame`.
    by_code : pandas.DataFrame
        One row per group and code: `group`, `code` (or `dimension`), `for`, `against`, `other`
        (abstaining, or recorded both ways), `n` (int), `rice`, `agreement_index`.
    by_member : pandas.DataFrame
        One row per actor and group: `actor`, `group` (its own), `with_group`, `share` (of the codes
        on which it takes the side of that group's majority, itself left out), `n` (int, codes on
        which both take a side), `low` and `high` (exact 95 % interval).
    left_out : tuple of str
        The actors without a group.
    no_chance : str
        Why there is no chance level, where there is none.
    """

    table: pd.DataFrame
    by_code: pd.DataFrame
    by_member: pd.DataFrame
    left_out: tuple[str, ...]
    no_chance: str

    @property
    def summary(self) -> str:
        """How united each group is, beside chance, in words."""
        lines = []
        for name, row in self.table.iterrows():
            if not row["codes"]:
                lines.append(f"{name}: no code on which two members take a side")
                continue
            chance = ""
            if not self.no_chance:
                chance = f", where chance gives {row['expected']:.2f} ({p_words(row['p_value'])})"
            interval = f"95% over codes {row['low']:.2f} to {row['high']:.2f}"
            if np.isnan(row["low"]):
                few = row["codes"] < FEWEST_CODES
                why = "fewer than five codes" if few else "the same on every code"
                interval = f"no interval: {why}"
            lines.append(
                f"{name}: Rice index {decimals(row['rice'])} ({interval}; "
                f"{count(int(row['members']), 'member')}, {count(int(row['codes']), 'code')})"
                f"{chance}"
            )
        lines += [f"no chance level: {self.no_chance}"] if self.no_chance else []
        own = self.by_member[self.by_member["group"] == self.by_member["with_group"]]
        low = [
            f"{row['actor']} ({round(row['share'] * row['n'])} of {row['n']} codes)"
            for row in own[own["share"] < 0.5].to_dict("records")
        ]
        if low:
            lines.append(
                f"less often with the majority of the own group than not: {join_names(low)}"
            )
        return "\n".join(lines + left_out_words(self.left_out))


def cohesion(
    tally: Tally,
    groups: Groups | Clusters,
    n_resamples: int | None = None,
    *,
    seed: Seed = 0,
) -> Cohesion:
    r"""Measure how united groups are: Rice and Agreement Index, and each member's loyalty.

    Parameters
    ----------
    tally : Tally
        With stances 1 and -1, and 0 for an abstention where the scale has it.
    groups : str, Series, mapping or Clusters
        A column of the meeting's actors, the group of each actor, or clusters. Actors without a
        group are left out.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Cohesion

    Raises
    ------
    ValueError
        For another scale, or if no actor has a group.

    Notes
    -----
    With y, n, a the members of a group for, against and neither (abstaining, or recorded both
    ways), the Rice index of a code is :math:`|y - n| / (y + n)` (Rice 1925), and the Agreement
    Index :math:`(m - (y + n + a - m) / 2) / (y + n + a)` with :math:`m = \max(y, n, a)` (Hix,
    Noury & Roland 2005, doi:10.1017/S0007123405000128): 1 for unity, 0 for a split in three.
    Silence counts nowhere.

    Small groups have high Rice indices by chance (Desposato 2005,
    doi:10.1017/S0007123405000384): two members have 0.5 on average by coin flips. Compare
    ``rice`` with ``expected``, from random tables that keep who speaks on what and how many take
    each side (``null="sides"`` of `camdata.structure`). Clusters are found on the same data, so
    that they are more united than random tables in any case; there is no p value for them.

    Intervals are Student's t for the mean over codes, on its log odds (delta method). In simulated
    groups of 3 to 12 members, from divided to nearly unanimous, 91 to 100 % of them hold the true
    mean with 3, 5, 10 or 20 codes; of a bootstrap over codes 73 to 100 %. There is none with fewer
    than five codes, where it would leave nearly everything possible, nor where the index is the
    same on all. Those of members are exact (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404).

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> votes = pd.DataFrame({"b1": [1, 1, -1, -1], "b2": [1, 1, 1, -1]}, index=list("ABCD"))
    >>> tally = cam.Tally.from_positions(votes)
    >>> result = cam.analysis.cohesion(tally, {"A": "x", "B": "x", "C": "y", "D": "y"})
    >>> result.frame["rice"].to_dict()
    {'x': 1.0, 'y': 0.5}
    """
    tally = as_tally(tally)
    data = GroupedSides.of(tally, groups)
    total, most = data.counts.sum(axis=0), data.counts.max(axis=0)
    index, rice = ratio(most - (total - most) / 2, total), rice_of(data.counts)
    expected = p = np.full(len(rice), np.nan)
    no_chance = ""
    try:
        drawn = random_tables(tally, n_resamples, null="sides", seed=check_seed(seed))
        member = data.member.to_numpy().T[:, drawn.actors]
        counted = member @ data.of_tables(drawn).astype(float)
        random = mean_defined(rice_of(np.moveaxis(counted, 1, 0)))
        expected = random[1:].mean(axis=0)
        if isinstance(groups, Clusters):
            no_chance = "the clusters were found on the same data; see `expected`"
        else:
            p = np.where(np.isnan(random[0]), np.nan, [p_value(column) for column in random.T])
    except NoNullError as error:
        no_chance = error.reason
    low, high = np.array([_interval(row) for row in rice]).T
    table = pd.DataFrame(
        {
            "members": data.member.sum().astype(int),
            "codes": (~np.isnan(rice)).sum(axis=1),
            "rice": mean_defined(rice),
            "low": low,
            "high": high,
            "expected": expected,
            "p_value": p,
            "agreement_index": mean_defined(np.where(total >= 2, index, np.nan)),
        },
        index=pd.Index(data.member.columns, name="group"),
    )
    by_code = data.by_code(rice=rice, agreement_index=index)
    return Cohesion(table, by_code, _loyalty(data), left_out(data.member), no_chance)


def _interval(rice: Floats) -> tuple[float, float]:
    """Return the 95 % interval of a mean over codes; ``NaN`` where there is none."""
    from scipy.special import expit, logit, stdtrit

    defined = rice[~np.isnan(rice)]
    if len(defined) < FEWEST_CODES or np.ptp(defined) == 0:
        return np.nan, np.nan
    mean, error = defined.mean(), defined.std(ddof=1) / np.sqrt(len(defined))
    wide = stdtrit(len(defined) - 1, 0.975) * error / (mean * (1 - mean))
    return float(expit(logit(mean) - wide)), float(expit(logit(mean) + wide))


def _loyalty(data: GroupedSides) -> pd.DataFrame:
    """Return how often each actor takes the side of each group's majority, itself left out."""
    from scipy.special import betaincinv

    member = data.member.to_numpy()
    side = (data.sides[0].astype(int) - data.sides[1])[:, None]
    # actors × groups × codes: on which side the others of each group are
    majority = np.sign(member.T @ side[:, 0] - member[:, :, None] * side)
    both = (majority != 0) & (side != 0)
    n, same = both.sum(axis=2).ravel(), (both & (majority == side)).sum(axis=2).ravel()
    index: pd.MultiIndex = pd.MultiIndex.from_product([data.member.index, data.member.columns])
    table = index.set_names(["actor", "with_group"]).to_frame(index=False)
    own = data.member.idxmax(axis=1).where(data.member.any(axis=1))
    table.insert(1, "group", table["actor"].map(own))
    low = np.where(same > 0, betaincinv(same, n - same + 1, 0.025), 0.0)
    high = np.where(same < n, betaincinv(same + 1, n - same, 0.975), 1.0)
    ends = {name: np.where(n > 0, end, np.nan) for name, end in (("low", low), ("high", high))}
    table = table.assign(share=ratio(same, n), n=n, **ends)
    return table[table["group"].notna()].reset_index(drop=True)


@dataclass(frozen=True, eq=False, repr=False)
class EIIndex(Result):
    """Whether ties run between groups or inside them.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `group`, ``all`` first: `external`, `internal` (sums of ties, each counted at
        both of its ends), `ei`, `expected` (by chance) and `p_value` (two-sided). Also as
        `frame`.
    left_out : tuple of str
        The actors without a group.
    no_chance : str
        Why there is no chance level, where there is none.
    """

    table: pd.DataFrame
    left_out: tuple[str, ...]
    no_chance: str

    @property
    def summary(self) -> str:
        """The index beside chance, in words."""
        row = self.table.iloc[0]
        chance = f"; no chance level: {self.no_chance}"
        if not self.no_chance:
            chance = f", where chance gives {signed(row['expected'])} ({p_words(row['p_value'])})"
        lines = [
            f"E-I index {signed(row['ei'])} (−1: all ties inside groups, +1: between){chance}."
        ]
        lines += [
            f"{name}: {'no ties' if np.isnan(value) else signed(value)}"
            for name, value in self.table["ei"].iloc[1:].items()
        ]
        return "\n".join(lines + left_out_words(self.left_out))


def ei_index(
    agreement: Agreement,
    groups: Groups,
    n_resamples: int | None = None,
    *,
    seed: Seed = 0,
) -> EIIndex:
    """Measure whether ties run between groups or inside them (E-I index).

    Parameters
    ----------
    agreement : Agreement
        Its positive values are the weights of ties.
    groups : str, Series or mapping
        As for `camdata.analysis.association`.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    EIIndex
        (external - internal) / (external + internal) ties (Krackhardt & Stern 1988,
        doi:10.2307/2786835); ``NaN`` where there is no tie.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.analysis.ei_index(cam.agreement(cam.load_meeting().tally()), "process")
    >>> result.frame["ei"].round(2).to_dict()
    {'all': 0.14, 'RCM': 0.03, 'SACM': 0.28}
    """
    agreement = as_agreement(agreement)
    member = members_of(agreement, groups)
    tables, no_chance = agreement.values[None], ""
    try:
        drawn = random_tables(agreement, n_resamples, seed=check_seed(seed))
        tables = np.zeros((len(drawn.tables), *agreement.values.shape))
        tables[:, drawn.actors[:, None], drawn.actors] = drawn.values(agreement)
    except NoNullError as error:
        no_chance = error.reason
    ties = np.maximum(np.nan_to_num(tables), 0.0) * (1 - np.eye(len(member)))
    between = member.to_numpy().T @ ties @ member.to_numpy()
    # every tie is counted at both of its ends, so that the whole lies between its groups
    inside = np.diagonal(between, axis1=1, axis2=2)
    outside = between.sum(axis=2) - inside
    internal = np.column_stack([inside.sum(axis=1), inside])
    external = np.column_stack([outside.sum(axis=1), outside])
    ei = ratio(external - internal, external + internal)
    far = np.abs(ei - ei.mean(axis=0))
    table = pd.DataFrame(
        {"external": external[0], "internal": internal[0], "ei": ei[0]},
        index=pd.Index(["all", *member], name="group", dtype="str"),
    )
    table["expected"] = np.nan if no_chance else ei[1:].mean(axis=0)
    table["p_value"] = np.nan if no_chance else [p_value(column) for column in far.T]
    return EIIndex(table, left_out(member), no_chance)
