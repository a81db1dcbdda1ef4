"""The heat map of agreement, read back from its artists."""

import itertools

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    child,
    closed_figures,  # noqa: F401 (a fixture)
    clustered,
    drawn_at,
    faults,
    note,
    of,
    synthetic,
    title,
    with_gid,
    x_labels,
    y_labels,
)
from matplotlib.colors import same_color

import camdata as cam
from camdata import plots
from camdata.plots import _style


def names_of(ax):
    """Return the actors beside the rows, without their numbers of statements."""
    return [label.rsplit(" (", 1)[0] for label in y_labels(ax)]


def heatmap(ax):
    """Return a heat map as a frame, NaN where no color is drawn."""
    mesh = ax.collections[0]
    values = np.ma.filled(mesh.get_array().astype(float), np.nan)
    n = len(names_of(ax))
    return pd.DataFrame(values.reshape(n, n), index=names_of(ax), columns=x_labels(ax))


def written(ax):
    """Return the texts in the cells of a heat map as a frame, empty where there are none."""
    names = names_of(ax)
    table = pd.DataFrame("", index=names, columns=names)
    for text in [*with_gid(ax.texts, "value"), *with_gid(ax.texts, "missing")]:
        if text.get_visible():
            x, y = text.get_position()
            table.iloc[int(y), int(x)] = text.get_text()
    return table


def strips(ax):
    """Return the cluster that is marked beside each actor, and its color."""
    names, found = names_of(ax), {}
    for patch in with_gid(child(ax, "clusters").patches, "cluster"):
        for row in range(round(patch.get_y()), round(patch.get_y() + patch.get_height())):
            assert names[row] not in found
            label = int(patch.get_gid().removeprefix("cluster "))
            found[names[row]] = (label, patch.get_facecolor())
    return found


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_everything_can_be_read(which, width):
    ax = drawn_at(lambda x, **look: plots.agreement(x.clusters, **look), which, width)
    assert faults(ax) == {}


@pytest.mark.parametrize("by", ["dimension", "code"])
def test_the_heat_map_shows_agreement_in_the_order_of_its_tree(by):
    agreement = cam.agreement(of("bundled").meeting.tally(by))
    clusters = clustered(agreement, 5)
    ax = plots.agreement(clusters)
    order = names_of(ax)
    assert x_labels(ax) == order == clusters.order
    expected = agreement.frame.loc[order, order].to_numpy(copy=True)
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_array_equal(heatmap(ax).to_numpy(), expected)


def test_an_agreement_is_clustered_as_cluster_does():
    x = of("bundled")
    marked = {actor: label for actor, (label, _) in strips(plots.agreement(x.agreement)).items()}
    assert marked == cam.cluster(x.agreement).labels.dropna().to_dict()


@pytest.mark.parametrize(
    ("n_clusters", "method"), [(2, "average"), (5, "average"), (8, "average"), (3, "complete")]
)
def test_clusters_are_marked_beside_their_members(n_clusters, method):
    clusters = clustered(of("bundled").agreement, n_clusters, method=method)
    found = strips(plots.agreement(clusters))
    assert {
        actor: label for actor, (label, _) in found.items()
    } == clusters.labels.dropna().to_dict()
    assert len(set(dict(found.values()).values())) == clusters.n_clusters
    numbers = [t.get_text() for t in child(plots.agreement(clusters), "clusters").texts]
    assert sorted(numbers) == sorted(map(str, clusters.members))


@pytest.mark.parametrize("n_clusters", [2, 3])
def test_clusters_are_numbered_down_the_chart(n_clusters):
    ax = plots.agreement(cam.cluster(of("bundled").agreement, n_clusters))
    numbers = [int(text.get_text()) for text in child(ax, "clusters").texts]
    assert numbers == sorted(numbers)
    places = [text.get_position()[1] for text in child(ax, "clusters").texts]
    assert places == sorted(places)


def test_louvain_has_no_tree_but_marks():
    clusters = cam.cluster(of("bundled").agreement, method="louvain")
    ax = plots.agreement(clusters)
    assert child(ax, "dendrogram") is None
    assert names_of(ax) == clusters.order
    assert {a: label for a, (label, _) in strips(ax).items()} == clusters.labels.dropna().to_dict()
    assert "dendrogram" not in ax.get_figure().alt
    assert "dashed" not in note(ax)


def test_members_that_stand_together_are_framed():
    clusters = of("bundled").clusters
    ax = plots.agreement(clusters)
    names = names_of(ax)
    frames = [
        sorted(names[round(p.get_y()) : round(p.get_y() + p.get_height())])
        for p in with_gid(ax.patches, "members of")
    ]
    expected = [sorted(m) for m in clusters.members.values() if len(m) > 1]
    assert sorted(frames) == sorted(expected)


def test_the_tree_beside_the_heat_map_is_that_of_the_agreement():
    clusters = of("bundled").clusters
    ax = plots.agreement(clusters)
    tree = child(ax, "dendrogram")
    heights = sorted(max(line.get_xdata()) for line in with_gid(tree.lines, "merge"))
    np.testing.assert_allclose(heights, np.sort(clusters.linkage[:, 2]))
    leaves = {
        y
        for line in with_gid(tree.lines, "merge")
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
        if x == 0
    }
    assert leaves >= {i + 0.5 for i in range(len(clusters.placed))}
    assert tree.get_ylim() == ax.get_ylim()
    ax.get_figure().canvas.draw()
    assert tree.get_window_extent().height == pytest.approx(ax.get_window_extent().height)
    assert tree.get_window_extent().x1 < ax.get_window_extent().x0


@pytest.mark.parametrize("measure", ["congruence", "subtract"])
def test_counts_are_neither_clustered_nor_reordered(measure):
    agreement = cam.agreement(of("bundled").meeting.tally("code", duplicates="all"), measure)
    ax = plots.agreement(agreement)
    assert names_of(ax) == list(agreement.actors)
    assert child(ax, "clusters") is None
    assert child(ax, "dendrogram") is None
    assert child(ax, "colorbar") is not None
    assert "dendrogram" not in ax.get_figure().alt
    assert "0 clusters" not in ax.get_figure().alt
    assert faults(ax) == {}


def test_counts_are_not_clustered_even_where_none_is_larger_than_1():
    table = pd.DataFrame([[1, None], [1, 1], [None, 1]], index=list("ABC"), columns=["x", "y"])
    agreement = cam.agreement(table.astype("Int8"), "congruence")
    assert np.nanmax(agreement.pairs) == 1
    assert child(plots.agreement(agreement), "clusters") is None


def test_a_table_of_ones_own_is_drawn_without_counts():
    frame = of("bundled").agreement.frame
    ax = plots.agreement(frame)
    assert set(y_labels(ax)) == set(frame.index)
    assert "statement" not in title(ax)
    assert "brackets" not in note(ax)
    with pytest.raises(TypeError):
        plots.agreement([[1.0]])
    with pytest.raises(ValueError, match="square"):
        plots.agreement(pd.DataFrame([[1.0, 0.5]]))


def test_names_carry_numbers_of_statements_and_the_note_says_so():
    x = of("bundled")
    ax = plots.agreement(x.clusters)
    counts = x.tally.statements
    assert set(y_labels(ax)) == {f"{actor} ({number})" for actor, number in counts.items()}
    assert y_labels(ax)[-1] == "Bolivia (0)"
    assert "in brackets: recorded statements" in note(ax)
    positions = cam.agreement(x.tally.positions)
    ax = plots.agreement(clustered(positions, 3))
    assert set(y_labels(ax)) == set(x.tally.actors)
    assert "brackets" not in note(ax)


@pytest.mark.parametrize(
    ("measure", "by", "words"),
    [
        ("jaccard", "dimension", "Jaccard coefficient, 14 actors, 4 dimensions, 38 statements"),
        ("cosine", "code", "cosine (Ochiai) coefficient, 14 actors, 17 codes, 38 statements"),
        ("congruence", "code", "congruence, 14 actors, 17 codes, 38 statements"),
    ],
)
def test_the_title_says_what_is_shown_at_which_level_and_on_how_many_statements(measure, by, words):
    ax = plots.agreement(cam.agreement(of("bundled").meeting.tally(by), measure))
    assert title(ax) == f"Shared recorded positions: {words}"


def test_a_rescaled_measure_says_so():
    agreement = cam.agreement(of(60).codes, "s").rescaled()
    assert "S, rescaled to 0 to 1" in title(plots.agreement(agreement))


def test_counts_are_those_of_the_part_that_is_shown():
    part = of("bundled").meeting.select(actors=["Canada", "Peru", "Uruguay"])
    ax = plots.agreement(cam.agreement(part.tally("code")))
    total = int(part.tally("code").statements.sum())
    assert f"3 actors, 17 codes, {total} statements" in title(ax)


def test_one_actor_and_one_statement_are_singular():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    ax = plots.agreement(cam.agreement(meeting.tally("code")))
    assert title(ax).endswith("Jaccard coefficient, 1 actor, 1 code, 1 statement")
    assert faults(ax) == {}


def test_cells_hold_their_value():
    agreement = of("bundled").agreement
    found = written(plots.agreement(of("bundled").clusters))
    for actor, other in itertools.product(found.index, found.columns):
        value, text = agreement.frame.at[actor, other], found.at[actor, other]
        if actor == other:
            assert text == ""
        elif np.isnan(value):
            assert text == "–"
        else:
            assert float(text) == pytest.approx(value, abs=0.005)
    assert found.at["Colombia", "Brazil"] == ".33"
    assert found.at["Canada", "Uruguay"] == "1"
    assert found.at["Canada", "Brazil"] == "0"


def test_counts_can_be_read():
    rows = [[0, 1600, 7.25], [1600, 0, 0.5], [7.25, 0.5, 0]]
    ax = plots.agreement(
        pd.DataFrame(rows, index=list("ABC"), columns=list("ABC"), dtype="float64")
    )
    found = written(ax)
    assert found.at["A", "B"] == "1600"
    assert float(found.at["A", "C"]) == pytest.approx(7.25, abs=0.05)
    assert float(found.at["B", "C"]) == 0.5
    assert faults(ax) == {}


def test_numbers_stand_in_their_cells_or_are_left_out():
    for figsize in (None, 5, 2.8):
        ax = plots.agreement(of("bundled").clusters, figsize=figsize)
        ax.get_figure().canvas.draw()
        box = ax.get_window_extent()
        shown = [text for text in with_gid(ax.texts, "value") if text.get_visible()]
        assert bool(shown) == (figsize != 2.8)
        for text in shown:
            assert text.get_window_extent().width <= box.width / 14


@pytest.mark.parametrize("n", [4, 30])
def test_missing_is_never_drawn_like_zero(n):
    rows = synthetic(n).statements.query("stance == 1")
    actors = [*rows["actor"].unique(), "Silent"]
    meeting = cam.Meeting(rows[["actor", "code"]], actors=pd.DataFrame({"actor": actors}))
    agreement = cam.agreement(meeting.tally("code"))
    ax = plots.agreement(agreement)
    ax.get_figure().draw_without_rendering()
    values, words = heatmap(ax), written(ax)
    size = len(actors)
    colors = ax.collections[0].get_facecolor().reshape(size, size, 4)
    assert names_of(ax)[-1] == "Silent"
    background = np.array(ax.get_facecolor())
    assert background[3] == 1
    frame = agreement.frame
    assert (frame == 0).any(axis=None)
    for i, j in itertools.product(range(size), repeat=2):
        if i == j:
            continue
        if frame.at[values.index[i], values.columns[j]] == 0:
            assert colors[i, j, 3] == 1
            assert np.abs(colors[i, j, :3] - background[:3]).sum() > 0.1
            assert words.iloc[i, j] == ("0" if n == 4 else "")
        elif np.isnan(frame.at[values.index[i], values.columns[j]]):
            assert colors[i, j, 3] == 0  # the grey ground shows
            assert words.iloc[i, j] == ("–" if n == 4 else "")
    assert same_color(ax.get_facecolor(), _style.MISSING)


def test_colors_grow_darker_with_agreement():
    mesh = plots.agreement(of("bundled").clusters).collections[0]
    assert mesh.get_clim() == (0, 1)
    grey = mesh.get_cmap()(np.linspace(0, 1, 20))[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(grey) < 0).all()


def test_the_color_bar_says_what_it_measures():
    bar = child(plots.agreement(of("bundled").clusters), "colorbar")
    assert bar.get_title(loc="left") == "Jaccard coefficient"


def test_an_agreement_of_nobody_comparable_is_drawn():
    table = pd.DataFrame({"x": [pd.NA, pd.NA]}, index=["A", "B"], dtype="Int8")
    ax = plots.agreement(cam.agreement(table))
    assert heatmap(ax).isna().all(axis=None)
    assert written(ax).to_numpy().tolist() == [["", "–"], ["–", ""]]
    assert strips(ax) == {}
    assert "A, B cannot be placed" in ax.get_figure().alt


def test_an_ordinal_scale_is_drawn():
    assert faults(plots.agreement(of("ordinal").clusters)) == {}


def test_it_tells_what_it_shows_to_those_who_do_not_see_it():
    assert plots.agreement(of("bundled").clusters).get_figure().alt == (
        "Heat map of the Jaccard coefficient between 14 actors, ordered by their dendrogram and "
        "marked as 3 clusters; Bolivia cannot be placed."
    )


def test_columns_too_narrow_for_names_say_so():
    ax = plots.agreement(of(60).clusters, figsize=3.5)
    assert "columns are the actors in the order of the rows" in note(ax)
    assert not any(tick.label1.get_visible() for tick in ax.xaxis.get_major_ticks())
    assert "columns are" not in note(plots.agreement(of(60).clusters))
