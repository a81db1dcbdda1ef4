"""Agreement as a map: two coordinates for each actor, by classical scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis import trees as _trees
from camdata.analysis.clustering import Clusters, say_gaps
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.trees import TIE, Floats

POOR_STRESS = 0.3
POOR_R2 = 0.6
"""A map is poor if its stress is higher, and its R² lower, than this."""


@dataclass(frozen=True, eq=False, repr=False)
class Coordinates(Result):
    """Actors in a plane, the nearer the more they agree.

    Attributes
    ----------
    actors : tuple of str
        The placed actors, in the order of the agreement.
    values : numpy.ndarray
        Shape (actors, 2), float: x and y, in units of distance (1 - agreement), each with mean 0.
    stress : float
        Stress-1 (Kruskal 1964, doi:10.1007/BF02289565): the root of the squared differences between
        distances and distances on the map (scaled to fit), over the squared distances on the map; 0
        is perfect. ``NaN`` where there are no distances.
    r2 : float
        The squared correlation of the distances with those on the map; 1 is perfect.
    share : float
        The two largest eigenvalues over the sum of the absolute ones (Mardia 1978,
        doi:10.1080/03610927808827707): how much two axes carry compared with all, which is little
        for one-dimensional votes with noise even where the map is right.
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
    >>> places = cam.coordinates(cam.agreement(cam.load_meeting().tally("code")))
    >>> places.is_poor, places.unplaced.index.tolist()
    (True, ['Bolivia'])
    """

    actors: tuple[str, ...]
    values: Floats
    stress: float
    r2: float
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
    def is_poor(self) -> bool:
        """Whether distances on the map are too far from the real ones to be read."""
        return self.stress > POOR_STRESS and self.r2 < POOR_R2

    @property
    def summary(self) -> str:
        """How far the map can be trusted, and who is not on it, in words."""
        how = "there are no distances between them"
        if not np.isnan(self.stress):
            how = (
                f"stress {self.stress:.2f} (0 is perfect), R² {self.r2:.2f} of distances with "
                f"those on the map; two axes carry {self.share:.0%}"
            )
        lines = [f"{count(len(self.actors), 'actor')} in a plane: {how}"]
        if self.is_poor:
            lines.append("too poor a map for distances to be read as agreement")
        return "\n".join(lines + say_gaps(self.unplaced, self.filled))


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
    positive eigenvalue is 0. Who is unplaced, and what stands in for pairs without a value, is as
    in `camdata.cluster`.

    A plane may be turned and mirrored without changing a distance. Here x is the axis that carries
    more, and the actor farthest out on an axis has a positive value.

    Examples
    --------
    Four places on a rectangle of 0.8 by 0.6, known by their distances only:

    >>> import pandas as pd
    >>> import camdata as cam
    >>> far = [[0, 0.8, 1, 0.6], [0.8, 0, 0.6, 1], [1, 0.6, 0, 0.8], [0.6, 1, 0.8, 0]]
    >>> places = cam.coordinates(1 - pd.DataFrame(far, list("ABCD"), list("ABCD")))
    >>> places.frame.abs().round(2).loc["A"].to_list(), round(places.r2, 2)
    ([0.4, 0.3], 1.0)
    """
    clusters = agreement if isinstance(agreement, Clusters) else None
    given = as_agreement(agreement.agreement if isinstance(agreement, Clusters) else agreement)
    given.check_distance()
    placed, reasons = _trees.find_placed(given.values)
    names = pd.Index(given.actors, name="actor", dtype="str")
    distance, gaps = _trees.distances(given.values[np.ix_(placed, placed)])
    values, share = _scaled(distance)
    stress, r2 = _fit(distance, values)
    reason = [reasons[int(i)] for i in np.flatnonzero(~placed)]
    unplaced = pd.Series(reason, names[~placed], dtype="str", name="reason")
    filled, actors = int(np.triu(gaps).sum()), tuple(names[placed])
    return Coordinates(actors, values, stress, r2, share, unplaced, filled, given, clusters)


def _scaled(distance: Floats) -> tuple[Floats, float]:
    """Return two coordinates for each row of a table of distances, and the share they carry."""
    if not (distance > _trees.TIE).any():
        return np.zeros((len(distance), 2)), float("nan")
    squared = distance**2
    inner = -(squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean()) / 2
    found, vectors = np.linalg.eigh(inner)
    total, found, vectors = np.abs(found).sum(), found[:-3:-1], vectors[:, :-3:-1]
    farthest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[farthest, range(2)])
    values = vectors * signs * np.sqrt(np.where(found > _trees.TIE, found, 0))
    return values, float(found.sum() / total)


def _fit(distance: Floats, values: Floats) -> tuple[float, float]:
    """Return stress-1 and R² of a map."""
    from scipy.spatial.distance import pdist, squareform

    real, drawn = squareform(distance), pdist(values)
    if len(real) < 2 or min(real.std(), drawn.std()) <= TIE:
        return float("nan"), float("nan")
    r2 = float(np.corrcoef(real, drawn)[0, 1] ** 2)
    fitted = drawn * (real @ drawn) / (drawn @ drawn)  # the scale that fits best
    return float(np.sqrt(((real - fitted) ** 2).sum() / (fitted**2).sum())), r2
