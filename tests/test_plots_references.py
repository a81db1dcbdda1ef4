"""Who refers to whom: arrows that can be followed, names that nothing runs through."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    faults,
    legend,
    note,
    outlines,
    struck,
    title,
    with_gid,
)
from matplotlib.colors import same_color
from plotted import drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots


def draw(x, **look):
    return plots.references(x.meeting, **look)


def rows_of(ax):
    """Return the row of each name."""
    return {
        text.get_gid().removeprefix("label "): text.get_position()[1]
        for text in with_gid(ax.texts, "label ")
    }


def arrows_of(ax):
    """Return for each curve where it starts and ends (nearest row), its side, and its relation."""
    found = []
    middle = np.mean([text.get_position()[0] for text in with_gid(ax.texts, "label ")])
    for patch in with_gid(ax.patches, "reference "):
        points = patch.get_path().vertices
        if len(points) == 4:  # a straight one leads to or from somebody unnamed
            side = "right" if points[1][0] > middle else "left"
            relation = patch.get_gid().removeprefix("reference ")
            found.append((round(points[0][1]), round(points[3][1]), side, relation))
    return found


def meeting_of(rows, number=None, names="ABCDEFGH"):
    """Return a meeting with these references, its actors in speaking order."""
    actors = pd.DataFrame({"actor": [*names]})
    if number is not None:
        actors["speaking_order"] = pd.array(number, dtype="Int64")
    references = pd.DataFrame(rows, columns=["actor", "target", "relation"])
    statements = pd.DataFrame({"actor": actors["actor"], "code": "x"})
    return cam.Meeting(statements, actors=actors, references=references)


def test_holds_for_every_chart(tmp_path):
    holds_for_every_chart(draw, tmp_path)


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_can_be_read(which, width):
    ax = drawn_at(draw, which, width)
    assert faults(ax) == {}
    # neither arrows nor the thin lines to their dots run through a name or a question mark
    texts = with_gid(ax.texts, "label ") + with_gid(ax.texts, "unnamed")
    assert struck(texts, outlines(ax), within=1.5) == []


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_an_arrow_leads_from_who_refers_to_whom_is_referred_to(which):
    meeting = results(which).meeting
    ax = plots.references(meeting)
    row = rows_of(ax)
    table = meeting.references
    numbered = meeting.actors.dropna(subset=["speaking_order"])["actor"]
    table = table[table["actor"].isin(numbered) | table["target"].isin(numbered)]
    named = table.dropna(subset=["actor", "target"])
    expected = [
        (row[a], row[b], "right" if row[b] < row[a] else "left", relation)
        for a, b, relation in named[["actor", "target", "relation"]].itertuples(index=False)
    ]
    assert sorted(arrows_of(ax)) == sorted(expected)
    heads = [line.get_gid().removeprefix("head ") for line in with_gid(ax.lines, "head ")]
    pointed = table["target"].fillna("unnamed").tolist()
    assert sorted(heads) == sorted(pointed)
    assert len(with_gid(ax.texts, "unnamed")) == len(table) - len(named)
    assert f"{len(table)} reference" in title(ax)


def test_heads_point_at_the_row_that_is_referred_to():
    ax = plots.references(meeting_of([("C", "A", "echoes"), ("A", "B", "supports")]))
    row = rows_of(ax)
    (to_a,), (to_b,) = with_gid(ax.lines, "head A"), with_gid(ax.lines, "head B")
    assert round(to_a.get_ydata()[0]) == row["A"]
    assert round(to_b.get_ydata()[0]) == row["B"]
    assert to_a.get_marker() == "<"  # on the right of the names, towards them
    assert to_b.get_marker() == ">"
    assert to_a.get_xdata()[0] > to_b.get_xdata()[0]


def test_an_unnamed_end_is_a_question_mark_beside_the_name_that_is_known():
    ax = plots.references(meeting_of([("B", None, "echoes"), (None, "C", "supports")]))
    row = rows_of(ax)
    marks = {text.get_position()[1]: text for text in with_gid(ax.texts, "unnamed")}
    assert set(marks) == {row["B"], row["C"]}
    (out,) = with_gid(ax.lines, "head unnamed")
    (back,) = with_gid(ax.lines, "head C")
    assert (out.get_marker(), back.get_marker()) == (">", "<")
    assert out.get_ydata()[0] == row["B"]
    assert back.get_ydata()[0] == row["C"]
    assert not same_color(marks[row["B"]].get_color(), marks[row["C"]].get_color())
    assert "2 references, 2 of them with an unnamed end" in title(ax)
    assert "unnamed" in note(ax)


def test_several_references_of_one_pair_are_all_seen():
    for times in (1, 2, 3):
        ax = plots.references(meeting_of([("H", "A", "echoes")] * times))
        outs = {patch.get_path().vertices[1][0] for patch in with_gid(ax.patches, "reference ")}
        assert len(outs) == times


def test_longer_arrows_reach_farther_out():
    ax = plots.references(meeting_of([("H", "A", "echoes"), ("C", "B", "echoes")]))
    (long, short) = with_gid(ax.patches, "reference ")
    assert long.get_path().vertices[1][0] > short.get_path().vertices[1][0]


def test_rows_are_in_speaking_order_and_others_below():
    ax = draw(results("bundled"))
    shown = [text.get_text() for text in with_gid(ax.texts, "label ")]
    actors = results("bundled").meeting.actors
    order = actors.dropna(subset=["speaking_order"]).sort_values("speaking_order")["actor"]
    assert shown[:14] == [f"{i}. {actor}" for i, actor in enumerate(order, 1)]
    assert shown[14:] == ["CAM Chair", "RCM Chair", "SACM Chair"]
    rows = list(rows_of(ax).values())
    assert rows == sorted(rows)
    assert "numbers: speaking order" in note(ax)


def test_of_many_actors_only_those_with_a_reference_have_a_row():
    names = [f"N{i:02}" for i in range(40)]
    meeting = meeting_of([("N39", "N05", "echoes")], range(1, 41), names)
    ax = plots.references(meeting)
    assert [t.get_text() for t in with_gid(ax.texts, "label ")] == ["6. N05", "40. N39"]
    few = meeting_of([("H", "F", "echoes")], range(1, 9))
    assert len(rows_of(plots.references(few))) == 8


@pytest.mark.parametrize("number", [None, [None] * 8])
def test_without_a_speaking_order_nothing_speaks_of_it(number):
    ax = plots.references(meeting_of([("B", "A", "supports")], number))
    assert [t.get_text() for t in with_gid(ax.texts, "label ")] == ["A", "B"]
    assert "speaking order" not in note(ax)
    assert title(ax) == "Who refers to whom: 1 reference"


def test_color_and_line_say_the_relation():
    ax = draw(results("bundled"))
    assert legend(ax) == ["echoes", "builds on", "supports"]
    looks = {}
    for patch in with_gid(ax.patches, "reference "):
        relation = patch.get_gid().removeprefix("reference ")
        looks.setdefault(relation, set()).add(
            (tuple(patch.get_edgecolor()), str(patch.get_linestyle()))
        )
    assert all(len({color for color, _ in found}) == 1 for found in looks.values())
    colors = {relation: next(iter(found))[0] for relation, found in looks.items()}
    assert len(set(colors.values())) == 3
    for relation, handle in zip(
        ("echoes", "builds_on", "supports"), ax.get_legend().legend_handles, strict=True
    ):
        assert same_color(handle.get_color(), colors[relation])
    dashes = {relation: next(iter(found))[1] for relation, found in looks.items()}
    assert len(set(dashes.values())) == 3


def test_names_are_as_large_as_elsewhere():
    ax = draw(results("bundled"))
    assert {text.get_fontsize() for text in with_gid(ax.texts, "label ")} == {9.0}


def test_labels_and_palette():
    x = results("bundled")
    ax = draw(x, labels="iso3", palette={"echoes": "lime"})
    assert "1. COL" in [text.get_text() for text in with_gid(ax.texts, "label ")]
    assert all(
        same_color(patch.get_edgecolor(), "lime")
        for patch in with_gid(ax.patches, "reference echoes")
    )
    assert "COL is referred to most, 8 times" in ax.get_figure().alt


def test_arrows_stand_right_where_the_figure_changes_its_size():
    ax = draw(results("bundled"))
    ax.get_figure().set_size_inches(9, 7)
    ax.get_figure().canvas.draw()
    texts = with_gid(ax.texts, "label ") + with_gid(ax.texts, "unnamed")
    assert len(texts) == 17 + 7
    assert struck(texts, outlines(ax), within=1.5) == []


def test_references_are_needed():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    with pytest.raises(ValueError, match="no references"):
        plots.references(meeting)
    with pytest.raises(TypeError, match="`meeting` must be Meeting"):
        plots.references(results("bundled").tally)
