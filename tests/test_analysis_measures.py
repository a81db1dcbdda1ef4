"""Every measure of agreement: its definition, a second library, published numbers, invariants."""

from fractions import Fraction
from itertools import product
from math import inf, isnan, nan, sqrt

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.spatial import distance
from sklearn.metrics import cohen_kappa_score, f1_score, jaccard_score
from sklearn.metrics.pairwise import cosine_similarity
from strategies import SCALES, coin_flips, positions, tallies, tally_of

import camdata as cam
from camdata import Tally
from camdata.analysis.measures import FROM_MINUS_ONE, MEASURES, as_agreement, default_distance

SETTINGS = settings(deadline=None)
SETS = ("jaccard", "dice", "cosine", "overlap")
COUNTS = ("congruence", "conflict", "subtract")
RATINGS = ("matching", "s", "pi", "kappa")
ALL = (*SETS, *COUNTS, *RATINGS)
RANGES = {
    **dict.fromkeys((*SETS, "matching"), (0, 1)),
    **dict.fromkeys(("congruence", "conflict"), (0, inf)),
    "subtract": (-inf, inf),
    "s": (-1, 1),
    "pi": (-inf, 1),
    "kappa": (-inf, 1),
}


def test_every_measure_is_tested():
    assert tuple(MEASURES) == ALL


# the definitions, pair by pair


def row_of(tally, actor):
    """Return what is counted for an actor: code to stance to number, without zeros."""
    row = {}
    for (code, stance), number in tally.frame.loc[actor].items():
        if number:
            row.setdefault(code, {})[stance] = int(number)
    return row


def naive_set(measure, a, b):
    first, second = ({(c, k) for c, levels in row.items() for k in levels} for row in (a, b))
    if not first or not second:
        return nan
    shared = len(first & second)
    return {
        "jaccard": Fraction(shared, len(first | second)),
        "dice": Fraction(2 * shared, len(first) + len(second)),
        "cosine": shared / sqrt(len(first) * len(second)),
        "overlap": Fraction(shared, min(len(first), len(second))),
    }[measure]


def naive_count(measure, a, b, stances, normalization=None):
    said = [sum(sum(levels.values()) for levels in row.values()) for row in (a, b)]
    if not all(said):
        return nan
    if a is b:
        return 0
    width = max(stances) - min(stances)
    congruence = conflict = Fraction(0)
    for code in a.keys() & b.keys():
        for (k, n), (m, o) in product(a[code].items(), b[code].items()):
            apart = Fraction(abs(k - m), width)
            congruence += (1 - apart) * n * o
            conflict += apart * n * o
    value = {
        "congruence": congruence,
        "conflict": conflict,
        "subtract": congruence - conflict,
    }[measure]
    return value / Fraction(sum(said), 2) if normalization else value


def ratings_of(a, b):
    """Return both actors' ratings of the codes on which both are recorded: mean stances."""
    shared = sorted(a.keys() & b.keys())
    return [[Fraction(sum(row[code]), len(row[code])) for code in shared] for row in (a, b)]


def naive_rating(measure, a, b, stances, min_shared=1, distance=None):
    x, y = ratings_of(a, b)
    m = len(x)
    if m < min_shared:
        return nan
    if measure == "matching":
        return Fraction(sum(k == j for k, j in zip(x, y, strict=True)), m)
    power = 2 if (distance or default_distance(measure)) == "squared" else 1
    apart = sum(abs(k - j) ** power for k, j in zip(x, y, strict=True))
    if measure == "s":
        return 1 - 2 * Fraction(apart, m * (max(stances) - min(stances)) ** power)
    first, second = (x + y, x + y) if measure == "pi" else (x, y)
    pairs = list(product(first, second))
    expected = sum(abs(k - j) ** power for k, j in pairs) / Fraction(len(pairs))
    return 1 - (apart / Fraction(m)) / expected if expected else nan


def naive(measure, a, b, stances):
    if measure in SETS:
        return naive_set(measure, a, b)
    if measure in COUNTS:
        return naive_count(measure, a, b, stances)
    return naive_rating(measure, a, b, stances)


def table_of(tally, compute):
    """Compute a measure for every pair of actors of a tally."""
    rows = {actor: row_of(tally, actor) for actor in tally.actors}
    return np.array([[float(compute(a, b)) for b in rows.values()] for a in rows.values()])


@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_a_measure_is_its_definition(scale, data):
    tally = data.draw(tallies(stances=scale))
    for measure in ALL:
        expected = table_of(tally, lambda a, b, m=measure: naive(m, a, b, scale))
        found = cam.agreement(tally, measure)
        assert_allclose(found.values, expected, atol=1e-12, err_msg=measure)
        assert (found.measure, found.actors, found.tally) == (measure, tally.actors, tally)
        assert_frame_equal(found.frame.T, found.frame)
        low, high = RANGES[measure]
        defined = found.values[~np.isnan(found.values)]
        assert ((defined >= low - 1e-12) & (defined <= high + 1e-12)).all()


@pytest.mark.slow
@SETTINGS
@given(positions())
def test_a_measure_of_positions_is_that_of_their_tally(table):
    tally = Tally.from_positions(table)
    for measure in ALL:
        assert_frame_equal(cam.agreement(table, measure).frame, cam.agreement(tally, measure).frame)


@SETTINGS
@given(scale=st.sampled_from(SCALES), least=st.integers(2, 3), data=st.data())
def test_options_are_their_definitions(scale, least, data):
    tally = data.draw(tallies(stances=scale))

    def check(measure, compute, **options):
        found = cam.agreement(tally, measure, **options)
        assert_allclose(found.values, table_of(tally, compute), atol=1e-12, err_msg=measure)
        return found

    for measure in COUNTS:
        found = check(
            measure,
            lambda a, b, m=measure: naive_count(m, a, b, scale, "average"),
            normalization="average",
        )
        assert found.normalization == "average"
        assert found.label.endswith(" by average activity")
    for measure in RATINGS:
        found = check(
            measure,
            lambda a, b, m=measure: naive_rating(m, a, b, scale, least),
            min_shared=least,
        )
        assert found.min_shared == least
    for measure, apart in product(FROM_MINUS_ONE, ("absolute", "squared")):
        found = check(
            measure,
            lambda a, b, m=measure, d=apart: naive_rating(m, a, b, scale, 1, d),
            distance=apart,
        )
        named = apart != default_distance(measure)
        assert found.label.endswith(f" of {apart} distances") == named


@pytest.mark.parametrize("measure", ["pi", "kappa"])
def test_what_chance_leaves_nothing_to_tell_apart_takes_the_value_given(measure):
    table = pd.DataFrame([[1, 1, None], [1, 1, None], [None, None, 1]], list("ABC"))
    plain, zero = (cam.agreement(table, measure, undefined=u).values for u in (nan, 0))
    assert np.isnan(plain).all()
    assert zero[0, 1] == 0
    assert np.isnan(zero[:2, 2]).all()  # no code is rated by both


# the default


def test_the_default_measure_is_that_of_the_scale(meeting):
    sets = cam.agreement(meeting.tally())
    assert (sets.measure, sets.is_default, sets.is_rescaled) == ("jaccard", True, False)
    assert "the default for support and opposition" in sets.summary
    levels = pd.DataFrame([[5, 4, 1, 2], [5, 4, 2, 1], [1, 2, 5, 4]], list("ABC"), list("wxyz"))
    rows = levels.rename_axis("actor").reset_index()
    rows = rows.melt("actor", var_name="code", value_name="stance")
    meeting = cam.Meeting(rows, stances=(5, 4, 3, 2, 1))
    whole = cam.agreement(meeting.tally())
    assert (whole.measure, whole.is_rescaled) == ("s", True)
    assert "the default for a scale of several levels" in whole.summary
    assert_array_equal(whole.values, cam.agreement(meeting.tally(), "s").rescaled().values)
    # a part in which only one level occurs is still on the same scale
    part = cam.agreement(meeting.select(actors=["A", "B"], codes=["w"]).tally())
    assert (part.measure, part.is_rescaled) == ("s", True)
    assert cam.agreement(meeting.tally(), "jaccard").is_default is False


# a second library


def pairs_of(table):
    """Return pairs of different actors."""
    return [(a, b) for a in table.index for b in table.index if a != b]


@pytest.mark.slow
@SETTINGS
@given(positions(least=2))
def test_set_measures_are_those_of_other_libraries(table):
    held = Tally.from_positions(table).frame > 0
    values = {measure: cam.agreement(table, measure).frame for measure in SETS}
    for a, b in pairs_of(table):
        x, y = held.loc[a].to_numpy(), held.loc[b].to_numpy()
        if not (x.any() and y.any()):
            continue
        assert values["jaccard"].at[a, b] == pytest.approx(jaccard_score(x, y))
        assert values["jaccard"].at[a, b] == pytest.approx(1 - distance.jaccard(x, y))
        assert values["dice"].at[a, b] == pytest.approx(f1_score(x, y))
        cosine = cosine_similarity(x[None].astype(float), y[None].astype(float)).item()
        assert values["cosine"].at[a, b] == pytest.approx(cosine)


@SETTINGS
@given(tallies(least=2))
def test_counts_are_products_of_two_mode_networks(tally):
    p, n = tally.dense().transpose(2, 0, 1)
    expected = {
        "congruence": p @ p.T + n @ n.T,
        "conflict": p @ n.T + n @ p.T,
        "subtract": (p - n) @ (p - n).T,
    }
    recorded = np.outer((p + n).any(axis=1), (p + n).any(axis=1))
    apart = ~np.eye(len(tally.actors), dtype=bool)
    for measure, table in expected.items():
        values = cam.agreement(tally, measure).values
        assert_array_equal(values[recorded & apart], table[recorded & apart])
        assert np.isnan(values[~recorded]).all()


def jointly_rated(table, a, b):
    """Return both actors' ratings of the codes on which both are recorded, as arrays."""
    both = table.columns[table.loc[a].notna() & table.loc[b].notna()]
    return table.loc[a, both].to_numpy(dtype=int), table.loc[b, both].to_numpy(dtype=int)


@pytest.mark.slow
@SETTINGS
@given(st.one_of(positions(least=2), positions(least=2, values=(1, -1, -1))))
def test_rating_measures_are_those_of_other_libraries(table):
    values = {measure: cam.agreement(table, measure).frame for measure in RATINGS}
    for a, b in pairs_of(table):
        x, y = jointly_rated(table, a, b)
        if not len(x):
            assert all(isnan(values[measure].at[a, b]) for measure in RATINGS)
            continue
        assert values["matching"].at[a, b] == pytest.approx(1 - distance.hamming(x, y))
        s = 1 - 2 * distance.cityblock(x, y) / (2 * len(x))
        assert values["s"].at[a, b] == pytest.approx(s)
        if len({*x, *y}) == 1:  # nothing that chance could tell apart
            assert isnan(values["kappa"].at[a, b])
            assert isnan(values["pi"].at[a, b])
            continue
        kappa = cohen_kappa_score(x, y, labels=[-1, 0, 1], weights="quadratic")
        assert values["kappa"].at[a, b] == pytest.approx(kappa)
        if 0 not in {*x, *y}:
            assert kappa == pytest.approx(cohen_kappa_score(x, y))


@SETTINGS
@given(positions(least=2, values=(1, -1, -1)))
def test_pi_is_alpha_without_its_correction_for_small_samples(table):
    pi = cam.agreement(table, "pi").frame
    for a, b in pairs_of(table):
        x, y = jointly_rated(table, a, b)
        if len({*x, *y}) == 2:
            alpha = krippendorff.alpha(np.array([x, y]), level_of_measurement="nominal")
            n = 2 * len(x)
            assert pi.at[a, b] == pytest.approx(1 - (1 - alpha) * n / (n - 1))


# published and hand-computed numbers


def two_raters(both_yes, only_first, only_second, both_no):
    """Return the positions of two raters whose table of ratings is this."""
    pairs = (
        [(1, 1)] * both_yes
        + [(1, -1)] * only_first
        + [(-1, 1)] * only_second
        + [(-1, -1)] * both_no
    )
    first, second = zip(*pairs, strict=True)
    return pd.DataFrame([first, second], index=["A", "B"], dtype="Int8")


def test_kappa_and_pi_of_fifty_grant_proposals():
    # Wikipedia, "Cohen's kappa", simple example: readers A and B of 50 proposals, kappa 0.4
    table = two_raters(20, 5, 10, 15)
    observed, kappa_chance = Fraction(35, 50), Fraction(25 * 30 + 25 * 20, 50 * 50)
    kappa = (observed - kappa_chance) / (1 - kappa_chance)
    assert kappa == Fraction(2, 5)
    assert cam.agreement(table, "kappa").frame.at["A", "B"] == pytest.approx(float(kappa))
    pi_chance = Fraction(55, 100) ** 2 + Fraction(45, 100) ** 2
    pi = (observed - pi_chance) / (1 - pi_chance)
    assert pi == Fraction(13, 33)
    assert cam.agreement(table, "pi").frame.at["A", "B"] == pytest.approx(float(pi))


def test_kappa_and_pi_of_a_hundred_utterances():
    # Artstein & Poesio (2008), doi:10.1162/coli.07-034-R2, Table 1: kappa .348; pi by hand:
    # (.7 - .545) / (1 - .545) = 31/91
    table = two_raters(20, 20, 10, 50)
    assert round(cam.agreement(table, "kappa").frame.at["A", "B"], 3) == 0.348
    assert cam.agreement(table, "pi").frame.at["A", "B"] == pytest.approx(float(Fraction(31, 91)))


def test_s_of_a_small_table_of_votes():
    # Signorino & Ritter (1999): 1 - 2 · (sum of distances) / (votes · largest distance)
    votes = pd.DataFrame(
        [[1, 1, 0, -1, 1], [1, -1, 0, 0, None], [1, 1, 0, -1, -1], [-1, -1, None, 1, None]],
        index=["A", "B", "C", "D"],
        dtype="Int8",
    )
    expected = [
        [1, 1 - 2 * 3 / 8, 1 - 2 * 2 / 10, -1],
        [1 - 2 * 3 / 8, 1, 1 - 2 * 3 / 8, 1 - 2 * 3 / 6],
        [1 - 2 * 2 / 10, 1 - 2 * 3 / 8, 1, -1],
        [-1, 1 - 2 * 3 / 6, -1, 1],
    ]
    assert_allclose(cam.agreement(votes, "s").values, expected)


def test_congruence_and_conflict_of_a_small_two_mode_network():
    # the products P Pᵀ + N Nᵀ, P Nᵀ + N Pᵀ and (P - N)(P - N)ᵀ of Leifeld, worked out by hand
    support = [[2, 0, 1], [1, 1, 0], [0, 2, 1]]
    oppose = [[0, 1, 0], [0, 1, 0], [1, 0, 0]]
    tally = tally_of(np.dstack([support, oppose]), "ABC", "xyz")
    assert cam.agreement(tally, "congruence").values.tolist() == [
        [0, 3, 1],
        [3, 0, 2],
        [1, 2, 0],
    ]
    assert cam.agreement(tally, "conflict").values.tolist() == [
        [0, 1, 4],
        [1, 0, 3],
        [4, 3, 0],
    ]
    assert cam.agreement(tally, "subtract").values.tolist() == [
        [0, 2, -3],
        [2, 0, -1],
        [-3, -1, 0],
    ]
    # A, B and C made 4, 3 and 4 statements
    normalized = cam.agreement(tally, "congruence", normalization="average")
    assert_allclose(
        normalized.values, [[0, 3 / 3.5, 1 / 4], [3 / 3.5, 0, 2 / 3.5], [1 / 4, 2 / 3.5, 0]]
    )


def ordinal(levels, scale):
    """Return a tally of one code, one statement of a level for each actor."""
    counts = [[int(level == k) for k in scale] for level in levels]
    return tally_of(counts, [f"actor {i}" for i in range(len(levels))], ["x"], scale)


@pytest.mark.parametrize("scale", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (-2, 0, 3), (1, 0, -1)])
def test_similarity_on_an_ordinal_scale_falls_with_the_distance(scale):
    width = max(scale) - min(scale)
    tally = ordinal(scale, scale)
    congruence, conflict, s = (
        cam.agreement(tally, m).values for m in ("congruence", "conflict", "s")
    )
    for i, j in product(range(len(scale)), repeat=2):
        similarity = 1 - abs(scale[i] - scale[j]) / width
        assert s[i, j] == pytest.approx(2 * similarity - 1)
        assert congruence[i, j] == pytest.approx(similarity if i != j else 0)
        assert conflict[i, j] == pytest.approx(1 - similarity)


def test_the_range_is_that_of_the_scale_not_of_the_levels_in_use():
    tally = ordinal([2, 4], (1, 2, 3, 4, 5))
    assert cam.agreement(tally, "congruence").values[0, 1] == 0.5
    assert cam.agreement(tally, "s").values[0, 1] == 0


def test_the_rating_of_a_code_is_the_mean_of_its_stances():
    tally = tally_of([[9, 0, 1, 1, 0, 0], [0, 1, 0, 1, 1, 0]], "AB", "xy", (1, 2, 3))
    assert cam.agreement(tally, "matching").frame.at["A", "B"] == 0.5  # 1 and 3 rate like 2
    assert cam.agreement(tally, "s").frame.at["A", "B"] == 1 - 2 * 0.5 / (2 * 2)


@pytest.mark.parametrize(
    ("measure", "value"),
    [(m, 1.0) for m in (*SETS, "congruence", "subtract", "matching", "s")]
    + [("conflict", 0.0), ("pi", nan), ("kappa", nan)],
)
def test_on_a_scale_of_one_stance_nothing_is_in_conflict(measure, value):
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]}), stances=(1,))
    agreement = cam.agreement(meeting.tally(), measure).frame.at["A", "B"]
    assert_array_equal(agreement, value)


def test_a_position_recorded_both_ways_agrees_with_another_like_it_only():
    table = pd.DataFrame([[0], [0], [1], [-1]], index=list("ABCD"), columns=["x"], dtype="Int8")
    assert cam.agreement(table, "matching").frame.loc["A"].tolist() == [1, 1, 0, 0]
    assert cam.agreement(table, "jaccard").frame.loc["A"].tolist() == [1, 1, 0.5, 0.5]
    assert cam.agreement(table, "congruence").frame.loc["A"].tolist() == [0, 2, 1, 1]
    assert cam.agreement(table, "conflict").frame.loc["A"].tolist() == [0, 2, 1, 1]
    assert cam.agreement(table, "s").frame.loc["A"].tolist() == [1, 1, 0, 0]


def test_agreement_of_the_bundled_meeting_by_hand(meeting):
    agreement = cam.agreement(meeting.tally("code")).frame
    assert agreement.at["Colombia", "El Salvador"] == pytest.approx(3 / 5)
    assert agreement.at["United States", "Guatemala"] == pytest.approx(2 / 3)
    assert agreement.at["Peru", "Uruguay"] == pytest.approx(1 / 3)
    assert agreement.at["Peru", "Mexico"] == 0
    assert agreement.loc["Bolivia"].isna().all()


def test_where_no_opposition_is_recorded_ratings_tell_nothing_apart(meeting):
    for measure, values in {"matching": {1}, "s": {1}, "pi": set(), "kappa": set()}.items():
        agreement = cam.agreement(meeting.tally(), measure).values
        assert set(agreement[~np.isnan(agreement)]) == values


# what holds for every table


def test_the_table_is_labeled(meeting):
    frame = cam.agreement(meeting.tally()).frame
    assert (frame.dtypes == "float64").all()
    for axis in (frame.index, frame.columns):
        assert axis.tolist() == list(meeting.tally().actors)
        assert axis.name == "actor"


@SETTINGS
@given(tallies())
def test_the_diagonal_and_what_is_missing(tally):
    for measure in ALL:
        check_diagonal_and_missing(measure, tally)


def check_diagonal_and_missing(measure, tally):
    values = cam.agreement(tally, measure).values
    silent = tally.dense().sum(axis=(1, 2)) == 0
    assert np.isnan(values[silent]).all()
    assert np.isnan(values[:, silent]).all()
    spoke = values[~silent][:, ~silent]
    diagonal = np.diag(spoke)
    if measure in COUNTS:
        assert (diagonal == 0).all()
    elif measure in ("pi", "kappa"):
        assert (np.isnan(diagonal) | (diagonal == 1)).all()
    else:
        assert_allclose(diagonal, 1)
    if measure not in RATINGS:
        assert not np.isnan(spoke).any()
        return
    codes = tally.dense().sum(axis=2) > 0
    together = (codes[~silent].astype(int) @ codes[~silent].T.astype(int)) > 0
    assert np.isnan(spoke[~together]).all()
    if measure in ("matching", "s"):
        assert not np.isnan(spoke[together]).any()


@SETTINGS
@given(table=positions(), data=st.data())
def test_neither_order_nor_joint_silence_matters(table, data):
    actors = data.draw(st.permutations(table.index.tolist()))
    codes = data.draw(st.permutations(table.columns.tolist()))
    longer = table.loc[actors, codes].assign(unspoken=pd.Series(pd.NA, actors, dtype="Int8"))
    for measure in ALL:
        expected = cam.agreement(table, measure).frame.loc[actors, actors]
        found = cam.agreement(longer, measure).frame
        assert_frame_equal(found, expected, check_exact=False, rtol=1e-14)


@SETTINGS
@given(table=positions(least=2), stance=st.sampled_from((1, -1, 0)))
def test_one_sided_silence_lowers_sets_and_leaves_counts_and_ratings(table, stance):
    alone = pd.Series(pd.NA, index=table.index, dtype="Int8")
    alone.iloc[0] = stance
    for measure in ALL:
        check_one_sided_silence(measure, table, table.assign(only_one=alone))


def check_one_sided_silence(measure, table, longer):
    before = cam.agreement(table, measure).values[0, 1:]
    after = cam.agreement(longer, measure).values[0, 1:]
    if measure not in SETS:
        if table.iloc[0].notna().any():
            assert_array_equal(after, before)
        else:  # the first actor is heard for the first time, and shares nothing yet
            assert (np.isnan(after) | (after == 0)).all()
        return
    defined = ~np.isnan(before)
    assert (after[defined] <= before[defined] + 1e-12).all()
    if measure != "overlap":
        assert (after[defined] < before[defined])[before[defined] > 0].all()


def test_overlap_is_lowered_only_by_what_the_smaller_set_holds_alone():
    table = pd.DataFrame(
        [[1, 1, None, None], [1, None, None, None]], index=["large", "small"], columns=list("wxyz")
    ).astype("Int8")

    def overlap():
        return cam.agreement(table, "overlap").frame.at["large", "small"]

    assert overlap() == 1
    table.at["large", "y"] = 1
    assert overlap() == 1
    table.at["small", "z"] = 1
    assert overlap() == 0.5


def test_the_table_given_is_not_changed(meeting):
    table = meeting.positions("code")
    before = table.copy()
    for measure in ALL:
        cam.agreement(table, measure)
    assert_frame_equal(table, before)
    assert not table.attrs


@SETTINGS
@given(tallies())
def test_sets_do_not_see_how_often(tally):
    once = tally_of(tally.dense() > 0, tally.actors, tally.keys)
    for measure in SETS:
        assert_frame_equal(cam.agreement(tally, measure).frame, cam.agreement(once, measure).frame)


@pytest.mark.parametrize("measure", ALL)
def test_of_nobody_and_on_no_codes_there_is_nothing_to_compare(measure):
    nobody = pd.DataFrame({"x": pd.Series(dtype="Int8")}, index=pd.Index([], dtype="str"))
    assert cam.agreement(nobody, measure).frame.shape == (0, 0)
    agreement = cam.agreement(pd.DataFrame(index=["A", "B"]), measure)
    assert agreement.frame.shape == (2, 2)
    assert agreement.frame.isna().all(axis=None)
    assert "there is nothing to compare" in agreement.summary


# what agreement knows of itself


def test_the_pairs_are_those_above_the_diagonal(meeting):
    agreement = cam.agreement(meeting.tally("code"))
    expected = [agreement.values[i, j] for i in range(14) for j in range(i + 1, 14)]
    assert_array_equal(agreement.pairs, expected)


@SETTINGS
@given(tallies(least=2))
def test_bounded_is_what_can_be_made_a_distance(tally):
    for measure in ALL:
        agreement = cam.agreement(tally, measure)
        if measure in (*SETS, "matching"):
            assert agreement.bounded
        elif measure in COUNTS:
            assert not agreement.bounded
        if measure in FROM_MINUS_ONE:
            assert agreement.rescaled().bounded


@pytest.mark.parametrize("measure", FROM_MINUS_ONE)
def test_a_rescaled_measure_is_half_of_one_more_and_says_so(measure):
    table = coin_flips(1).mask(coin_flips(2) == 1)
    agreement = cam.agreement(table, measure, min_shared=2)
    rescaled = agreement.rescaled()
    assert_allclose(rescaled.values, np.maximum((1 + agreement.values) / 2, 0))
    assert rescaled.is_rescaled
    assert rescaled.label == f"{agreement.label}, rescaled to 0 to 1"
    assert rescaled.summary.startswith(rescaled.label)
    assert not agreement.is_rescaled
    assert rescaled.tally is agreement.tally
    assert (rescaled.measure, rescaled.min_shared) == (measure, 2)
    with pytest.raises(ValueError, match="Only s, pi and kappa can be rescaled"):
        rescaled.rescaled()


def test_only_a_measure_around_zero_can_be_rescaled(meeting):
    for measure in set(ALL) - set(FROM_MINUS_ONE):
        with pytest.raises(ValueError, match="Only s, pi and kappa can be rescaled, not"):
            cam.agreement(meeting.tally(), measure).rescaled()


def test_agreement_in_words(meeting):
    agreement = cam.agreement(meeting.tally("code"), "dice")
    defined = agreement.pairs[~np.isnan(agreement.pairs)]
    assert agreement.summary.splitlines() == [
        "Dice coefficient (shared positions, counted twice, of all) of 14 actors on 17 codes, "
        "38 statements: "
        f"mean {defined.mean():.2f}, from {defined.min():.2g} to {defined.max():.2g}",
        "nothing to compare: 13 of 91 pairs",
    ]
    assert "statements" not in repr(cam.agreement(meeting.positions()))


# agreement of one's own


def test_a_table_of_ones_own_is_agreement_by_no_known_measure(meeting):
    own = cam.agreement(meeting.tally()).frame
    found = as_agreement(own)
    assert_frame_equal(found.frame, own)
    assert (found.measure, found.tally, found.label) == (None, None, "agreement")
    assert "statements" not in found.summary
    assert found.bounded
    assert as_agreement(found) is found


def test_a_table_of_ones_own_that_goes_below_zero_can_be_rescaled_once():
    own = pd.DataFrame([[1, -0.5], [-0.5, 1]], index=["A", "B"], columns=["A", "B"])
    assert not as_agreement(own).bounded
    assert as_agreement(own).rescaled().values.tolist() == [[1, 0.25], [0.25, 1]]


def square(values, names="ABC"):
    """Return agreement from the rows below its diagonal."""
    table = np.eye(len(values) + 1)
    for i, row in enumerate(values, 1):
        table[i, :i] = table[:i, i] = row
    return pd.DataFrame(table, list(names), list(names))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (square([[0.5], [0.2, 0.3]]).iloc[:2], "square, with the same actors.* is 2 × 3"),
        (square([[0.5], [0.2, 0.3]]).iloc[:, [1, 0, 2]], "the same order on both axes"),
        (square([[0.5], [0.2, 0.3]], "ABA"), "each once; this table is 3 × 3"),
        (square([[0.5], [0.2, 0.3]], [1, "1", 2]), "Each actor must be there once.*: 1"),
        (square([[0.5], [0.2, 0.3]], ["A", "B", None]), "Each actor must have a name"),
        (square([[0.5], [0.2, inf]]), "must hold finite numbers"),
        (square([[0.5], [0.2, 0.3]]).astype("str"), "must hold numbers or missing, but A holds '"),
        (square([[1], [0, 1]]).astype("bool"), "must hold numbers or missing, but A holds True"),
    ],
    ids=["shape", "order", "twice", "one name twice", "no name", "infinite", "text", "truth"],
)
def test_a_table_that_is_no_agreement_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        as_agreement(table)


@pytest.mark.parametrize("value", [0.4, nan])
def test_a_table_that_is_not_symmetric_is_refused_with_the_pair(value):
    table = square([[0.5], [0.2, 0.3]])
    table.at["A", "C"] = value
    with pytest.raises(ValueError, match=rf"A with C is {value:g} and C with A is 0\.2"):
        as_agreement(table)


@pytest.mark.parametrize("thing", [None, np.eye(3), pd.Series([1.0])])
def test_what_is_no_frame_is_no_agreement(thing):
    with pytest.raises(TypeError, match=f"a DataFrame of it, got {type(thing).__name__}"):
        as_agreement(thing)


# what is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"measure": "jacard"},
            r"`measure` must be one of \['jaccard'.*'jacard' \(did you mean 'j",
        ),
        ({"measure": "matching", "distance": "squared"}, "`distance` is for s, pi, kappa, not"),
        ({"measure": "s", "undefined": 0}, "`undefined` is for pi, kappa, not 's'"),
        ({"measure": "s", "distance": "cubic"}, "`distance` must be one of"),
        (
            {"measure": "conflict", "normalization": "mean"},
            r"`normalization` must be one of \[None, 'average'\], but 'mean' was passed",
        ),
        (
            {"measure": "dice", "normalization": "average"},
            "`normalization` is for congruence, conflict, subtract, not 'dice'",
        ),
        ({"measure": "s", "normalization": "average"}, "`normalization` is for .*, not 's'"),
        (
            {"measure": "dice", "min_shared": 2},
            "`min_shared` is for matching, s, pi, kappa, not 'dice'",
        ),
        ({"measure": "conflict", "min_shared": 2}, "`min_shared` is for .*, not 'conflict'"),
    ],
)
def test_options_that_do_not_fit_are_refused(meeting, options, message):
    with pytest.raises(ValueError, match=message):
        cam.agreement(meeting.tally(), **options)


def test_what_is_neither_positions_nor_a_tally_is_refused():
    with pytest.raises(TypeError, match="as a DataFrame, got dict"):
        cam.agreement({"A": 1})
    with pytest.raises(ValueError, match="but these values were found: 7"):
        cam.agreement(pd.DataFrame({"x": [7]}, index=["A"]))
