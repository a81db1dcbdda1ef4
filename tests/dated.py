"""Dated statements with and without change, generated for tests and for notebook 06."""

import numpy as np
import pandas as pd

import camdata as cam


def dated(seed=0, months=6, change=None, actors=12, days=8, codes=10, flip=0.1):
    """Return a meeting of so many months; from month `change` on two blocs oppose each other.

    Every actor says two things on each day. Before the change all draw their sides alike; after it
    the actors of even and odd number take opposite sides of each code, but for a share `flip`.
    """
    generator = np.random.default_rng(seed)
    starts = pd.date_range("2020-01-01", periods=months, freq="MS")
    shape = (months, days, actors, 2)
    month, day, actor, _ = (grid.ravel() for grid in np.indices(shape))
    code = generator.integers(codes, size=len(actor))
    direction = np.where(np.arange(codes) % 2, 1, -1)[code]
    bloc = np.where(actor % 2, 1, -1)
    apart = direction * bloc * np.where(generator.random(len(actor)) < flip, -1, 1)
    before = generator.choice([1, -1], size=len(actor))
    changed = np.zeros(len(actor), dtype=bool) if change is None else month >= change
    return cam.Meeting(
        pd.DataFrame(
            {
                "actor": [f"actor {i:02d}" for i in actor],
                "code": [f"code {i}" for i in code],
                "stance": np.where(changed, apart, before),
                "date": (starts[month] + pd.to_timedelta(3 * day, "D")).strftime("%Y-%m-%d"),
            }
        )
    )
