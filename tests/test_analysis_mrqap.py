"""MRQAP: coefficients of least squares, predictors of pairs, a test of the right size."""

import numpy as np
import pandas as pd
import pytest

import camdata as cam
from camdata.analysis import mrqap


def table(seed, n=10):
    values = np.random.default_rng(seed).random((n, n))
    names = [f"a{i}" for i in range(n)]
    return pd.DataFrame((values + values.T) / 2, names, names)


def test_coefficients_are_those_of_least_squares_on_dyads():
    y, x, z = (table(seed) for seed in range(3))
    y.iloc[0, 3] = y.iloc[3, 0] = np.nan
    found = mrqap(y, {"x": x, "z": z}, 19)
    upper = np.triu_indices(len(y), 1)
    there = ~np.isnan(y.to_numpy()[upper])
    design = np.column_stack([np.ones(there.sum()), *(t.to_numpy()[upper][there] for t in (x, z))])
    outcome = y.to_numpy()[upper][there]
    expected, rest, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    np.testing.assert_allclose(found.frame["coefficient"], expected)
    variance = rest[0] / (len(outcome) - 3) * np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(
        found.frame["t"].iloc[1:], expected[1:] / np.sqrt(np.diag(variance))[1:]
    )
    assert found.pairs == 44
    assert found.r_squared == pytest.approx(1 - rest[0] / ((outcome - outcome.mean()) ** 2).sum())


def test_an_effect_is_found_and_a_predictor_without_one_is_not():
    x, z, noise = (table(seed) for seed in range(3))
    found = mrqap(2 * x - 1 + 0.1 * noise, {"x": x, "z": z})
    assert found.frame.loc["x", "p_value"] == pytest.approx(0.001)
    assert found.frame.loc["x", "coefficient"] == pytest.approx(2, abs=0.1)
    assert found.frame.loc["z", "p_value"] > 0.05


def test_predictors_from_columns_and_references(meeting):
    agreement = cam.agreement(meeting.tally("code"))
    actors = meeting.actors.set_index("actor")
    names = [name for name in agreement.actors if name != "Bolivia"]
    same, both, far, named = (pd.DataFrame(0.0, names, names) for _ in range(4))
    for a in names:
        for b in names:
            process, order = actors["process"], actors["speaking_order"].astype(float)
            same.at[a, b] = float(process[a] == process[b])
            both.at[a, b] = float(process[a] == process[b] == "RCM")
            far.at[a, b] = abs(order[a] - order[b])
            ends = meeting.references[["actor", "target"]].apply(set, axis=1)
            named.at[a, b] = float((ends == {a, b}).sum())
    given = {
        "same": "process",
        "both": ("process", "RCM"),
        "far": "speaking_order",
        "named": meeting.references,
    }
    frames = dict(zip(given, (same, both, far, named), strict=True))
    one, other = (mrqap(agreement, predictors, 49).frame for predictors in (given, frames))
    pd.testing.assert_frame_equal(one, other)


def test_p_values_do_not_depend_on_names_and_are_the_same_again():
    y, x = table(0), table(1)
    one = mrqap(y, {"x": x}, 199).frame
    pd.testing.assert_frame_equal(one, mrqap(y, {"x": x}, 199).frame)
    names = [f"b{i}" for i in range(10)]
    other = mrqap(
        y.set_axis(names).set_axis(names, axis=1),
        {"x": x.set_axis(names).set_axis(names, axis=1)},
        199,
    )
    pd.testing.assert_frame_equal(one, other.frame)


def test_what_cannot_be_estimated_is_an_error(meeting):
    y, x = table(0), table(1)
    agreement = cam.agreement(meeting.tally("code"))
    with pytest.raises(ValueError, match="determine one another"):
        mrqap(y, {"x": x, "again": 2 * x})
    with pytest.raises(ValueError, match="symmetric"):
        mrqap(y, {"x": x + np.arange(10)})
    with pytest.raises(ValueError, match="did you mean 'process'"):
        mrqap(agreement, {"p": "proces"})
    with pytest.raises(ValueError, match="no value for pairs with a0"):
        mrqap(y, {"x": x.drop(index="a0", columns="a0")})
    with pytest.raises(TypeError, match="predictors"):
        mrqap(y, ["process"])


@pytest.mark.slow
def test_the_test_has_its_size_where_pairs_share_actors():
    """Agreement and predictor depend on actors, so that ordinary p values are too small."""
    rejected, ordinary = [], []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        one, other = generator.normal(size=(2, 12))
        noise = [table(1000 + seed + i, 12).to_numpy() for i in (0, 500)]
        y = pd.DataFrame(np.add.outer(one, one) + noise[0])
        x = pd.DataFrame(np.add.outer(other, other) + noise[1])
        found = mrqap(y, {"x": x}, 99, seed=seed).frame.loc["x"]
        rejected.append(found["p_value"] <= 0.05)
        ordinary.append(abs(found["t"]) >= 2)
    assert np.mean(rejected) <= 0.09
    assert np.mean(ordinary) > 0.15
