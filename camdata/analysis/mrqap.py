"""Regression of agreement on what pairs of actors have in common, tested by permutation (MRQAP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_count, check_seed, wrong_type
from camdata._display.results import Result
from camdata._display.words import count, join_names, p_words, signed
from camdata.analysis.groups import groups_of
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.null import p_value
from camdata.analysis.pairs import ratio
from camdata.analysis.trees import Floats, Integers
from camdata.model.tally import names_of

Predictor = str | tuple[str, object] | pd.DataFrame
"""A column of the actors, a column with a value that both have, or a table of pairs."""


@dataclass(frozen=True, eq=False, repr=False)
class MRQAP(Result):
    """A regression on pairs of actors, with p values by permutation.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `predictor`, ``intercept`` first: `coefficient` (of ordinary least squares on pairs),
        `t` (its usual t statistic), `p_value` (two-sided, by double semi-partialling; ``NaN`` for
        the intercept, which has no permutation test), `expected_low` and `expected_high` (between
        which 95 % of the coefficients of permuted predictors lie). Also as `frame`.
    pairs : int
        How many pairs of actors have a value.
    r_squared : float
        The share of variance that the predictors explain.
    permutations : int
        How many permutations each predictor had.
    agreement : Agreement
        What was explained.
    """

    table: pd.DataFrame
    pairs: int
    r_squared: float
    permutations: int
    agreement: Agreement

    @property
    def summary(self) -> str:
        """The coefficients with their p values, in words."""
        lines = [
            f"{self.agreement.label} of {count(self.pairs, 'pair')} of actors, R² "
            f"{self.r_squared:.2f}; p two-sided, {count(self.permutations, 'permutation')} for "
            "each predictor (double semi-partialling)"
        ]
        for name, row in self.table.iloc[1:].iterrows():
            lines.append(
                f"{name}: {signed(row['coefficient'], 3)} ({p_words(row['p_value'])}; permuted "
                f"{signed(row['expected_low'], 3)} to {signed(row['expected_high'], 3)})"
            )
        lines.append(
            "permutations ignore how much each actor says: groups that differ in that alone are "
            "found as well; cam.analysis.association asks against tables with the same totals"
        )
        return "\n".join(lines)


def mrqap(
    agreement: Agreement | pd.DataFrame,
    predictors: Mapping[str, Predictor],
    permutations: int = 999,
    *,
    seed: Seed = 0,
) -> MRQAP:
    r"""Regress agreement on properties of pairs (multiple regression quadratic assignment).

    Parameters
    ----------
    agreement : Agreement or pandas.DataFrame
        What is explained; pairs without a value are left out.
    predictors : mapping of str to str, tuple or pandas.DataFrame
        By the name that they have in the result:

        - a column of the actors, such as ``"process"``: 1 where both have the same text; the
          absolute difference where it holds numbers;
        - a column and a value, such as ``("process", "RCM")``: 1 where both have it;
        - a square frame, actors on both axes: its values, which must be symmetric;
        - a frame with the columns `actor` and `target`, such as ``meeting.references``: how often
          the one names the other, in either direction.
    permutations : int
        How often each predictor is permuted.
    seed : int or numpy.random.Generator
        Of the permutations.

    Returns
    -------
    MRQAP

    Raises
    ------
    ValueError
        For a column that the actors do not have, a predictor without a value for an actor that has
        agreement with somebody, predictors that determine one another, or too few pairs.

    Notes
    -----
    Coefficients equal ordinary least squares on the pairs. Pairs that share an actor are not
    independent, so that the usual p values are too small. Double semi-partialling (Dekker,
    Krackhardt & Snijders 2007, doi:10.1007/s11336-007-9016-1) takes from each predictor what the
    others explain, gives the rest to other actors (rows and columns alike), and compares the
    absolute t statistic with that of the permuted ones: p = (r + 1) / (permutations + 1).

    Permutations ignore how much each actor says (see `camdata.analysis.association`): add the
    difference or the product of activity as a predictor where groups differ in it.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally("code"))
    >>> result = cam.analysis.mrqap(agreement, {"both RCM": ("process", "RCM")}, 199)
    >>> result.pairs, bool(result.frame.loc["both RCM", "p_value"] > 0.05)
    (78, True)
    """
    agreement = as_agreement(agreement)
    check_count("permutations", permutations)
    if not isinstance(predictors, Mapping) or not predictors:
        raise wrong_type("predictors", "a mapping of names to predictors", predictors)
    values = np.where(np.eye(len(agreement.actors), dtype=bool), np.nan, agreement.values)
    used = np.flatnonzero(~np.isnan(values).all(axis=1))
    a, b = np.triu_indices(len(used), 1)
    outcome = values[used[a], used[b]]
    there = ~np.isnan(outcome)
    tables = [_square_of(agreement, name, given, used) for name, given in predictors.items()]
    design = np.column_stack([np.ones(len(a)), *(table[a, b] for table in tables)])
    x, y = design[there], outcome[there]
    freedom = len(y) - x.shape[1]
    if freedom < 1:
        few, many = count(len(y), "pair"), count(len(tables), "predictor")
        raise ValueError(f"{few} with a value are too few for {many}.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        named = join_names(predictors)
        raise ValueError(f"{named} determine one another, or one is the same for all pairs.")
    coefficient, *_ = np.linalg.lstsq(x, y, rcond=None)
    generator = check_seed(seed)
    rows: list[list[float]] = [[coefficient[0], *[np.nan] * 4]]
    for place in range(1, x.shape[1]):
        rest = np.delete(design, place, axis=1)
        # what the others do not explain of this predictor, as a table of actors
        own = design[:, place] - rest @ np.linalg.lstsq(rest, design[:, place], rcond=None)[0]
        square = np.zeros((len(used), len(used)))
        square[a, b] = square[b, a] = own
        orders = np.array([generator.permutation(len(used)) for _ in range(permutations)])
        drawn = square[orders[:, a], orders[:, b]][:, there]
        slope, statistic = _partial(np.vstack([x[:, place], drawn]), y, rest[there], freedom)
        bounds = np.quantile(slope[1:], [0.025, 0.975])
        rows.append([coefficient[place], statistic[0], p_value(np.abs(statistic)), *bounds])
    explained = float(1 - ratio(((y - x @ coefficient) ** 2).sum(), ((y - y.mean()) ** 2).sum()))
    index = pd.Index(["intercept", *predictors], name="predictor", dtype="str")
    columns = ["coefficient", "t", "p_value", "expected_low", "expected_high"]
    table = pd.DataFrame(rows, index, columns)
    return MRQAP(table, len(y), explained, int(permutations), agreement)


def _partial(z: Floats, y: Floats, rest: Floats, freedom: int) -> tuple[Floats, Floats]:
    """Return coefficient and t of each row of z beside the other predictors (Frisch & Waugh)."""
    basis, _ = np.linalg.qr(rest)
    y = y - basis @ (basis.T @ y)
    z = z - (z @ basis) @ basis.T
    square = (z**2).sum(axis=1)
    square = np.where(square > 1e-12, square, 0.0)
    slope = np.nan_to_num(ratio(z @ y, square))
    error = np.maximum((y**2).sum() - slope**2 * square, 0.0) / freedom
    return slope, np.nan_to_num(ratio(slope, np.sqrt(ratio(error, square))))


def _square_of(agreement: Agreement, name: str, given: object, used: Integers) -> Floats:
    """Return a predictor as a square table of the used actors."""
    actors = pd.Index(agreement.actors, dtype="str")[used]
    if isinstance(given, pd.DataFrame) and {"actor", "target"} <= set(given.columns):
        named = pd.crosstab(given["actor"], given["target"])
        counts = named.reindex(index=actors, columns=actors, fill_value=0).to_numpy(dtype=float)
        return np.asarray(counts + counts.T)
    if isinstance(given, pd.DataFrame):
        axes = (names_of(axis, "actor") for axis in (given.index, given.columns))
        named = given.set_axis(next(axes)).set_axis(next(axes), axis=1)
        square = named.reindex(index=actors, columns=actors).to_numpy(dtype=float, copy=True)
        np.fill_diagonal(square, 0.0)
        if not np.allclose(square, square.T, equal_nan=True):
            raise ValueError(f"The predictor {name!r} must be symmetric.")
        return _complete(name, square, actors)
    column, value = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if not isinstance(column, str):
        expected = "a column, a column and a value, or a DataFrame"
        raise wrong_type(f"predictors[{name!r}]", expected, given)
    cells = groups_of(agreement, column).iloc[used]
    if value is not None:
        has = (cells == value).fillna(False).to_numpy(dtype=float)
        if not has.any():
            raise ValueError(f"No actor with agreement has {value!r} in its column {column!r}.")
        return np.asarray(np.multiply.outer(has, has))
    is_number = pd.api.types.is_numeric_dtype(cells)
    numbers = cells if is_number else pd.Series(pd.factorize(cells)[0]).replace(-1, np.nan)
    apart = np.abs(np.subtract.outer(*[numbers.to_numpy(dtype=float, na_value=np.nan)] * 2))
    same = np.where(np.isnan(apart), np.nan, apart == 0)
    return _complete(name, apart if is_number else same, actors)


def _complete(name: str, square: Floats, actors: pd.Index[str]) -> Floats:
    off = ~np.eye(len(actors), dtype=bool)
    gaps = (np.isnan(square) & off).sum(axis=1)
    if gaps.any():
        missing = actors[gaps == gaps.max()]
        raise ValueError(
            f"The predictor {name!r} has no value for pairs with {join_names(missing, 5)}: select "
            "actors that have one, or fill it."
        )
    return square
