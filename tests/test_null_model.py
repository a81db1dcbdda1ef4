"""What pairs of actors share, against random tables with the same margins."""

from dataclasses import replace
from itertools import combinations, product
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from camdata.analysis.sampling import random_tables

import camdata as cam

LEVELS = ["dimension", "code"]


def positions_of(rows):
    """Read positions written as rows of 1 (supports), - (opposes), b (both) and 0 (nothing)."""
    read = {"1": 1, "-": -1, "b": 0, "0": None}
    lines = rows.split()
    return pd.DataFrame(
        [[read[c] for c in line] for line in lines],
        index=pd.Index([chr(ord("A") + i) for i in range(len(lines))], name="actor"),
        columns=pd.Index([f"c{j:02}" for j in range(len(lines[0]))], name="code"),
        dtype="Int8",
    )


def reordered(positions, seed=0):
    """Shuffle rows and columns."""
    other = positions.sample(frac=1, random_state=seed)
    other = other.sample(frac=1, random_state=seed + 1, axis="columns")
    assert other.index.tolist() != positions.index.tolist()
    return other


TWO_BLOCKS = positions_of("""
    1111100000 1111000000 0111100000 1101100000 1011100000
    0000011111 0000011110 0000001111 0000011011 0000010111
""")


def tables_with_margins_of(table):
    """List by brute force all tables with the margins of a given one."""
    width = table.shape[1]
    ways = [
        [[i in held for i in range(width)] for held in combinations(range(width), int(row.sum()))]
        for row in table
    ]
    tables = (np.array(rows) for rows in product(*ways))
    return [t for t in tables if (t.sum(axis=0) == table.sum(axis=0)).all()]


def benjamini_hochberg(values):
    """Adjust p-values by the definition: the smallest level at which each would be rejected."""
    ranked = sorted(values)
    steps = [p * len(ranked) / rank for rank, p in enumerate(ranked, start=1)]
    return [
        min(1, *(step for other, step in zip(ranked, steps, strict=True) if other >= p))
        for p in values
    ]


def by_pair(pairs):
    """Index pairs by who they are, whichever is named first."""
    names = [tuple(sorted(pair)) for pair in zip(pairs["actor"], pairs["other"], strict=True)]
    values = pairs.drop(columns=["actor", "other"]).set_axis(names)
    return values.loc[sorted(names)]


SMALL = positions_of("11100 11000 01110 00101 00011")


@pytest.mark.parametrize("seed", [0, 1])
def test_p_values_are_those_of_all_tables_with_the_margins(seed):
    n = 4000
    result = cam.null_model(SMALL, n, seed=seed)
    tables = tables_with_margins_of(SMALL.notna().to_numpy())
    assert len(tables) > 100
    assert len(result.frame) == 10
    for row in result.frame.itertuples():
        a, b = SMALL.index.get_loc(row.actor), SMALL.index.get_loc(row.other)
        observed = int((SMALL.iloc[a].notna() & SMALL.iloc[b].notna()).sum())
        shared = np.array([(t[a] & t[b]).sum() for t in tables])
        exact = (shared >= observed).mean()
        assert row.shared == observed
        assert row.p_value == pytest.approx(exact, abs=4 * sqrt(exact * (1 - exact) / n) + 1 / n)
        assert row.expected == pytest.approx(shared.mean(), abs=4 * shared.std() / sqrt(n))


def test_p_values_count_the_random_tables_that_reach_as_much():
    result = cam.null_model(SMALL, 60, seed=3)
    held = SMALL.notna().to_numpy()
    drawn = list(random_tables(held, 60, seed=3))
    for row in result.frame.itertuples():
        a, b = SMALL.index.get_loc(row.actor), SMALL.index.get_loc(row.other)
        shared = [(t[a] & t[b]).sum() for t in drawn]
        reached = sum(value >= row.shared for value in shared)
        assert row.p_value == (reached + 1) / 61
        assert row.expected == pytest.approx(np.mean(shared))


def planted_positions():
    """Make positions in which two actors share six codes that hardly anybody else holds."""
    table = np.random.default_rng(0).random((10, 16)) < 0.4
    table[:, 12:] = False
    table[:2] = False
    table[:2, 10:] = True
    return positions_of(" ".join("".join("1" if held else "0" for held in row) for row in table))


@pytest.mark.parametrize("make", [lambda: SMALL, planted_positions, lambda: TWO_BLOCKS])
def test_adjusted_p_values_are_those_of_benjamini_and_hochberg(make):
    pairs = cam.null_model(make(), 300).frame
    expected = benjamini_hochberg(pairs["p_value"].tolist())
    np.testing.assert_allclose(pairs["p_adjusted"], expected)
    assert (pairs["p_adjusted"] >= pairs["p_value"]).all()


def test_a_planted_pair_is_found():
    result = cam.null_model(planted_positions(), 1999)
    found = result.backbone
    assert found[["actor", "other"]].to_numpy().tolist() == [["A", "B"]]
    assert found["shared"].item() == 6 > found["expected"].item()
    assert found["p_value"].item() == 1 / 2000
    assert result.frame["significant"].equals(result.frame["p_adjusted"] <= 0.05)
    assert result.summary.startswith("1 of 45 pairs share more than chance would give")
    assert "rate of 0.05 (the smallest adjusted p = 0.022)" in result.summary
    assert repr(result) == result.summary


def test_the_backbone_follows_the_false_discovery_rate():
    positions = planted_positions()
    strict, loose = (cam.null_model(positions, 199, alpha=alpha) for alpha in (0.05, 0.5))
    assert strict.frame["p_adjusted"].min() == pytest.approx(45 / 200)
    assert len(strict.backbone) == 0
    assert strict.backbone.columns.tolist() == strict.frame.columns.tolist()
    assert (loose.frame["significant"] == (loose.frame["p_adjusted"] <= 0.5)).all()
    assert 0 < len(loose.backbone) < 45
    assert "at a false discovery rate of 0.5" in loose.summary
    pd.testing.assert_series_equal(strict.frame["p_value"], loose.frame["p_value"])


@pytest.mark.parametrize("by", LEVELS)
def test_the_backbone_of_the_bundled_meeting_is_empty(meeting, by):
    result = cam.null_model(meeting.tally(by), 999)
    assert len(result.frame) == 13 * 12 / 2
    assert len(result.backbone) == 0
    assert result.summary.startswith("None of 78 pairs shares more than chance would give")
    assert "the backbone is empty" in result.summary
    smallest = result.frame["p_adjusted"].min()
    assert f"the smallest adjusted p = {smallest:.2f}" in result.summary
    assert result.frame["p_value"].between(1 / 1000, 1).all()
    assert result.tally.n_statements == 38
    assert "Bolivia" not in {*result.frame["actor"], *result.frame["other"]}


def test_pairs_are_listed_in_speaking_order(meeting):
    positions = meeting.positions()
    speaking = positions.index.drop("Bolivia").tolist()
    pairs = cam.null_model(positions, 5).frame
    found = list(zip(pairs["actor"], pairs["other"], strict=True))
    assert found == list(combinations(speaking, 2))


@pytest.mark.parametrize("by", LEVELS)
def test_what_pairs_share_does_not_depend_on_the_order_of_rows_and_columns(meeting, by):
    positions = meeting.positions(by)
    one, other = (cam.null_model(table, 99).frame for table in (positions, reordered(positions)))
    pd.testing.assert_frame_equal(by_pair(one), by_pair(other), check_exact=True)


def test_what_planted_pairs_share_does_not_depend_on_the_order_either():
    positions = planted_positions()
    one, other = (cam.null_model(table, 99).frame for table in (positions, reordered(positions)))
    pd.testing.assert_frame_equal(by_pair(one), by_pair(other), check_exact=True)


@pytest.mark.parametrize("by", LEVELS)
def test_a_tally_and_its_positions_share_the_same(meeting, by):
    tallies = [meeting.tally(by), meeting.tally(by, duplicates="all"), meeting.positions(by)]
    one, *others = (cam.null_model(tally, 49).frame for tally in tallies)
    for other in others:
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_an_ordinal_scale_shares_levels():
    votes = pd.DataFrame({"b1": [1, 1, 0], "b2": [0, 0, 0], "b3": [-1, 1, None]}, index=list("ABC"))
    tally = cam.Tally.from_positions(votes, stances=(1, 0, -1))
    shared = by_pair(cam.null_model(tally, 19).frame)["shared"]
    assert shared.to_dict() == {("A", "B"): 2, ("A", "C"): 1, ("B", "C"): 1}


def test_the_p_values_that_were_published(meeting):
    frame = cam.null_model(meeting.tally(), 999).frame
    assert frame["p_value"].sum() == pytest.approx(57.757)


def test_a_generator_seeds_the_null_model_and_goes_on():
    one, again = (np.random.default_rng(7) for _ in range(2))
    first, second = (cam.null_model(SMALL, 49, seed=seed).frame for seed in (one, again))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert not cam.null_model(SMALL, 49, seed=one).frame["p_value"].equals(first["p_value"])


def test_the_null_model_is_reproducible():
    one, again, other = (cam.null_model(SMALL, 99, seed=seed).frame for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one["p_value"].equals(other["p_value"])
    assert one["shared"].equals(other["shared"])


def test_opposite_stances_are_not_shared():
    pairs = by_pair(cam.null_model(positions_of("11 1- b-"), 19).frame)
    assert pairs["shared"].to_dict() == {("A", "B"): 1, ("A", "C"): 1, ("B", "C"): 2}


def test_a_small_p_is_never_printed_as_zero():
    result = cam.null_model(SMALL, 9)
    table = result.frame.assign(p_adjusted=0.0004, significant=True)
    assert "the smallest adjusted p < 0.001" in replace(result, table=table).summary


@pytest.mark.parametrize("rows", ["000", "111 000", "000 000"])
def test_fewer_than_two_actors_have_no_pairs(rows):
    result = cam.null_model(positions_of(rows), 9)
    assert len(result.frame) == len(result.backbone) == 0
    assert result.summary == "There are no two actors to compare."
