"""A short simulation: tests of chance reject 5 % of structureless tables and find planted blocks.

The long one is ``python tests/benchmarks.py inference``. Each table has its own seed, so that the
rates are the same in every run; the limits are three standard errors from what is expected.
"""

import numpy as np
from conftest import sizes
from inference import GROUPS, LEVEL, PAIRS, POWER, SIZE, UNIVERSE, deviation, rates

RANDOM = 99


def wrong(cases, tables):
    """Return the rates that lie beyond three standard errors, by case and test.

    Without structure no test may reject more often than in 5 %, and with structure none less often
    than expected.
    """
    found = {}
    for name, each in rates(cases, tables, RANDOM):
        expected = cases[name].expected
        for i, (test, rate) in enumerate(each.items()):
            if expected is None:
                is_wrong = rate > LEVEL + 3 * deviation(LEVEL, tables)
            else:
                is_wrong = rate < expected[i] - 3 * deviation(expected[i], tables)
            if is_wrong:
                found[name, test] = rate
    return found


@sizes("tables", 20, 50)
def test_structure_and_cluster_choice_reject_in_five_percent(tables):
    found = dict(rates(SIZE, tables, RANDOM))
    limit = LEVEL + 3 * deviation(LEVEL, tables)
    assert {name: each for name, each in found.items() if max(each.values()) > limit} == {}
    # all cases together show smaller excesses
    for test in ("structure", "clusters"):
        mean = np.mean([each[test] for each in found.values()])
        assert mean < LEVEL + 3 * deviation(LEVEL, tables * len(found)), test


@sizes("tables", 20, 40)
def test_structure_and_cluster_choice_find_planted_blocks(tables):
    assert wrong(POWER, tables) == {}


@sizes("tables", 30, 100)
def test_groups_that_are_given(tables):
    assert wrong(GROUPS, tables) == {}


@sizes("tables", 4, 20)
def test_the_multiverse_names_no_group_of_structureless_meetings(tables):
    assert wrong(UNIVERSE, tables) == {}


@sizes("tables", 10, 20)
def test_the_null_model_keeps_no_pair_of_structureless_tables(tables):
    assert wrong(PAIRS, tables) == {}
