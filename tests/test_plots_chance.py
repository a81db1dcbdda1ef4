"""Charts of what chance gives: the number of clusters, and the multiverse."""

import numpy as np
import pytest
from charts import (
    legend,
    note,
    of,
    title,
    with_gid,
    y_labels,
)

from camdata import plots
from camdata._display.words import p_words

# the number of clusters


def test_silhouettes_stand_beside_those_of_random_tables():
    choice = of(14).choice
    ax = plots.cluster_choice(choice)
    for gid, column in (("silhouette", "silhouette"), ("expected", "expected")):
        (line,) = [line for line in ax.lines if line.get_gid() == gid]
        assert np.allclose(line.get_ydata(), choice.table[column], equal_nan=True)
        assert line.get_xdata().tolist() == choice.table.index.tolist()
    (ring,) = with_gid(ax.lines, "chosen")
    assert ring.get_xdata().tolist() == [choice.n_clusters]


def test_the_title_says_whether_any_number_is_clearer_than_chance():
    for which in (14, 60):
        choice = of(which).choice
        said = title(plots.cluster_choice(choice))
        assert said.startswith("No number of clusters is significantly") != choice.is_clear
        assert p_words(choice.p_value) in said.replace("\u00a0", " ")


def test_excesses_have_room_among_many_numbers():
    ax = plots.cluster_choice(of(60).choice, figsize=3.5)
    excess = with_gid(ax.texts, "excess")
    assert len(excess) == len(ax.get_xticks()) < len(of(60).choice.table)
    assert of(60).choice.n_clusters in ax.get_xticks()


# the multiverse


def test_shares_are_bars_beside_what_chance_gives():
    universe = of(14).universe
    ax = plots.shares(universe, most=7)
    top = universe.pairs.head(7)
    bars = [patch for patch in ax.patches if patch.get_gid() == "share"]
    assert np.allclose([bar.get_width() for bar in bars], top["share"])
    (marks,) = with_gid(ax.collections, "chance")
    assert np.allclose([segment[0, 0] for segment in marks.get_segments()], top["chance"])
    assert y_labels(ax) == [f"{a} – {b}" for a, b in top[["actor", "other"]].to_numpy()]
    words = [text.get_text() for text in with_gid(ax.texts, "words")]
    assert words[0].endswith(p_words(top["p_adjusted"].iloc[0]))
    assert title(ax) == universe.finding
    assert p_words(universe.p_value) in note(ax)


def test_the_matrix_of_shares_has_all_pairs():
    universe = of(14).universe
    ax = plots.shares(universe, kind="matrix", labels={"Chile": "CHL"})
    assert "CHL" in [label.get_text() for label in ax.get_yticklabels()]
    for draw in (plots.shares, plots.multiverse):
        assert any("CHL" in name for name in y_labels(draw(universe, labels="iso3")))
        with pytest.raises(ValueError, match="did you mean 'iso3'"):
            draw(universe, labels="iso")
    ax = plots.shares(universe, kind="matrix")
    (mesh,) = with_gid(ax.collections, "agreement")
    drawn = np.sort(mesh.get_array())
    assert np.allclose(drawn, np.sort(np.repeat(universe.pairs["share"].to_numpy(), 2)))
    assert sorted(y_labels(ax)) == sorted(universe.labels.index)
    with pytest.raises(ValueError, match="`kind`"):
        plots.shares(universe, kind="bars")


def test_every_specification_is_a_column_with_its_clusters_and_choices():
    universe = of(14).universe
    ax = plots.multiverse(universe)
    labels = universe.labels
    order, drawn = y_labels(ax)[: len(labels)], {}
    for collection in with_gid(ax.collections, "cluster"):
        for path in collection.get_paths():
            x, y = path.vertices[:4].mean(axis=0).round().astype(int)
            drawn.setdefault(x, {}).setdefault(collection.get_gid(), set()).add(order[y])

    def parts(columns):
        return sorted(sorted(sorted(members) for members in column) for column in columns)

    made = (labels[name].groupby(labels[name]).groups.values() for name in labels)
    assert parts(column.values() for column in drawn.values()) == parts(made)
    together = universe.pairs.loc[0, ["actor", "other"]]
    numbers = [gid for column in drawn.values() for gid in column if {*together} <= column[gid]]
    assert max(map(numbers.count, numbers)) > 0.8 * len(numbers)  # of one color nearly everywhere
    (unplaced,) = with_gid(ax.collections, "unplaced")
    assert len(unplaced.get_paths()) == labels.isna().sum().sum()
    marks = [len(line.get_xdata()) for line in with_gid(ax.lines, "choice")]
    varied = ["by", "basis", "coder", "measure", "method", "n_clusters"]
    counts = universe.specifications[varied].nunique()
    assert sum(marks) == len(universe.specifications) * (counts > 1).sum()
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert "Number of clusters" in bold
    assert not any(text.get_text().isdigit() for text in ax.texts)
    assert "other clusters" in legend(ax)
