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
from scipy import sparse
from scipy.spatial import distance
from sklearn.metrics import cohen_kappa_score, jaccard_score
from sklearn.metrics.pairwise import cosine_similarity
from strategies import SCALES, positions, tallies

import camdata as cam
from camdata.measures import MEASURES, _product
from camdata.positions import as_tally

SETTINGS = settings(deadline=None, max_examples=15)
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


def test_every_method_is_tested():
    assert tuple(MEASURES) == ALL


# the definitions, pair by pair


def row_of(tally, actor):
    """Return what is counted for an actor: code to stance to number, without zeros."""
    row = {}
    for (code, stance), number in tally.loc[actor].items():
        if number:
            row.setdefault(code, {})[stance] = int(number)
    return row


def naive_set(method, a, b):
    first, second = ({(c, k) for c, levels in row.items() for k in levels} for row in (a, b))
    if not first or not second:
        return nan
    shared = len(first & second)
    return {
        "jaccard": Fraction(shared, len(first | second)),
        "dice": Fraction(2 * shared, len(first) + len(second)),
        "cosine": shared / sqrt(len(first) * len(second)),
        "overlap": Fraction(shared, min(len(first), len(second))),
    }[method]


def naive_count(method, a, b, stances, normalization=None):
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
    }[method]
    return value / Fraction(sum(said), 2) if normalization else value


def ratings_of(a, b):
    """Return both actors' ratings of the codes on which both are recorded: mean stances."""
    shared = sorted(a.keys() & b.keys())
    return [[Fraction(sum(row[code]), len(row[code])) for code in shared] for row in (a, b)]


def naive_rating(method, a, b, stances, min_shared=1):
    x, y = ratings_of(a, b)
    m = len(x)
    if m < min_shared:
        return nan
    apart = sum(abs(k - j) for k, j in zip(x, y, strict=True))
    if method == "matching":
        return Fraction(sum(k == j for k, j in zip(x, y, strict=True)), m)
    if method == "s":
        return 1 - 2 * Fraction(apart, m * (max(stances) - min(stances)))
    first, second = (x + y, x + y) if method == "pi" else (x, y)
    pairs = list(product(first, second))
    expected = sum(abs(k - j) for k, j in pairs) / Fraction(len(pairs))
    return 1 - (apart / Fraction(m)) / expected if expected else nan


def naive(method, a, b, stances):
    if method in SETS:
        return naive_set(method, a, b)
    if method in COUNTS:
        return naive_count(method, a, b, stances)
    return naive_rating(method, a, b, stances)


def table_of(tally, compute):
    """Compute a measure for every pair of actors of a tally."""
    rows = {actor: row_of(tally, actor) for actor in tally.index}
    return np.array([[float(compute(a, b)) for b in rows.values()] for a in rows.values()])


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_a_measure_is_its_definition(method, scale, data):
    tally = data.draw(tallies(stances=scale))
    expected = table_of(tally, lambda a, b: naive(method, a, b, scale))
    assert_allclose(cam.agreement(tally, method), expected, atol=1e-12)


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(positions())
def test_a_measure_of_positions_is_that_of_their_tally(method, table):
    expected = table_of(as_tally(table), lambda a, b: naive(method, a, b, (1, -1)))
    assert_allclose(cam.agreement(table, method), expected, atol=1e-12)
    assert_frame_equal(cam.agreement(table, method), cam.agreement(as_tally(table), method))


@pytest.mark.parametrize("method", COUNTS)
@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_average_activity_divides_by_the_mean_number_of_statements(method, scale, data):
    tally = data.draw(tallies(stances=scale))
    expected = table_of(tally, lambda a, b: naive_count(method, a, b, scale, "average"))
    assert_allclose(cam.agreement(tally, method, normalization="average"), expected, atol=1e-12)


@pytest.mark.parametrize("method", RATINGS)
@pytest.mark.parametrize("min_shared", [2, 3])
@SETTINGS
@given(tallies())
def test_min_shared_leaves_out_pairs_recorded_together_on_fewer_codes(method, min_shared, tally):
    expected = table_of(tally, lambda a, b: naive_rating(method, a, b, (1, -1), min_shared))
    assert_allclose(cam.agreement(tally, method, min_shared=min_shared), expected, atol=1e-12)


# a second library


def pairs_of(table):
    """Return pairs of different actors."""
    return [(a, b) for a in table.index for b in table.index if a != b]


@SETTINGS
@given(positions(least=2))
def test_set_measures_are_those_of_other_libraries(table):
    held = as_tally(table).gt(0)
    values = {method: cam.agreement(table, method) for method in SETS}
    for a, b in pairs_of(table):
        x, y = held.loc[a].to_numpy(), held.loc[b].to_numpy()
        if not (x.any() and y.any()):
            continue
        assert values["jaccard"].at[a, b] == pytest.approx(jaccard_score(x, y))
        assert values["jaccard"].at[a, b] == pytest.approx(1 - distance.jaccard(x, y))
        assert values["dice"].at[a, b] == pytest.approx(1 - distance.dice(x, y))
        cosine = cosine_similarity(x[None].astype(float), y[None].astype(float)).item()
        assert values["cosine"].at[a, b] == pytest.approx(cosine)


@SETTINGS
@given(tallies(least=2))
def test_counts_are_products_of_two_mode_networks(tally):
    p, n = (tally.xs(stance, axis="columns", level="stance").to_numpy() for stance in (1, -1))
    expected = {
        "congruence": p @ p.T + n @ n.T,
        "conflict": p @ n.T + n @ p.T,
        "subtract": (p - n) @ (p - n).T,
    }
    recorded = np.outer((p + n).any(axis=1), (p + n).any(axis=1))
    apart = ~np.eye(len(tally), dtype=bool)
    for method, table in expected.items():
        values = cam.agreement(tally, method).to_numpy()
        assert_array_equal(values[recorded & apart], table[recorded & apart])
        assert np.isnan(values[~recorded]).all()


def jointly_rated(table, a, b):
    """Return both actors' ratings of the codes on which both are recorded, as arrays."""
    both = table.columns[table.loc[a].notna() & table.loc[b].notna()]
    return table.loc[a, both].to_numpy(dtype=int), table.loc[b, both].to_numpy(dtype=int)


@SETTINGS
@given(st.one_of(positions(least=2), positions(least=2, values=(1, -1, -1))))
def test_rating_measures_are_those_of_other_libraries(table):
    values = {method: cam.agreement(table, method) for method in RATINGS}
    for a, b in pairs_of(table):
        x, y = jointly_rated(table, a, b)
        if not len(x):
            assert all(isnan(values[method].at[a, b]) for method in RATINGS)
            continue
        assert values["matching"].at[a, b] == pytest.approx(1 - distance.hamming(x, y))
        s = 1 - 2 * distance.cityblock(x, y) / (2 * len(x))
        assert values["s"].at[a, b] == pytest.approx(s)
        if len({*x, *y}) == 1:  # nothing that chance could tell apart
            assert isnan(values["kappa"].at[a, b])
            assert isnan(values["pi"].at[a, b])
            continue
        kappa = cohen_kappa_score(x, y, labels=[-1, 0, 1], weights="linear")
        assert values["kappa"].at[a, b] == pytest.approx(kappa)
        if 0 not in {*x, *y}:
            assert kappa == pytest.approx(cohen_kappa_score(x, y))


@SETTINGS
@given(positions(least=2, values=(1, -1, -1)))
def test_pi_is_alpha_without_its_correction_for_small_samples(table):
    pi = cam.agreement(table, "pi")
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
    assert cam.agreement(table, "kappa").at["A", "B"] == pytest.approx(float(kappa))
    pi_chance = Fraction(55, 100) ** 2 + Fraction(45, 100) ** 2
    pi = (observed - pi_chance) / (1 - pi_chance)
    assert pi == Fraction(13, 33)
    assert cam.agreement(table, "pi").at["A", "B"] == pytest.approx(float(pi))


def test_kappa_and_pi_of_a_hundred_utterances():
    # Artstein & Poesio (2008), doi:10.1162/coli.07-034-R2, Table 1: kappa .348; pi by hand:
    # (.7 - .545) / (1 - .545) = 31/91
    table = two_raters(20, 20, 10, 50)
    assert round(cam.agreement(table, "kappa").at["A", "B"], 3) == 0.348
    assert cam.agreement(table, "pi").at["A", "B"] == pytest.approx(float(Fraction(31, 91)))


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
    assert_allclose(cam.agreement(votes, "s"), expected)


def test_congruence_and_conflict_of_a_small_two_mode_network():
    # the products P Pᵀ + N Nᵀ, P Nᵀ + N Pᵀ and (P - N)(P - N)ᵀ of Leifeld, worked out by hand
    support = [[2, 0, 1], [1, 1, 0], [0, 2, 1]]
    oppose = [[0, 1, 0], [0, 1, 0], [1, 0, 0]]
    columns = pd.MultiIndex.from_product([["x", "y", "z"], [1, -1]], names=["code", "stance"])
    tally = pd.DataFrame(
        np.dstack([support, oppose]).reshape(3, 6), index=["A", "B", "C"], columns=columns
    )
    assert cam.agreement(tally, "congruence").to_numpy().tolist() == [
        [0, 3, 1],
        [3, 0, 2],
        [1, 2, 0],
    ]
    assert cam.agreement(tally, "conflict").to_numpy().tolist() == [
        [0, 1, 4],
        [1, 0, 3],
        [4, 3, 0],
    ]
    assert cam.agreement(tally, "subtract").to_numpy().tolist() == [
        [0, 2, -3],
        [2, 0, -1],
        [-3, -1, 0],
    ]
    # A, B and C made 4, 3 and 4 statements
    normalized = cam.agreement(tally, "congruence", normalization="average")
    assert_allclose(normalized, [[0, 3 / 3.5, 1 / 4], [3 / 3.5, 0, 2 / 3.5], [1 / 4, 2 / 3.5, 0]])


def ordinal(levels, scale):
    """Return a tally of one code, one statement of a level for each actor."""
    columns = pd.MultiIndex.from_product([["x"], scale], names=["code", "stance"])
    counts = [[int(level == k) for k in scale] for level in levels]
    return pd.DataFrame(counts, columns=columns).rename("actor {}".format)


@pytest.mark.parametrize("scale", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (-2, 0, 3), (1, 0, -1)])
def test_similarity_on_an_ordinal_scale_falls_with_the_distance(scale):
    width = max(scale) - min(scale)
    tally = ordinal(scale, scale)
    congruence, conflict, s = (
        cam.agreement(tally, m).to_numpy() for m in ("congruence", "conflict", "s")
    )
    for i, j in product(range(len(scale)), repeat=2):
        similarity = 1 - abs(scale[i] - scale[j]) / width
        assert s[i, j] == pytest.approx(2 * similarity - 1)
        assert congruence[i, j] == pytest.approx(similarity if i != j else 0)
        assert conflict[i, j] == pytest.approx(1 - similarity)


def test_the_range_is_that_of_the_scale_not_of_the_levels_in_use():
    tally = ordinal([2, 4], (1, 2, 3, 4, 5))
    assert cam.agreement(tally, "congruence").to_numpy()[0, 1] == 0.5
    assert cam.agreement(tally, "s").to_numpy()[0, 1] == 0


def test_the_rating_of_a_code_is_the_mean_of_its_stances():
    columns = pd.MultiIndex.from_product([["x", "y"], [1, 2, 3]], names=["code", "stance"])
    rows = [[9, 0, 1, 1, 0, 0], [0, 1, 0, 1, 1, 0]]
    tally = pd.DataFrame(rows, index=["A", "B"], columns=columns)
    assert cam.agreement(tally, "matching").at["A", "B"] == 0.5  # 1 and 3 rate like 2
    assert cam.agreement(tally, "s").at["A", "B"] == 1 - 2 * 0.5 / (2 * 2)


@pytest.mark.parametrize(
    ("method", "value"),
    [(m, 1.0) for m in (*SETS, "congruence", "subtract", "matching", "s")]
    + [("conflict", 0.0), ("pi", nan), ("kappa", nan)],
)
def test_on_a_scale_of_one_stance_nothing_is_in_conflict(method, value):
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]}), stances=(1,))
    agreement = cam.agreement(meeting.tally("code"), method).at["A", "B"]
    assert_array_equal(agreement, value)


def test_a_position_recorded_both_ways_agrees_with_another_like_it_only():
    table = pd.DataFrame([[0], [0], [1], [-1]], index=list("ABCD"), columns=["x"], dtype="Int8")
    assert cam.agreement(table, "matching").loc["A"].tolist() == [1, 1, 0, 0]
    assert cam.agreement(table, "jaccard").loc["A"].tolist() == [1, 1, 0.5, 0.5]
    assert cam.agreement(table, "congruence").loc["A"].tolist() == [0, 2, 1, 1]
    assert cam.agreement(table, "conflict").loc["A"].tolist() == [0, 2, 1, 1]
    assert cam.agreement(table, "s").loc["A"].tolist() == [1, 1, 0, 0]


def test_agreement_of_the_bundled_meeting_by_hand():
    agreement = cam.agreement(cam.load_meeting().positions("code"))
    assert agreement.at["Colombia", "El Salvador"] == pytest.approx(3 / 5)
    assert agreement.at["United States", "Guatemala"] == pytest.approx(2 / 3)
    assert agreement.at["Peru", "Uruguay"] == pytest.approx(1 / 3)
    assert agreement.at["Peru", "Mexico"] == 0
    assert agreement.loc["Bolivia"].isna().all()


@pytest.mark.parametrize(
    ("method", "values"), [("matching", {1}), ("s", {1}), ("pi", set()), ("kappa", set())]
)
def test_where_no_opposition_is_recorded_ratings_tell_nothing_apart(method, values):
    agreement = cam.agreement(cam.load_meeting().positions(), method).to_numpy()
    assert set(agreement[~np.isnan(agreement)]) == values


# what holds for every table


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_the_table_is_symmetric_in_range_and_labelled(method, scale, data):
    tally = data.draw(tallies(stances=scale))
    tally.attrs = {"actors": sorted(tally.index), "statements": {}}
    agreement = cam.agreement(tally, method)
    values = agreement.to_numpy()
    assert values.dtype == np.float64
    assert_allclose(values, values.T, atol=1e-12)
    low, high = RANGES[method]
    assert (np.isnan(values) | ((values >= low - 1e-12) & (values <= high + 1e-12))).all()
    for axis in (agreement.index, agreement.columns):
        assert axis.tolist() == tally.index.tolist()
        assert axis.name == "actor"
    assert agreement.attrs == {**tally.attrs, "method": method}


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(tallies())
def test_the_diagonal_and_what_is_missing(method, tally):
    values = cam.agreement(tally, method).to_numpy()
    silent = (tally.sum(axis="columns") == 0).to_numpy()
    assert np.isnan(values[silent]).all()
    assert np.isnan(values[:, silent]).all()
    spoke = values[~silent][:, ~silent]
    diagonal = np.diag(spoke)
    if method in COUNTS:
        assert (diagonal == 0).all()
    elif method in ("pi", "kappa"):
        assert (np.isnan(diagonal) | (diagonal == 1)).all()
    else:
        assert_allclose(diagonal, 1)
    if method not in RATINGS:
        assert not np.isnan(spoke).any()
        return
    codes = tally.T.groupby(level=0).sum().T.to_numpy() > 0
    together = (codes[~silent].astype(int) @ codes[~silent].T.astype(int)) > 0
    assert np.isnan(spoke[~together]).all()
    if method in ("matching", "s"):
        assert not np.isnan(spoke[together]).any()


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(table=positions(), data=st.data())
def test_permuting_actors_or_codes_only_permutes(method, table, data):
    actors = data.draw(st.permutations(table.index.tolist()))
    codes = data.draw(st.permutations(table.columns.tolist()))
    agreement = cam.agreement(table, method)
    permuted = cam.agreement(table.loc[actors, codes], method)
    assert_frame_equal(permuted, agreement.loc[actors, actors], check_exact=False, rtol=1e-14)


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(positions())
def test_joint_silence_changes_nothing(method, table):
    longer = table.assign(unspoken=pd.Series(pd.NA, index=table.index, dtype="Int8"))
    assert_frame_equal(cam.agreement(longer, method), cam.agreement(table, method))


@pytest.mark.parametrize("method", ALL)
@SETTINGS
@given(table=positions(least=2), stance=st.sampled_from((1, -1, 0)))
def test_one_sided_silence_lowers_sets_and_leaves_counts_and_ratings(method, table, stance):
    alone = pd.Series(pd.NA, index=table.index, dtype="Int8")
    alone.iloc[0] = stance
    before = cam.agreement(table, method).to_numpy()[0, 1:]
    after = cam.agreement(table.assign(only_one=alone), method).to_numpy()[0, 1:]
    if method not in SETS:
        if table.iloc[0].notna().any():
            assert_array_equal(after, before)
        else:  # the first actor is heard for the first time, and shares nothing yet
            assert (np.isnan(after) | (after == 0)).all()
        return
    defined = ~np.isnan(before)
    assert (after[defined] <= before[defined] + 1e-12).all()
    if method != "overlap":
        assert (after[defined] < before[defined])[before[defined] > 0].all()


def test_overlap_is_lowered_only_by_what_the_smaller_set_holds_alone():
    table = pd.DataFrame(
        [[1, 1, None, None], [1, None, None, None]], index=["large", "small"], columns=list("wxyz")
    ).astype("Int8")

    def overlap():
        return cam.agreement(table, "overlap").at["large", "small"]

    assert overlap() == 1
    table.at["large", "y"] = 1
    assert overlap() == 1
    table.at["small", "z"] = 1
    assert overlap() == 0.5


@pytest.mark.parametrize("method", ALL)
def test_the_table_given_is_not_changed(method):
    tally = cam.load_meeting().tally("code")
    before = tally.copy()
    cam.agreement(tally, method)
    assert_frame_equal(tally, before)
    assert "method" not in tally.attrs


@pytest.mark.parametrize("method", SETS)
@SETTINGS
@given(tallies())
def test_sets_do_not_see_how_often(method, tally):
    assert_frame_equal(cam.agreement(tally, method), cam.agreement(tally.clip(upper=1), method))


@pytest.mark.parametrize("method", ALL)
def test_nobody_gives_an_empty_table(method):
    nobody = pd.DataFrame({"x": pd.Series(dtype="Int8")}, index=pd.Index([], dtype="str"))
    assert cam.agreement(nobody, method).shape == (0, 0)


@pytest.mark.parametrize("method", ALL)
def test_no_codes_leave_nothing_to_compare(method):
    agreement = cam.agreement(pd.DataFrame(index=["A", "B"]), method)
    assert agreement.shape == (2, 2)
    assert agreement.isna().all(axis=None)


# large tables


def test_large_sparse_products_equal_dense_ones(monkeypatch):
    rng = np.random.default_rng(3)
    left = np.zeros((260, 40_000))
    left[rng.integers(0, 260, 90_000), rng.integers(0, 40_000, 90_000)] = 2.0
    right = (left > 0).astype(float)
    made = []
    original = sparse.csr_array
    monkeypatch.setattr(sparse, "csr_array", lambda table: made.append(1) or original(table))
    product = _product(left, right)
    assert made, "the sparse way was not taken"
    assert type(product) is np.ndarray
    assert_array_equal(product, left @ right.T)


# what is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "jacard"}, r"`method` must be one of \['jaccard'.*'jacard' \(did you mean 'j"),
        ({"method": None}, "`method` must be one of .* but None was passed"),
        (
            {"method": "conflict", "normalization": "mean"},
            r"`normalization` must be one of \[None, 'average'\], but 'mean' was passed",
        ),
        *(
            ({"method": m, "normalization": "average"}, f"'{m}' is bounded already")
            for m in (*SETS, *RATINGS)
        ),
        *(
            ({"method": m, "min_shared": 2}, rf"`min_shared` is for the ratings.*not '{m}'")
            for m in (*SETS, *COUNTS)
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cam.agreement(cam.load_meeting().positions(), **options)


def test_what_is_neither_positions_nor_a_tally_is_refused():
    with pytest.raises(TypeError, match="as a DataFrame, got dict"):
        cam.agreement({"A": 1})
    with pytest.raises(ValueError, match="but these values were found: 7"):
        cam.agreement(pd.DataFrame({"x": [7]}, index=["A"]))
