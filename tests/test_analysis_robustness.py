"""Stability and sensitivity: what changes when codes or statements change."""

import re
from collections import defaultdict
from dataclasses import replace
from inspect import signature
from itertools import combinations, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import camdata as cam
from tests.strategies import tally_of

LEVELS = ["dimension", "code"]


@pytest.fixture(scope="module")
def light(meeting):
    """Give the bundled meeting without its text, whose quotes take time to locate."""
    return cam.Meeting(meeting.statements, actors=meeting.actors, codebook=meeting.codebook)


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
    assert (one.exact, one.over) == (other.exact, other.over)
    assert one.n_resamples == other.n_resamples


# stability by the slow route: every resample counted by hand and put through the public functions


def by_silhouette(agreement, method="average", seed=0):
    """Cluster into the number with the largest silhouette, as for a table of one's own."""
    return cam.cluster(replace(agreement, tally=None), method=method, seed=seed)


def clustered(tally, n_clusters=None, method="average", *, seed=0, **measure):
    """Cluster a tally into the number given, or the one with the largest silhouette."""
    agreement = cam.agreement(tally, **measure)
    if n_clusters is None and method != "louvain":
        n_clusters = by_silhouette(agreement, method).n_clusters or None
    return cam.cluster(agreement, n_clusters, method, seed=seed)


def nearest_clusters(agreement, method, wanted, seed=0):
    """Cluster into the attainable number nearest to the one wanted, the smaller of two.

    Also return how many clusters there would be if none were wanted.
    """
    chosen = by_silhouette(agreement, method, seed)
    nearest = min(sorted(chosen.cuts.index), key=lambda k: abs(k - wanted))
    if chosen.n_clusters == nearest:
        return chosen, chosen.n_clusters
    return cam.cluster(agreement, nearest, method), chosen.n_clusters


def counted(sample, actors, keys, stances, duplicates):
    """Count a sample of (actor, key, stance, document) as a tally, one row after the other."""
    columns = list(product(keys, stances))
    counts = {actor: dict.fromkeys(columns, 0) for actor in actors}
    seen = set()
    for actor, key, stance, document in sample:
        cell = (actor, key, stance, *([document] if duplicates == "document" else []))
        if duplicates != "all" and cell in seen:
            continue
        seen.add(cell)
        counts[actor][key, stance] += 1
    rows = [[counts[actor][column] for column in columns] for actor in actors]
    return tally_of(rows, actors, keys, stances)


def counting(meeting):
    """Return the statements that count, in the order in which they are drawn."""
    statements = meeting.statements
    if "document" not in statements:
        statements = statements.assign(document="")
    counted = statements["actor"].isin(meeting.tally("code").actors)
    statements = statements[counted & statements["stance"].notna()]
    if "statement" in meeting.source.tables["statements"].frame:
        return statements.sort_values("statement")
    level = statements["stance"].map({s: i for i, s in enumerate(meeting.stances)})
    statements = statements.assign(level=level)
    return statements.sort_values(["code", "actor", "level", "document"])


def samples(meeting, over, by, n, seed):
    """Yield every resample as rows (actor, key, stance, document), with its keys."""
    statements = counting(meeting)
    tally = meeting.tally(by)
    actors, keys = tally.actors, tally.keys
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
    how = {"measure": measure, "normalization": normalization}
    tally = meeting.tally(by, duplicates=duplicates)
    reference = clustered(tally, n_clusters, method, seed=seed, **how)
    actors = tally.actors
    groups = [set(group) for group in reference.members.values()]
    tree = tree_branches(reference)
    together, both, placed_times = defaultdict(int), defaultdict(int), defaultdict(int)
    found, tree_found = [[] for _ in groups], [[] for _ in tree]
    exact = 0
    for names, keys, sample in samples(meeting, over, by, n, seed):
        counts = counted(sample, names, keys, meeting.stances, duplicates)
        shared = cam.agreement(counts, **how)
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


def stability_of(meeting, over="codes", n=6, *, by="dimension", duplicates="once", seed=0, **how):
    """Cluster a meeting and draw again, with one seed for everything."""
    clusters = clustered(meeting.tally(by, duplicates=duplicates), seed=seed, **how)
    return cam.stability(clusters, over, n, seed=seed)


def check_against_slow(meeting, over, n=6, **keywords):
    result = stability_of(meeting, over, n, **keywords)
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
def test_stability_is_what_the_public_functions_give(meeting, by, over, seed):
    check_against_slow(meeting, over, 15, by=by, seed=seed)


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
def test_stability_takes_every_method_and_measure(meeting, over, keywords):
    check_against_slow(meeting, over, **keywords)


@pytest.mark.parametrize(("by", "n_clusters"), [("dimension", 3), ("code", 2), ("code", 13)])
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_a_number_of_clusters_is_held_as_nearly_as_ties_allow(meeting, by, over, n_clusters):
    result = check_against_slow(meeting, over, by=by, n_clusters=n_clusters)
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
        duplicates: stability_of(
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
def test_the_same_seed_gives_the_same_stability_to_the_bit(meeting, by, over):
    clusters = clustered(meeting.tally(by))
    one, again = (cam.stability(clusters, over, 60, seed=4) for _ in range(2))
    same_stability(one, again)
    other = cam.stability(clusters, over, 60, seed=5)
    assert not one.together.equals(other.together)


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("method", ["average", "complete", "louvain"])
def test_stability_over_codes_does_not_depend_on_the_order_of_rows(meeting, by, method):
    one = stability_of(meeting, n=60, by=by, method=method)
    other = stability_of(shuffled(meeting), n=60, by=by, method=method)
    same_stability(one, other)


@pytest.mark.parametrize("by", LEVELS)
def test_stability_over_statements_does_not_depend_on_the_order_of_rows(meeting, by):
    one = stability_of(meeting, "statements", 100, by=by)
    again = stability_of(shuffled(meeting), "statements", 100, by=by)
    pd.testing.assert_frame_equal(one.together, again.together, check_exact=True)
    pd.testing.assert_frame_equal(one.recovery, again.recovery, check_exact=True)


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_together_is_a_symmetric_share_and_missing_for_bolivia(meeting, by, over):
    result = stability_of(meeting, over, 100, by=by)
    together = result.together
    assert together.index.tolist() == meeting.positions().index.tolist()
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
def test_recovery_is_listed_for_every_cluster_and_branch(meeting, over):
    clusters = clustered(meeting.tally())
    result = cam.stability(clusters, over, 40)
    assert result.clusters is clusters
    pd.testing.assert_frame_equal(result.frame, result.recovery)
    assert result.recovery.index.tolist() == list(clusters.members)
    assert result.recovery["members"].tolist() == [len(m) for m in clusters.members.values()]
    assert result.recovery["recovery"].between(0, 1).all()
    assert result.branches["height"].tolist() == clusters.linkage[:, 2].tolist()
    assert result.branches["recovery"].between(0, 1).all()
    # the last merge holds everybody placed, in every resample
    assert sorted(result.branches["members"].iloc[-1]) == sorted(clusters.placed)
    assert result.branches["recovery"].iloc[-1] == 1
    assert stability_of(meeting, over, 5, method="louvain").branches.shape == (0, 3)


def test_the_summary_of_stability_says_the_numbers(meeting):
    result = stability_of(meeting, n=25, n_clusters=3)
    first, *rest = result.summary.splitlines()
    assert first == f"25 resamples of codes, 3 clusters held (exactly in {result.exact:.0%})"
    expected = [
        f"{label}: {result.recovery['recovery'].loc[label]:.2f}  {', '.join(actors)}"
        for label, actors in result.clusters.members.items()
    ]
    assert rest == expected
    assert repr(result) == result.summary
    assert (result.n_resamples, result.over) == (25, "codes")


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
    result = stability_of(meeting_of("Ax Ay Bx By Cx Cy"), over, 30, by=by, method=method)
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
    result = stability_of(meeting_of("Ax Bx Cx"), over, 30, by=by, method=method)
    assert result.recovery.loc[1, "members"] == 3
    assert (result.together == 1).all(axis=None)  # those who are placed agree
    assert (result.placed == 1).all() == (over == "codes")


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_actors_who_share_nothing_are_each_their_own_cluster(by, over):
    result = check_against_slow(meeting_of("Ax By Cz"), over, 30, by=by)
    assert result.recovery["members"].tolist() == [1, 1, 1]


def test_actors_who_share_nothing_make_no_communities():
    result = stability_of(meeting_of("Ax By Cz"), n=5, by="code", method="louvain")
    assert result.clusters.n_clusters == 0
    assert len(result.recovery) == len(result.branches) == 0
    assert (result.placed == 0).all()


@every_way_of_stability
@pytest.mark.parametrize("meeting", [meeting_of("Ax Ay"), silent_meeting()], ids=["one", "silent"])
def test_where_nobody_can_be_placed_nothing_is_stable(by, over, method, meeting):
    result = stability_of(meeting, over, 5, by=by, method=method)
    assert result.clusters.n_clusters == 0
    assert result.together.isna().all(axis=None)
    assert (result.placed == 0).all()
    assert result.recovery.columns.tolist() == ["members", "recovery"]
    assert len(result.recovery) == len(result.branches) == 0
    assert "0 clusters" in result.summary


def test_stability_speaks_of_the_part_that_was_selected(meeting):
    explicit = meeting.replace(statements=meeting.statements.query("basis == 'explicit'"))
    one = stability_of(meeting.select(basis="explicit"), "statements", 20)
    same_stability(one, stability_of(explicit, "statements", 20))
    everyone = stability_of(meeting.select(kinds="all"), n=20)
    assert len(everyone.together) == len(meeting.actors)


# one thing is taken and nothing is repeated


def test_stability_and_sensitivity_repeat_no_argument():
    assert list(signature(cam.stability).parameters) == ["clusters", "over", "n_resamples", "seed"]
    assert list(signature(cam.sensitivity).parameters) == ["of"]


@pytest.mark.parametrize(
    "how",
    [
        {"by": "code", "method": "complete", "n_clusters": 6},
        {"by": "code", "measure": "overlap", "n_clusters": 3},
        {"by": "code", "duplicates": "all", "measure": "congruence", "method": "louvain"},
    ],
    ids=["complete", "overlap", "congruence"],
)
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_what_clusters_were_made_of_is_held_in_every_resample(meeting, over, how):
    meeting = meeting.select(kinds="all", basis="explicit")
    check_against_slow(meeting, over, **how)


def test_rescaled_agreement_stays_rescaled_in_every_resample():
    meeting = ordinal_meeting()
    agreement = cam.agreement(meeting.tally("code"), "s").rescaled()
    clusters = cam.cluster(agreement, 3)
    result = cam.stability(clusters, "codes", 20)
    # a measure on another scale gives the same trees, but nobody could cluster it
    with pytest.raises(ValueError, match="rescaled"):
        cam.cluster(cam.agreement(meeting.tally("code"), "s"))
    assert result.recovery["recovery"].between(0, 1).all()
    table = cam.sensitivity(agreement).frame
    assert table["after"].dropna().between(0, 1).all()


# statements as they stand in a plain table


def plain_and_meeting():
    """Return a tally of a plain table, and one of a meeting with ids in the same order."""
    table = pd.DataFrame({"actor": list("AABBBCCDDEEFFGG"), "code": list("xyxyzyzzwwvvxuu")})
    table = table.assign(stance=[1, -1] * 7 + [1])
    table = pd.concat([table, table.iloc[[2, 2, 9]]], ignore_index=True)
    # in the order in which plain statements are drawn: by code, actor and stance
    table = table.sort_values(["code", "actor", "stance"], ascending=[True, True, False])
    table = table.assign(statement=[f"s{i:02}" for i in range(len(table))])
    meeting = cam.Meeting(
        table.sample(frac=1, random_state=3),
        actors=pd.DataFrame({"actor": list("GFEDCBA")}),
    )
    return table, meeting


@pytest.mark.parametrize("duplicates", ["once", "all"])
@pytest.mark.parametrize("over", ["codes", "statements"])
@pytest.mark.parametrize("method", ["average", "louvain"])
def test_a_plain_table_is_drawn_again_as_a_meeting_is(duplicates, over, method):
    table, meeting = plain_and_meeting()
    plain = cam.tally(table, duplicates=duplicates, actors=list("GFEDCBA"))
    own = meeting.tally(duplicates=duplicates)
    one, other = (
        cam.stability(clustered(tally, method=method), over, 40, seed=2) for tally in (plain, own)
    )
    same_stability(one, other)


@pytest.mark.parametrize("duplicates", ["once", "all"])
def test_a_plain_table_has_the_sensitivity_of_a_meeting(duplicates):
    table, meeting = plain_and_meeting()
    plain = cam.tally(table, duplicates=duplicates, actors=list("GFEDCBA"))
    own = meeting.tally(duplicates=duplicates)
    for make in (clustered, cam.agreement):
        one, other = cam.sensitivity(make(plain)), cam.sensitivity(make(own))
        assert one.frame.columns.tolist()[:2] == ["actor", "code"]
        columns = [name for name in other.frame if name != "statement"]
        pd.testing.assert_frame_equal(one.frame, other.frame[columns], check_exact=True)
        assert (one.effect == other.effect).all()
        assert re.sub(r"\bs\d\d of ", "", other.summary) == one.summary != other.summary


def test_a_plain_table_can_be_in_any_order():
    table, _ = plain_and_meeting()
    tallies = [
        cam.tally(table.sample(frac=1, random_state=seed), actors=list("ABCDEFG"))
        for seed in range(2)
    ]
    for over in ("codes", "statements"):
        same_stability(*(cam.stability(clustered(tally), over, 40) for tally in tallies))


@pytest.mark.parametrize("duplicates", ["once", "document", "all"])
@pytest.mark.parametrize("over", ["codes", "statements"])
def test_a_meeting_without_ids_can_be_in_any_order_too(over, duplicates):
    meeting = ordinal_meeting()
    rows = meeting.source.tables["statements"].frame
    other = meeting.replace(statements=rows.sample(frac=1, random_state=1))
    how = {"by": "code", "duplicates": duplicates, "measure": "matching", "method": "louvain"}
    same_stability(stability_of(meeting, over, 40, **how), stability_of(other, over, 40, **how))


@pytest.mark.parametrize("of", ["positions", "a table of agreement", "documents of a plain table"])
def test_without_statements_nothing_can_be_drawn(meeting, of):
    table, _ = plain_and_meeting()
    agreement = {
        "positions": lambda: cam.agreement(meeting.positions()),
        "a table of agreement": lambda: replace(cam.agreement(meeting.tally()), tally=None),
        "documents of a plain table": lambda: cam.agreement(
            cam.tally(table.assign(document="d"), duplicates="document")
        ),
    }[of]()
    clusters = cam.cluster(agreement, 1)
    words = "statements are not known" if "documents" not in of else r"use Meeting\.tally"
    for call in (
        lambda: cam.stability(clusters, n_resamples=2),
        lambda: cam.sensitivity(clusters),
        lambda: cam.sensitivity(agreement),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_a_generator_seeds_the_draws_and_goes_on(meeting):
    clusters = clustered(meeting.tally())
    one, again = (np.random.default_rng(3) for _ in range(2))
    first = cam.stability(clusters, "codes", 20, seed=one)
    same_stability(first, cam.stability(clusters, "codes", 20, seed=again))
    same_stability(first, cam.stability(clusters, "codes", 20, seed=np.int64(3)))
    assert not cam.stability(clusters, "codes", 20, seed=one).together.equals(first.together)


@pytest.mark.parametrize(
    ("over", "recovery"),
    [("codes", [0.752504, 0.668732, 0.493274]), ("statements", [0.775289, 0.690086, 0.523086])],
)
def test_the_stability_that_was_published(meeting, over, recovery):
    result = cam.stability(clustered(meeting.tally(), 3), over, 200)
    assert result.frame["recovery"].tolist() == pytest.approx(recovery, abs=1e-6)


# sensitivity


def left_out_each(meeting):
    """Return the meeting without each counted statement in turn, but with all its actors."""
    return {
        statement: meeting.replace(
            statements=meeting.statements.query("statement != @statement"), actors=meeting.actors
        )
        for statement in counting(meeting)["statement"]
    }


@pytest.fixture(scope="module")
def light_left_out(light):
    return left_out_each(light)


def slow_sensitivity(meeting, by, method="average", n_clusters=None, duplicates="once", left=None):
    """Leave each statement out of the meeting itself and go through the public functions."""
    reference = clustered(meeting.tally(by, duplicates=duplicates), n_clusters, method)
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


def sensitivity_of(meeting, by="dimension", duplicates="once", **how):
    return cam.sensitivity(clustered(meeting.tally(by, duplicates=duplicates), **how)).frame


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
    meeting, light, light_left_out, by, method, n_clusters
):
    table = sensitivity_of(meeting, by, n_clusters=n_clusters, method=method)
    check_sensitivity(table, slow_sensitivity(light, by, method, n_clusters, left=light_left_out))


def test_sensitivity_needs_no_codebook():
    meeting = without_codebook()
    table = sensitivity_of(meeting, "code")
    assert "quote" not in table
    check_sensitivity(table, slow_sensitivity(meeting, "code"))


def test_sensitivity_takes_ordinal_stances_and_repetitions():
    meeting = ordinal_meeting()
    table = sensitivity_of(meeting, "code", duplicates="all")
    check_sensitivity(table, slow_sensitivity(meeting, "code", duplicates="all"))


@pytest.mark.parametrize("by", LEVELS)
def test_the_statements_with_the_largest_effect_come_first(meeting, by):
    table = sensitivity_of(meeting, by)
    concerned = table["n_moved"] + table["unplaced"].map(lambda cell: len(names_in(cell)))
    order = list(zip(table["adjusted_rand"], -concerned, strict=True))
    assert order == sorted(order)
    assert table["adjusted_rand"].iloc[0] < 1
    assert table.index.tolist() == list(range(len(table)))


def test_a_statement_that_leaves_nobody_placed_comes_first():
    meeting = meeting_of("Ax Ay Bx")
    table = sensitivity_of(meeting, "code")
    carrying = meeting.statements.query("actor == 'B'")["statement"].item()
    assert table.set_index("statement").at[carrying, "unplaced"] == "A; B"
    assert table["statement"].iloc[0] == carrying


@pytest.mark.parametrize("by", LEVELS)
def test_leaving_out_the_only_statement_of_mexico_unplaces_mexico(meeting, by):
    table = sensitivity_of(meeting, by).set_index("actor")
    assert table.at["Mexico", "unplaced"] == "Mexico"
    assert "Mexico" not in table.at["Mexico", "moved"]
    alone = meeting.statements["actor"].value_counts()
    lost = table.loc[table["unplaced"] != "", "unplaced"]
    assert lost.to_dict() == {actor: actor for actor in lost.index}
    assert all(alone[actor] == 1 for actor in lost.index)


@pytest.mark.parametrize("by", LEVELS)
def test_a_repeated_position_carries_nothing_alone(meeting, by):
    reference = clustered(meeting.tally(by))
    statements = counting(meeting)
    dimension = meeting.codebook.set_index("code")["dimension"]
    key = statements["code"] if by == "code" else statements["code"].map(dimension)
    repeated = statements.assign(key=key).duplicated(["actor", "key", "stance"], keep=False)
    table = sensitivity_of(meeting, by).set_index("statement")
    part = table.loc[statements["statement"][repeated]]
    assert len(part) >= 5
    assert (part["adjusted_rand"] == 1).all()
    assert (part["n_moved"] == 0).all()
    assert (part["unplaced"] == "").all()
    assert (part["n_clusters"] == reference.n_clusters).all()
    assert (part["n_chosen"] == reference.n_clusters).all()


@pytest.mark.parametrize("by", LEVELS)
def test_same_partition_means_that_nobody_moved(meeting, by):
    table = sensitivity_of(meeting, by)
    same = table["adjusted_rand"] == 1
    assert ((table["n_moved"] == 0) == same).all()
    assert ((table["moved"] == "") == same).all()


def test_every_counted_statement_has_one_row_and_keeps_its_words(meeting):
    table = sensitivity_of(meeting)
    columns = ["statement", "actor", "code", "quote"]
    expected = counting(meeting)[columns].sort_values("statement", ignore_index=True)
    found = table[columns].sort_values("statement", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_the_parts_by_basis_have_together_every_statement(meeting):
    whole = set(sensitivity_of(meeting)["statement"])
    explicit = meeting.statements.query("basis == 'explicit'")["statement"]
    part = set(sensitivity_of(meeting.select(basis="explicit"))["statement"])
    assert part == whole & set(explicit)
    rest = counting(meeting.select(basis="by_reference"))["statement"]
    assert part | set(rest) == whole
    assert not part & set(rest)


@pytest.mark.parametrize("by", LEVELS)
def test_sensitivity_does_not_depend_on_the_order_of_rows(meeting, by):
    one = sensitivity_of(meeting, by).set_index("statement").sort_index()
    other = sensitivity_of(shuffled(meeting), by).set_index("statement").sort_index()
    for table in (one, other):
        for column in ("moved", "unplaced"):
            table[column] = table[column].map(lambda cell: sorted(names_in(cell)))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


COLUMNS = ["statement", "actor", "code", "adjusted_rand", "n_moved", "moved", "unplaced"]
COLUMNS += ["n_clusters", "n_chosen"]


@pytest.mark.parametrize("by", LEVELS)
def test_sensitivity_without_statements_is_an_empty_table(by):
    table = sensitivity_of(silent_meeting(), by)
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 0
    assert table.dtypes.equals(sensitivity_of(meeting_of("Ax Ay"), "code").dtypes[COLUMNS])


def test_sensitivity_of_a_single_actor():
    table = sensitivity_of(meeting_of("Ax Ay"), "code")
    assert table["n_clusters"].tolist() == [0, 0]
    assert table["adjusted_rand"].isna().all()
    assert (table["unplaced"] == "").all()


def test_ids_are_those_of_the_meeting_also_where_not_every_statement_counts():
    meeting = cam.Meeting(
        pd.DataFrame({"actor": list("CABCAB"), "code": list("xxyyzz")}),
        actors=pd.DataFrame({"actor": list("ABC"), "kind": ["delegation"] * 2 + ["chair"]}),
    )
    table = sensitivity_of(meeting, "code").sort_values("statement")
    expected = counting(meeting)
    assert table["statement"].tolist() == expected["statement"].sort_values().tolist()
    found = table.set_index("statement")[["actor", "code"]]
    own = meeting.statements.set_index("statement")[["actor", "code"]].loc[found.index]
    pd.testing.assert_frame_equal(found, own)


def test_the_summary_of_sensitivity_says_which_statement_matters_most(meeting):
    result = cam.sensitivity(clustered(meeting.tally(), 3))
    first, most = result.summary.splitlines()
    assert first == f"Without one statement: {result.effect.sum()} of 38 change who is with whom."
    row = result.frame.iloc[0]
    label = meeting.codebook.set_index("code").at[row["code"], "label"]
    assert most == f"Most of all {row['statement']} of {row['actor']} ({label}): {row['moved']}"
    alike = cam.sensitivity(clustered(meeting_of("Ax Bx Cx Ay By Cy").tally("code"), 1))
    assert alike.summary == "No single one of 6 statements changes who is with whom."


def test_the_sensitivity_that_was_published(meeting):
    table = sensitivity_of(meeting, n_clusters=3)
    rows = table.loc[table["adjusted_rand"] < 1, ["statement", "moved"]].head(3)
    assert rows.to_numpy().tolist() == [
        ["s016", "Colombia: 1 → 2; El Salvador: 1 → 2"],
        ["s014", "El Salvador: 1 → 2"],
        ["s015", "El Salvador: 1 → 2"],
    ]
    assert (table["adjusted_rand"] < 1).sum() == 10
    assert (table["unplaced"] != "").sum() == 4


# sensitivity of agreement


def slow_changes(meeting, by, statement, **measure):
    """Return every pair's agreement with and without one statement, in speaking order."""
    without = meeting.replace(
        statements=meeting.statements.query("statement != @statement"), actors=meeting.actors
    )
    before, after = (cam.agreement(m.tally(by), **measure).frame for m in (meeting, without))
    return {
        f"{a} – {b}": (before.at[a, b], after.at[a, b]) for a, b in combinations(before.index, 2)
    }


def check_agreement_sensitivity(meeting, by, **measure):
    table = cam.sensitivity(cam.agreement(meeting.tally(by), **measure)).frame
    assert sorted(table["statement"]) == sorted(counting(meeting)["statement"])
    for row in table.itertuples():
        pairs = slow_changes(meeting, by, row.statement, **measure)
        lost = {p: v for p, v in pairs.items() if np.isnan(v[0]) != np.isnan(v[1])}
        changes = {p: v[1] - v[0] for p, v in pairs.items() if not np.isnan(v).any()}
        if lost:
            assert row.pair in lost
            assert np.isnan(row.change)
            own = np.nansum(lost[row.pair])
            assert own == pytest.approx(max(np.nansum(v) for v in lost.values()))
        elif not row.pair:
            assert max(map(abs, changes.values())) < 1e-9
            assert row.change == 0
            assert np.isnan([row.before, row.after]).all()
            continue
        else:
            assert row.change == pytest.approx(changes[row.pair])
            assert abs(row.change) == pytest.approx(max(map(abs, changes.values())))
        np.testing.assert_allclose((row.before, row.after), pairs[row.pair])
    return table


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("measure", ["jaccard", "congruence", "matching"])
def test_the_pair_that_changes_most_is_the_one_found_by_hand(light, by, measure):
    table = check_agreement_sensitivity(light, by, measure=measure)
    order = table["change"].abs().fillna(np.inf).tolist()
    assert order == sorted(order, reverse=True)
    assert table.index.tolist() == list(range(len(table)))


@pytest.mark.parametrize("measure", ["s", "kappa", "subtract"])
def test_the_pair_that_changes_most_on_an_ordinal_scale(measure):
    meeting = ordinal_meeting()
    meeting = meeting.replace(statements=meeting.statements)  # with ids
    check_agreement_sensitivity(meeting, "code", measure=measure)


def test_a_pair_is_named_in_speaking_order_and_ties_by_the_alphabet():
    statements = pd.DataFrame({"actor": list("AABBCC"), "code": list("xyxyxy")})
    meeting = cam.Meeting(statements, actors=pd.DataFrame({"actor": list("CBA")}))
    table = cam.sensitivity(cam.agreement(meeting.tally())).frame
    pairs = table.groupby("actor")["pair"].unique().map(list).to_dict()
    assert pairs == {"A": ["B – A"], "B": ["B – A"], "C": ["C – A"]}


def test_the_effect_and_summary_of_agreement(meeting):
    result = cam.sensitivity(cam.agreement(meeting.tally()))
    table = result.frame
    assert result.effect.tolist() == (table["pair"] != "").tolist()
    first, most = result.summary.splitlines()
    assert first == f"Without one statement: {result.effect.sum()} of 38 change agreement."
    assert most == (
        "Most of all s019 of Brazil (Work out the inputs jointly): Brazil – Dominican Republic "
        "from 1.00 to nothing to compare"
    )
    repeated = cam.sensitivity(
        cam.agreement(cam.tally(pd.DataFrame({"actor": list("AABB"), "code": ["x"] * 4})))
    )
    assert repeated.summary == "No single one of 4 statements changes agreement."


def test_sensitivity_of_agreement_without_statements_or_pairs_is_a_table_too():
    empty = cam.sensitivity(cam.agreement(silent_meeting().tally()))
    alone = cam.sensitivity(cam.agreement(meeting_of("Ax Ay").tally("code")))
    assert empty.frame.columns.tolist() == alone.frame.columns.tolist()
    assert empty.frame.dtypes.equals(alone.frame.dtypes)
    assert (len(empty.frame), len(alone.frame)) == (0, 2)
    assert not alone.effect.any()
    assert empty.summary == "No single one of 0 statements changes agreement."
