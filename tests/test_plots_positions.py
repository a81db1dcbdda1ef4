"""The grid of positions: what each cell shows, and in which order."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    legend,
    note,
    of,
    synthetic,
    title,
    with_gid,
    x_labels,
    y_labels,
)
from matplotlib.colors import to_rgb

import camdata as cam
from camdata import plots


def cells(ax):
    """Return what is drawn in each cell: (column, row) of the tick labels to kinds."""
    found = {}
    columns, rows = ax.get_xticks(), ax.get_yticks()
    for collection in ax.collections:
        for path in collection.get_paths():
            x, y = path.vertices[:4].mean(axis=0)
            place = int(np.abs(columns - x).argmin()), int(np.abs(rows - y).argmin())
            found.setdefault(place, []).append(collection.get_gid())
    across, down = x_labels(ax), y_labels(ax)
    return {(across[i], down[j]): sorted(kinds) for (i, j), kinds in found.items()}


@pytest.mark.parametrize("ordered", ["agreement", "speaking"])
def test_every_cell_shows_what_is_recorded(ordered):
    meeting = cam.load_meeting()
    tally = meeting.tally("code")
    found = cells(plots.positions(meeting, order=ordered))
    labels = dict(zip(tally.keys, tally.labels, strict=True))
    statements = meeting.statements.merge(meeting.actors[["actor", "kind"]], on="actor")
    referred = statements.groupby(["actor", "code"])["basis"].agg(
        lambda b: set(b) == {"by_reference"}
    )
    for actor in tally.actors:
        for key in tally.keys:
            value = tally.positions.loc[actor, key]
            kinds = found[actor, labels[key]]
            if pd.isna(value):
                assert kinds == ["missing"]
            else:
                assert kinds == ["support" + " by reference" * bool(referred[actor, key])]


def test_support_opposition_both_and_silence_look_different():
    frame = pd.DataFrame(
        [[1.0, -1.0, 0.0, np.nan]] * 2, ["A", "B"], ["yes", "no", "both", "silent"]
    )
    ax = plots.positions(frame)
    assert cells(ax)["A", "yes"] == ["support"]
    assert cells(ax)["A", "no"] == ["bar", "oppose"]
    assert cells(ax)["A", "both"] == ["bar", "both: oppose", "both: support"]
    assert cells(ax)["A", "silent"] == ["missing"]
    assert legend(ax) == [
        "supports",
        "opposes (with a bar)",
        "half of each: both",
        "nothing recorded",
    ]
    colors = {c.get_gid(): tuple(c.get_facecolor()[0][:3]) for c in ax.collections}
    assert len({colors["support"], colors["oppose"], colors["missing"]}) == 3


def test_levels_are_steps_between_the_hues_with_all_numbers_or_none():
    tally = synthetic(12, stances=(2, 1, 0, -1, -2)).tally("code")
    ax = plots.positions(tally)
    numbers = [text.get_text() for text in with_gid(ax.texts, "number")]
    assert len(numbers) == int(tally.positions.notna().sum().sum())
    assert "−1" in numbers
    colors = {c.get_gid(): np.array(c.get_facecolor()[0][:3]) for c in ax.collections}
    blue = [colors[f"level {level}"][2] - colors[f"level {level}"][0] for level in (-1, 0, 1, 2)]
    assert blue == sorted(blue)
    assert not np.allclose(colors["level 0"], colors["missing"])
    narrow = plots.positions(synthetic(60, stances=(2, 1, 0, -1, -2)).tally("code"), figsize=3.5)
    assert with_gid(narrow.texts, "number") == []


def test_levels_of_votes_are_in_words():
    frame = pd.DataFrame({"actor": list("ABC"), "code": "law", "stance": [1, 0, -1]})
    ax = plots.positions(cam.Meeting(frame, stances=(1, 0, -1)))
    assert legend(ax) == ["−1: against", "0: abstains or neutral", "1: for"]
    ax = plots.positions(cam.Meeting(frame, stances=(2, 1, 0, -1)))
    assert legend(ax) == ["−1", "0", "1", "2"]


def test_clusters_stand_together_the_largest_first_and_the_unplaced_last():
    clusters = of(14).clusters
    ax = plots.positions(of(14).meeting, clusters=clusters)
    said = clusters.agreement.tally.statements
    expected = []
    for members in clusters.members.values():
        place = {name: i for i, name in enumerate(clusters.order)}
        expected += sorted(members, key=lambda name: (-said[name], place[name]))
    assert x_labels(ax) == expected + clusters.unplaced.index.tolist()
    gaps = np.diff(ax.get_xticks())
    assert (gaps > 1.2).sum() == clusters.n_clusters
    groups = [t.get_text() for t in with_gid(ax.texts, "group")]
    assert groups == ["Cluster 1", "Cluster 2", "–"]


def test_the_order_does_not_depend_on_the_order_of_rows():
    positions = of(30).tally.positions.rename(index=lambda name: name[-2:])
    mixed = positions.sample(frac=1, random_state=2)
    assert set(x_labels(plots.positions(mixed))) == set(positions.index)
    agreement = cam.agreement(positions)
    order = x_labels(plots.positions(positions))
    near = agreement.frame.loc[order, order].to_numpy()
    given = agreement.frame.to_numpy()
    assert np.nanmean(np.diag(near, 1)) > np.nanmean(np.diag(given, 1))


def test_rows_are_codes_below_their_dimensions():
    ax = plots.positions(of(14).meeting)
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert bold == ["Terms definition", "Pragmatism", "Rights", "Coordination"]
    tally = of(14).tally
    inside = {}
    for name in y_labels(ax):
        if name in bold:
            heading = name
        else:
            inside.setdefault(heading.lower(), set()).add(name)
    for key, dimension in zip(tally.labels, tally.groups, strict=True):
        assert key in inside[dimension]


def test_the_title_is_made_from_the_clusters_and_a_question_without():
    ax = plots.positions(of(14).meeting, clusters=cam.cluster(of(14).agreement, 2))
    assert " stress " in title(ax)
    assert title(plots.positions(of(14).meeting)).endswith("?")
    assert "14 actors × 17 codes, 38 statements" in note(plots.positions(of(14).meeting))
    assert "Nobody is recorded as opposing" in note(plots.positions(of(14).meeting))
    (how,) = with_gid(plots.positions(of(14).meeting, order="speaking").texts, "subtitle")
    assert "in the order of speaking" in how.get_text()


def test_a_title_does_not_choose_among_codes_that_tie():
    frame = pd.DataFrame(
        [[1.0, 1, 1, np.nan]] * 3 + [[np.nan, np.nan, np.nan, 1]] * 3, list("ABCDEF")
    )
    frame.columns = list("wxyz")
    ax = plots.positions(cam.cluster(cam.agreement(frame), 2))
    assert title(ax) == "Three actors stress z"


def test_names_without_room_are_counted_in_the_note():
    ax = plots.positions(of(60).meeting, figsize=3.5)
    named = [name for name in x_labels(ax) if name]
    assert 10 < len(named) < 60
    assert f"{len(named)} of 60 actors have room for their name" in note(ax)
    assert "have room" not in note(plots.positions(of(30).meeting))


def test_of_more_than_200_actors_clusters_are_drawn():
    generator = np.random.default_rng(3)
    block = np.arange(240)[:, None] % 3 == np.arange(9)[None] % 3
    held = np.where(generator.random((240, 9)) < np.where(block, 0.8, 0.1), 1.0, np.nan)
    frame = pd.DataFrame(held, [f"actor {i}" for i in range(240)], [f"code {j}" for j in range(9)])
    clusters = cam.cluster(cam.agreement(frame), 3)
    ax = plots.positions(clusters)
    assert len(x_labels(ax)) == clusters.n_clusters
    widths = {}
    for collection in with_gid(ax.collections, "share supports"):
        for path in collection.get_paths():
            x, y = path.vertices[:4].mean(axis=0)
            widths[round(float(ax.get_xticks()[np.abs(ax.get_xticks() - x).argmin()])), y] = np.ptp(
                path.vertices[:, 0]
            )
    members = clusters.members[1]
    shares = frame.loc[members].notna().mean().sort_values()
    drawn = sorted(width / 0.9 for (x, _), width in widths.items() if x == 0)
    assert np.allclose(drawn, shares[shares > 0], atol=1e-6)


def test_the_palette_names_the_stances():
    frame = pd.DataFrame([[1.0, -1.0]], ["A"], ["x", "y"])
    ax = plots.positions(frame, palette={"opposes": "#00ff00"})
    (oppose,) = with_gid(ax.collections, "oppose")
    assert np.allclose(oppose.get_facecolor()[0][:3], to_rgb("#00ff00"))


def test_a_wrong_level_and_other_actors_are_said():
    with pytest.raises(ValueError, match="counts by dimension"):
        plots.positions(of(14).meeting.tally(), by="code")
    with pytest.raises(ValueError, match="other actors"):
        plots.positions(of(30).meeting, clusters=of(14).clusters)
    with pytest.raises(TypeError, match=r"`clusters` must be Clusters, from cam\.cluster"):
        plots.positions(of(14).meeting, clusters={"Peru": 1})
    with pytest.raises(ValueError, match="`order`"):
        plots.positions(of(14).meeting, order="alphabet")


def test_a_claim_of_groups_comes_with_its_chance_level():
    chosen = cam.cluster(of(14).agreement)
    assert f"random tables (p = {chosen.choice.p_value:.2f})" in note(plots.positions(chosen))
    assert "not tested against chance" in note(plots.positions(of(14).clusters))
