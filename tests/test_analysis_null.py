"""Random tables: every total kept, all tables of a class equally often, and where none is drawn."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest, chisquare
from strategies import SCALES, meeting_of, parties

import camdata as cam
from camdata.analysis import null
from camdata.analysis.null import NoNullError, explained, p_range, p_value, random_tables

NULLS = st.sampled_from(("positions", "sides"))


def votes(rows, **keywords):
    """Read votes written as rows of 1, - (against), b (both) and 0 (nothing)."""
    read = {"1": 1, "-": -1, "b": 0, "0": None}
    cells = [[read[c] for c in row] for row in rows.split()]
    names = [chr(ord("A") + i) for i in range(len(cells))]
    return cam.Tally.from_positions(pd.DataFrame(cells, names, dtype="Int8"), **keywords)


COINS = pd.DataFrame(np.where(np.random.default_rng(0).random((9, 12)) < 0.5, 1, -1)).rename(str)


@settings(deadline=None)
@given(scale=st.sampled_from(SCALES), kind=NULLS, seed=st.integers(0, 2**32))
def test_every_total_is_kept_and_a_cell_holds_one_category(scale, kind, seed):
    generator = np.random.default_rng(seed)
    n, codes = generator.integers(4, 10), generator.integers(8, 16)
    held = generator.random((n, codes, len(scale))) < generator.uniform(0.2, 0.6)
    observed, contents = null.categories(held)
    assert_array_equal(contents[observed], held)
    assert (contents[0] == 0).all()
    tables = null.draw(observed, 20, kind, generator)
    assert tables.shape == (21, n, codes)
    assert_array_equal(tables[0], observed)
    for number in range(len(contents)):
        held = tables == number
        assert (held.sum(axis=2) == held[0].sum(axis=1)).all()  # of every actor
        assert (held.sum(axis=1) == held[0].sum(axis=0)).all()  # of every code
    if kind == "sides":
        assert ((tables > 0) == (observed > 0)).all()


def test_actors_without_a_position_are_no_rows():
    drawn = random_tables(votes("110 000 011 101"), 5)
    assert drawn.actors.tolist() == [0, 2, 3]
    assert drawn.movable > 0.05


def test_random_tables_give_pair_tables_and_values_of_the_measure():
    agreement = cam.agreement(cam.Tally.from_positions(COINS), "matching")
    drawn = random_tables(agreement, 4, seed=1)
    values = drawn.values(agreement)
    assert_allclose(values[0], agreement.values)
    for table, found in zip(drawn.tables, values, strict=True):
        counts = drawn.contents[table]
        cells = np.where(counts.argmax(axis=2) == 0, *drawn.stances)
        expected = cam.agreement(pd.DataFrame(cells, COINS.index), "matching")
        assert_allclose(found, expected.values)


@pytest.mark.parametrize("seed", [0, 3])
def test_a_seed_gives_the_same_tables_and_a_generator_goes_on(seed):
    tally = cam.Tally.from_positions(COINS)
    one, again, other = (random_tables(tally, 5, seed=s).tables for s in (seed, seed, seed + 1))
    assert_array_equal(one, again)
    assert (one[1:] != other[1:]).any()
    generator = np.random.default_rng(seed)
    assert_array_equal(random_tables(tally, 5, seed=generator).tables, one)
    assert (random_tables(tally, 5, seed=generator).tables[1:] != one[1:]).any()


def every_table(table, lowest):
    """List by brute force all tables with the totals of a given one (recorded cells for sides)."""

    def arrangements(row):
        free = [i for i, value in enumerate(row) if value >= lowest]
        fixed = [value if value < lowest else None for value in row]
        if not free:
            return [tuple(fixed)]
        found = set()
        for order in set(orders([row[i] for i in free])):
            cells = list(fixed)
            for i, value in zip(free, order, strict=True):
                cells[i] = value
            found.add(tuple(cells))
        return sorted(found)

    columns = [sorted(column) for column in zip(*table, strict=True)]
    rows = product(*(arrangements(row) for row in table))
    return [
        rows_of
        for rows_of in rows
        if [sorted(column) for column in zip(*rows_of, strict=True)] == columns
    ]


def orders(values):
    """Yield the different orders of some values."""
    kinds = Counter(values)
    if not kinds:
        yield ()
        return
    first, number = next(iter(kinds.items()))
    for places in combinations(range(len(values)), number):
        for rest in orders([v for v in values if v != first]):
            left = iter(rest)
            yield tuple(first if i in places else next(left) for i in range(len(values)))


@pytest.mark.parametrize(
    ("rows", "kind", "number"),
    [
        ("1100 0110 0011", "positions", 15),
        ("1100 1100 0011 0011", "positions", 90),
        ("1-0 -10 110", "positions", None),
        ("11- -11 1-1", "sides", 6),
        ("1-10 -1-1 11-0", "sides", None),
    ],
)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_all_tables_with_the_same_totals_are_drawn_equally_often(rows, kind, number, seed):
    tally = votes(rows)
    drawn = random_tables(tally, 2, null=kind)  # only to number the categories
    observed = drawn.tables[0]
    possible = every_table(observed.tolist(), 1 if kind == "sides" else 0)
    assert len(set(possible)) == len(possible) == (number or len(possible)) > 1
    # many trades: chains of five start at the observed table, and are exact without mixing
    tables = np.repeat(observed[None], 100 * len(possible), axis=0)
    null.trade(tables, 80, 1 if kind == "sides" else 0, np.random.default_rng(seed))
    found = Counter(tuple(map(tuple, table)) for table in tables.tolist())
    assert set(found) <= set(possible)
    assert chisquare([found[table] for table in possible]).pvalue > 0.001


@pytest.mark.parametrize(
    ("measure", "kind"),
    [(m, "positions") for m in ("jaccard", "dice", "cosine", "overlap", "congruence")]
    + [(m, "sides") for m in ("matching", "s", "pi", "kappa")],
)
def test_the_default_null_is_that_of_the_question_a_measure_asks(measure, kind):
    agreement = cam.agreement(cam.Tally.from_positions(COINS), measure)
    assert random_tables(agreement, 3).null == kind
    assert cam.structure(agreement, 9).null == kind
    other = "sides" if kind == "positions" else "positions"
    asked = cam.structure(agreement, 9, null=other)
    assert asked.null == other
    assert null.QUESTIONS[other] in asked.summary


def test_there_is_no_null_where_nothing_can_change():
    supports = cam.agreement(votes("1100 0110 0011 1001"))
    with pytest.raises(NoNullError, match=r"who speaks on what.* 0% .*Ask with null='positions'"):
        cam.structure(supports, 9, null="sides")
    with pytest.raises(NoNullError, match="0% of the recorded cells"):
        cam.structure(cam.agreement(votes("1110 1100 1000")), 9)  # nested: no other such table
    with pytest.raises(NoNullError, match="at least three actors"):
        cam.structure(cam.agreement(votes("110 011 000")), 9)


@pytest.mark.parametrize("function", [cam.structure, cam.cluster_choice, cam.cluster])
def test_there_is_no_null_without_cells(function, meeting):
    own = cam.analysis.measures.as_agreement(cam.agreement(meeting.tally()).frame)
    streamed = cam.agreement(cam.analysis.pair_tables(meeting.statements))
    for agreement in (own, streamed):
        with pytest.raises(NoNullError, match=r"a table of your own, or .* streamed pair tables"):
            function(agreement)


def test_planted_tables_keep_the_totals_and_hold_blocks():
    observed = (np.random.default_rng(2).random((12, 16)) < 0.4).astype(np.int16)
    generator = np.random.default_rng(3)
    tilt = null.blocks(observed, 30, generator)
    tables = null.draw(observed, 30, "positions", generator, tilt)[1:]
    assert (tables.sum(axis=1) == observed.sum(axis=0)).all()
    assert (tables.sum(axis=2) == observed.sum(axis=1)).all()
    inside = tables[tilt > 0].mean()
    outside = tables[tilt < 0].mean()
    odds = inside / (1 - inside) / (outside / (1 - outside))
    assert odds > 5  # an untilted table has 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.0, 0, 1, 2, 3], 3 / 5),  # ties count
        ([4.0, 0, 1, 2, 3], 1 / 5),  # never 0
        ([-1.0, 0, 1, 2, 3], 1.0),
        ([0.1 + 0.2, 0.3], 1.0),  # equal but for rounding
    ],
)
def test_p_counts_the_observed_table_as_one_of_them(values, expected):
    assert p_value(values) == pytest.approx(expected)


@pytest.mark.parametrize(("reached", "n"), [(0, 99), (5, 99), (99, 99), (40, 999)])
def test_the_range_of_p_is_clopper_and_pearsons(reached, n):
    expected = binomtest(reached, n).proportion_ci(method="exact")
    assert_allclose(p_range((reached + 1) / (n + 1), n), (expected.low, expected.high), atol=1e-9)


PARTIES = "actor 00, actor 01, actor 02, actor 03, actor 04; actor 05, actor 06, actor 07, actor 08"


@pytest.mark.parametrize("function", [cam.structure, cam.cluster_choice, cam.cluster])
@pytest.mark.parametrize("measure", ["jaccard", "matching"])
def test_where_the_totals_force_the_table_the_blocs_are_described(function, measure):
    words = f"no test here: the totals .* alone force this table.*in everything: {PARTIES}"
    with pytest.raises(NoNullError, match=words) as error:
        function(cam.agreement(parties(), measure))
    # nothing is advised that would not help
    assert "null=" not in str(error.value)


def test_where_totals_explain_agreement_the_answer_says_so():
    result = cam.structure(cam.agreement(parties(3)), 99)
    assert result.explained > 0.9
    assert result.p_value > 0.05
    assert "totals of actors and codes alone explain" in result.summary
    assert "in everything: actor 03, actor 04; actor 05, actor 06" in result.summary
    universe = cam.multiverse(meeting_of(parties(3)), n_resamples=99)
    assert universe.is_explained
    assert not universe.groups
    assert "totals of actors and codes alone give these groups" in universe.finding
    assert "where chance gives" in universe.verdict
    clusters = cam.cluster(cam.agreement(parties(3), "matching"))
    assert clusters.n_clusters == 2
    assert "There is no test" in clusters.summary or "no clearer" in clusters.summary


def test_advice_is_right_for_the_function_called(meeting):
    agreement = cam.agreement(meeting.tally(), "matching")
    for function in (cam.structure, cam.cluster_choice):
        with pytest.raises(NoNullError, match="Ask with null='positions'"):
            function(agreement)
    with pytest.raises(NoNullError, match=r"cluster_choice\(agreement, null='positions'\)"):
        cam.cluster(agreement)
    assert cam.structure(agreement, 9, null="positions").null == "positions"


def test_what_chance_expects_explains_nothing_where_it_is_turned_round():
    values = np.array([0.1, 0.2, 0.4])
    assert explained(values, values) == 1
    assert explained(values, values.mean() - (values - values.mean())) == pytest.approx(-3)
    assert explained(values, np.full(3, values.mean())) == pytest.approx(0)
    assert np.isnan(explained(np.ones(3), values))


def test_three_camps_of_one_code_each_are_told_and_not_tested():
    camps = pd.DataFrame(np.nan, [f"actor {i}" for i in range(9)], list("abc"))
    for i in range(9):
        camps.iloc[i, i // 3] = 1
    choice = cam.cluster_choice(cam.agreement(camps), 99)
    assert choice.n_clusters == 3
    assert "There is no test" in choice.verdict
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(9)
        universe = cam.multiverse(meeting_of(camps.iloc[order]), n_resamples=19)
        assert universe.joint_p == 1
