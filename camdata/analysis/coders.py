"""Reliability: how far several coders agree, corrected for chance, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Choice, as_list, check_choice, wrong_type
from camdata._display.results import Result
from camdata._display.words import count, decimals, join_names, percent
from camdata.analysis.codings import ABSENT, CELL, UNCODED, Codings, Read, collect, index_of
from camdata.analysis.trees import TIE, Flags, Floats, Integers
from camdata.model.meeting import Meeting

Level = Literal["nominal", "ordinal", "interval"]
LEVELS = ("nominal", "ordinal", "interval")
COEFFICIENTS = {
    "units": "int64",
    "recorded": "int64",
    **dict.fromkeys(["alpha", "low", "high", "percent", "alike", "ac1", "kappa"], "float64"),
    "reason": "str",
}
LEAST_ACTORS = 5
"""With fewer actors the jackknife's intervals do not hold (tests/coverage_of_alpha.py)."""


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    """How far coders agree.

    Attributes
    ----------
    coders : tuple of str
        Who is compared.
    units : str
        What was coded: ``positions`` (actor × code), ``statement``, or the column that identifies
        what several coders coded.
    level : {"nominal", "ordinal", "interval"}
        How alpha compares values (of stances, where statements are compared).
    overall, by_kind, by_dimension, by_code, pairs : pandas.DataFrame
        `units` (int: coded by two coders or more), `recorded` (int: those of them on which anybody
        recorded anything), `alpha` (Krippendorff's), `low` and `high` (its 95 % interval),
        `percent` (the share of two coders' values of a unit that are the same), `alike` (the share
        of the recorded units on which all who coded them recorded the same; with runs of a model as
        the coders, its stability), `ac1` (Gwet's), `kappa` (Cohen's; ``NaN`` for more than two
        coders) and `reason` (str: why there is no alpha, or no interval). Overall one row, or one
        for codes and one for stances; one for each kind of actor; for each dimension or code in the
        order of the codebook; for each two coders, by both their names: the same numbers as
        `reliability` of these two. Without kinds or dimensions these tables have no rows.
    disagreements : pandas.DataFrame
        One row per unit on which the coders differ: `document` (where there are several), `actor`,
        `code` (or the statement), and for each coder ``value CODER`` (absent, supports, opposes,
        both, or the level), ``quote CODER`` (the quotes, joined; empty where absent) and ``passage
        CODER`` (what they stand in).
    n_actors : int
        How many actors the coders were compared on.
    n_silent : int
        How many units are silent on all sides: every coder who read them recorded nothing.
    n_one_sided : int
        How many units have no two levels to compare, since only one coder recorded any; these and
        the silent ones are left out of alpha at the ordinal and the interval level.
    n_left_out : int
        How many statements were added after the codings had been compared, and left out.
    labels : mapping of str to str
        What charts call the codes.
    """

    coders: tuple[str, ...]
    units: str
    level: Level
    overall: pd.DataFrame
    by_kind: pd.DataFrame
    by_dimension: pd.DataFrame
    by_code: pd.DataFrame
    pairs: pd.DataFrame
    disagreements: pd.DataFrame
    n_actors: int
    n_silent: int
    n_one_sided: int
    n_left_out: int
    labels: Mapping[str, str]

    @property
    def alpha(self) -> float:
        """Krippendorff's alpha over all units (of codes, where statements are compared)."""
        return float(self.overall["alpha"].iloc[0])

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of alpha; ``NaN`` where there is none."""
        low, high = self.overall[["low", "high"]].iloc[0]
        return float(low), float(high)

    @property
    def summary(self) -> str:
        """The result in words."""
        rows = self.overall.to_dict("index")
        words = "; ".join(self._words(str(name), row) for name, row in rows.items())
        lines = [
            f"{join_names(self.coders)} ({count(self.n_actors, 'actor')}): {words}; "
            f"{count(len(self.disagreements), 'disagreement')}."
        ]
        if self.level == "nominal" and self.n_silent:
            lines.append(f"{count(self.n_silent, 'unit is', 'units are')} silent on all sides.")
        if self.level != "nominal" and self.n_one_sided:
            only = count(self.n_one_sided, "unit")
            lines.append(f"Silence is no level: {only} with one coder's level only left out.")
        if len(self.coders) > 2:
            alphas = zip(self.pairs.index, self.pairs["alpha"], strict=True)
            two = (f"{one} and {other} {decimals(alpha)}" for (one, other), alpha in alphas)
            lines.append(f"Alpha of each two: {join_names(two, 6)}.")
        if self.n_left_out:
            added = count(self.n_left_out, "statement")
            lines.append(f"Left out: {added} added after the codings had been compared.")
        return " ".join(lines)

    def _words(self, name: str, row: Mapping[Any, Any]) -> str:
        """Return one row of the overall table in words."""
        level = "sets of codes by MASI" if name == "code" else f"{self.level}"
        level += f" {name}s" * (name == "stance")
        interval = f"95% interval {decimals(row['low'])} to {decimals(row['high'])}"
        words = (
            f"Krippendorff's alpha ({level}) {decimals(row['alpha'])} "
            f"({row['reason'] or interval}) on {count(row['units'], 'unit')}, "
            f"{percent(row['percent'])} agreement, Gwet's AC1 {decimals(row['ac1'])}"
        )
        return words + f", Cohen's kappa {decimals(row['kappa'])}" * (len(self.coders) == 2)

    @property
    def frame(self) -> pd.DataFrame:
        """Overall, by kind of actor, by dimension and by code, one below the other."""
        parts = [self.overall, self.by_kind, self.by_dimension, self.by_code]
        keys = ["", "kind", "dimension", "code"]
        return pd.concat(parts, keys=keys, names=["level", "of"])


def column_of(table: pd.DataFrame, key: str, name: str) -> pd.Series[Any]:
    """Return a column by its key without missing values; nothing where there is no such column."""
    return table.reindex(columns=[key, name]).set_index(key)[name].dropna().astype("str")


def reliability(
    meeting: Meeting,
    *,
    coder: Choice = None,
    units: str = "positions",
    level: Level | None = None,
    read: Read = None,
    without: pd.DataFrame | None = None,
) -> Reliability:
    r"""Compare the codings of several coders: Krippendorff's alpha and other coefficients.

    Parameters
    ----------
    meeting : Meeting
        Its statements and its recodings are compared.
    coder : sequence of str, optional
        Whom to compare; by default everyone.
    units : str
        ``"positions"``: an actor and a code of the codebook (in a document, where there are
        several), with what a coder recorded there. ``"statement"``: the same passage of an actor,
        or where statements have no quotes the same `statement` id, with its codes and, apart from
        them, its stances. Or another column of the statements that names what several coders coded.
    level : {"nominal", "ordinal", "interval"}, optional
        How alpha compares values; by default nominal for support and opposition, ordinal for a
        scale of other levels.
    read : "everything" or mapping, optional
        What each coder read: ``"everything"``, or for each coder that or a mapping of
        ``"documents"`` and ``"actors"`` (one or both) to names. By default what the data package
        says: the entry `read` of the contributor with that `coder`. A coder of whom nothing is said
        read what it coded: the actors (of each document) of whom it has a statement.
    without : pandas.DataFrame, optional
        Cells that are not compared: `actor` and `code` (and `document`), such as those that the
        coders were trained on.

    Returns
    -------
    Reliability

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two coders, if no two of them coded the same, if one coded more than
        it is said to have read, or if statements name no coder.

    Notes
    -----
    A unit counts as soon as two of the coders have coded it, whatever others did (Hayes &
    Krippendorff 2007, doi:10.1080/19312450709336664). So designs in which each text is read by two
    of five coders work.

    *Positions.* The value is absent, supports, opposes or both. Silence is a value where a coder
    read and recorded nothing, as long as some coder recorded something of that actor: an actor on
    whom all are silent would only add agreement, one whom a coder never read would count as
    disagreement. On a scale of levels silence is none of them: a unit counts where two coders
    recorded a level (their mean, where one recorded several). The basis of a statement is not
    compared, nor is how often it is made.

    *Statements.* Several codes of one statement are compared as sets, by the MASI distance
    (Passonneau 2006, LREC). Stances are compared where two coders gave a statement the same code.
    Whether coders find the same statements is not compared here, but by positions.

    *Coefficients.* Alpha is computed by the package krippendorff. Most codes are absent from most
    actors, so agreement in per cent is high whatever the coders do; alpha, AC1 (Gwet 2008,
    doi:10.1348/000711006X126600) and kappa (Cohen 1960, doi:10.1177/001316446002000104) correct for
    chance, AC1 by far the most mildly where one value is frequent. Alpha is not defined where only
    one value is used.

    *Intervals.* Units of one actor depend on each other, so actors are the sample: a jackknife over
    actors of :math:`\log\frac{1+\alpha}{1-\alpha}` with Student's t. In simulated codings of 5 to
    50 actors 92 to 98 % of such intervals hold the true alpha, of a bootstrap's 74 to 93 %
    (``python tests/benchmarks.py coders``). There is none with fewer than five actors, where fewer
    than two of them have any disagreement, or where without one of them alpha would be 1 or not
    defined.

    Only what was coded independently says anything about reliability. Statements that a coder added
    after having seen another coding are left out where the data package names them: the entry
    `after_comparison` of the contributor, a list of the statements' ids.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.reliability(cam.load_meeting())
    >>> result.coders
    ('camdata', 'definitions_only', 'full_codebook')
    >>> result.pairs["alpha"].round(2).tolist()
    [0.92, 0.98, 0.94]
    >>> result.disagreements.query("actor == 'El Salvador'")["code"].tolist()
    ['common_position']
    """
    codings = collect(meeting, coder, read, what="Reliability")
    found = compared(codings, units, level, without)
    first = found[0]
    if not first.pairable.any():
        raise ValueError(f"There is nothing that two of {join_names(codings.coders)} have coded.")
    pairs = {
        pair: coefficients(compared(codings.of(pair), units, level, without)[0])
        for pair in combinations(codings.coders, 2)
    }
    actors, codebook = meeting.actors, meeting.codebook
    differ = first.where(~first.alike)
    described = codings.describe(differ.frame, differ.raw, differ.names)
    return Reliability(
        coders=tuple(codings.coders),
        units=units,
        level=found[-1].level,
        overall=_in_rows({part.name: coefficients(part) for part in found}, ["units of"]),
        by_kind=_by(first, "actor", column_of(actors, "actor", "kind"), "kind"),
        by_dimension=_by(first, "code", column_of(codebook, "code", "dimension"), "dimension"),
        by_code=_by(first, "code", pd.Series(codings.codes, codings.codes), "code"),
        pairs=_in_rows(pairs, ["coder", "other"]),
        disagreements=described.rename(columns={"unit": units}),
        n_actors=first.frame.loc[first.pairable, "actor"].nunique(),
        n_silent=int((first.raw <= ABSENT).all(axis=0).sum()),
        n_one_sided=int(((first.raw > ABSENT).sum(axis=0) == 1).sum()),
        n_left_out=codings.left_out,
        labels=dict(zip(codings.codes, codings.codes, strict=True))
        | {str(code): name for code, name in column_of(codebook, "code", "label").items()},
    )


@dataclass(frozen=True)
class Units:
    """What several coders recorded on the same units.

    Attributes
    ----------
    name : str
        What the units are.
    frame : pandas.DataFrame
        One row per unit: `document`, `actor` and what else identifies it.
    raw : numpy.ndarray of int
        Coders × units: `UNCODED`, `ABSENT` or a number of `kinds`.
    kinds : list of tuple
        The stances or codes of each number in `raw`.
    values : numpy.ndarray of int
        As `raw`, but numbers of `scale`, and `UNCODED` where silence is no level.
    scale : numpy.ndarray of float
        The levels in ascending order; where alpha is not of levels, the numbers of the kinds.
    level : {"nominal", "ordinal", "interval", "sets"}
        How alpha compares them.
    names : list of str
        What each number in `raw` means; the last one is for `UNCODED`.
    """

    name: str
    frame: pd.DataFrame
    raw: Integers
    kinds: list[Any]
    values: Integers
    scale: Floats
    level: Any
    names: list[str]

    @property
    def pairable(self) -> Flags:
        """Which units two or more coders have coded."""
        return np.asarray((self.values != UNCODED).sum(axis=0) >= 2)

    @property
    def alike(self) -> Flags:
        """On which units all who coded them recorded the same."""
        highest = self.raw.max(axis=0, initial=UNCODED)
        return np.asarray(((self.raw == highest) | (self.raw == UNCODED)).all(axis=0))

    def where(self, mask: Flags) -> Units:
        """Return some of the units."""
        return replace(
            self, frame=self.frame[mask], raw=self.raw[:, mask], values=self.values[:, mask]
        )

    def with_any(self, codes: Sequence[str]) -> Units:
        """Return statements with the value whether a coder gave them any of some codes."""
        given = np.array([*(int(bool({*kind} & {*codes})) for kind in self.kinds), UNCODED])
        values = given[self.raw]  # UNCODED is the last
        return replace(self, raw=values, values=values, scale=np.arange(2.0), level="nominal")

    @cached_property
    def distances(self) -> Floats:
        """How far two values are from each other, without the margins that ordinal alpha needs.

        Of sets by MASI: 1 less Jaccard's coefficient, which counts in full where the sets are
        equal, 2/3 where one holds the other and 1/3 where they intersect.
        """
        if self.level == "nominal":
            return 1 - np.eye(len(self.scale))
        if self.level != "sets":
            return np.subtract.outer(self.scale, self.scale) ** 2
        sets = [{*kind} for kind in self.kinds]
        weights = [[3 if a == b else 2 if a <= b or b <= a else 1 for b in sets] for a in sets]
        shares = [[len(a & b) / max(len(a | b), 1) for b in sets] for a in sets]
        return 1 - np.array(weights) * shares / 3

    def alpha(self, counts: Integers) -> float:
        """Return alpha from how many coders gave each unit each value, units × values."""
        used = counts.any(axis=0)
        if used.sum() < 2:
            return float("nan")
        metric: Any = self.level
        if metric == "sets":
            metric = lambda *_, **__: self.distances[used][:, used]  # noqa: E731
        import krippendorff  # loaded where it is used: importing the library stays light

        return float(krippendorff.alpha(None, counts[:, used], self.scale[used], metric))


def compared(
    codings: Codings, units: str, level: Level | None = None, without: object = None
) -> list[Units]:
    """Return what is compared: positions; or the codes of statements, and their stances."""
    if level is None:
        level = "nominal" if set(codings.meeting.stances) <= {1, -1} else "ordinal"
    check_choice("level", level, LEVELS)
    if units == "positions":
        cells = codings.cells() if without is None else _cells_but(codings, without)
        return [_units(codings, "all", cells, codings.values(cells), level)]
    codings.rows["unit"] = _statement(codings.rows, units)
    key, found = ["document", "actor", "unit"], []
    for name, by, how in (("code", key, "sets"), ("stance", [*key, "code"], level)):
        coders = codings.rows.groupby(by, sort=False)["coder"].nunique()
        frame = coders.index[coders >= 2].to_frame(index=False)
        found.append(_units(codings, name, frame, codings.grouped(frame, name), how))
    return found


def _units(
    codings: Codings, name: str, frame: pd.DataFrame, coded: tuple[Integers, list[Any]], level: str
) -> Units:
    """Return units whose values are kinds of their own, or levels of a scale."""
    raw, kinds = coded
    values, scale, names = raw, np.arange(float(len(kinds))), codings.in_words(kinds)
    if level == "sets":
        names = [*(" and ".join(kind) for kind in kinds), "not coded"]
    elif level != "nominal":
        scale, number = np.unique([np.mean(kind) for kind in kinds[1:]], return_inverse=True)
        values = np.array([UNCODED, *number, UNCODED])[raw]  # silence is no level
    return Units(name, frame, raw, kinds, values, scale, level, names)


def _statement(rows: pd.DataFrame, units: str) -> pd.Series[str]:
    """Return what identifies each statement among those of one actor in one document."""
    if units != "statement":
        known = sorted({*map(str, rows)} - {"code", "stance", "coder"})
        check_choice("units", units, ["positions", "statement", *known])
        return rows[units].astype("str")
    pairs = rows.loc[rows["quote"].isna(), ["document", "statement", "actor"]].drop_duplicates()
    if pairs.duplicated(["document", "statement"]).any():
        raise ValueError(
            "Of those without quotes some ids name statements of different actors: give the column "
            "that identifies what several coders coded as `units`."
        )
    return rows["quote"].fillna(rows["statement"])


def _cells_but(codings: Codings, without: object) -> pd.DataFrame:
    """Return the cells but those to be left out."""
    if not isinstance(without, pd.DataFrame) or not {"actor", "code"} <= {*without}:
        raise wrong_type("without", "a DataFrame with the columns actor and code", without)
    for name, known in (("actor", codings.meeting.actors["actor"]), ("code", codings.codes)):
        as_list(f"without[{name!r}]", without[name].tolist() or list(known), known)
    columns = [name for name in CELL if name in without]
    cells, gone = codings.cells(), index_of(without, columns)
    return cells[~index_of(cells, columns).isin(gone)].reset_index(drop=True)


def coefficients(units: Units) -> list[Any]:
    """Return what a table of `Reliability` says of some units, in the order of `COEFFICIENTS`."""
    recorded = ((units.raw != UNCODED).sum(axis=0) >= 2) & (units.raw > ABSENT).any(axis=0)
    alike = units.alike[recorded].mean() if recorded.any() else np.nan
    # coders × units × values
    each = units.values[:, units.pairable][:, :, None] == np.arange(len(units.scale))
    counts = each.sum(axis=0)
    n = len(counts)
    if not n:
        reason = "nothing that two coders coded"
        return [n, recorded.sum(), *[np.nan] * 4, alike, np.nan, np.nan, reason]
    alpha, interval, reason = units.alpha(counts), (np.nan, np.nan), "one value only"
    if not np.isnan(alpha):
        actor, names = pd.factorize(units.frame.loc[units.pairable, "actor"])
        differing = np.isin(range(len(names)), actor[(counts > 0).sum(axis=1) > 1])
        without = (units.alpha(counts[actor != i]) for i in range(len(names)))
        interval, reason = jackknife_interval(alpha, without, differing, "disagreement", -1)
    total = counts.sum(axis=1, keepdims=True)
    same = ((counts * (counts - 1)).sum(axis=1) / (total * (total - 1))[:, 0]).mean()
    shares = (counts / total).mean(axis=0)
    used = np.count_nonzero(shares)
    # what Gwet expects of chance, and Cohen of two coders
    expected = (shares * (1 - shares)).sum() / (used - 1) if used > 1 else 1.0
    of_two = np.prod(each.mean(axis=1), axis=0).sum() if len(each) == 2 else 1.0
    beyond = [(same - by) / (1 - by) if by < 1 - TIE else np.nan for by in (expected, of_two)]
    return [n, recorded.sum(), alpha, *interval, same, alike, *beyond, reason]


def jackknife_interval(
    value: float, without: Iterable[float], differing: Flags, what: str, lowest: float
) -> tuple[tuple[float, float], str]:
    """Return a 95 % interval by a jackknife over actors, or why there is none.

    Parameters
    ----------
    value : float
        The estimate, from `lowest` to 1.
    without : iterable of float
        The estimate without each actor, computed only if there may be an interval.
    differing : numpy.ndarray of bool
        Whether each actor has any disagreement.
    what : str
        What these have, for the reason.
    lowest : float
        The lowest value: -1 for coefficients, 0 for shares.

    Returns
    -------
    tuple of float
        Its ends; ``NaN`` where there is a reason against them.
    str
        The reason, else nothing.
    """
    from scipy.special import expit, logit, stdtrit

    n, none = len(differing), (float("nan"), float("nan"))
    if n < LEAST_ACTORS:
        return none, "no interval: fewer than five actors"
    if differing.sum() < 2:
        return none, f"no interval: fewer than two actors with any {what}"
    each = np.array(list(without))
    if not ((each > lowest + TIE) & (each < 1 - TIE)).all() or not lowest < value < 1:
        return none, "no interval: without one of the actors the estimate is undefined or extreme"
    middle, *logits = logit((np.array([value, *each]) - lowest) / (1 - lowest))
    wide = stdtrit(n - 1, 0.975) * np.sqrt((n - 1) * np.var(logits))
    low, high = lowest + (1 - lowest) * expit([middle - wide, middle + wide])
    return (float(low), float(high)), ""


def _by(units: Units, column: str, groups: pd.Series[str], name: str) -> pd.DataFrame:
    """Return the coefficients of each group of actors or codes."""
    rows = {}
    for group in groups.unique():
        inside = groups.index[groups == group]
        if column == "code" and units.level == "sets":
            rows[group] = coefficients(units.with_any(inside))
        elif (mask := units.frame[column].isin(inside).to_numpy(dtype=bool)).any():
            rows[group] = coefficients(units.where(mask))
    return _in_rows(rows, [name])


def _in_rows(rows: Mapping[Any, list[Any]], names: list[str]) -> pd.DataFrame:
    index: pd.Index[Any] = pd.Index(list(rows), dtype="str", name=names[0])
    if len(names) > 1:
        index = pd.MultiIndex.from_tuples(list(rows), names=names)
    return pd.DataFrame(list(rows.values()), index, list(COEFFICIENTS)).astype(COEFFICIENTS)
