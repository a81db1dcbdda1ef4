"""Random tables: the margins kept, every table reached, all of them equally often."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from camdata.analysis.sampling import p_value, random_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from camdata.analysis import sampling


def as_table(rows):
    """Read a table written as rows of 1 and 0."""
    return np.array([[c == "1" for c in row] for row in rows.split()], dtype=bool)


def every_table(table):
    """List by brute force all tables with the margins of a given one."""
    ways = []
    for row in table:
        chosen = combinations(range(table.shape[1]), int(row.sum()))
        ways.append([[i in held for i in range(table.shape[1])] for held in chosen])
    tables = (np.array(rows, dtype=bool) for rows in product(*ways))
    return [t.tobytes() for t in tables if (t.sum(axis=0) == table.sum(axis=0)).all()]


tables = st.integers(1, 6).flatmap(
    lambda rows: st.integers(1, 7).flatmap(
        lambda columns: st.lists(
            st.lists(st.booleans(), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@settings(deadline=None, max_examples=100)
@given(tables, st.integers(0, 2**32))
def test_margins_are_always_kept(rows, seed):
    table = np.array(rows, dtype=bool)
    before = table.copy()
    drawn = list(random_tables(table, 4, seed))
    assert len(drawn) == 4
    for other in drawn:
        assert (other.dtype, other.shape) == (table.dtype, table.shape)
        assert (other.sum(axis=0) == table.sum(axis=0)).all()
        assert (other.sum(axis=1) == table.sum(axis=1)).all()
    assert (table == before).all()


def test_the_same_seed_gives_the_same_tables_and_another_seed_others():
    table = np.random.default_rng(0).random((8, 12)) < 0.4
    first, again, other = (
        np.array(list(random_tables(table, 10, seed=seed))) for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert not (first == other).all()
    assert len({t.tobytes() for t in first}) == 10


def drawn_with(seed, n=4):
    return [t.tolist() for t in random_tables(as_table("1100 1010 0011 0110"), n, seed)]


def test_a_whole_number_gives_the_tables_that_it_always_gave():
    # p values and numbers of clusters were published from these draws
    first, second = ("".join("01"[int(c)] for row in t for c in row) for t in drawn_with(0, 2))
    assert (first, second) == ("1001101001100110", "0011110010100110")


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int32])
def test_a_seed_may_be_any_whole_number(kind):
    assert drawn_with(kind(3)) == drawn_with(3)


def test_a_seed_may_be_a_generator_which_goes_on():
    one, again = (np.random.default_rng(5) for _ in range(2))
    assert drawn_with(one) == drawn_with(again)
    assert drawn_with(one) == drawn_with(again)
    assert drawn_with(one) != drawn_with(np.random.default_rng(5))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seed": -1}, ValueError, "`seed` must be at least 0, but -1 was passed"),
        ({"seed": 1.5}, TypeError, "`seed` must be a whole number, but 1.5 was passed"),
        ({"seed": True}, TypeError, "`seed` must be a whole number, but True was passed"),
        ({"seed": "a"}, TypeError, "`seed` must be a whole number, but 'a' was passed"),
        ({"n": -1}, ValueError, "`n` must be at least 0, but -1 was passed"),
        ({"n": 2.0}, TypeError, "`n` must be a whole number, but 2.0 was passed"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_not_at_the_first_table(arguments, error, words):
    with pytest.raises(error, match=words):
        random_tables(**{"table": as_table("10 01"), "n": 1, "seed": 0, **arguments})


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ("100 010 001", 6),
        ("110 100 001", 5),
        ("1100 0110 0011", 15),
        ("1110 1000 0100 0010", 6),
        ("11000 00100 00110", 12),
        ("1111 1000 0100 0000", 2),
        ("1100 1100 0011 0011", 90),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("widest", [64, 0], ids=["sets", "arrays"])
def test_every_table_with_the_margins_is_drawn_equally_often(
    rows, number, seed, widest, monkeypatch
):
    monkeypatch.setattr(sampling, "WIDE", widest)
    table = as_table(rows)
    possible = every_table(table)
    assert len(set(possible)) == len(possible) == number
    drawn = Counter(t.tobytes() for t in random_tables(table, 80 * number, seed))
    assert set(drawn) == set(possible)
    assert chisquare([drawn[t] for t in possible]).pvalue > 0.001


@pytest.mark.parametrize("columns", [64, 65, 300])
def test_wide_tables_keep_their_margins_are_reproducible_and_move(columns):
    table = np.random.default_rng(1).random((9, columns)) < 0.3
    before = table.copy()
    drawn = list(random_tables(table, 5, seed=3))
    for other in drawn:
        assert (other.dtype, other.shape) == (table.dtype, table.shape)
        assert (other.sum(axis=0) == table.sum(axis=0)).all()
        assert (other.sum(axis=1) == table.sum(axis=1)).all()
        assert (other != table).any()
    assert (table == before).all()
    assert len({t.tobytes() for t in drawn}) == 5
    assert (np.array(drawn) == np.array(list(random_tables(table, 5, seed=3)))).all()
    assert (np.array(drawn) != np.array(list(random_tables(table, 5, seed=4)))).any()


def test_a_drawn_wide_table_belongs_to_the_caller():
    table = np.random.default_rng(1).random((4, 100)) < 0.3
    untouched = [t.copy() for t in random_tables(table, 3, seed=0)]
    for expected, drawn in zip(untouched, random_tables(table, 3, seed=0), strict=True):
        assert (drawn == expected).all()
        drawn[:] = True


@pytest.mark.parametrize("rows", [0, 1])
def test_wide_tables_of_no_two_rows_come_back(rows):
    table = np.ones((rows, 80), dtype=bool)
    assert [t.shape for t in random_tables(table, 2, seed=0)] == [table.shape] * 2


@pytest.mark.parametrize("widest", [64, 0], ids=["sets", "arrays"])
def test_successive_tables_are_unrelated(widest, monkeypatch):
    monkeypatch.setattr(sampling, "WIDE", widest)
    table = as_table("1100 1100 0011 0011")
    drawn = np.array(list(random_tables(table, 6000, seed=0)), dtype=float)
    cells = drawn.reshape(len(drawn), -1) - 0.5  # every cell is held in half of the tables
    assert np.abs(cells.mean(axis=0)).max() < 5 * 0.5 / np.sqrt(len(drawn))
    following = (cells[1:] * cells[:-1]).mean(axis=0) / 0.25
    assert np.abs(following).max() < 5 / np.sqrt(len(drawn))


@pytest.mark.parametrize(
    "rows",
    [
        "1111 1111",  # full
        "0000 0000",  # empty
        "1110 1100 1000",  # nested: no row has what a smaller one lacks
        "1010 1010",  # equal rows
        "1011",  # one row
    ],
)
def test_without_a_possible_trade_the_table_comes_back(rows):
    table = as_table(rows)
    drawn = list(random_tables(table, 5, seed=0))
    assert len(drawn) == 5
    assert all((other == table).all() for other in drawn)


def test_no_rows_at_all():
    drawn = list(random_tables(np.zeros((0, 3), dtype=bool), 2, seed=0))
    assert [t.shape for t in drawn] == [(0, 3), (0, 3)]


def test_a_drawn_table_belongs_to_the_caller():
    table = as_table("100 010 001")
    untouched = [t.copy() for t in random_tables(table, 5, seed=0)]
    for expected, drawn in zip(untouched, random_tables(table, 5, seed=0), strict=True):
        assert (drawn == expected).all()
        drawn[:] = True


@pytest.mark.parametrize(
    ("observed", "values", "expected"),
    [
        (2.0, [0, 1, 2, 3], 3 / 5),  # ties count
        (4.0, [0, 1, 2, 3], 1 / 5),  # never 0
        (-1.0, [0, 1, 2, 3], 1.0),
        (0.1 + 0.2, [0.3], 1.0),  # equal but for rounding
        (1.0, [], 1.0),
    ],
)
def test_p_counts_the_observed_value_as_one_of_them(observed, values, expected):
    assert p_value(observed, np.array(values, dtype=float)) == pytest.approx(expected)
