"""How often the tests of chance reject: without structure (size) and with planted blocks (power).

``python tests/benchmarks.py inference [tables] [random tables] [processes]`` prints the tables. A
case draws one table from a generator and says of each test whether it rejects at 5 %.
"""

from __future__ import annotations

import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

import camdata as cam
from camdata.analysis import chance

LEVEL = 0.05
VOTES = (1, -1)
LIKERT = (1, 2, 3, 4, 5)
Generator = np.random.Generator


# tables without structure


def tally(values, stances=(1, -1)):
    """Make a tally of a table of stances, ``NaN`` where nothing is recorded."""
    return cam.Tally.from_positions(pd.DataFrame(values, dtype="float64"), stances=stances)


def normal(generator, n, wide=1.0):
    """Draw an effect of each of n actors as a column."""
    return wide * generator.standard_normal(n)[:, None]


def likely(logits):
    """Return the probabilities of logits."""
    return 1 / (1 + np.exp(-logits))


def blank(generator, values, share):
    """Leave out a share of the cells."""
    return np.where(generator.random(values.shape) < share, np.nan, values)


def coins(generator, n, codes, blanks=0.0):
    return tally(blank(generator, generator.choice(VOTES, (n, codes)), blanks))


def ratings(generator, n, codes, blanks=0.0, uneven=0.0):
    """Ratings from 1 to 5; `uneven` is how much actors and codes differ in their mean."""
    if uneven == 0:
        values = generator.integers(1, 6, (n, codes))
    else:
        means = normal(generator, n, uneven) + normal(generator, codes, uneven).T
        values = np.clip(np.rint(3 + means + generator.standard_normal((n, codes))), 1, 5)
    return tally(blank(generator, values, blanks), LIKERT)


def support(generator, n, codes, activity=0.0, popularity=0.0, share=0.3):
    """Support only; actors differ in how much they say, codes in how many support them."""
    means = normal(generator, n, activity) + normal(generator, codes, popularity).T
    held = generator.random((n, codes)) < likely(np.log(share / (1 - share)) + means)
    return tally(np.where(held, 1, np.nan))


def yea_sayers(generator, n, codes, popularity=0.0):
    """Votes of actors who say yes to everything with a probability of their own, 0.5 to 1."""
    own = generator.uniform(0.5, 1, n)[:, None]
    means = np.log(own / (1 - own)) + normal(generator, codes, popularity).T
    return tally(np.where(generator.random((n, codes)) < likely(means), 1, -1))


def halves(generator, n, codes):
    """Coin-flip votes of two groups, each of which speaks on one half of the codes mostly."""
    speaks = np.where(own(n, codes, 2), 0.85, 0.15)
    values = generator.choice(VOTES, (n, codes))
    return tally(np.where(generator.random((n, codes)) < speaks, values, np.nan))


def talkers(generator, n, codes):
    """Support of two groups, the first of which says three times as much as the second."""
    share = np.where(np.arange(n) < n / 2, 0.6, 0.2)[:, None]
    return tally(np.where(generator.random((n, codes)) < share, 1, np.nan))


# tables with structure


def own(n, codes, blocks):
    """Whether each code belongs to each actor's block."""
    return np.arange(n)[:, None] * blocks // n == np.arange(codes) * blocks // codes


def planted(generator, n, codes, blocks, inside, outside):
    """Support of codes of the own block, and of others."""
    held = generator.random((n, codes)) < np.where(own(n, codes, blocks), inside, outside)
    return tally(np.where(held, 1, np.nan))


def camps(generator, n, codes, blocks, loyal):
    """Votes of blocks with a line on each code, which members follow with a probability."""
    line = generator.choice(VOTES, (blocks, codes))[np.arange(n) * blocks // n]
    return tally(np.where(generator.random((n, codes)) < loyal, line, -line))


def twins(generator, n, codes):
    """Support at random, but the second actor says what the first says."""
    held = generator.random((n, codes)) < 0.3
    held[1] = held[0]
    return tally(np.where(held, 1, np.nan))


# what is asked of a table


def groups_of_chance(made, measure, null, generator, n_random):
    """Any structure, and clearer clusters than chance gives?"""
    agreement = cam.agreement(made, measure)
    if agreement.is_signed:
        agreement = agreement.rescaled()
    options = {"null": null, "seed": generator}
    return {
        "structure": cam.structure(agreement, n_random, **options).p_value <= LEVEL,
        "clusters": cam.cluster_choice(agreement, n_random, **options).p_value <= LEVEL,
    }


def given_groups(made, measure, null, generator, n_random):
    """Do the first half of the actors and the second agree more among themselves?"""
    n = len(made.actors)
    groups = pd.Series(np.where(np.arange(n) < n / 2, "first", "second"), list(made.actors))
    agreement = cam.agreement(made, measure)
    result = cam.analysis.association(agreement, groups, n_random, null=null, seed=generator)
    return {"association": result.p_value <= LEVEL}


def universe(made, measure, null, generator, n_random):
    """Codes in four dimensions, coded once or twice: any group over all choices?"""
    held = made.frame.to_numpy() > 0
    actor, code = np.nonzero(held[:, ::2])  # support
    names = [f"code {i:02d}" for i in range(len(made.keys))]
    statements = pd.DataFrame(
        {"actor": [f"actor {i:02d}" for i in actor], "code": [names[i] for i in code]}
    )
    if measure == "two coders":
        second = statements[generator.random(len(statements)) < 0.8]
        both = [statements.assign(coder="first"), second.assign(coder="second")]
        statements = pd.concat(both, ignore_index=True)
    dimension = [f"dimension {i * 4 // len(names)}" for i in range(len(names))]
    codebook = pd.DataFrame({"code": names, "dimension": dimension})
    found = cam.multiverse(
        cam.Meeting(statements, codebook=codebook), n_resamples=n_random, seed=generator
    )
    return {
        "overall": found.p_value <= LEVEL,
        "eigenvalue": found.structure["p_value"].loc["all"] <= LEVEL,
        "a group named": bool(found.groups),
    }


def backbone(made, measure, null, generator, n_random):
    """Does any pair share significantly more? Correcting for 91 pairs takes 1,820 tables."""
    found = cam.analysis.null_model(made, 20 * n_random, null=null, seed=generator)
    return {"a pair kept": len(found.backbone) > 0}


@dataclass(frozen=True)
class Case:
    """Tables of one kind, and what is asked of them.

    `expected` is about how often each test rejects where structure is planted; None where there is
    no structure, so that each test should reject in 5 %. `before` is what camdata 0.2 rejected.
    """

    make: Callable
    arguments: tuple
    ask: Callable = groups_of_chance
    measure: str | None = "jaccard"
    null: str = "positions"
    expected: tuple[float, ...] | None = None
    before: str = ""

    def rejects(self, generator: Generator, n_random: int) -> dict[str, bool]:
        """Draw one table and test it."""
        made = self.make(generator, *self.arguments)
        return self.ask(made, self.measure, self.null, generator, n_random)


SIZE = {
    "votes 20×20, coins: jaccard": Case(coins, (20, 20), before=".91"),
    "votes 20×20, coins: matching": Case(coins, (20, 20), measure="matching", null="sides"),
    "votes 12×10, coins: jaccard": Case(coins, (12, 10), before=".68"),
    "votes 12×10, coins: matching": Case(coins, (12, 10), measure="matching", null="sides"),
    "votes 10×6, 20 % blank: jaccard": Case(coins, (10, 6, 0.2), before=".27"),
    "votes 10×6, 20 % blank: jaccard, sides": Case(coins, (10, 6, 0.2), null="sides"),
    "votes 10×6, 20 % blank: matching": Case(coins, (10, 6, 0.2), measure="matching", null="sides"),
    "Likert 20×30: jaccard": Case(ratings, (20, 30), before=".30"),
    "Likert 20×30: matching": Case(ratings, (20, 30), measure="matching", null="sides"),
    "Likert 20×30: s": Case(ratings, (20, 30), measure="s", null="sides"),
    "Likert 20×30, actors and codes differ, 20 % blank: s": Case(
        ratings, (20, 30, 0.2, 0.7), measure="s", null="sides", before=".73"
    ),
    "support 13×17": Case(support, (13, 17), before=".05"),
    "support 13×4": Case(support, (13, 4), before=".04"),
    "support 14×17, unequal activity": Case(support, (14, 17, 1.2), before=".07–.18"),
    "support 14×17, unequal popularity": Case(support, (14, 17, 0.0, 1.5), before=".07–.81"),
    "yea-sayers, votes 20×20": Case(yea_sayers, (20, 20), before="1.00"),
    "yea-sayers, votes 20×20: matching": Case(
        yea_sayers, (20, 20), measure="matching", null="sides", before="1.00"
    ),
    "yea-sayers, unequal popularity": Case(yea_sayers, (20, 20, 1.0), before=".99"),
    "groups on different halves: jaccard, sides": Case(
        halves, (14, 30), null="sides", before=".92"
    ),
    "groups on different halves: matching": Case(
        halves, (14, 30), measure="matching", null="sides"
    ),
}
POWER = {
    "support 13×4, 2 blocks .8/.15": Case(planted, (13, 4, 2, 0.8, 0.15), expected=(0.68, 0.47)),
    "support 14×17, 2 blocks .5/.12": Case(planted, (14, 17, 2, 0.5, 0.12), expected=(0.77, 0.50)),
    "support 14×17, 3 blocks .5/.12": Case(planted, (14, 17, 3, 0.5, 0.12), expected=(0.37, 0.20)),
    "support 20×30, 3 blocks .5/.12": Case(planted, (20, 30, 3, 0.5, 0.12), expected=(0.86, 0.70)),
    "support 20×30, 5 blocks .5/.12": Case(planted, (20, 30, 5, 0.5, 0.12), expected=(0.21, 0.16)),
    "votes 12×10, 2 blocks .85": Case(camps, (12, 10, 2, 0.85), expected=(0.80, 0.60)),
    "votes 12×10, 2 blocks .7": Case(camps, (12, 10, 2, 0.7), expected=(0.14, 0.06)),
    "votes 20×20, 2 blocks .7": Case(camps, (20, 20, 2, 0.7), expected=(0.39, 0.19)),
    "votes 20×20, 3 blocks .85": Case(camps, (20, 20, 3, 0.85), expected=(0.98, 0.97)),
}
GROUPS = {
    "14×17, groups differ in how much they say": Case(talkers, (14, 17), given_groups),
    "14×17, no structure": Case(support, (14, 17), given_groups),
    "votes 14×30, groups speak on different halves: matching": Case(
        halves, (14, 30), given_groups, "matching", "sides"
    ),
    "14×17, groups differ in how much they say: relabeling": Case(
        talkers, (14, 17), given_groups, null="relabeling", before=".67–1.00", expected=(0.67,)
    ),
    "14×17, the groups are the blocks, .5/.12": Case(
        planted, (14, 17, 2, 0.5, 0.12), given_groups, expected=(0.9,)
    ),
    "14×17, the groups are the blocks, .4/.2": Case(
        planted, (14, 17, 2, 0.4, 0.2), given_groups, expected=(0.35,)
    ),
}
UNIVERSE = {
    "14×17, no structure": Case(support, (14, 17), universe),
    "14×17, no structure, two coders": Case(support, (14, 17), universe, "two coders"),
    "14×17, unequal activity and popularity": Case(support, (14, 17, 1.0, 1.0), universe),
    "14×17, 2 blocks .5/.12": Case(
        planted, (14, 17, 2, 0.5, 0.12), universe, expected=(0.5, 0.7, 0.1)
    ),
    "14×17, 2 blocks .6/.1": Case(
        planted, (14, 17, 2, 0.6, 0.1), universe, expected=(0.8, 0.9, 0.5)
    ),
    "14×17, 2 blocks .8/.15": Case(
        planted, (14, 17, 2, 0.8, 0.15), universe, expected=(0.7, 0.9, 0.4)
    ),
    "14×17, 2 blocks .8/.15, two coders": Case(
        planted, (14, 17, 2, 0.8, 0.15), universe, "two coders", expected=(0.7, 0.9, 0.4)
    ),
}
PAIRS = {
    "14×30, no structure": Case(support, (14, 30), backbone),
    "14×30, unequal activity and popularity": Case(support, (14, 30, 1.0, 1.0), backbone),
    "14×30, two actors say the same": Case(twins, (14, 30), backbone, expected=(0.7,)),
}
PARTS = {
    "Size: any structure, and the number of clusters": SIZE,
    "Power: any structure, and the number of clusters": POWER,
    "Groups that are given": GROUPS,
    "The multiverse": UNIVERSE,
    "The null model (20 times as many random tables)": PAIRS,
}
"""What is printed: cases by title. Without structure each test should reject in at most 5 %."""


def _task(task: tuple[str, Case, range, int]) -> list[dict[str, bool]]:
    """Draw and test some tables of one case; each table has a seed of its own."""
    name, case, numbers, n_random = task
    chance.PLANTED = 2 if case.ask is groups_of_chance else 20  # no power is asked for here
    seeds = ([zlib.crc32(name.encode()), number] for number in numbers)
    return [case.rejects(np.random.default_rng(seed), n_random) for seed in seeds]


def rates(
    cases: Mapping[str, Case], tables: int = 400, n_random: int = 199, processes: int | None = None
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield how often each test rejects in each case."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by the new processes
    starts = range(0, tables, 20)
    tasks = [
        (name, case, range(start, min(start + 20, tables)), n_random)
        for name, case in cases.items()
        for start in starts
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count(), context) as pool:
        parts = pool.map(_task, tasks)
        for name in cases:
            rows = [row for _ in starts for row in next(parts)]
            yield name, {test: float(np.mean([row[test] for row in rows])) for test in rows[0]}


def deviation(rate: float, tables: int) -> float:
    """Return the standard error of a rate."""
    return float(np.sqrt(rate * (1 - rate) / tables))


def print_tables(tables: int = 400, n_random: int = 199, processes: int | None = None) -> None:
    """Print how often each test rejects at 5 %, with standard errors."""
    print(f"{tables} tables, {n_random} random tables each; standard error at 5 %: "
          f"{deviation(LEVEL, tables):.3f}")  # fmt: skip
    for title, cases in PARTS.items():
        # a multiverse takes as long as five of the other tests
        number = tables // 4 if cases is UNIVERSE else tables
        print(f"\n{title}")
        before: list[str] = []
        for name, found in rates(cases, number, n_random, processes):
            if list(found) != before:
                before = list(found)
                print(f"{'':<56}{''.join(f'{test:>17}' for test in found)}   camdata 0.2")
            cells = "".join(
                f"{f'{rate:.3f} ±{deviation(rate, number):.3f}':>17}" for rate in found.values()
            )
            print(f"{name:<56}{cells}{cases[name].before:>14}", flush=True)


if __name__ == "__main__":
    import sys

    print_tables(*map(int, sys.argv[1:]))
