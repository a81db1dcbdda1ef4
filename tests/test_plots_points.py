"""Charts of named points: maps, networks and null models."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    faults,
    legend,
    note,
    of,
    title,
    with_gid,
)
from matplotlib.text import Text

import camdata as cam
from camdata import plots


def named(ax):
    """Return the boxes of the names and the middles of the dots on the canvas, by point."""
    ax.get_figure().canvas.draw()
    dots = [c for c in ax.collections if str(c.get_gid() or "").startswith(("actor", "not", "sig"))]
    at = np.array([ax.transData.transform(c.get_offsets()[0]) for c in dots])
    found = {
        int(t.get_gid().split()[1]): t for t in ax.texts if str(t.get_gid()).startswith("name")
    }
    return {i: Text.get_window_extent(text) for i, text in found.items()}, at


def apart(box, at):
    near = np.clip(at, [box.x0, box.y0], [box.x1, box.y1])
    return np.hypot(*(near - at).T)


SIZES = [
    (3, 3.5),
    (14, 3.5),
    (14, 7),
    (30, 7),
    pytest.param(60, 3.5, marks=pytest.mark.slow),
    pytest.param(60, 7, marks=pytest.mark.slow),
    pytest.param(200, 7, marks=pytest.mark.slow),
]
DRAW = {
    "map": lambda x, **look: plots.map(x.coordinates, **look),
    "network": lambda x, **look: plots.network(x.clusters, **look),
}


@pytest.mark.parametrize("name", DRAW)
@pytest.mark.parametrize(("n", "width"), SIZES)
def test_each_name_is_nearest_to_its_own_dot_and_covers_none(name, n, width):
    boxes, at = named(DRAW[name](of(n), figsize=width))
    for i, box in boxes.items():
        away = apart(box, at)
        assert int(np.argmin(away)) == i
        assert away.min() > 0


@pytest.mark.parametrize("name", DRAW)
@pytest.mark.parametrize(("n", "width"), SIZES[:6])
def test_every_actor_is_named_or_numbered_and_listed(name, n, width):
    ax = DRAW[name](of(n), figsize=width)
    written = [t.get_text() for t in ax.texts if str(t.get_gid()).startswith("name")]
    numbers = [t.get_text() for t in ax.texts if str(t.get_gid()).startswith("number")]
    dots = [c for c in ax.collections if str(c.get_gid() or "").startswith("actor")]
    assert len(written) + len(numbers) == len(dots)
    assert numbers == [str(k) for k in range(1, len(numbers) + 1)]
    for number in numbers:
        assert f"{number} " in note(ax)


@pytest.mark.parametrize(("n", "width"), SIZES[:5])
def test_no_line_of_a_network_runs_through_a_name(n, width):
    ax = plots.network(of(n).clusters, figsize=width)
    boxes, _ = named(ax)
    for collection in with_gid(ax.collections, "pairs"):
        for path in collection.get_paths():
            drawn = ax.transData.transform_path(path)
            assert not any(drawn.intersects_bbox(box, filled=False) for box in boxes.values())


# map


def test_both_axes_of_a_map_have_one_scale():
    ax = plots.map(of(14).coordinates)
    box = ax.get_window_extent()
    across = np.ptp(ax.get_xlim()) / box.width
    assert np.isclose(across, np.ptp(ax.get_ylim()) / box.height)


def test_dots_of_a_map_are_apart_and_near_their_coordinates():
    found = of(30).coordinates
    ax = plots.map(found)
    at = np.array([c.get_offsets()[0] for c in with_gid(ax.collections, "actors")])
    spread = ax.transData.transform(at)
    distance = np.hypot(*(spread[:, None] - spread[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    radius = np.sqrt(ax.collections[0].get_sizes()[0]) / 2 * ax.get_figure().dpi / 72
    assert distance.min() > 1.9 * radius
    names = [c.get_gid().removeprefix("actors ").split("; ")[0] for c in ax.collections]
    true = found.frame.loc[names].to_numpy()
    assert np.corrcoef(true[:, 0], at[:, 0])[0, 1] > 0.99


def test_a_poor_map_is_refused_in_a_sentence():
    poor = cam.coordinates(of(60).agreement)
    assert poor.is_poor
    ax = plots.map(poor)
    assert "No map" in title(ax)
    (words,) = with_gid(ax.texts, "sentence")
    assert f"{poor.stress:.2f}" in words.get_text()
    assert len(ax.collections) == 0


@pytest.mark.parametrize(("width", "last"), [(7, "D9"), (2.5, "and 5 more")])
def test_all_at_one_place_are_named_where_all_names_have_room(width, last):
    rows = [[1, 1, 1, 1]] * 9 + [[-1, -1, -1, -1]] * 3 + [[1, -1, 1, -1]]
    votes = pd.DataFrame(rows, [f"D{i}" for i in range(1, 14)], list("abcd"))
    ax = plots.map(cam.coordinates(cam.agreement(votes, "matching")), figsize=width)
    (stack,) = [t.get_text() for t in with_gid(ax.texts, "name") if "D1\n" in t.get_text()]
    assert stack.split("\n")[-1] == last
    assert faults(ax) == {}


def test_a_map_of_nobody_says_so():
    frame = pd.DataFrame(np.nan, list("AB"), list("AB"))
    assert title(plots.map(cam.coordinates(frame))) == "There is no map"


def test_dots_of_a_map_have_the_color_of_their_cluster():
    ax = plots.map(of(14).coordinates, palette={1: "#ff0000", 2: "#00ff00"})
    labels = of(14).coordinates.clusters.labels
    for dot in with_gid(ax.collections, "actors"):
        actor = dot.get_gid().removeprefix("actors ").split("; ")[0]
        expected = (1, 0, 0) if labels[actor] == 1 else (0, 1, 0)
        assert tuple(dot.get_facecolor()[0][:3]) == expected
    assert legend(ax) == ["cluster 1", "cluster 2"]


def test_more_than_four_clusters_are_grey_with_a_number():
    clusters = of(60).clusters
    assert clusters.n_clusters > 4
    ax = plots.network(clusters)
    assert "other clusters: number behind the name" in legend(ax)
    colors = {tuple(c.get_facecolor()[0]) for c in with_gid(ax.collections, "actor ")}
    assert len(colors) <= 5


# network


def test_pairs_above_the_threshold_are_joined():
    found = of(14).agreement
    ax = plots.network(found, threshold=0.6)
    (lines,) = with_gid(ax.collections, "pairs")
    assert len(lines.get_segments()) == (found.pairs > 0.6).sum()
    frame = found.frame
    above = (frame.where(~np.eye(len(frame), dtype=bool)) > 0.6).any()
    drawn = {c.get_gid().removeprefix("actor ") for c in with_gid(ax.collections, "actor ")}
    assert drawn == set(above[above].index)
    alone = [name for name in found.actors if not above[name]]
    assert all(name in note(ax) for name in alone)


def test_by_default_no_more_than_two_pairs_for_each_actor_are_joined():
    for n in (14, 30, 60):
        (lines,) = with_gid(plots.network(of(n).clusters).collections, "pairs")
        assert 0 < len(lines.get_segments()) <= 2 * n


def test_a_network_of_nobody_and_an_empty_backbone_are_sentences():
    assert "No pair lies above 2" in title(plots.network(of(14).agreement, threshold=2))
    null = of(14).null
    assert null.backbone.empty
    by_code = cam.agreement(of(14).tally)
    said = title(plots.network(by_code, backbone=null))
    assert said.startswith("No pair shares significantly more than chance; ")


def test_an_attribute_has_shapes_and_colors_and_an_unknown_one_is_said():
    ax = plots.network(of(14).clusters, by_attribute="process")
    process = of(14).meeting.actors.set_index("actor")["process"].dropna()
    assert set(legend(ax)) <= {*process, "no process"}
    with pytest.raises(ValueError, match="did you mean 'process'"):
        plots.network(of(14).clusters, by_attribute="proces")


def test_a_network_is_the_same_for_the_same_seed_and_any_order_of_rows():
    frame = of(14).agreement.frame
    first, second = (
        {c.get_gid(): tuple(c.get_offsets()[0]) for c in with_gid(ax.collections, "actor ")}
        for ax in (plots.network(frame), plots.network(frame.iloc[::-1, ::-1]))
    )
    assert first.keys() == second.keys()
    assert all(np.allclose(first[name], second[name]) for name in first)


# null model


def test_every_pair_of_a_null_model_stands_at_its_numbers():
    null = of(14).null
    ax = plots.null_model(null)
    dots = [c for c in ax.collections if "significant" in str(c.get_gid())]
    at = np.array([c.get_offsets()[0] for c in dots])
    for expected, shared in null.frame[["expected", "shared"]].to_numpy():
        same = at[at[:, 1] == shared]
        assert np.abs(same[:, 0] - expected).min() < 0.05 * null.frame["expected"].max()
    assert f"{null.n_reachable:,} of {len(null.frame):,} could have been" in title(ax)


def test_significant_pairs_are_filled_and_named():
    generator = np.random.default_rng(0)
    votes = generator.choice([1.0, -1.0], size=(8, 40))
    votes[1] = votes[0]
    frame = pd.DataFrame(votes, list("ABCDEFGH"), [f"v{i}" for i in range(40)])
    null = cam.analysis.null_model(frame, 999)
    assert null.backbone[["actor", "other"]].to_numpy().tolist() == [["A", "B"]]
    ax = plots.null_model(null)
    assert title(ax).startswith("1 pair ")
    assert "A – B" in [t.get_text() for t in ax.texts] or "A – B" in note(ax)
    assert len(with_gid(ax.collections, "significant")) == 1
