"""Cohesion of groups, E-I index, what divides blocs, brokers: by hand and by a second route."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from conftest import sizes
from scipy.stats import chi2_contingency

import camdata as cam
from camdata.analysis import brokers, divisions, ei_index

GROUPS = {"A": "x", "B": "x", "C": "x", "D": "y", "E": "y"}
VOTES = pd.DataFrame(
    {
        "b1": [1, 1, 1, -1, -1],
        "b2": [1, 1, -1, -1, 1],
        "b3": [1, -1, None, 1, None],
        "b4": [1, None, None, 0, 1],
    },
    index=list("ABCDE"),
)


def noise(seed, n=12, codes=20):
    generator = np.random.default_rng(seed)
    values = generator.choice([1, -1, np.nan], size=(n, codes), p=[0.4, 0.4, 0.2])
    return pd.DataFrame(values, index=[f"a{i}" for i in range(n)])


def planted(seed=0):
    """Two groups that differ on the first three codes only."""
    table = noise(seed)
    side = np.where(np.arange(12) < 6, 1.0, -1.0)
    table.iloc[:, :3] = np.column_stack([side, -side, side])
    return cam.Tally.from_positions(table), {f"a{i}": "xy"[i >= 6] for i in range(12)}


def test_rice_and_agreement_index_by_hand():
    found = cam.cohesion(cam.Tally.from_positions(VOTES), GROUPS)
    x = found.by_code[found.by_code["group"] == "x"].set_index("code")
    y = found.by_code[found.by_code["group"] == "y"].set_index("code")
    # below two members on a side there is no Rice index; 0 is recorded both ways
    np.testing.assert_allclose(x["rice"], [1, 1 / 3, 0, np.nan])
    np.testing.assert_allclose(y["rice"], [1, 0, np.nan, np.nan])
    np.testing.assert_allclose(x["agreement_index"], [1, 0.5, 0.25, 1])
    np.testing.assert_allclose(y["agreement_index"], [1, 0.25, 1, 0.25])
    assert y.loc["b4", ["for", "against", "other", "n"]].tolist() == [1, 0, 1, 2]
    assert found.frame.loc["x", ["members", "codes"]].tolist() == [3, 3]
    np.testing.assert_allclose(found.frame["rice"], [4 / 9, 0.5])
    np.testing.assert_allclose(found.frame["agreement_index"], [(1 + 0.5 + 0.25) / 3, 0.5])


def test_abstention_is_a_third_option():
    votes = pd.DataFrame({"b": [1, 1, -1, 0]}, index=list("ABCD"))
    tally = cam.Tally.from_positions(votes, stances=(1, 0, -1))
    found = cam.cohesion(tally, dict.fromkeys("ABCD", "x")).by_code.iloc[0]
    assert found["rice"] == pytest.approx(1 / 3)
    assert found["agreement_index"] == pytest.approx((2 - 0.5 * 2) / 4)


def test_each_member_against_each_group_by_hand():
    found = cam.cohesion(cam.Tally.from_positions(VOTES), GROUPS).by_member
    share = found.set_index(["actor", "with_group"])
    # the others of x are for b1, split on b2, against b3
    assert share.loc[("A", "x"), ["share", "n"]].tolist() == [0.5, 2]
    # y is against b1, split on b2, for b3 and b4 (D is recorded both ways)
    assert share.loc[("A", "y"), ["share", "n"]].tolist() == [pytest.approx(2 / 3), 3]
    # 2 of 3 by Clopper and Pearson
    np.testing.assert_allclose(share.loc[("A", "y"), ["low", "high"]], [0.0943, 0.9916], atol=1e-4)


def test_chance_level_of_small_groups_is_high_and_unity_is_found():
    tally, groups = planted()
    found = cam.cohesion(tally, groups, 199)
    whole = cam.cohesion(cam.Tally.from_positions(noise(3)), groups, 199)
    assert (whole.frame["expected"] > 0.25).all()
    assert (whole.frame["p_value"] > 0.05).all()
    united = tally.positions.astype(float)
    united.iloc[:6] = united.iloc[0].to_numpy()
    together = cam.cohesion(cam.Tally.from_positions(united), groups, 199).frame
    assert together.loc["x", "rice"] == 1
    assert together.loc["x", "p_value"] == pytest.approx(0.005)
    assert found.frame["low"].lt(found.frame["rice"]).all()


def test_an_interval_has_a_width_or_a_reason_why_there_is_none(meeting):
    alike = cam.cohesion(meeting.tally("code"), "process")
    assert alike.frame[["low", "high"]].isna().all(axis=None)
    assert "Rice index 1.00 (no interval: the same on every code; 7 members" in alike.summary
    votes = pd.DataFrame({"b1": [1, 1, -1], "b2": [1, -1, -1]}, list("ABC"))
    few = cam.cohesion(cam.Tally.from_positions(votes), dict.fromkeys("ABC", "x"))
    assert "no interval: fewer than five codes" in few.summary


@sizes("tables", 100, 1_000)
@pytest.mark.parametrize("codes", [5, 10, 20])
def test_intervals_hold_the_mean_over_all_codes(codes, tables):
    generator = np.random.default_rng(codes)
    found = []
    for _ in range(tables):
        # of six members each is for a code with the probability of that code
        votes = generator.random((6, codes)) < generator.beta(8, 1, codes)
        table = pd.DataFrame(np.where(votes, 1, -1), list("ABCDEF"))
        result = cam.cohesion(cam.Tally.from_positions(table), dict.fromkeys("ABCDEF", "x"), 1)
        found += result.frame[["low", "high"]].dropna().to_numpy().tolist()
    draws = generator.binomial(6, generator.beta(8, 1, 100_000))
    truth = (abs(2 * draws - 6) / 6).mean()
    held = np.mean([low <= truth <= high for low, high in found])
    assert held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(found))


def test_actors_without_a_group_are_named_by_all_who_leave_them_out():
    tally, groups = planted()
    for name in ("a0", "a7"):
        del groups[name]
    found = [function(tally, groups, 19) for function in (cam.cohesion, divisions)]
    found.append(ei_index(cam.agreement(tally), groups, 19))
    for result in found:
        assert result.left_out == ("a0", "a7")
        assert result.summary.endswith("left out: 2 actors without a group (a0, a7)")
    with pytest.raises(ValueError, match="gives no actor of this tally a group"):
        cam.cohesion(tally, {"somebody else": "x"})


def test_without_opposition_there_is_no_chance_level(meeting):
    found = cam.cohesion(meeting.tally("code"), "process")
    assert found.frame["expected"].isna().all()
    assert "no chance level" in found.summary
    assert "null=" not in found.summary


def test_groups_may_be_a_column_everywhere(meeting):
    tally = meeting.tally("code")
    column = meeting.actors.set_index("actor")["process"]
    agreement = cam.agreement(tally)
    for function, of in ((cam.cohesion, tally), (divisions, tally), (ei_index, agreement)):
        one, other = (function(of, groups, 19).frame for groups in ("process", column))
        pd.testing.assert_frame_equal(one, other)
    with pytest.raises(ValueError, match="did you mean 'process'"):
        cam.cohesion(tally, "proces")
    misspelled = {name.replace("Peru", "Perú"): process for name, process in column.items()}
    with pytest.raises(ValueError, match=r"not here: 'Perú' .did you mean 'Peru'"):
        cam.cohesion(tally, misspelled)
    further = {**column.to_dict(), "Nobody of this name": "RCM"}
    pd.testing.assert_frame_equal(
        cam.cohesion(tally, further, 19).frame, cam.cohesion(tally, column, 19).frame
    )


def test_the_ei_index_is_that_of_networkx(meeting):
    agreement = cam.agreement(meeting.tally("code"))
    graph = cam.analysis.to_networkx(agreement)
    process = nx.get_node_attributes(graph, "process")
    crossing = nx.cut_size(
        graph,
        [name for name in graph if process[name] == "RCM"],
        [name for name in graph if process[name] == "SACM"],
        weight="weight",
    )
    inside = graph.size(weight="weight") - crossing
    found = ei_index(agreement, "process", 99)
    assert found.frame.loc["all", "ei"] == pytest.approx((crossing - inside) / (crossing + inside))
    # every tie has two ends, and the whole lies between its groups
    assert found.frame["internal"].iloc[1:].sum() == pytest.approx(2 * inside)
    assert found.frame["external"].tolist()[1:] == pytest.approx([crossing, crossing])
    ei = found.frame["ei"]
    assert ei.iloc[1:].min() <= ei["all"] <= ei.iloc[1:].max()
    assert 0 < found.frame.loc["all", "p_value"] <= 1
    # as a coefficient of mixing: -1 where no tie crosses
    apart = pd.DataFrame(np.kron(np.eye(2), np.ones((2, 2))), list("ABCD"), list("ABCD"))
    alone = ei_index(
        cam.analysis.measures.as_agreement(apart), dict(zip("ABCD", "xxyy", strict=True))
    )
    assert alone.frame["ei"].tolist() == [-1, -1, -1]
    assert alone.no_chance


def test_divisiveness_is_cramers_v_and_planted_codes_are_found():
    tally, groups = planted()
    found = divisions(tally, groups, 999)
    table = found.frame
    assert set(table.index[table["p_adjusted"] <= 0.05]) == {"0", "1", "2"}
    np.testing.assert_allclose(table["divisiveness"].iloc[:3], 1)
    assert "What divides the groups (adjusted p): 0 (p" in found.summary
    as_much = (table["divisiveness"] > 1 - 1e-9).sum() - 1
    assert f"12 actors); {as_much} more divide as much." in found.summary
    positions = tally.positions.astype(float)
    group = pd.Series(groups)
    for code in table.index[3:6]:
        counts = pd.crosstab(group, positions[code]).to_numpy()
        chi2 = chi2_contingency(counts, correction=False).statistic
        assert table.loc[code, "divisiveness"] == pytest.approx(np.sqrt(chi2 / counts.sum()))
    x = found.by_group[found.by_group["group"] == "x"].set_index("code")
    yes, no = x.loc["4", ["for", "against"]]
    pairs = yes * (yes - 1) / 2 + no * (no - 1) / 2
    assert x.loc["4", "agreement"] == pytest.approx(pairs / ((yes + no) * (yes + no - 1) / 2))
    assert table.loc["4", "contestedness"] == pytest.approx(
        1 - abs(table.loc["4", "for"] - table.loc["4", "against"]) / table.loc["4", "n"]
    )


def test_clusters_are_found_again_in_random_tables():
    """Clusters of noise divide it clearly, but no more than clusters of random tables."""
    tally = cam.Tally.from_positions(noise(1))
    clusters = cam.cluster(cam.agreement(tally, "matching"), 2)
    found = divisions(tally, clusters, 199)
    given = divisions(tally, clusters.labels.astype(str), 199)
    assert found.of_clusters
    assert found.frame["expected"].mean() > given.frame["expected"].mean()
    assert (found.frame["p_adjusted"] > 0.05).all()
    with pytest.raises(ValueError, match="another tally"):
        divisions(cam.Tally.from_positions(noise(2, codes=5)), clusters)


def test_support_only_is_compared_by_who_speaks(meeting):
    found = divisions(meeting.tally("code"), "process", 199)
    assert found.null == "positions"
    silent = found.frame[found.frame["n"] == 0]
    assert silent["divisiveness"].isna().all()
    assert silent["p_value"].isna().all()


def test_brokers_by_hand():
    names = list("ABCD")
    table = pd.DataFrame(
        [[1, 0.8, 0.1, 0], [0.8, 1, 0.5, 0.7], [0.1, 0.5, 1, 0.9], [0, 0.7, 0.9, 1]], names, names
    )
    clusters = cam.cluster(table, 2)
    found = brokers(clusters).frame
    assert found.index.tolist()[:2] == ["D", "B"]
    assert found.loc["B", "own"] == pytest.approx(0.8)
    assert found.loc["B", "other"] == pytest.approx(0.6)
    inside, outside = 0.8 / 2.0, 1.2 / 2.0
    assert found.loc["B", "participation"] == pytest.approx(1 - inside**2 - outside**2)
    assert found.loc["A", "n"] == 3


def test_degree_and_betweenness_are_those_of_networkx(meeting):
    graph = cam.analysis.to_networkx(cam.agreement(meeting.tally()), threshold=0.3, centrality=True)
    through, degree = nx.betweenness_centrality(graph), dict(graph.degree(weight="weight"))
    for name, data in graph.nodes(data=True):
        assert data["betweenness"] == pytest.approx(through[name])
        assert data["degree"] == pytest.approx(degree[name])


def test_codes_agree_by_who_holds_them():
    tally = cam.Tally.from_positions(VOTES)
    codes = tally.transpose()
    assert codes.actors == tally.keys
    assert codes.by == "actor"
    np.testing.assert_array_equal(codes.dense(), tally.dense().transpose(1, 0, 2))
    found = cam.agreement(codes, "matching").frame
    assert found.loc["b1", "b2"] == pytest.approx(3 / 5)
    assert codes.transpose().actors == tally.actors


@pytest.mark.slow
def test_groups_of_noise_are_divided_in_at_most_one_of_twenty_tables():
    groups = {f"a{i}": "xy"[i % 2] for i in range(12)}
    tables = [cam.Tally.from_positions(noise(seed, codes=10)) for seed in range(100)]
    divided = [(divisions(t, groups, 199).frame["p_adjusted"] <= 0.05).any() for t in tables]
    united = [(cam.cohesion(t, groups, 199).frame["p_value"] <= 0.05).to_numpy() for t in tables]
    assert np.mean(divided) <= 0.10
    assert np.mean(united) <= 0.10
