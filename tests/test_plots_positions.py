"""The grid of positions, read back from its artists."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    contrast,
    drawn_at,
    faults,
    labels_of,
    legend,
    luminance,
    note,
    of,
    title,
    with_gid,
    x_labels,
    y_labels,
)
from matplotlib.colors import same_color, to_hex, to_rgba

import camdata as cam
from camdata import plots
from camdata.plots import _style

KINDS = ("support", "oppose", "both", "level")


def grid(ax):
    """Return a grid as a frame of what is drawn, actors × columns, each cell drawn once."""
    columns, rows = labels_of(ax, "x"), labels_of(ax, "y")
    names = [name.rsplit(" (", 1)[0] for name in rows.values()]
    table = pd.DataFrame("", index=names, columns=columns.values())
    (dashes,) = with_gid(ax.collections, "missing")
    drawn = [("missing", *segment.mean(axis=0)) for segment in dashes.get_segments()]
    drawn += [
        (patch.get_gid(), patch.get_x() + 0.38, patch.get_y() + 0.38)
        for patch in ax.patches
        if str(patch.get_gid()).split(" ")[0] in KINDS
    ]
    for gid, x, y in drawn:
        row, column = list(rows).index(round(y, 3)), list(columns).index(round(x, 3))
        assert table.iloc[row, column] == "", "a cell is drawn twice"
        table.iloc[row, column] = gid
    assert (table != "").all(axis=None)
    return table


def parts(ax, column, actor):
    """Return what is drawn in a cell, from left to right: its ids, widths and colors."""
    x = next(at for at, label in labels_of(ax, "x").items() if label == column)
    y = next(at for at, label in labels_of(ax, "y").items() if label.startswith(actor))
    inside = [
        patch
        for patch in ax.patches
        if np.abs(patch.get_path().vertices.max() - 1) < 1e-9
        and abs(patch.get_x() + patch.get_width() / 2 - x) < 0.5
        and abs(patch.get_y() + patch.get_height() / 2 - y) < 0.5
    ]
    return [
        (
            patch.get_gid(),
            round(patch.get_x() - x, 2),
            round(patch.get_width(), 2),
            to_hex(patch.get_facecolor()),
            to_hex(patch.get_edgecolor()),
            patch.get_hatch(),
        )
        for patch in inside
    ]


def expected_grid(tally, explicit=None):
    """Return what each cell must show, from the positions themselves."""
    names = {1: "support", -1: "oppose", 0: "both"}
    table = tally.positions.astype(object)
    for actor in table.index:
        for key in table.columns:
            value = table.at[actor, key]
            shown = "missing" if value is pd.NA else names[int(value)]
            if explicit is not None and value is not pd.NA:
                shown += " by_reference" if explicit.at[actor, key] is pd.NA else ""
            table.at[actor, key] = shown
    return table


# what is drawn


@pytest.mark.parametrize(("which", "width"), SIZES)
@pytest.mark.parametrize("by", ["code", "dimension"])
def test_everything_can_be_read(which, width, by):
    ax = drawn_at(lambda x, **look: plots.positions(x.meeting, by=by, **look), which, width)
    assert faults(ax) == {}


@pytest.mark.parametrize("by", ["code", "dimension"])
def test_every_cell_shows_its_position(by):
    meeting = of("bundled").meeting
    tally = meeting.tally(by)
    explicit = meeting.select(basis="explicit").tally(by).positions
    expected = expected_grid(tally, explicit)
    for ax in (plots.positions(meeting, by=by), plots.positions(tally)):
        found = grid(ax)
        assert found.columns.tolist() == list(tally.labels)
        assert found.index.tolist() == list(tally.actors)
        assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    referred = found.apply(lambda column: column.str.contains("by_reference"))
    assert found.index[referred.any(axis="columns")].tolist() == ["Colombia", "United States"]
    assert (found.loc["Bolivia"] == "missing").all()


@pytest.mark.parametrize("which", [3, 60, "dollars"])
def test_every_cell_of_other_meetings_shows_its_position(which):
    tally = of(which).codes
    found = grid(plots.positions(tally))
    assert found.to_numpy().tolist() == expected_grid(tally).to_numpy().tolist()
    assert {"support", "oppose", "both", "missing"} == set(found.to_numpy().ravel())


def test_a_meeting_is_shown_by_codes_and_a_tally_at_its_own_level():
    x = of("bundled")
    assert x_labels(plots.positions(x.meeting)) == list(x.codes.labels)
    assert x_labels(plots.positions(x.tally)) == list(x.tally.keys)
    assert x_labels(plots.positions(x.tally, by="dimension")) == list(x.tally.keys)
    with pytest.raises(ValueError, match="counts by dimension"):
        plots.positions(x.tally, by="code")
    plain = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    assert x_labels(plots.positions(plain)) == ["x"]
    with pytest.raises(ValueError, match="no dimensions"):
        plots.positions(plain, by="dimension")


def test_a_frame_of_positions_is_drawn_without_counts():
    frame = of("bundled").codes.positions
    ax = plots.positions(frame)
    assert grid(ax).to_numpy().tolist() == expected_grid(of("bundled").codes).to_numpy().tolist()
    assert y_labels(ax) == list(frame.index)
    assert title(ax) == "Recorded positions: 14 actors × 17 codes"
    assert note(ax) == ""


@pytest.mark.parametrize("basis", ["explicit", "by_reference"])
def test_what_is_recorded_by_reference_is_hatched_and_nothing_else_is(basis):
    meeting = of("bundled").meeting
    for ax in (plots.positions(meeting), plots.positions(meeting.select(basis=basis))):
        for patch in ax.patches:
            assert bool(patch.get_hatch()) == ("by_reference" in str(patch.get_gid()))
    assert any(patch.get_hatch() for patch in ax.patches) == (basis == "by_reference")


def test_statements_are_counted_beside_the_rows():
    x = of("bundled")
    ax = plots.positions(x.meeting)
    assert y_labels(ax) == [f"{actor} ({n})" for actor, n in x.codes.statements.items()]
    assert "Bolivia (0)" in y_labels(ax)
    assert note(ax) == "in brackets: recorded statements"


def test_the_title_carries_level_and_counts():
    meeting = of("bundled").meeting

    def shown(part=meeting, **options):
        return title(plots.positions(part, **options))

    assert shown() == "Recorded positions: 14 actors × 17 codes, 38 statements"
    assert shown(by="dimension") == "Recorded positions: 14 actors × 4 dimensions, 38 statements"
    explicit = meeting.select(basis="explicit")
    assert shown(explicit) == "Recorded positions: 14 actors × 17 codes, 36 statements"
    officials = meeting.select(kinds="official")
    total = officials.tally("code").n_statements
    assert shown(officials) == f"Recorded positions: 3 actors × 17 codes, {total} statements"
    one = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    assert shown(one) == "Recorded positions: 1 actor × 1 code, 1 statement"


def test_codes_of_one_dimension_have_one_color_and_stand_under_its_name():
    meeting = of("bundled").meeting
    ax = plots.positions(meeting)
    codebook = meeting.codebook.set_index("label")["dimension"]
    columns = labels_of(ax, "x")
    colors = {}
    for patch in with_gid(ax.patches, "support"):
        dimension = codebook[columns[round(patch.get_x() + 0.38, 3)]]
        colors.setdefault(dimension, set()).add(patch.get_edgecolor())
    assert set(colors) == set(codebook)
    assert all(len(used) == 1 for used in colors.values())
    assert len(set.union(*colors.values())) == len(colors)
    named = {text.get_text(): text for text in ax.texts if text.get_text() in colors}
    assert list(named) == codebook.unique().tolist()
    for dimension, text in named.items():
        inside = [x for x, label in columns.items() if codebook[label] == dimension]
        assert min(inside) <= text.get_position()[0] <= max(inside)
        assert to_rgba(text.get_color()) in colors[dimension]


def test_codes_of_one_dimension_stand_together_whatever_their_order():
    codebook = pd.DataFrame(
        {"code": list("abcd"), "dimension": ["money", "rules", "money", "rules"]}
    )
    statements = pd.DataFrame({"actor": ["A"] * 4, "code": list("abcd")})
    ax = plots.positions(cam.Meeting(statements, codebook=codebook))
    assert x_labels(ax) == ["a", "c", "b", "d"]


def test_names_of_many_dimensions_do_not_overlap():
    names = (
        "agriculture climate coordination defence education energy environment governance health "
        "integration migration transport"
    ).split()
    codebook = pd.DataFrame({"code": [f"{name} policy" for name in names], "dimension": names})
    statements = pd.DataFrame({"actor": ["A", "B"], "code": codebook["code"].iloc[:2]})
    for figsize in (None, 3.5):
        ax = plots.positions(cam.Meeting(statements, codebook=codebook), figsize=figsize)
        assert faults(ax) == {}


# support, opposition, both

TINY = pd.DataFrame(
    [
        ("Ana", "tax", 1, "explicit"),
        ("Ana", "quota", -1, "explicit"),
        ("Beto", "tax", 1, "explicit"),
        ("Beto", "tax", -1, "explicit"),
        ("Beto", "aid", -1, "by_reference"),
        ("Caio", "tax", 1, "by_reference"),
        ("Zoe", "tax", 1, "by_reference"),
        ("Zoe", "tax", -1, "by_reference"),
    ],
    columns=["actor", "code", "stance", "basis"],
)


@pytest.mark.parametrize("by", ["code", "dimension"])
def test_a_small_meeting_with_every_kind_of_position_can_be_read(by):
    codebook = pd.DataFrame(
        {"code": ["tax", "quota", "aid"], "dimension": ["money", "rules", "money"]}
    )
    assert faults(plots.positions(cam.Meeting(TINY, codebook=codebook), by=by)) == {}


def test_opposition_is_as_loud_as_support():
    ax = plots.positions(cam.Meeting(TINY))
    ((kind, left, wide, support, *_),) = parts(ax, "tax", "Ana")
    (against, bar) = parts(ax, "quota", "Ana")
    assert (kind, against[0], bar[0]) == ("support", "oppose", "bar")
    assert against[1:3] == (left, wide)  # the same square, as full
    for color in (support, against[3]):
        assert contrast(color, "white") > 4.5
        assert not same_color(color, "white")
    assert same_color(against[3], _style.SIGNAL)
    assert same_color(bar[3], "white")  # in grey the bar tells them apart
    assert bar[2] > 0.3


def test_both_is_half_of_each():
    ax = plots.positions(cam.Meeting(TINY))
    left, right, bar = parts(ax, "tax", "Beto")
    (whole,) = parts(ax, "tax", "Ana")
    assert left[2] == right[2] == pytest.approx(whole[2] / 2)
    assert left[1] == whole[1]
    assert right[1] == pytest.approx(left[1] + left[2])
    assert left[3] == whole[3]
    assert same_color(right[3], _style.SIGNAL)
    assert right[1] < bar[1] < bar[1] + bar[2] < right[1] + right[2]


def test_by_reference_the_stances_are_drawn_differently_too():
    ax = plots.positions(cam.Meeting(TINY))
    cells = [parts(ax, *cell) for cell in (("tax", "Caio"), ("aid", "Beto"), ("tax", "Zoe"))]
    shapes = [[part[:3] + part[4:] for part in cell] for cell in cells]
    assert len({tuple(shape) for shape in shapes}) == 3
    for cell in cells:
        assert all(part[5] for part in cell if part[0] != "bar")
        assert all(same_color(part[3], "white") for part in cell if part[0] != "bar")


def test_the_legend_names_what_occurs_and_nothing_else():
    assert legend(plots.positions(of("bundled").meeting)) == [
        "supports",
        "by reference only",
        "nothing recorded",
    ]
    assert legend(plots.positions(cam.Meeting(TINY))) == [
        "supports",
        "opposes (−)",
        "half of each: both",
        "by reference only",
        "nothing recorded",
    ]
    explicit = cam.Meeting(TINY).select(basis="explicit")
    assert "by reference only" not in legend(plots.positions(explicit))
    full = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    assert legend(plots.positions(full)) == ["supports"]


# ordinal scales


@pytest.mark.parametrize("figsize", [None, 3.5])
def test_an_ordinal_scale_is_drawn_with_its_levels(figsize):
    tally = of("ordinal").codes
    ax = plots.positions(tally, figsize=figsize)
    assert faults(ax) == {}
    found = grid(ax)
    assert set(found.to_numpy().ravel()) == {"level", "missing"}
    recorded = tally.positions.notna().to_numpy()
    assert ((found == "level").to_numpy() == recorded).all()
    columns, rows = list(labels_of(ax, "x")), list(labels_of(ax, "y"))
    for text in with_gid(ax.texts, "number"):
        x, y = text.get_position()
        value = tally.positions.iloc[rows.index(round(y, 3)), columns.index(round(x, 3))]
        assert float(text.get_text().replace("−", "-")) == value
    assert len(with_gid(ax.texts, "number")) == recorded.sum()


def test_several_levels_are_marked():
    tally = of("ordinal").codes
    ax = plots.positions(tally)
    columns, rows = list(labels_of(ax, "x")), list(labels_of(ax, "y"))
    marked = set()
    for fold in with_gid(ax.patches, "several"):
        x, y = fold.get_xy().mean(axis=0)
        column = int(np.argmin(np.abs(np.array(columns) - x)))
        marked.add((int(np.argmin(np.abs(np.array(rows) - y))), column))
    assert marked == set(map(tuple, np.argwhere(tally.several.to_numpy())))
    assert marked
    assert legend(ax) == ["1", "0", "−1", "several levels: their mean", "nothing recorded"]


def test_levels_below_zero_are_as_loud_as_those_above():
    table = pd.DataFrame({"x": [1, 0, -1]}, index=["yes", "abstain", "no"])
    ax = plots.positions(cam.Tally.from_positions(table, stances=(1, 0, -1)))
    yes, abstain, no = (patch.get_facecolor() for patch in with_gid(ax.patches, "level"))
    assert contrast(yes, "white") > 4.5
    assert contrast(no, "white") > 4.5
    assert same_color(no, _style.SIGNAL)
    assert luminance(abstain) > max(luminance(yes), luminance(no))
    assert not same_color(abstain, "white")


def test_levels_of_a_scale_without_a_middle_grow_darker():
    table = pd.DataFrame({"x": [1, 2, 3, 4, 5]}, index=list("ABCDE"))
    ax = plots.positions(cam.Tally.from_positions(table, stances=(1, 2, 3, 4, 5)))
    shades = [luminance(patch.get_facecolor()) for patch in with_gid(ax.patches, "level")]
    assert (np.diff(shades) < 0).all()
    assert shades[0] < 0.95
    assert legend(ax) == ["5", "4", "3", "2", "1"]
    wide = pd.DataFrame({"x": range(9)}, index=list("ABCDEFGHI"))
    ax = plots.positions(cam.Tally.from_positions(wide, stances=tuple(range(9))))
    assert legend(ax) == ["8", "0"]


def test_it_tells_what_it_shows_to_those_who_do_not_see_it():
    assert plots.positions(of("bundled").meeting).get_figure().alt == (
        "Grid of 14 actors by 17 codes: 34 cells with a recorded position, the others with "
        "nothing; nothing at all is recorded of Bolivia."
    )
