"""Tables with known blocks: how often does each rule find how many there are?"""

import numpy as np
import pandas as pd

import camdata as cam

SHAPES = ((2, 14, 17), (3, 14, 17), (2, 20, 30), (3, 20, 30), (5, 20, 30), (4, 40, 40), (2, 14, 4))
"""Blocks, actors, codes."""
INSIDE, OUTSIDE = 0.5, 0.12
"""How often an actor holds a code of its own block, and of another."""


def planted(generator, blocks, actors, codes):
    """Draw positions of `actors` on `codes`, both in as many blocks of about the same size."""
    own = np.arange(actors)[:, None] * blocks // actors == np.arange(codes) * blocks // codes
    held = generator.random((actors, codes)) < np.where(own, INSIDE, OUTSIDE)
    return pd.DataFrame(
        np.where(held, 1.0, np.nan),
        index=[f"actor {i:02d}" for i in range(actors)],
        columns=[f"code {i:02d}" for i in range(codes)],
    )


def numbers(choice):
    """Return the number of clusters by each rule, from the same random tables."""
    table = choice.frame
    judged = table[table["considered"]]
    gap, error = judged["gap"], judged["error"]
    pairs = zip(judged.index, judged.index[1:], strict=False)
    following = (k for k, after in pairs if gap[k] >= gap[after] - error[after])
    return {
        "largest silhouette": int(table["silhouette"].idxmax()),
        "largest gap": int(gap.idxmax()),
        "gap of the next k": next(following, int(judged.index[-1])),
        "one error around the largest gap": choice.n_clusters,
    }


def found(blocks, actors, codes, tables=25, n_resamples=99):
    """Return the share of planted tables in which each rule finds the number of blocks."""
    generator = np.random.default_rng(0)
    rows = []
    for _ in range(tables):
        agreement = cam.agreement(planted(generator, blocks, actors, codes))
        rows.append(numbers(cam.cluster_choice(agreement, n_resamples)))
    return (pd.DataFrame(rows) == blocks).mean()


def table_of_rules():
    """Return the shares for all shapes, in percent."""
    shares = {f"{k} of {n} × {m}": found(k, n, m) for k, n, m in SHAPES}
    return (100 * pd.DataFrame(shares).T).round().astype(int)


if __name__ == "__main__":
    print(table_of_rules().to_string())
