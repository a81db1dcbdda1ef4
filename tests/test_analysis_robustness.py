"""Stability and sensitivity, by the public functions on changed statements."""

from collections import defaultdict
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from strategies import tally_of
from test_analysis_trees import slow_steps

import camdata as cam

LEVELS = ["dimension", "code"]
OVER = ["codes", "statements"]


def ordinal_meeting():
    """Make a meeting with stances from -2 to 2 and repeated statements."""
    generator = np.random.default_rng(5)
    codes = [f"c{i}" for i in range(7)]
    rows = []
    for number in range(9):
        for code in generator.choice(codes, size=generator.integers(2, 5), replace=False):
            stance = int(generator.choice([-2, -1, 1, 2]))
            rows += [(f"A{number}", code, stance)] * generator.integers(1, 3)
    codebook = pd.DataFrame({"code": codes, "dimension": ["x", "x", "y", "y", "z", "z", "z"]})
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    table["statement"] = [f"s{i:02}" for i in range(len(table))]
    return cam.Meeting(table, codebook=codebook, stances=(2, 1, 0, -1, -2))


def counting(meeting):
    """Return the statements that count: those of the actors that are compared."""
    statements = meeting.statements.dropna(subset=["stance"]).sort_values("statement")
    return statements[statements["actor"].isin(meeting.tally("code").actors)]


def nearest(agreement, clusters):
    """Cluster another agreement in the same way, into the nearest number that its tree allows."""
    if clusters.method == "louvain":
        return cam.cluster(agreement, method="louvain", seed=clusters.seed)
    possible = cam.cluster(agreement, 1, clusters.method).cuts.index
    number = min(possible, key=lambda k: (abs(k - clusters.n_clusters), k))
    return cam.cluster(agreement, max(number, 1), clusters.method)


def same_measure(agreement, tally):
    """Measure another tally as an agreement was."""
    found = cam.agreement(tally, agreement.measure, normalization=agreement.normalization)
    return found.rescaled() if agreement.is_rescaled else found


# stability


def samples(meeting, over, by, n, seed):
    """Yield every resample as rows (actor, key, stance), with its keys."""
    statements = counting(meeting)
    tally = meeting.tally(by)
    codes = tally.coded.codes
    dimension = dict(zip(meeting.codebook["code"], meeting.codebook["dimension"], strict=True))
    dimension = dimension if by == "dimension" else {}
    rows = list(statements[["actor", "code", "stance"]].itertuples(index=False, name=None))
    generator = np.random.default_rng(seed)
    for _ in range(n):
        if over == "statements":
            drawn = generator.integers(len(rows), size=len(rows)).tolist()
            yield tally.keys, [(a, dimension.get(c, c), s) for a, c, s in (rows[i] for i in drawn)]
            continue
        chosen = [codes[i] for i in generator.integers(len(codes), size=len(codes))]
        names = [f"{i:02} {code}" for i, code in enumerate(chosen)]  # drawn twice: two columns
        picked = [
            (a, dimension.get(c, name), s)
            for code, name in zip(chosen, names, strict=True)
            for a, c, s in rows
            if c == code
        ]
        yield (tally.keys if by == "dimension" else names), picked


def counted(sample, actors, keys, stances):
    """Return the tally of a sample, each position once."""
    held = set(sample)
    counts = [[(a, *cell) in held for cell in product(keys, stances)] for a in actors]
    return tally_of(counts, actors, keys, stances)


CASES = [
    ("dimension", {"measure": "jaccard"}, "average", 3),
    ("code", {"measure": "overlap"}, "complete", 3),
    ("code", {"measure": "cosine"}, "louvain", None),
    ("code", {"measure": "congruence", "normalization": "average"}, "average", 4),
]


@pytest.mark.parametrize(("by", "measure", "method", "number"), CASES)
@pytest.mark.parametrize("over", ["codes", pytest.param("statements", marks=pytest.mark.slow)])
def test_stability_is_what_the_public_functions_give(meeting, over, by, measure, method, number):
    agreement = cam.agreement(meeting.tally(by), **measure)
    if number is not None:
        possible = cam.cluster(agreement, 1, method).cuts.index
        number = min(possible, key=lambda k: abs(k - number))
    clusters = cam.cluster(agreement, number, method)
    result = cam.analysis.stability(clusters, over, 8, seed=3)
    actors = agreement.actors
    both, same, placed = defaultdict(int), defaultdict(int), defaultdict(int)
    best = {label: [] for label in clusters.members}
    exact = 0
    for keys, sample in samples(meeting, over, by, 8, 3):
        tally = counted(sample, actors, keys, meeting.stances)
        again = nearest(same_measure(agreement, tally), clusters)
        exact += again.n_clusters == clusters.n_clusters
        labels = again.labels.dropna()
        for a in labels.index:
            placed[a] += 1
            for b in labels.index:
                both[a, b] += 1
                same[a, b] += bool(labels[a] == labels[b])
        for label, group in clusters.members.items():
            if inside := set(group) & set(labels.index):
                others = map(set, again.members.values())
                best[label].append(max(len(inside & o) / len(inside | o) for o in others))
    together = [[same[a, b] / both[a, b] if both[a, b] else np.nan for b in actors] for a in actors]
    np.testing.assert_allclose(result.together, together)
    np.testing.assert_allclose(result.placed, [placed[a] / 8 for a in actors])
    assert result.frame["members"].tolist() == [len(g) for g in clusters.members.values()]
    np.testing.assert_allclose(
        result.frame["recovery"], [np.mean(values) for values in best.values()]
    )
    assert result.exact == exact / 8
    assert (result.over, result.n_resamples, result.clusters) == (over, 8, clusters)


def test_rescaled_agreement_is_clustered_as_it_was():
    agreement = cam.agreement(ordinal_meeting().tally("code"))
    assert agreement.is_rescaled
    for over in OVER:
        result = cam.analysis.stability(cam.cluster(agreement, 3), over, 20)
        assert result.recovery["recovery"].between(0, 1).all()
        assert result.placed.max() > 0


def test_statements_of_a_plain_table_are_drawn_too():
    table = pd.DataFrame({"actor": list("AABBCCDD"), "code": list("xyxyzwzw")})
    tally = cam.tally(table, duplicates="all")
    clusters = cam.cluster(cam.agreement(tally), 2)
    result = cam.analysis.stability(clusters, "statements", 50)
    assert result.together.at["A", "B"] > 0.9
    assert result.together.at["A", "C"] < 0.5
    assert cam.analysis.sensitivity(clusters).table["statement"].tolist() != []


def test_the_statements_must_be_known(meeting):
    own = cam.cluster(cam.agreement(meeting.tally()).frame, 3)
    positions = cam.cluster(cam.agreement(meeting.positions()), 3)
    for clusters in (own, positions):
        for function in (cam.analysis.stability, cam.analysis.sensitivity):
            with pytest.raises(ValueError, match="statements behind these clusters are not known"):
                function(clusters)
    with pytest.raises(TypeError, match="Clusters"):
        cam.analysis.sensitivity(own.agreement)


@pytest.mark.parametrize("method", ["average", "louvain"])
def test_where_nobody_can_be_placed_nothing_is_stable(method):
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A", "A"], "code": ["x", "y"]}))
    number = None if method == "louvain" else 1
    clusters = cam.cluster(cam.agreement(meeting.tally()), number, method)
    result = cam.analysis.stability(clusters, "codes", 5)
    assert (result.placed == 0).all()
    assert result.together.isna().all(axis=None)
    assert result.frame.empty
    table = cam.analysis.sensitivity(clusters).frame
    assert table["n_clusters"].tolist() == [0, 0]
    assert table["adjusted_rand"].isna().all()


# a second route: sets of codes, and trees by their definition

VOICES = {"A": "vwx", "B": "vwy", "C": "wv", "D": "yz", "E": "xyz", "F": "z"}


def two_clusters(held):
    """Split the actors who say something in two, or the number nearest to it that ties allow."""
    names = [name for name in sorted(held) if held[name]]
    if len(names) < 2:
        return {}
    far = [[1 - len(held[a] & held[b]) / len(held[a] | held[b]) for b in names] for a in names]
    partitions = [parts for _, parts in slow_steps(np.array(far), "average")]
    best = min(partitions, key=lambda parts: (abs(len(parts) - 2), len(parts)))
    return {names[i]: number for number, part in enumerate(best) for i in part}


@pytest.fixture(scope="module")
def voices():
    rows = [(actor, code) for actor, codes in VOICES.items() for code in codes]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))
    return rows, cam.cluster(cam.agreement(meeting.tally("code")), 2)


def test_sensitivity_by_a_second_route(voices):
    rows, clusters = voices
    table = cam.analysis.sensitivity(clusters).frame.sort_values("statement")
    whole = two_clusters({actor: set(codes) for actor, codes in VOICES.items()})
    for place, (row, found) in enumerate(zip(rows, table.itertuples(), strict=True)):
        held = {actor: set() for actor in VOICES}
        for actor, code in rows[:place] + rows[place + 1 :]:
            held[actor].add(code)
        after = two_clusters(held)
        rand = adjusted_rand_score([whole[a] for a in after], list(after.values()))
        assert (found.actor, found.code) == row
        assert found.adjusted_rand == pytest.approx(rand)
        assert (found.n_lost, found.n_clusters) == (6 - len(after), len(set(after.values())))
    assert table["adjusted_rand"].min() < 1


def test_stability_by_a_second_route(voices):
    """All 5⁵ draws of five codes, each as likely as the others, against draws at random."""
    names = list(VOICES)
    both, together = np.zeros((2, 6, 6))
    for drawn in product("vwxyz", repeat=5):
        held = {a: {i for i, code in enumerate(drawn) if code in VOICES[a]} for a in VOICES}
        labels = two_clusters(held)
        for (i, a), (j, b) in product(enumerate(names), repeat=2):
            both[i, j] += a in labels and b in labels
            together[i, j] += a in labels and b in labels and labels[a] == labels[b]
    result = cam.analysis.stability(voices[1], "codes", 4000, seed=2)
    placed, share = both / 5**5, together / both
    assert_within(result.placed, placed.diagonal(), 4000)
    assert_within(result.together, share, 4000 * placed)


def assert_within(found, expected, n):
    """Check shares against their expectation, within five standard errors."""
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(np.asarray(found) - expected) <= 5 * error + 1e-9).all()


# sensitivity


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "method", "number"),
    [("dimension", "average", 3), ("dimension", "louvain", None), ("code", "complete", 6)],
)
def test_sensitivity_is_what_leaving_out_each_statement_gives(meeting, by, method, number):
    clusters = cam.cluster(cam.agreement(meeting.tally(by)), number, method)
    result = cam.analysis.sensitivity(clusters)
    own, statements = clusters.labels, meeting.statements
    assert sorted(result.frame["statement"]) == counting(meeting)["statement"].tolist()
    # without its text a meeting is made fast
    light = cam.Meeting(statements, actors=meeting.actors, codebook=meeting.codebook)
    for row in result.frame.iloc[::4].itertuples():
        left = light.replace(
            statements=statements[statements["statement"] != row.statement], actors=meeting.actors
        )
        after = nearest(cam.agreement(left.tally(by)), clusters).labels
        both = own.notna() & after.notna()
        assert row.adjusted_rand == pytest.approx(adjusted_rand_score(own[both], after[both]))
        assert row.n_lost == (own.notna() & after.isna()).sum()
        assert row.n_clusters == after.nunique()
        moves = result.moves[result.moves["statement"] == row.statement]
        assert len(moves) == row.n_moved + row.n_lost
        moved = own.copy()
        for move in moves.itertuples():
            assert pd.isna(move.before) == pd.isna(own[move.actor])
            moved[move.actor] = move.after
        # carrying out the moves gives the clusters without the statement
        assert moved.isna().equals(after.isna())
        assert adjusted_rand_score(moved.dropna(), after.dropna()) == 1


@pytest.mark.parametrize("by", LEVELS)
def test_the_statements_with_the_largest_effect_come_first(meeting, by):
    result = cam.analysis.sensitivity(cam.cluster(cam.agreement(meeting.tally(by)), 3))
    table = result.frame
    order = list(zip(table["adjusted_rand"], -(table["n_moved"] + table["n_lost"]), strict=True))
    assert order == sorted(order)
    unchanged = (table["adjusted_rand"] == 1) & (table["n_lost"] == 0)
    assert result.effect.tolist() == (~unchanged).tolist()
    assert (table.loc[unchanged, "n_moved"] == 0).all()
    # the only statement of Mexico unplaces it
    mexico = result.moves[
        result.moves["statement"].isin(table[table["actor"] == "Mexico"].statement)
    ]
    assert mexico.loc[mexico["actor"] == "Mexico", "after"].isna().all()
    assert len(mexico) > 0


def test_a_repeated_position_carries_nothing_alone():
    meeting = ordinal_meeting()
    clusters = cam.cluster(cam.agreement(meeting.tally("code"), "jaccard"), 3)
    table = cam.analysis.sensitivity(clusters).frame.set_index("statement")
    repeated = meeting.statements.duplicated(["actor", "code", "stance"], keep=False)
    part = table.loc[meeting.statements.loc[repeated, "statement"]]
    assert len(part) >= 5
    assert (part["adjusted_rand"] == 1).all()
    assert (part["n_moved"] == 0).all()


def test_the_summary_says_which_statement_matters_most(meeting):
    result = cam.analysis.sensitivity(cam.cluster(cam.agreement(meeting.tally()), 3))
    first, most = result.summary.splitlines()
    assert first == f"{result.effect.sum()} of 38 statements change who is with whom when left out."
    row = result.frame.iloc[0]
    words = f"{row['statement']} of {row['actor']} ({row['label']}) changes most: "
    assert most.startswith(words)
    own = result.moves[result.moves["statement"] == row["statement"]]
    assert most.count(" → ") == len(own) == row["n_moved"] + row["n_lost"]
    assert row["quote"] in meeting.statements["quote"].tolist()
    alike = cam.Meeting(pd.DataFrame({"actor": list("ABCABC"), "code": list("xxxyyy")}))
    quiet = cam.analysis.sensitivity(cam.cluster(cam.agreement(alike.tally()), 1))
    assert quiet.summary == "No single one of 6 statements changes who is with whom."
    assert quiet.moves.empty
