"""Pair tables: what they count, that they add up, and that blocks change nothing."""

import copy
import gc
import pickle
import weakref
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from strategies import SCALES, tallies, tally_of

import camdata as cam
from camdata.analysis import pairs as room
from camdata.analysis.measures import MEASURES, Agreement, remeasure
from camdata.analysis.pairs import pairs_of, pairs_of_counts


def measured(pairs, name):
    """Return a measure of pair tables, whatever they were made of."""
    return remeasure(Agreement((), np.empty((0, 0)), name), pairs)


SETTINGS = settings(deadline=None)
SCALE = st.sampled_from(SCALES)


def all_measures(pairs):
    return {name: measured(pairs, name) for name in MEASURES}


def assert_same_measures(first, second):
    for name, values in all_measures(first).items():
        assert_allclose(values, measured(second, name), atol=1e-12, err_msg=name)


# what they count


@SETTINGS
@given(scale=SCALE, data=st.data())
def test_pair_tables_count_codes_by_the_sets_of_stances_that_two_actors_hold(scale, data):
    tally = data.draw(tallies(stances=scale))
    pairs = pairs_of(tally)
    held = [[tuple(np.flatnonzero(levels)) for levels in row] for row in tally.dense() > 0]
    assert set(pairs.patterns) == {pattern for row in held for pattern in row if pattern}
    for (p, first), (q, second) in product(enumerate(pairs.patterns), repeat=2):
        for a, b in product(range(len(held)), repeat=2):
            expected = sum(
                x == first and y == second for x, y in zip(held[a], held[b], strict=True)
            )
            assert pairs.joint[p, a, q, b] == expected


@SETTINGS
@given(scale=SCALE, data=st.data())
def test_products_sets_and_codes_are_what_the_tally_holds(scale, data):
    tally = data.draw(tallies(stances=scale))
    pairs, dense = pairs_of(tally), tally.dense()
    assert_array_equal(pairs.products(), np.einsum("ack,bcl->kalb", dense, dense))
    assert (pairs.counted is None) == (dense.max() <= 1)
    assert_array_equal(pairs.totals, dense.sum(axis=(1, 2)))
    held = (dense > 0).astype(int)
    flat = held.reshape(len(held), -1)
    assert_array_equal(pairs.held, flat @ flat.T)
    assert_array_equal(pairs.sizes, flat.sum(axis=1))
    recorded = held.any(axis=2).astype(int)
    assert_array_equal(pairs.codes, recorded @ recorded.T)
    assert pairs.range == max(scale) - min(scale)


@SETTINGS
@given(scale=SCALE, data=st.data())
def test_an_array_of_counts_gives_what_its_tally_gives(scale, data):
    tally = data.draw(tallies(stances=scale))
    first, second = pairs_of(tally), pairs_of_counts(tally.dense(), scale)
    assert first.stances == second.stances
    assert set(first.patterns) == set(second.patterns)
    assert_array_equal(first.products(), second.products())
    assert_same_measures(first, second)


# they add up


def test_many_parts_add_up_exactly():
    # each part is exact in single precision, their sum would not be
    many, odd = (
        pd.DataFrame({"actor": ["A", "B"] * n, "code": code})
        for n, code in ((4_000, "x"), (3, "y"))
    )
    part, rest = (cam.analysis.pair_tables(frame, duplicates="all") for frame in (many, odd))
    assert part.pairs.counted.dtype == np.float32
    expected = 2 * 4_000**2 + 9
    assert int((part + part + rest).pairs.products()[0, 0, 0, 1]) == expected
    assert int(np.float32(expected)) != expected


def test_parts_with_repeated_statements_and_without_add_up():
    once = pd.DataFrame({"actor": ["A", "B"], "code": "x", "stance": [1, -1]})
    more = pd.DataFrame({"actor": list("AABBBB"), "code": "y", "stance": [1, 1, 1, 1, 1, -1]})
    first, second, whole = (
        cam.analysis.pair_tables(frame, duplicates="all").pairs
        for frame in (once, more, pd.concat([once, more]))
    )
    assert first.counted is None
    assert second.counted is not None
    total = cam.analysis.pair_tables(once, duplicates="all") + cam.analysis.pair_tables(
        more, duplicates="all"
    )
    assert_array_equal(total.pairs.products(), whole.products())


# blocks


@SETTINGS
@given(scale=SCALE, data=st.data())
def test_blocks_of_any_size_give_the_same(scale, data):
    tally = data.draw(tallies(stances=scale))
    whole = pairs_of(tally)
    for size in (1, 100, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "BLOCK_BYTES", size)
            found = pairs_of(copy.copy(tally))
        assert found is not whole
        assert_array_equal(found.joint, whole.joint)
        assert_array_equal(found.products(), whole.products())


def test_large_tables_with_repeated_statements_are_exact(monkeypatch):
    rng = np.random.default_rng(5)
    counts = rng.choice([0, 1, 2], (30, 900, 3), p=[0.8, 0.15, 0.05])
    tally = tally_of(counts, [str(i) for i in range(30)], [str(i) for i in range(900)], (1, 0, -1))
    monkeypatch.setattr(room, "BLOCK_BYTES", 200_000)
    pairs = pairs_of(tally)
    assert_array_equal(pairs.products(), np.einsum("ack,bcl->kalb", counts, counts))
    held = (counts > 0).astype(int)
    assert_array_equal(pairs.held, np.einsum("ack,bck->ab", held, held))
    recorded = held.any(axis=2).astype(int)
    assert_array_equal(pairs.codes, recorded @ recorded.T)


# made once


def test_pair_tables_are_made_once_for_a_tally_and_its_measures(meeting, monkeypatch):
    made = []
    original = room.pairs_of_cells
    monkeypatch.setattr(room, "pairs_of_cells", lambda *a: made.append(1) or original(*a))
    tally = meeting.tally()
    for measure in MEASURES:
        cam.agreement(tally, measure)
    cam.dyads(tally, MEASURES)
    assert len(made) == 1
    for again in (pickle.loads(pickle.dumps(tally)), copy.deepcopy(tally)):
        assert_same_measures(pairs_of(again), pairs_of(tally))
    gone = weakref.ref(pairs_of(tally))
    del tally
    gc.collect()
    assert gone() is None, "pair tables are kept longer than their tally"


# scales


@pytest.mark.slow
def test_a_long_scale_is_kept_as_sets():
    scale = tuple(range(62))
    rng = np.random.default_rng(0)
    counts = (rng.random((4, 30, 62)) < 0.03).astype(int)
    tally = tally_of(counts, "ABCD", [str(i) for i in range(30)], scale)
    first, second = pairs_of(tally), pairs_of_counts(tally.dense(), scale)
    assert_array_equal(first.products(), np.einsum("ack,bcl->kalb", counts, counts))
    assert_same_measures(first, second)
    assert any(len(pattern) > 1 for pattern in first.patterns)


def test_a_scale_that_is_too_long_to_be_compared_is_refused():
    scale = tuple(range(63))
    tally = tally_of(np.ones((2, 1, 63)), "AB", ["x"], scale)
    for ask in (lambda: pairs_of(tally), lambda: pairs_of_counts(tally.dense(), scale)):
        with pytest.raises(ValueError, match=r"at most 62 levels .* has 63: put levels together"):
            ask()


@pytest.mark.parametrize("actors", ["", "AB"])
@pytest.mark.parametrize("codes", [[], ["x"]])
def test_where_nothing_is_recorded_the_tables_are_empty(actors, codes):
    tally = tally_of(np.zeros((len(actors), len(codes), 2)), actors, codes)
    pairs = pairs_of(tally)
    assert pairs.patterns == ()
    assert pairs.codes.shape == (len(actors), len(actors))
    assert not pairs.codes.any()
    assert_same_measures(pairs, pairs_of_counts(tally.dense(), (1, -1)))
