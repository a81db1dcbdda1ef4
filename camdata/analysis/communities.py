"""Communities of actors as arrays: Louvain's method on a table of weights.

Nothing here knows what an actor is called or what was measured; `camdata.analysis.clustering` does.
Agreement is dense, so that an actor's ties to all communities are one sum over its row: there is a
loop over actors, and none over pairs of them.
"""

from __future__ import annotations

import numpy as np

from camdata.analysis.trees import TIE, Floats, Integers


def communities(weights: Floats, seed: int) -> Integers:
    """Return the communities where moving actors, then whole communities, makes none better.

    Parameters
    ----------
    weights : numpy.ndarray
        Shape (n, n), symmetric, not negative; each row has a positive value.
    seed : int
        Seed of the order in which actors are visited.

    Returns
    -------
    numpy.ndarray
        Shape (n,), numbers from 0. What is made better is modularity: the share of the weights that
        lies inside communities, less the share that would with the same sums of rows at random
        (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008).
    """
    generator = np.random.default_rng(seed)
    label = np.arange(len(weights))
    while len(weights) > 1:
        moved = _moved(weights, generator)
        label = moved[label]
        number = int(moved.max()) + 1
        if number == len(weights):
            break
        # a community becomes an actor, what is inside it its weight with itself
        order = np.argsort(moved, kind="stable")
        starts = np.searchsorted(moved[order], np.arange(number))
        weights = np.add.reduceat(weights[order], starts, axis=0)
        weights = np.add.reduceat(weights[:, order], starts, axis=1)
    return label


def _moved(weights: Floats, generator: np.random.Generator) -> Integers:
    """Move one actor after the other to where it belongs most, until none would move."""
    n = len(weights)
    degree = weights.sum(axis=1)
    share = degree / degree.sum()
    label, size = np.arange(n), degree.copy()
    order = generator.permutation(n).tolist()
    waiting = True
    while waiting:
        waiting = False
        for i in order:
            own = label[i]
            size[own] -= degree[i]
            gain = np.bincount(label, weights[i], minlength=n)
            gain[own] -= weights[i, i]
            gain -= share[i] * size
            best = int(gain.argmax())
            if gain[best] > gain[own] + TIE:
                label[i] = own = best
                waiting = True
            size[own] += degree[i]
    found: Integers = np.unique(label, return_inverse=True)[1]
    return found
