"""Stability and sensitivity: what becomes of clusters when codes or statements change."""

import re
from collections import defaultdict
from itertools import product

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import camdata as cam

LEVELS = ["dimension", "code"]


@pytest.fixture(scope="module")
def bundled():
    return cam.load_meeting()


@pytest.fixture(scope="module")
def light(bundled):
    """Give the bundled meeting without its text, whose quotes take time to locate."""
    return cam.Meeting(bundled.statements, actors=bundled.actors, codebook=bundled.codebook)


def ordinal_meeting():
    """Make a meeting with stances from -2 to 2, two documents and repeated statements."""
    generator = np.random.default_rng(5)
    codes = [f"c{i}" for i in range(7)]
    rows = []
    for number in range(9):
        for code in generator.choice(codes, size=generator.integers(2, 5), replace=False):
            stance = int(generator.choice([-2, -1, 1, 2]))
            documents = generator.choice(["first", "second"], size=generator.integers(1, 3))
            rows += [(f"A{number}", code, stance, document) for document in documents]
    codebook = pd.DataFrame({"code": codes, "dimension": ["x", "x", "y", "y", "z", "z", "z"]})
    actors = pd.DataFrame({"actor": [f"A{n}" for n in (4, 2, 9, 0, 1, 3, 5, 6, 7, 8)]})
    return cam.Meeting(
        pd.DataFrame(rows, columns=["actor", "code", "stance", "document"]),
        actors=actors.assign(speaking_order=range(1, 11)),
        codebook=codebook,
        stances=(2, 1, 0, -1, -2),
    )


def without_codebook():
    """Make a meeting with nothing but actors and codes."""
    pairs = "ax ay bx by bz cy cz dz dw ew ev fv fx gu".split()
    return cam.Meeting(
        pd.DataFrame({"actor": [a for a, _ in pairs], "code": [c for _, c in pairs]})
    )


def shuffled(meeting, seed=0):
    """Shuffle the rows of statements and actors, who keep their place in the speaking order."""
    return meeting.replace(
        statements=meeting.statements.sample(frac=1, random_state=seed),
        actors=meeting.actors.sample(frac=1, random_state=seed + 1),
    )


def same_stability(one, other):
    """Check that two results are equal to the bit."""
    pd.testing.assert_series_equal(one.clusters.labels, other.clusters.labels)
    pd.testing.assert_frame_equal(one.together, other.together, check_exact=True)
    pd.testing.assert_series_equal(one.placed, other.placed, check_exact=True)
    pd.testing.assert_frame_equal(one.recovery, other.recovery, check_exact=True)
    pd.testing.assert_frame_equal(one.branches, other.branches, check_exact=True)
    assert (one.exact, one.over, one.n) == (other.exact, other.over, other.n)


# stability by the slow route: every resample counted by hand and put through the public functions


def nearest_clusters(agreement, method, wanted, seed=0):
    """Cluster into the attainable number nearest to the one wanted, the smaller of two.

    Also return how many clusters there would be if none were wanted.
    """
    chosen = cam.cluster(agreement, method=method, seed=seed)
    nearest = min(sorted(chosen.choice.index), key=lambda k: abs(k - wanted))
    if chosen.n_clusters == nearest:
        return chosen, chosen.n_clusters
    return cam.cluster(agreement, nearest, method), chosen.n_clusters


def counted(sample, actors, keys, stances, by, duplicates):
    """Count a sample of (actor, key, stance, document) as a tally, one row after the other."""
    columns = pd.MultiIndex.from_product([keys, stances], names=[by, "stance"])
    counts = {actor: dict.fromkeys(columns, 0) for actor in actors}
    seen = set()
    for actor, key, stance, document in sample:
        cell = (actor, key, stance, *([document] if duplicates == "document" else []))
        if duplicates != "all" and cell in seen:
            continue
        seen.add(cell)
        counts[actor][key, stance] += 1
    rows = [[counts[actor][column] for column in columns] for actor in actors]
    return pd.DataFrame(rows, pd.Index(actors, name="actor"), columns)


def samples(meeting, over, by, n, seed):
    """Yield every resample as rows (actor, key, stance, document), with its keys."""
    actors, statements = meeting.select()
    if "document" not in statements:
        statements = statements.assign(document="")
    tally = meeting.tally(by)
    keys = tally.columns.get_level_values(0).drop_duplicates().tolist()
    codes = sorted(meeting.codebook["code"].tolist() or keys)
    dimension = {}
    if by == "dimension":
        dimension = dict(zip(meeting.codebook["code"], meeting.codebook["dimension"], strict=True))
    rows = [
        (row.actor, row.code, int(row.stance), str(row.document)) for row in statements.itertuples()
    ]
    generator = np.random.default_rng(seed)
    for _ in range(n):
        if over == "statements":
            drawn = generator.integers(len(rows), size=len(rows)).tolist()
            picked = [rows[i] for i in drawn]
            yield actors, keys, [(a, dimension.get(c, c), s, d) for a, c, s, d in picked]
            continue
        drawn = [codes[i] for i in generator.integers(len(codes), size=len(codes))]
        numbered = list(enumerate(drawn))
        picked = [
            (a, dimension.get(c, f"{i:02} {c}"), s, d)
            for i, code in numbered
            for a, c, s, d in rows
            if c == code
        ]
        columns = keys if by == "dimension" else [f"{i:02} {code}" for i, code in numbered]
        yield actors, columns, picked


def tree_branches(clusters):
    """List the members of every merge of the tree."""
    inside = {i: {actor} for i, actor in enumerate(clusters.placed)}
    for i, (left, right) in enumerate(clusters.linkage[:, :2].astype(int).tolist()):
        inside[len(clusters.placed) + i] = inside[left] | inside[right]
    return [inside[len(clusters.placed) + i] for i in range(len(clusters.linkage))]


def jaccard(group, other):
    return len(group & other) / len(group | other)


def slow_stability(
    meeting,
    over,
    n,
    *,
    seed=0,
    by="dimension",
    duplicates="once",
    measure="jaccard",
    normalization=None,
    method="average",
    n_clusters=None,
):
    def agreement_of(table):
        return cam.agreement(table, measure, normalization=normalization)

    table = meeting.tally(by, duplicates=duplicates)
    reference = cam.cluster(agreement_of(table), n_clusters, method, seed=seed)
    actors = table.index.tolist()
    groups = [set(group) for group in reference.members.values()]
    tree = tree_branches(reference)
    together, both, placed_times = defaultdict(int), defaultdict(int), defaultdict(int)
    found, tree_found = [[] for _ in groups], [[] for _ in tree]
    exact = 0
    for names, keys, sample in samples(meeting, over, by, n, seed):
        counts = counted(sample, names, keys, meeting.stances, by, duplicates)
        counts.attrs = table.attrs
        shared = agreement_of(counts)
        clusters, _ = nearest_clusters(shared, method, reference.n_clusters, seed)
        labels = clusters.labels.dropna()
        if labels.empty:
            continue
        exact += clusters.n_clusters == reference.n_clusters
        for a in labels.index:
            placed_times[a] += 1
            for b in labels.index:
                both[a, b] += 1
                together[a, b] += bool(labels[a] == labels[b])
        others = [set(group) for group in clusters.members.values()]
        for group, values in zip(groups, found, strict=True):
            if inside := group & set(labels.index):
                values.append(max(jaccard(inside, other) for other in others))
        others = tree_branches(clusters)
        for group, values in zip(tree, tree_found, strict=True):
            if others and (inside := group & set(labels.index)):
                values.append(max(jaccard(inside, other) for other in others))

    def mean(values):
        return np.mean(values) if values else np.nan

    return {
        "together": [
            [together[a, b] / both[a, b] if both[a, b] else np.nan for b in actors] for a in actors
        ],
        "placed": [placed_times[a] / n for a in actors],
        "members": [len(group) for group in groups],
        "recovery": [mean(values) for values in found],
        "branches": [sorted(group) for group in tree],
        "height": reference.linkage[:, 2].tolist(),
        "branch recovery": [mean(values) for values in tree_found],
        "exact": exact / n,
    }


def check_against_slow(meeting, over, n=6, **keywords):
    result = cam.stability(meeting, over, n, **keywords)
    expected = slow_stability(meeting, over, n, **keywords)
    np.testing.assert_allclose(result.together, expected["together"], rtol=1e-12)
    np.testing.assert_allclose(result.placed, expected["placed"], rtol=1e-12)
    assert result.recovery["members"].tolist() == expected["members"]
    np.testing.assert_allclose(result.recovery["recovery"], expected["recovery"], rtol=1e-12)
    assert [sorted(group) for group in result.branches["members"]] == expected["branches"]
    np.testing.assert_allclose(result.branches["height"], expected["height"], rtol=1e-12)
    np.testing.assert_allclose(result.branches["recovery"], expected["branch recovery"], rtol=1e-12)
    assert result.exact == pytest.approx(expected["exact"])
    return result


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize("seed", [0, 7])
def test_stability_is_what_the_public_functions_give(bundled, by, over, seed):
    check_against_slow(bundled, over, 15, by=by, seed=seed)


@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize(
    "keywords",
    [
        {"by": "dimension", "method": "complete"},
        {"by": "code", "method": "complete", "measure": "overlap"},
        {"by": "dimension", "method": "louvain"},
        {"by": "code", "method": "louvain", "measure": "cosine"},
        {"by": "code", "measure": "matching"},
        {"by": "code", "measure": "congruence", "normalization": "average"},
    ],
    ids=lambda keywords: " ".join(keywords.values()),
)
def test_stability_takes_every_method_and_measure(bundled, over, keywords):
    check_against_slow(bundled, over, **keywords)


@pytest.mark.parametrize(("by", "n_clusters"), [("dimension", 3), ("code", 2), ("code", 13)])
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_a_number_of_clusters_is_held_as_nearly_as_ties_allow(bundled, by, over, n_clusters):
    result = check_against_slow(bundled, over, by=by, n_clusters=n_clusters)
    assert result.clusters.n_clusters == n_clusters


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize("duplicates", ["once", "document", "all"])
def test_stability_counts_repetitions_as_asked(by, over, duplicates):
    check_against_slow(
        ordinal_meeting(),
        over,
        by=by,
        duplicates=duplicates,
        measure="subtract",
        normalization="average",
        method="louvain",
    )


def test_counting_repetitions_or_not_makes_a_difference():
    results = {
        duplicates: cam.stability(
            ordinal_meeting(),
            "statements",
            50,
            by="code",
            duplicates=duplicates,
            measure="congruence",
            method="louvain",
        ).together
        for duplicates in ("once", "document", "all")
    }
    assert not results["once"].equals(results["all"])
    assert not results["once"].equals(results["document"])
    assert not results["document"].equals(results["all"])


@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize("method", ["average", "complete", "louvain"])
def test_ordinal_congruence_by_average_activity(over, method):
    check_against_slow(
        ordinal_meeting(),
        over,
        by="code",
        measure="congruence",
        normalization="average",
        method=method,
    )


@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize("method", ["average", "louvain"])
def test_stability_needs_no_codebook(over, method):
    check_against_slow(without_codebook(), over, by="code", method=method)


@pytest.mark.parametrize("over", ["codes", "statements"])
def test_statements_without_a_document_are_counted_by_actor_too(over):
    documents = ["p", None, "q", None, None, "p", "p"]
    meeting = cam.Meeting(
        pd.DataFrame({"actor": list("AABBCCC"), "code": list("xyxyyxx"), "document": documents})
    )
    check_against_slow(meeting, over, by="code", duplicates="document", method="louvain")


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_the_same_seed_gives_the_same_stability_to_the_bit(bundled, by, over):
    one, again = (cam.stability(bundled, over, 60, by=by, seed=4) for _ in range(2))
    same_stability(one, again)
    other = cam.stability(bundled, over, 60, by=by, seed=5)
    assert not one.together.equals(other.together)


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("method", ["average", "complete", "louvain"])
def test_stability_over_codes_does_not_depend_on_the_order_of_rows(bundled, by, method):
    one = cam.stability(bundled, n=60, by=by, method=method)
    other = cam.stability(shuffled(bundled), n=60, by=by, method=method)
    same_stability(one, other)


@pytest.mark.parametrize("by", LEVELS)
def test_stability_over_statements_does_not_depend_on_the_order_of_rows(bundled, by):
    one = cam.stability(bundled, "statements", 100, by=by)
    again = cam.stability(shuffled(bundled), "statements", 100, by=by)
    pd.testing.assert_frame_equal(one.together, again.together, check_exact=True)
    pd.testing.assert_frame_equal(one.recovery, again.recovery, check_exact=True)


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_together_is_a_symmetric_share_and_missing_for_bolivia(bundled, by, over):
    result = cam.stability(bundled, over, 100, by=by)
    together = result.together
    assert together.index.tolist() == bundled.positions().index.tolist()
    pd.testing.assert_frame_equal(together, together.T, check_exact=True)
    assert together.loc["Bolivia"].isna().all()
    placed = together.drop(index="Bolivia", columns="Bolivia")
    assert (np.diag(placed) == 1).all()
    assert placed.notna().all(axis=None)
    assert placed.min(axis=None) >= 0
    assert placed.max(axis=None) <= 1
    assert result.placed["Bolivia"] == 0
    assert result.placed.drop("Bolivia").between(0.01, 1).all()


@pytest.mark.parametrize("over", ["codes", "statements"])
def test_recovery_is_listed_for_every_cluster_and_branch(bundled, over):
    result = cam.stability(bundled, over, 40)
    clusters = result.clusters
    pd.testing.assert_series_equal(
        clusters.labels, cam.cluster(cam.agreement(bundled.positions())).labels
    )
    assert result.recovery.index.tolist() == list(clusters.members)
    assert result.recovery["members"].tolist() == [len(m) for m in clusters.members.values()]
    assert result.recovery["recovery"].between(0, 1).all()
    assert result.branches["height"].tolist() == clusters.linkage[:, 2].tolist()
    assert result.branches["recovery"].between(0, 1).all()
    # the last merge holds everybody placed, in every resample
    assert sorted(result.branches["members"].iloc[-1]) == sorted(clusters.placed)
    assert result.branches["recovery"].iloc[-1] == 1
    assert cam.stability(bundled, over, 5, method="louvain").branches.shape == (0, 3)


def test_the_summary_of_stability_says_the_numbers(bundled):
    result = cam.stability(bundled, n=25, n_clusters=3)
    first, *rest = result.summary.splitlines()
    assert first == f"25 resamples of codes, 3 clusters held (exactly in {result.exact:.0%})"
    expected = [
        f"{label}: {result.recovery['recovery'].loc[label]:.2f}  {', '.join(actors)}"
        for label, actors in result.clusters.members.items()
    ]
    assert rest == expected
    assert repr(result) == result.summary
    assert (result.n, result.over) == (25, "codes")


# stability where there is little to cluster


def meeting_of(pairs):
    """Make a meeting from pairs such as ``Ax``: actor A on code x."""
    pairs = pairs.split()
    statements = pd.DataFrame({"actor": [a for a, _ in pairs], "code": [c for _, c in pairs]})
    codes = sorted(set(statements["code"]))
    codebook = pd.DataFrame({"code": codes, "dimension": [f"d{c}" for c in codes]})
    return cam.Meeting(statements, codebook=codebook)


def silent_meeting():
    """Make a meeting whose only statements are those of the chair."""
    return cam.Meeting(
        pd.DataFrame({"actor": ["C", "C"], "code": ["x", "y"]}),
        actors=pd.DataFrame({"actor": list("ABC"), "kind": ["delegation", "delegation", "chair"]}),
        codebook=pd.DataFrame({"code": ["x", "y"], "dimension": ["d", "e"]}),
    )


every_way_of_stability = pytest.mark.parametrize(
    ("by", "over", "method"),
    list(product(LEVELS, ["codes", "statements"], ["average", "complete", "louvain"])),
)


@every_way_of_stability
def test_actors_who_all_say_the_same_always_fall_together(by, over, method):
    result = cam.stability(meeting_of("Ax Ay Bx By Cx Cy"), over, 30, by=by, method=method)
    assert result.clusters.n_clusters == 1
    together = result.together.to_numpy()
    if over == "codes":
        assert (together == 1).all()
        assert result.recovery["recovery"].tolist() == [1]
        assert result.exact == 1
        assert (result.placed == 1).all()
    else:
        assert (np.diag(together) == 1).all()
        assert result.recovery["recovery"].between(0, 1).all()


@every_way_of_stability
def test_one_code_drawn_again_is_the_same_code(by, over, method):
    result = cam.stability(meeting_of("Ax Bx Cx"), over, 30, by=by, method=method)
    assert result.recovery.loc[1, "members"] == 3
    assert (result.together == 1).all(axis=None)  # those who are placed agree
    assert (result.placed == 1).all() == (over == "codes")


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_actors_who_share_nothing_are_each_their_own_cluster(by, over):
    result = check_against_slow(meeting_of("Ax By Cz"), over, 30, by=by)
    assert result.recovery["members"].tolist() == [1, 1, 1]


def test_actors_who_share_nothing_make_no_communities():
    result = cam.stability(meeting_of("Ax By Cz"), n=5, by="code", method="louvain")
    assert result.clusters.n_clusters == 0
    assert len(result.recovery) == len(result.branches) == 0
    assert (result.placed == 0).all()


@every_way_of_stability
@pytest.mark.parametrize("meeting", [meeting_of("Ax Ay"), silent_meeting()], ids=["one", "silent"])
def test_where_nobody_can_be_placed_nothing_is_stable(by, over, method, meeting):
    result = cam.stability(meeting, over, 5, by=by, method=method)
    assert result.clusters.n_clusters == 0
    assert result.together.isna().all(axis=None)
    assert (result.placed == 0).all()
    assert result.recovery.columns.tolist() == ["members", "recovery"]
    assert len(result.recovery) == len(result.branches) == 0
    assert "0 clusters" in result.summary


def test_an_unknown_thing_to_draw_is_an_error(bundled):
    with pytest.raises(ValueError, match="`over`"):
        cam.stability(bundled, "actors")
    with pytest.raises(ValueError, match="cannot be cut"):
        cam.stability(bundled, n=5, n_clusters=12)
    with pytest.raises(ValueError, match="louvain"):
        cam.stability(bundled, n=5, n_clusters=3, method="louvain")


def test_stability_takes_the_choices_of_the_tally(bundled):
    explicit = bundled.replace(statements=bundled.statements.query("basis == 'explicit'"))
    one = cam.stability(bundled, "statements", 20, basis="explicit")
    same_stability(one, cam.stability(explicit, "statements", 20))
    kinds = bundled.actors["kind"].unique().tolist()
    everyone = cam.stability(bundled, n=20, kinds=kinds)
    assert len(everyone.together) == len(bundled.actors)


# sensitivity


def left_out_each(meeting):
    """Return the meeting without each counted statement in turn, but with all its actors."""
    return {
        statement: meeting.replace(
            statements=meeting.statements.query("statement != @statement"), actors=meeting.actors
        )
        for statement in meeting.select()[1]["statement"]
    }


@pytest.fixture(scope="module")
def light_left_out(light):
    return left_out_each(light)


def slow_sensitivity(meeting, by, method="average", n_clusters=None, duplicates="once", left=None):
    """Leave each statement out of the meeting itself and go through the public functions."""
    agreement = cam.agreement(meeting.tally(by, duplicates=duplicates))
    reference = cam.cluster(agreement, n_clusters, method)
    own = reference.labels
    rows = {}
    for statement, changed in (left or left_out_each(meeting)).items():
        agreement = cam.agreement(changed.tally(by, duplicates=duplicates))
        clusters, n_chosen = nearest_clusters(agreement, method, reference.n_clusters)
        after = clusters.labels
        both = own.index[own.notna() & after.notna()]
        rows[statement] = {
            "adjusted_rand": adjusted_rand_score(own[both], after[both]),
            "unplaced": set(own.index[own.notna() & after.isna()]),
            "gained": set(own.index[own.isna() & after.notna()]),
            "staying": most_shared(own[both].tolist(), after[both].tolist()),
            "both": len(both),
            "partition": {frozenset(group) for group in clusters.members.values()},
            "n_clusters": clusters.n_clusters,
            "n_chosen": n_chosen,
        }
    return own, rows


def most_shared(before, after):
    """Count the actors that keep their cluster under the best matching of clusters."""
    graph = nx.Graph()
    for a, b in zip(before, after, strict=True):
        pair = ("before", a), ("after", b)
        shared = graph.get_edge_data(*pair, default={"weight": 0})["weight"]
        graph.add_edge(*pair, weight=shared + 1)
    matching = nx.max_weight_matching(graph)
    return sum(graph.edges[pair]["weight"] for pair in matching)


def names_in(cell):
    return set(cell.split("; ")) if cell else set()


def after_moves(own, row):
    """Carry out the moves that a row tells of, and return the partition that they lead to."""
    labels = own.drop(list(names_in(row.unplaced)))
    for move in names_in(row.moved):
        actor, before, after = re.fullmatch(r"(.+): (\d+|unplaced) → (\d+)", move).groups()
        assert before == ("unplaced" if pd.isna(own[actor]) else str(own[actor]))
        assert before != after
        labels[actor] = int(after)
    placed = labels.dropna()
    return {frozenset(group.index) for _, group in placed.groupby(placed)}


def check_sensitivity(table, slow):
    own, expected = slow
    assert sorted(table["statement"]) == sorted(expected)
    for row in table.itertuples():
        slow = expected[row.statement]
        assert row.adjusted_rand == pytest.approx(slow["adjusted_rand"], abs=1e-12)
        assert names_in(row.unplaced) == slow["unplaced"]
        assert after_moves(own, row) == slow["partition"]
        assert len(names_in(row.moved)) == row.n_moved
        # matched labels leave as many as possible where they were
        assert row.n_moved == slow["both"] - slow["staying"] + len(slow["gained"])
        assert row.n_clusters == slow["n_clusters"]
        assert row.n_chosen == slow["n_chosen"]


@pytest.mark.parametrize(
    ("by", "method", "n_clusters"),
    [
        ("dimension", "average", 3),
        ("dimension", "louvain", None),
        ("code", "average", None),
        ("code", "complete", None),
    ],
)
def test_sensitivity_is_what_leaving_out_each_statement_gives(
    bundled, light, light_left_out, by, method, n_clusters
):
    table = cam.sensitivity(bundled, by=by, method=method, n_clusters=n_clusters)
    check_sensitivity(table, slow_sensitivity(light, by, method, n_clusters, left=light_left_out))


def test_sensitivity_needs_no_codebook():
    meeting = without_codebook()
    table = cam.sensitivity(meeting, by="code")
    assert "quote" not in table
    check_sensitivity(table, slow_sensitivity(meeting, "code"))


def test_sensitivity_takes_ordinal_stances_and_repetitions():
    meeting = ordinal_meeting()
    table = cam.sensitivity(meeting, by="code", duplicates="all")
    check_sensitivity(table, slow_sensitivity(meeting, "code", duplicates="all"))


@pytest.mark.parametrize("by", LEVELS)
def test_the_statements_with_the_largest_effect_come_first(bundled, by):
    table = cam.sensitivity(bundled, by=by)
    concerned = table["n_moved"] + table["unplaced"].map(lambda cell: len(names_in(cell)))
    order = list(zip(table["adjusted_rand"], -concerned, strict=True))
    assert order == sorted(order)
    assert table["adjusted_rand"].iloc[0] < 1
    assert table.index.tolist() == list(range(len(table)))


def test_a_statement_that_leaves_nobody_placed_comes_first():
    meeting = meeting_of("Ax Ay Bx")
    table = cam.sensitivity(meeting, by="code")
    carrying = meeting.statements.query("actor == 'B'")["statement"].item()
    assert table.set_index("statement").at[carrying, "unplaced"] == "A; B"
    assert table["statement"].iloc[0] == carrying


@pytest.mark.parametrize("by", LEVELS)
def test_leaving_out_the_only_statement_of_mexico_unplaces_mexico(bundled, by):
    table = cam.sensitivity(bundled, by=by).set_index("actor")
    assert table.at["Mexico", "unplaced"] == "Mexico"
    assert "Mexico" not in table.at["Mexico", "moved"]
    alone = bundled.statements["actor"].value_counts()
    lost = table.loc[table["unplaced"] != "", "unplaced"]
    assert lost.to_dict() == {actor: actor for actor in lost.index}
    assert all(alone[actor] == 1 for actor in lost.index)


@pytest.mark.parametrize("by", LEVELS)
def test_a_repeated_position_carries_nothing_alone(bundled, by):
    reference = cam.cluster(cam.agreement(bundled.positions(by)))
    _, statements = bundled.select()
    dimension = bundled.codebook.set_index("code")["dimension"]
    key = statements["code"] if by == "code" else statements["code"].map(dimension)
    repeated = statements.assign(key=key).duplicated(["actor", "key", "stance"], keep=False)
    table = cam.sensitivity(bundled, by=by).set_index("statement")
    part = table.loc[statements["statement"][repeated]]
    assert len(part) >= 5
    assert (part["adjusted_rand"] == 1).all()
    assert (part["n_moved"] == 0).all()
    assert (part["unplaced"] == "").all()
    assert (part["n_clusters"] == reference.n_clusters).all()
    assert (part["n_chosen"] == reference.n_clusters).all()


@pytest.mark.parametrize("by", LEVELS)
def test_same_partition_means_that_nobody_moved(bundled, by):
    table = cam.sensitivity(bundled, by=by)
    same = table["adjusted_rand"] == 1
    assert ((table["n_moved"] == 0) == same).all()
    assert ((table["moved"] == "") == same).all()


def test_every_counted_statement_has_one_row_and_keeps_its_words(bundled):
    table = cam.sensitivity(bundled)
    columns = ["statement", "actor", "code", "quote"]
    expected = bundled.select()[1][columns].sort_values("statement", ignore_index=True)
    found = table[columns].sort_values("statement", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_the_parts_by_basis_have_together_every_statement(bundled):
    whole = set(cam.sensitivity(bundled)["statement"])
    explicit = bundled.statements.query("basis == 'explicit'")["statement"]
    part = set(cam.sensitivity(bundled, basis="explicit")["statement"])
    assert part == whole & set(explicit)
    rest = bundled.select(basis="by_reference")[1]["statement"]
    assert part | set(rest) == whole
    assert not part & set(rest)


@pytest.mark.parametrize("by", LEVELS)
def test_sensitivity_does_not_depend_on_the_order_of_rows(bundled, by):
    one = cam.sensitivity(bundled, by=by).set_index("statement").sort_index()
    other = cam.sensitivity(shuffled(bundled), by=by).set_index("statement").sort_index()
    for table in (one, other):
        for column in ("moved", "unplaced"):
            table[column] = table[column].map(lambda cell: sorted(names_in(cell)))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


COLUMNS = ["statement", "actor", "code", "adjusted_rand", "n_moved", "moved", "unplaced"]
COLUMNS += ["n_clusters", "n_chosen"]


@pytest.mark.parametrize("by", LEVELS)
def test_sensitivity_without_statements_is_an_empty_table(by):
    table = cam.sensitivity(silent_meeting(), by=by)
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 0
    assert table.dtypes.equals(cam.sensitivity(meeting_of("Ax Ay"), by="code").dtypes[COLUMNS])


def test_sensitivity_of_a_single_actor():
    table = cam.sensitivity(meeting_of("Ax Ay"), by="code")
    assert table["n_clusters"].tolist() == [0, 0]
    assert table["adjusted_rand"].isna().all()
    assert (table["unplaced"] == "").all()
