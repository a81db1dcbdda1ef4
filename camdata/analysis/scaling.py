"""Agreement as a map: two coordinates for each actor, by classical scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis import trees as _trees
from camdata.analysis.clustering import Clusters, check_bounded
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.trees import Floats

LITTLE = 0.5
"""Two axes that carry less than this share of the distances draw a misleading map."""


@dataclass(frozen=True, eq=False, repr=False)
class Coordinates(Result):
    """Actors in a plane, the nearer the more they agree.

    Attributes
    ----------
    actors : tuple of str
        The placed actors, in the order of the agreement.
    values : numpy.ndarray
        Shape (actors, 2), float: x and y, in units of distance (1 - agreement), each with mean 0.
    share : float
        How much of the distances the two axes carry, 0 to 1: the sum of the two largest eigenvalues
        over the sum of the absolute ones (Mardia 1978, doi:10.1080/03610927808827707). ``NaN``
        where there are no distances.
    unplaced : pandas.Series
        Index `actor`, for each unplaced actor the reason, in words.
    filled : int
        How many pairs of placed actors have no value, so that the mean distance stands in.
    agreement : Agreement
        What the distances were made of.
    clusters : Clusters, optional
        The clusters that the coordinates were made for.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.analysis.scaling import coordinates
    >>> coordinates(cam.agreement(cam.load_meeting().tally("code")))
    13 actors in a plane that carries 40% of their distances: too little to take near for agreeing
    unplaced: Bolivia (nothing to compare with any actor)
    """

    actors: tuple[str, ...]
    values: Floats
    share: float
    unplaced: pd.Series[str]
    filled: int
    agreement: Agreement
    clusters: Clusters | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """One row per placed actor: `x` and `y` (float64)."""
        index = pd.Index(self.actors, name="actor", dtype="str")
        return pd.DataFrame(self.values.copy(), index, ["x", "y"])

    @property
    def is_little(self) -> bool:
        """Whether the two axes carry so little that the map misleads."""
        return self.share < LITTLE

    @property
    def summary(self) -> str:
        """How far the plane can be trusted, and who is not on it, in words."""
        head = f"{count(len(self.actors), 'actor')} in a plane"
        if np.isnan(self.share):
            lines = [f"{head}: there are no distances between them"]
        else:
            lines = [f"{head} that carries {self.share:.0%} of their distances"]
            if self.is_little:
                lines[0] += ": too little to take near for agreeing"
        lines += [f"unplaced: {actor} ({reason})" for actor, reason in self.unplaced.items()]
        if self.filled:
            lines.append(f"filled with the mean distance: {count(self.filled, 'pair')}")
        return "\n".join(lines)


def coordinates(agreement: Agreement | Clusters | pd.DataFrame) -> Coordinates:
    """Place actors in a plane, the nearer the more they agree.

    Parameters
    ----------
    agreement : Agreement, Clusters or pandas.DataFrame
        Agreement between 0 and 1, the clusters made of it (which charts then color the actors by),
        or a table of your own: actors × actors, symmetric, ``NaN`` where there is nothing to
        compare.

    Returns
    -------
    Coordinates

    Raises
    ------
    ValueError
        If a table is not square or symmetric, or values lie outside 0 to 1 (counts do).

    Notes
    -----
    Classical scaling (Torgerson 1952, doi:10.1007/BF02288916; Gower 1966,
    doi:10.1093/biomet/53.3-4.325): with D the distances 1 - agreement and J the matrix that takes
    off means, the coordinates are the eigenvectors of B = -1/2 J D² J (D² element by element) for
    its two largest eigenvalues, each as long as the root of its eigenvalue. An axis without a
    positive eigenvalue is 0. Distances that fit no space of points have negative eigenvalues, which
    the share counts against the map.

    Who is unplaced, and what stands in for pairs without a value, is as in `camdata.cluster`.

    A plane may be turned and mirrored without changing a distance. Here x is the axis that carries
    more, and on each axis the actor farthest out (the alphabetically first of several) has a
    positive value; axes that carry the same are turned so that this actor lies on the first of
    them. So the map depends on neither the order of rows nor the machine.

    Examples
    --------
    Four places on a rectangle of 0.8 by 0.6, known by their distances only:

    >>> import pandas as pd
    >>> from camdata.analysis.scaling import coordinates
    >>> far = [[0, 0.8, 1, 0.6], [0.8, 0, 0.6, 1], [1, 0.6, 0, 0.8], [0.6, 1, 0.8, 0]]
    >>> places = coordinates(1 - pd.DataFrame(far, list("ABCD"), list("ABCD")))
    >>> places.frame.round(2).loc["A"].to_list(), round(places.share, 2)
    ([0.4, 0.3], 1.0)
    """
    clusters = agreement if isinstance(agreement, Clusters) else None
    given = as_agreement(agreement.agreement if isinstance(agreement, Clusters) else agreement)
    check_bounded(given)
    placed, reasons = _trees.find_placed(given.values)
    names = given.actors
    order = sorted(np.flatnonzero(placed).tolist(), key=lambda i: names[i])
    distance, gaps = _trees.distances(given.values[np.ix_(order, order)])
    values, share = _scaled(distance)
    rows = np.argsort(np.array(order, dtype=np.int64))
    return Coordinates(
        actors=tuple(names[i] for i in np.flatnonzero(placed)),
        values=values[rows],
        share=share,
        unplaced=pd.Series(
            [reasons[int(i)] for i in np.flatnonzero(~placed)],
            pd.Index([names[i] for i in np.flatnonzero(~placed)], name="actor", dtype="str"),
            dtype="str",
            name="reason",
        ),
        filled=int(np.triu(gaps).sum()),
        agreement=given,
        clusters=clusters,
    )


def _scaled(distance: Floats) -> tuple[Floats, float]:
    """Return two coordinates for each row of a table of distances, and the share they carry."""
    result = np.zeros((len(distance), 2))
    if len(distance) == 0:
        return result, float("nan")
    squared = distance**2
    inner = -(squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean()) / 2
    found, vectors = np.linalg.eigh(inner)
    found, vectors = found[::-1], vectors[:, ::-1]
    total = np.abs(found).sum()
    if total <= _trees.TIE:
        return result, float("nan")
    same = found[0] * _trees.TIE
    axis = 0
    while axis < 2 and found[axis] > same:
        # eigenvalues that are equal have no axes of their own: any turn of them would do
        group = np.flatnonzero(np.abs(found - found[axis]) <= same)
        space = vectors[:, group] @ vectors[:, group].T
        for column in range(axis, min(2, axis + len(group))):
            reach = np.diagonal(space)
            first = int(np.flatnonzero(reach >= reach.max() - _trees.TIE)[0])
            vector = space[:, first] / np.sqrt(reach[first])
            space = space - np.outer(vector, vector)
            result[:, column] = vector * np.sqrt(found[column])
        axis += len(group)
    return result, float(found[:2].sum() / total)
