"""Several coders: how far their codings of the same texts agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Choice, as_list, check_count, check_seed, wrong_type
from camdata._display.results import Result
from camdata._display.words import count, listed, percent
from camdata.analysis.codings import CELL, Codings, Read, collect
from camdata.analysis.labels import Integers, contingency
from camdata.model.meeting import Meeting

Floats = NDArray[np.float64]
COLUMNS = ["units", "alpha", "low", "high", "percent", "kappa"]


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    """How far coders agree.

    Attributes
    ----------
    coders : tuple of str
        Who is compared.
    overall, by_kind, by_dimension, by_code, pairs : pandas.DataFrame
        `units` (int), `alpha` (Krippendorff's, nominal), `low` and `high` (2.5th and 97.5th
        percentile of alpha when actors are drawn again), `percent` (share of units on which all
        agree) and `kappa` (Cohen's; ``NaN`` for more than two coders). One row; one for each kind
        of actor; for each dimension or code in the order of the codebook; for each two coders, by
        both their names, on the same units. Alpha and kappa are ``NaN`` where the coders use one
        value only. Without kinds or dimensions these tables have no rows.
    disagreements : pandas.DataFrame
        One row per unit on which the coders differ: `document` (where there are several), `actor`,
        `code`, and for each coder ``value CODER`` (absent, supports, opposes, both, or the level)
        and ``quote CODER`` (the quotes, joined; empty where absent).
    n_actors : int
        How many actors, of whom something is recorded, the coders were compared on.
    n_left_out : int
        How many statements were added after the codings had been compared, and left out.
    labels : mapping of str to str
        What charts call the codes.
    """

    coders: tuple[str, ...]
    overall: pd.DataFrame
    by_kind: pd.DataFrame
    by_dimension: pd.DataFrame
    by_code: pd.DataFrame
    pairs: pd.DataFrame
    disagreements: pd.DataFrame
    n_actors: int
    n_left_out: int
    labels: Mapping[str, str]

    def _overall(self, name: str) -> float:
        return float(self.overall[name].iloc[0])

    @property
    def alpha(self) -> float:
        """Krippendorff's alpha over all units."""
        return self._overall("alpha")

    @property
    def interval(self) -> tuple[float, float]:
        """2.5th and 97.5th percentile of alpha when actors are drawn again."""
        return self._overall("low"), self._overall("high")

    @property
    def percent(self) -> float:
        """Share of units on which all coders agree."""
        return self._overall("percent")

    @property
    def kappa(self) -> float:
        """Cohen's kappa; ``NaN`` for more than two coders."""
        return self._overall("kappa")

    @property
    def summary(self) -> str:
        """The result in words."""
        low, high = self.interval
        kappa = f", Cohen's kappa {decimals(self.kappa)}" if len(self.coders) == 2 else ""
        words = (
            f"{listed(self.coders)} on {count(int(self._overall('units')), 'unit')} "
            f"({count(self.n_actors, 'actor')}): Krippendorff's alpha {decimals(self.alpha)} "
            f"({decimals(low)} to {decimals(high)} when actors are drawn again){kappa}, "
            f"{percent(self.percent)} agreement, "
            f"{count(len(self.disagreements), 'disagreement')}."
        )
        if len(self.coders) > 2:
            two = (
                f"{one} and {other} {decimals(alpha)}"
                for (one, other), alpha in zip(self.pairs.index, self.pairs["alpha"], strict=True)
            )
            words += f" Alpha of each two: {listed(two, 6)}."
        if self.n_left_out:
            were = "was" if self.n_left_out == 1 else "were"
            words += (
                f" Left out: {count(self.n_left_out, 'statement')} that {were} added after the "
                "codings had been compared."
            )
        return words

    @property
    def frame(self) -> pd.DataFrame:
        """Overall, by kind of actor, by dimension and by code, one below the other."""
        parts = {
            "": self.overall,
            "kind": self.by_kind,
            "dimension": self.by_dimension,
            "code": self.by_code,
        }
        return pd.concat(parts, names=["level", "of"])


def decimals(value: float) -> str:
    """Return a coefficient with two decimals; only perfect agreement is 1.00."""
    if np.isnan(value):
        return "not defined"
    words = f"{value:.2f}"
    return ">0.99" if words == "1.00" and value < 1 else words


def reliability(
    meeting: Meeting,
    *,
    coder: Choice = None,
    read: Read = None,
    without: pd.DataFrame | None = None,
    n_resamples: int = 1000,
    seed: int | np.random.Generator = 0,
) -> Reliability:
    """Compare the codings of several coders.

    Parameters
    ----------
    meeting : Meeting
        Its statements and its recodings are compared.
    coder : sequence of str, optional
        Whom to compare; by default everyone.
    read : "everything" or mapping, optional
        What each coder read: ``"everything"``, or for each coder that or a mapping of
        ``"documents"`` and ``"actors"`` (one or both) to names. By default what the data package
        says: the entry `read` of the contributor with that `coder`. A coder of whom nothing is said
        read what it coded: the actors (of each document) of whom it has a statement.
    without : pandas.DataFrame, optional
        Cells that are not compared: `actor` and `code` (and `document`), as those that the coders
        were trained on.
    n_resamples : int
        How many times actors are drawn again for the intervals.
    seed : int or numpy.random.Generator
        Where these draws come from.

    Returns
    -------
    Reliability

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two coders, if none has read what the others read, if one coded more
        than it is said to have read, or if statements name no coder.

    Notes
    -----
    A unit is an actor and a code of the codebook (in a document, where there are several); its
    value is absent, supports, opposes or both. The units are those of what all the compared coders
    read, and there of the actors of whom at least one of them recorded something: an actor on whom
    all are silent would only add agreement on absence, and one that a coder never saw would count
    as disagreement. The basis of a statement is not compared, nor is how often it is made.

    Most codes are absent from most actors, so percent agreement is high whatever the coders do;
    alpha (Krippendorff 2019, "Content Analysis", 4th ed., ch. 12; Hayes & Krippendorff 2007,
    doi:10.1080/19312450709336664) and kappa (Cohen 1960, doi:10.1177/001316446002000104) are
    corrected for that. The cells of one actor are not independent, so the interval draws actors,
    not cells; draws in which one value only is left have no alpha and are left out.

    Only what was coded independently says anything about reliability. Statements that a coder added
    after having seen another coding are left out where the data package names them: the entry
    `after_comparison` of the contributor, a list of the statements' ids.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.reliability(cam.load_meeting(), n_resamples=200)
    >>> result.coders
    ('camdata', 'definitions_only', 'full_codebook')
    >>> result.pairs["alpha"].round(2).tolist()
    [0.92, 0.98, 0.94]
    >>> result.disagreements.query("actor == 'El Salvador'")["code"].tolist()
    ['common_position']
    """
    n = check_count("n_resamples", n_resamples)
    generator = check_seed(seed)
    codings = collect(meeting, coder, read, what="Reliability")
    coders = codings.coders
    read_by_all: NDArray[np.bool_] = np.logical_and.reduce(codings.reads)
    shared = codings.places.loc[read_by_all]
    if shared.empty:
        raise ValueError(
            f"There is nothing that all of {listed(coders)} have read and recorded something of."
        )
    units = codings.units(shared)
    if without is not None:
        units = _without(units, without, codings)
    values, kinds = codings.values(units)
    names = sorted(set(units["actor"]))  # so that the order of rows changes no draw
    actor_of = pd.Index(names).get_indexer(pd.Index(units["actor"]))
    draws = _draws(generator, n, len(names))

    def row(
        inside: NDArray[np.bool_],
        drawn: Integers = draws,
        of: NDArray[np.int64] = actor_of,
        who: Sequence[int] = range(len(coders)),
    ) -> dict[str, float]:
        chosen = values[list(who)][:, inside]
        again = _alphas(chosen, of[inside], drawn)
        again = again[~np.isnan(again)]
        low, high = np.quantile(again, [0.025, 0.975]) if len(again) else (np.nan, np.nan)
        same = (chosen == chosen[0]).all(axis=0)
        return {
            "units": int(inside.sum()),
            "alpha": float(_alphas(chosen, np.zeros_like(of[inside]), np.ones((1, 1), int))[0]),
            "low": float(low),
            "high": float(high),
            "percent": float(same.mean()) if len(same) else float("nan"),
            "kappa": cohen_kappa(chosen[0], chosen[1]) if len(who) == 2 else float("nan"),
        }

    codebook, actors = meeting.codebook, meeting.actors
    by_kind, by_dimension = {}, {}
    if "kind" in actors:
        kind = units["actor"].map(actors.set_index("actor")["kind"])
        for name in actors["kind"].dropna().unique():
            inside = kind.eq(name).to_numpy(dtype=bool)
            if inside.any():  # only the actors of this kind are drawn again
                own, of = np.unique(actor_of[inside], return_inverse=True)
                place = np.zeros(len(units), dtype=np.int64)
                place[inside] = of
                by_kind[name] = row(inside, _draws(generator, n, len(own)), place)
    if "dimension" in codebook:
        dimension = units["code"].map(codebook.set_index("code")["dimension"])
        for name in codebook["dimension"].dropna().unique():
            by_dimension[name] = row(dimension.eq(name).to_numpy(dtype=bool))
    everything = np.ones(len(units), dtype=bool)
    two = [(i, j) for i in range(len(coders)) for j in range(i + 1, len(coders))]
    by_pair = {(coders[i], coders[j]): row(everything, who=(i, j)) for i, j in two}
    differ = (values != values[0]).any(axis=0)
    labels = dict(zip(codings.codes, codings.codes, strict=True))
    if "label" in codebook:
        named = codebook.dropna(subset=["label"])
        labels.update(zip(named["code"], named["label"], strict=True))
    return Reliability(
        coders=tuple(coders),
        overall=_frame({"all": row(everything)}, "units of"),
        by_kind=_frame(by_kind, "kind"),
        by_dimension=_frame(by_dimension, "dimension"),
        by_code=_frame(
            {code: row(units["code"].eq(code).to_numpy(dtype=bool)) for code in codings.codes},
            "code",
        ),
        pairs=_frame(by_pair, ["coder", "other"]),
        disagreements=codings.told(
            units[differ], values[:, differ], [codings.name(kind) for kind in kinds]
        ),
        n_actors=len(names),
        n_left_out=codings.left_out,
        labels=labels,
    )


def _frame(rows: Mapping[Any, dict[str, float]], name: str | list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows.values()), columns=COLUMNS, dtype="float64")
    if isinstance(name, list):
        frame.index = pd.MultiIndex.from_tuples(list(rows), names=name)
    else:
        frame.index = pd.Index(list(rows), dtype="str", name=name)
    return frame.astype({"units": "int64"})


def _without(units: pd.DataFrame, without: pd.DataFrame, codings: Codings) -> pd.DataFrame:
    """Leave out some cells of the units."""
    if not isinstance(without, pd.DataFrame):
        raise wrong_type("without", "a DataFrame of actors and codes", without)
    for name, known in (("actor", codings.meeting.actors["actor"]), ("code", codings.codes)):
        if name not in without:
            raise ValueError(f"`without` needs the columns actor and code, but has no {name}.")
        if len(without):
            as_list(f"without[{name!r}]", without[name].tolist(), known)
    columns = [name for name in CELL if name in without]
    gone = pd.MultiIndex.from_frame(without[columns])
    kept = units[~pd.MultiIndex.from_frame(units[columns]).isin(gone)]
    if kept.empty:
        raise ValueError("`without` leaves nothing to compare.")
    return kept.reset_index(drop=True)


def _draws(generator: np.random.Generator, n: int, size: int) -> Integers:
    """Draw `size` actors again, n times: how often each of them is drawn, draws × actors."""
    drawn = generator.integers(size, size=(n, size))
    return np.apply_along_axis(np.bincount, 1, drawn, minlength=size)


def _alphas(values: Integers, actor: Integers, draws: Integers) -> Floats:
    """Return Krippendorff's nominal alpha for each draw of actors; ``NaN`` with one value only.

    Where every coder has every unit, alpha is 1 - Do / De with sums that add up over units, and so
    over actors: Do, pairs of unlike values of one unit, each over the number of coders less one;
    De, the same of all values taken together.
    """
    coders, size = len(values), draws.shape[1]
    found = np.unique(values)
    counts = (values[:, :, None] == found).sum(axis=0)
    unlike = (coders**2 - (counts**2).sum(axis=1)) / (coders - 1)
    of_actor = np.zeros((size, len(found) + 1))
    np.add.at(of_actor, actor, np.column_stack([counts, unlike]))
    sums = draws @ of_actor
    margins, observed = sums[:, :-1], sums[:, -1]
    total = margins.sum(axis=1)
    expected = (total**2 - (margins**2).sum(axis=1)) / np.maximum(total - 1, 1)
    result = np.full(len(draws), np.nan)
    defined = expected > 0
    result[defined] = 1 - observed[defined] / expected[defined]
    return result


def cohen_kappa(a: Integers, b: Integers) -> float:
    """Return Cohen's kappa of two coders, unweighted; ``NaN`` where both use one same value."""
    values = np.union1d(a, b)
    # every value counts once for each coder, so that both axes have them all; taken off again
    table = contingency(np.concatenate([a, values]), np.concatenate([b, values])) - np.eye(
        len(values)
    )
    total = table.sum()
    if total == 0:
        return float("nan")
    observed = np.trace(table) / total
    expected = (table.sum(axis=0) * table.sum(axis=1)).sum() / total**2
    return float("nan") if expected == 1 else float((observed - expected) / (1 - expected))
