"""The heat map of agreement: its cells, its scale, its order and its tree."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    child,
    note,
    of,
    title,
    with_gid,
    y_labels,
)

import camdata as cam
from camdata import plots


def cells(ax):
    """Return the drawn values by the names of their row and column."""
    (mesh,) = with_gid(ax.collections, "agreement")
    names, ticks = y_labels(ax), ax.get_yticks()
    drawn = pd.DataFrame(np.nan, names, names)
    for path, value in zip(mesh.get_paths(), mesh.get_array(), strict=True):
        x, y = path.vertices[:4].mean(axis=0)
        drawn.iloc[np.abs(ticks - y).argmin(), np.abs(ticks - x).argmin()] = value
    return drawn


@pytest.mark.parametrize("n", [3, 14, 30])
def test_cells_are_the_agreement_and_missing_is_not_zero(n):
    found = of(n).agreement
    drawn = cells(plots.agreement(of(n).clusters))
    expected = found.frame.loc[drawn.index, drawn.columns].to_numpy()
    off = ~np.eye(n, dtype=bool)
    assert np.array_equal(drawn.to_numpy()[off], expected[off], equal_nan=True)
    assert np.isnan(np.diag(drawn)).all()


def test_numbers_are_written_in_small_tables_only():
    ax = plots.agreement(of(14).clusters)
    pairs = of(14).agreement.pairs
    assert len(with_gid(ax.texts, "value")) == 2 * (pairs > 0).sum()
    assert len(with_gid(ax.texts, "missing")) == 2 * np.isnan(pairs).sum()
    assert with_gid(plots.agreement(of(30).clusters).texts, "value") == []


def test_numbers_above_one_keep_their_zeros():
    table = pd.DataFrame([[0, 10.5], [10.5, 0]], ["A", "B"], ["A", "B"])
    values = with_gid(plots.agreement(table).texts, "value")
    assert [text.get_text() for text in values] == ["10.50", "10.50"]


def test_actors_are_named_once_in_the_order_of_the_tree():
    ax = plots.agreement(of(30).clusters)
    assert y_labels(ax) == [name[:60] for name in of(30).clusters.order]
    assert [label.get_text() for label in ax.get_xticklabels()] == []


def test_the_scale_ends_at_the_robust_maximum():
    values = np.full((40, 40), 0.1)
    values[:20, :20] = 0.2
    values[0, 1] = values[1, 0] = 0.9
    names = [f"actor {i}" for i in range(40)]
    ax = plots.agreement(pd.DataFrame(values, names, names))
    ticks = [label.get_text() for label in child(ax, "scale").get_xticklabels()]
    assert ticks == ["0", "≥ 0.2"]
    (mesh,) = with_gid(ax.collections, "agreement")
    assert mesh.norm.vmax == 0.2
    ticks = child(plots.agreement(of(14).clusters), "scale").get_xticklabels()
    assert [label.get_text() for label in ticks] == ["0", "1"]


def test_a_measure_below_zero_has_two_hues():
    found = cam.agreement(of(30).tally, "subtract")
    ax = plots.agreement(found)
    (mesh,) = with_gid(ax.collections, "agreement")
    assert mesh.norm.vmin == -mesh.norm.vmax
    assert y_labels(ax) == list(found.actors)


def test_an_agreement_is_drawn_without_random_tables(monkeypatch):
    from camdata.analysis import chance, null

    def refuse(*args, **kwargs):
        raise AssertionError("random tables")

    monkeypatch.setattr(null, "draw", refuse)
    monkeypatch.setattr(chance, "random_tables", refuse)
    ax = plots.agreement(of(14).agreement)
    assert child(ax, "tree") is not None
    assert with_gid(child(ax, "tree").lines, "cut") == []


def test_the_tree_joins_at_its_heights_and_is_cut_into_the_clusters():
    clusters = of(14).clusters
    ax = plots.agreement(clusters)
    tree = child(ax, "tree")
    (merges,) = with_gid(tree.collections, "merges")
    heights = [segment[:, 0].max() for segment in merges.get_segments()]
    assert np.allclose(heights, clusters.linkage[:, 2])
    (cut,) = with_gid(tree.lines, "cut")
    x = cut.get_xdata()[0]
    assert len(clusters.placed) - (clusters.linkage[:, 2] < x).sum() == clusters.n_clusters
    place = dict(zip(y_labels(ax), ax.get_yticks(), strict=True))
    starts = [y for s in merges.get_segments() for x, y in (s[0], s[-1]) if x == 0]
    assert {round(place[name], 6) for name in clusters.placed} <= set(np.round(starts, 6))


@pytest.mark.parametrize(("number", "said"), [(1, False), (2, True)])
def test_one_cluster_is_no_cut(number, said):
    ax = plots.agreement(cam.cluster(of(14).agreement, number))
    (how,) = with_gid(ax.texts, "subtitle")
    assert ("dashed: its cut" in how.get_text().replace("\n", " ")) == said
    assert len(with_gid(child(ax, "tree").lines, "cut")) == said


def test_the_title_holds_the_means_inside_and_between():
    clusters = of(14).clusters
    numbers = clusters.labels.astype("float64").to_numpy()
    values = clusters.agreement.values
    upper = np.triu(np.ones_like(values, dtype=bool), 1) & ~np.isnan(values)
    upper &= ~np.isnan(numbers)[:, None] & ~np.isnan(numbers)[None]
    inside = values[upper & (numbers[:, None] == numbers)].mean()
    between = values[upper & (numbers[:, None] != numbers)].mean()
    said = title(plots.agreement(clusters))
    assert f"{inside:.2f} inside" in said
    assert f"{between:.2f} between" in said
    assert "13 of 91 pairs" in note(plots.agreement(clusters))


def test_cmap_and_note_are_parameters():
    ax = plots.agreement(of(14).clusters, cmap="magma", note="My own source.")
    assert with_gid(ax.collections, "agreement")[0].get_cmap().name == "magma"
    assert note(ax) == "My own source."
