"""The multiverse: who falls together whatever is chosen, and which choices matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import (
    Seed,
    as_list,
    check_choice,
    check_count,
    check_share,
    seed_number,
    wrong_type,
)
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, listed
from camdata.analysis import trees as _trees
from camdata.analysis.chance import SETS
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.labels import adjusted_rand, align_labels, as_numbers
from camdata.analysis.measures import MeasureName, agreement
from camdata.analysis.trees import LinkageMethod
from camdata.model.meeting import Meeting
from camdata.model.tally import By

CHOICES = ("by", "basis", "coder", "measure", "method")
"""What a specification decides, in the order in which it is named."""


@dataclass(frozen=True, eq=False, repr=False)
class Multiverse(Result):
    """Clusters under every defensible combination of choices.

    Attributes
    ----------
    specifications : pandas.DataFrame
        One row per specification that could be made: `by`, `basis` (``all`` or ``explicit``),
        `coder` (empty where nobody is named), `measure`, `method` (str), `n_clusters` (int64),
        `silhouette` (float).
    labels : pandas.DataFrame
        Actors × specifications, ``Int64``, ``<NA>`` where unplaced or nothing is recorded; the
        clusters of each are renumbered to match the first as well as they can.
    together : pandas.DataFrame
        Actors × actors, float: among the specifications that place both, the share in which they
        fall together. ``NaN`` where none places both.
    cores : tuple of tuple of str
        Groups of at least two actors any two of whom fall together in at least `threshold` of the
        specifications, the largest first.
    swing : pandas.DataFrame
        One row per placed actor in no core: `actor`, and for each core (columns 1, 2, …) the mean
        share in which it falls together with its members.
    influence : pandas.DataFrame
        Index `choice`: `pairs` (int64, of specifications that differ in that choice alone),
        `adjusted_rand` (their mean; 1 means that the choice changes nothing) and `lowest`. The
        choice that matters most is first; choices with one option only are left out.
    skipped : pandas.DataFrame
        The specifications that could not be made: the choices, and `reason`.
    threshold : float
        The share that makes a core.
    n_clusters : int, optional
        The number of clusters that was held; None where each specification chose its own.
    reference : Clusters
        The clusters of the first specification, with their comparison with random tables.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.multiverse(cam.load_meeting(), coder="camdata").cores
    (('United States', 'Costa Rica', 'Guatemala', 'Dominican Republic'),
     ('Canada', 'Mexico', 'Peru', 'Uruguay'),
     ('Chile', 'Brazil'))
    """

    specifications: pd.DataFrame
    labels: pd.DataFrame
    together: pd.DataFrame
    cores: tuple[tuple[str, ...], ...]
    swing: pd.DataFrame
    influence: pd.DataFrame
    skipped: pd.DataFrame
    threshold: float
    n_clusters: int | None
    reference: Clusters

    @property
    def frame(self) -> pd.DataFrame:
        """One row per actor: `core` (Int64, missing for none), `placed` (share of them)."""
        labels = self.labels
        core = pd.Series(pd.NA, labels.index, dtype="Int64")
        for number, actors in enumerate(self.cores, 1):
            core[list(actors)] = number
        return pd.DataFrame({"core": core, "placed": labels.notna().mean(axis="columns")})

    @property
    def between(self) -> pd.DataFrame:
        """Cores × cores: the mean share in which their members fall together."""
        together = self.together
        numbers = pd.Index(range(1, len(self.cores) + 1), name="core")
        share = [
            [float(together.loc[list(a), list(b)].to_numpy().mean()) for b in self.cores]
            for a in self.cores
        ]
        return pd.DataFrame(share, numbers, numbers, dtype="float64")

    @property
    def unplaced(self) -> list[str]:
        """The actors that no specification places."""
        labels = self.labels
        return labels.index[labels.isna().all(axis="columns")].tolist()

    @property
    def summary(self) -> str:
        """The cores, who swings between which, and which choice matters most, in words."""
        made, skipped = len(self.specifications), len(self.skipped)
        number = "its own number of clusters" if self.n_clusters is None else "the number held at "
        number += "" if self.n_clusters is None else str(self.n_clusters)
        lines = [
            f"{count(made, 'specification')}, {number}"
            + (f"; {skipped} could not be made" if skipped else "")
        ]
        share = "all" if self.threshold == 1 else f"at least {self.threshold:.0%}"
        for label, actors in enumerate(self.cores, 1):
            lines.append(f"core {label}, together in {share}: {', '.join(actors)}")
        between = self.between.to_numpy()
        for a, b in zip(*np.tril_indices(len(between), -1), strict=True):
            if 0 < between[a, b] < 1:
                lines.append(f"cores {b + 1} and {a + 1} fall together in {between[a, b]:.0%}")
        if not self.cores:
            lines.append(f"no two actors are together in {share} of them")
        lines += [f"swing: {words}" for words in self.swings(8)]
        if self.unplaced:
            lines.append(f"never placed: {listed(self.unplaced)}")
        if len(self.influence) and (self.influence["lowest"] > 1 - _trees.TIE).all():
            lines.append("none of these choices changes anything")
        elif len(self.influence):
            first = self.influence.iloc[0]
            name = WORDS[str(self.influence.index[0])]
            rand = float(first["adjusted_rand"])
            lines.append(
                f"what matters most is {name}: adjusted Rand {rand:.2f} between "
                "specifications that differ in it alone"
            )
        return "\n".join(lines)

    @property
    def verdict(self) -> str:
        """Who stands together, who swings, and how sure that is: three lines."""
        made = count(len(self.specifications), "specification")
        groups = "; ".join(", ".join(core) for core in self.cores)
        together = "in all" if self.threshold == 1 else f"in at least {self.threshold:.0%}"
        free = self.swing["actor"].tolist()
        swing = f"Swing between them: {listed(free, 12)}." if free else "Nobody swings."
        if self.unplaced:
            swing += f" Nothing to compare: {listed(self.unplaced)}."
        choice = self.reference.choice
        number = count(self.reference.n_clusters, "cluster")
        sure = "the number was not judged against chance" if choice is None else choice.verdict
        level = count(len(self.reference.placed), "actor")
        return (
            f"Together {together} {made}: {groups or 'no two actors'}.\n"
            f"{swing}\n"
            f"How sure: {number} of {level} by {self.reference_level}, {sure}."
        )

    @property
    def reference_level(self) -> str:
        """The level of the first specification: dimension or code."""
        return str(self.specifications["by"].iloc[0])

    def swings(self, most: int = 8) -> list[str]:
        """Say of the actors in no core between which cores each swings, at most `most` of them."""
        lines = []
        for row in self.swing.head(most).to_dict("records"):
            actor = row.pop("actor")
            shares = sorted(((v, k) for k, v in row.items() if v > 0), reverse=True)[:2]
            words = " and ".join(f"core {core} ({share:.0%})" for share, core in shares)
            how = " between" if len(shares) > 1 else " with"
            lines.append(f"{actor}{how} {words}" if words else f"{actor} with no core")
        if len(self.swing) > most:
            lines.append(f"and {len(self.swing) - most} more")
        return lines


WORDS = {
    "by": "the level (dimensions or codes)",
    "basis": "whether positions by reference count",
    "coder": "the coder",
    "measure": "the measure",
    "method": "the linkage",
}
"""What each choice is, in words."""


def multiverse(
    meeting: Meeting,
    *,
    by: Iterable[By] | By | None = None,
    basis: Iterable[str] | str | None = None,
    coder: Iterable[str] | str | None = None,
    measures: Iterable[MeasureName] | MeasureName = SETS,  # type: ignore[assignment]
    methods: Iterable[LinkageMethod] | LinkageMethod = ("average", "complete"),
    n_clusters: int | Literal["chosen"] | None = None,
    threshold: float = 1.0,
    n_resamples: int = 99,
    seed: Seed = 0,
) -> Multiverse:
    """Cluster under every combination of choices that could be defended.

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
        Measures of sets.
    methods : {"average", "complete"} or several
        The linkages.
    n_clusters : int or "chosen", optional
        The number of clusters, held in all; by default the one that `camdata.cluster` gives the
        first specification. With ``"chosen"`` each specification chooses its own.
    threshold : float
        The share of specifications in which the members of a core must fall together.
    n_resamples : int
        How many random tables a number of clusters is judged against where it is chosen.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Multiverse

    Raises
    ------
    ValueError
        For an unknown choice, or if no specification can be made.

    Notes
    -----
    Specifications whose tree cannot be cut into the number held are left out and listed in
    `Multiverse.skipped`. The idea is that of the multiverse (Steegen et al. 2016,
    doi:10.1177/1745691616658637) and of the specification curve (Simonsohn, Simmons & Nelson 2020,
    doi:10.1038/s41562-020-0912-z): nobody's choices are the right ones, so what depends on them is
    shown. Specifications are no sample of anything, and shares of them are no probabilities.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> result = cam.multiverse(meeting, coder="camdata", measures="jaccard", n_clusters=3)
    >>> result.specifications.shape, len(result.skipped)
    ((6, 7), 2)
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    check_share("threshold", threshold)
    check_count("n_resamples", n_resamples)
    seed = seed_number(seed)
    if isinstance(n_clusters, str):
        check_choice("n_clusters", n_clusters, ("chosen",))
    elif n_clusters is not None:
        check_count("n_clusters", n_clusters)
    options = {
        "by": _several("by", by, _levels(meeting)),
        "basis": _several("basis", basis, _bases(meeting)),
        "coder": _several("coder", coder, _coders(meeting)),
        "measure": _several("measures", measures, SETS),
        "method": _several("methods", methods, ("average", "complete")),
    }
    made: list[dict[str, object]] = []
    columns: list[pd.Series[int]] = []
    skipped: list[dict[str, object]] = []
    first = {name: values[:1] for name, values in options.items()}
    reference = next(_specifications(meeting, first, None, n_resamples, seed))[1]
    held: int | None = None
    if n_clusters is None:
        held = reference.n_clusters if isinstance(reference, Clusters) else None
    elif not isinstance(n_clusters, str):
        held = int(n_clusters)
    every = _specifications(meeting, options, held, n_resamples, seed)
    number = prod(len(values) for values in options.values())
    for choices, found in progress(every, "specifications", number):
        if isinstance(found, str):
            skipped.append({**choices, "reason": found})
            continue
        made.append({**choices, "n_clusters": found.n_clusters, "silhouette": found.silhouette})
        columns.append(found.labels)
    if not made:
        reasons = listed(sorted({str(row["reason"]) for row in skipped}), 3)
        raise ValueError(f"None of {count(len(skipped), 'specification')} can be made: {reasons}")
    if not isinstance(reference, Clusters):
        raise ValueError(f"The first specification cannot be made: {reference}")
    frame = pd.DataFrame(made)
    aligned = [columns[0], *(align_labels(labels, columns[0]) for labels in columns[1:])]
    labels = pd.DataFrame(dict(enumerate(aligned)))
    labels.columns.name = "specification"
    together = _together(labels)
    cores = _cores(together, threshold)
    return Multiverse(
        specifications=frame.rename_axis("specification"),
        labels=labels,
        together=together,
        cores=cores,
        swing=_swing(labels, together, cores),
        influence=_influence(frame, labels, options),
        skipped=pd.DataFrame(skipped, columns=[*CHOICES, "reason"]).astype("str"),
        threshold=float(threshold),
        n_clusters=held,
        reference=reference,
    )


def _several(name: str, chosen: object, known: Sequence[str]) -> list[str]:
    if chosen is None:
        return list(known)
    return as_list(name, chosen, known)  # type: ignore[arg-type]


def _levels(meeting: Meeting) -> list[str]:
    return ["dimension", "code"] if "dimension" in meeting.codebook else ["code"]


def _bases(meeting: Meeting) -> list[str]:
    found = {
        value
        for table in (meeting.statements, meeting.recodings)
        for value in table.get("basis", pd.Series(dtype="str")).dropna()
    }
    return ["all", "explicit"] if {"explicit", "by_reference"} <= found else ["all"]


def _coders(meeting: Meeting) -> list[str]:
    tables = [meeting.statements, meeting.recodings]
    named = [table["coder"].dropna() for table in tables if "coder" in table]
    coders = pd.concat(named).unique().tolist() if named else []
    return coders or [""]


def _specifications(
    meeting: Meeting,
    options: dict[str, list[str]],
    n_clusters: int | None,
    n_resamples: int,
    seed: int,
) -> Iterator[tuple[dict[str, object], Clusters | str]]:
    """Yield each combination of choices with its clusters, or the reason why there are none."""
    for coder, basis in product(options["coder"], options["basis"]):
        part = meeting if not coder else meeting.select(coder=coder)
        known = set(part.statements.get("basis", pd.Series(dtype="str")).dropna())
        if basis == "explicit" and "explicit" in known:
            part = part.select(basis="explicit")
        for by, measure in product(options["by"], options["measure"]):
            shared = agreement(part.tally(by), measure)  # type: ignore[arg-type]
            for method in options["method"]:
                choices: dict[str, object] = {
                    "by": by,
                    "basis": basis,
                    "coder": coder,
                    "measure": measure,
                    "method": method,
                }
                found: Clusters | str
                try:
                    found = cluster(
                        shared,
                        n_clusters,
                        method,  # type: ignore[arg-type]
                        n_resamples=n_resamples,
                        seed=seed,
                    )
                except ValueError as error:
                    found = str(error)
                yield choices, found


def _together(labels: pd.DataFrame) -> pd.DataFrame:
    values = labels.to_numpy(dtype="float64", na_value=np.nan)
    placed = ~np.isnan(values)
    both = placed.astype(float) @ placed.T.astype(float)
    same = np.zeros_like(both)
    for label in np.unique(values[placed]):
        held = (values == label).astype(float)
        same += held @ held.T
    share = np.divide(same, both, out=np.full_like(both, np.nan), where=both > 0)
    return pd.DataFrame(share, labels.index, labels.index)


def _cores(together: pd.DataFrame, threshold: float) -> tuple[tuple[str, ...], ...]:
    """Return the groups any two of whose members are together often enough, the largest first."""
    from scipy.cluster import hierarchy

    share = together.to_numpy()
    if len(share) < 2:
        return ()
    distance = np.where(np.isnan(share), 1.0, 1 - share)
    np.fill_diagonal(distance, 0.0)
    names = together.index.tolist()
    alphabetical = np.array(sorted(range(len(names)), key=lambda i: names[i]))
    tree = _trees.link(distance[np.ix_(alphabetical, alphabetical)], "complete")
    groups = hierarchy.fcluster(tree, 1 - threshold + _trees.TIE, "distance")
    members: dict[int, list[int]] = {}
    for i, group in zip(alphabetical.tolist(), groups.tolist(), strict=True):
        members.setdefault(group, []).append(i)
    found = sorted((sorted(group) for group in members.values()), key=lambda g: (-len(g), g))
    return tuple(tuple(names[i] for i in group) for group in found if len(group) > 1)


def _swing(
    labels: pd.DataFrame, together: pd.DataFrame, cores: tuple[tuple[str, ...], ...]
) -> pd.DataFrame:
    inside = {actor for core in cores for actor in core}
    placed = labels.notna().any(axis="columns")
    free = [actor for actor in labels.index[placed] if actor not in inside]
    columns: dict[object, object] = {"actor": pd.Series(free, dtype="str")}
    for number, core in enumerate(cores, 1):
        share = together.loc[free, list(core)].mean(axis="columns").fillna(0.0)
        columns[number] = share.to_numpy(dtype="float64")
    return pd.DataFrame(columns)


def _influence(
    frame: pd.DataFrame, labels: pd.DataFrame, options: dict[str, list[str]]
) -> pd.DataFrame:
    """Return what each choice changes: adjusted Rand of specifications that differ in it alone."""
    rows = []
    for choice in CHOICES:
        if len(options[choice]) < 2:
            continue
        others = [name for name in CHOICES if name != choice]
        found = []
        for _, group in frame.groupby(others, sort=False, dropna=False):
            numbers = group.index.tolist()
            for i, a in enumerate(numbers):
                for b in numbers[i + 1 :]:
                    both = labels[[a, b]].dropna()
                    if len(both) > 1:
                        first, second = (as_numbers(both[name]) for name in (a, b))
                        found.append(adjusted_rand(first, second))
        if found:
            rows.append((choice, len(found), float(np.mean(found)), float(np.min(found))))
    table = pd.DataFrame(rows, columns=["choice", "pairs", "adjusted_rand", "lowest"])
    table = table.astype({"pairs": "int64", "adjusted_rand": "float64", "lowest": "float64"})
    return table.sort_values("adjusted_rand", kind="stable").set_index("choice")
