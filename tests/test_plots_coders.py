"""How far coders agree: an alpha for each row, by its label, with its interval and number."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    faults,
    note,
    title,
    with_gid,
    y_labels,
)
from plotted import drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots


def draw(x, **look):
    return plots.coders(x.reliability, **look)


def rows_of(ax):
    """Return the rows by their names, which may be there twice: their places."""
    names = [label.replace("\n", " ") for label in y_labels(ax)]
    return list(zip(names, ax.get_yticks(), strict=True))


def coded(rows, *, codes):
    """Return the reliability of statements: coder, actor, code."""
    table = pd.DataFrame(rows, columns=["coder", "actor", "code"])
    book = pd.DataFrame({"code": codes})
    return cam.reliability(cam.Meeting(table, codebook=book))


def test_holds_for_every_chart(tmp_path):
    holds_for_every_chart(draw, tmp_path)


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_can_be_read(which, width):
    assert faults(drawn_at(draw, which, width)) == {}


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_dots_and_lines_are_alphas_and_their_intervals(which):
    result = results(which).reliability
    pairs = result.pairs.rename(index=lambda name: name)
    expected = []
    blocks = [("", result.overall), ("Kinds of actor", result.by_kind)]
    if len(result.coders) > 2:
        blocks.append(("Two coders", pairs))
    blocks += [("Dimensions", result.by_dimension), ("Codes", result.by_code)]
    for heading, table in blocks:
        if heading and len(table):
            expected.append((heading, None))
        for name, row in table.iterrows():
            shown = " – ".join(name) if isinstance(name, tuple) else result.labels.get(name, name)
            expected.append((shown, row))
    ax = draw(results(which))
    rows = rows_of(ax)
    assert [name for name, _ in rows] == [name for name, _ in expected]
    dots = {line.get_ydata()[0]: line.get_xdata()[0] for line in with_gid(ax.lines, "alpha")}
    bars = {line.get_ydata()[0]: tuple(line.get_xdata()) for line in with_gid(ax.lines, "interval")}
    numbers = {text.xy[1]: text.get_text() for text in with_gid(ax.texts, "number")}
    for (name, at), (_, row) in zip(rows, expected, strict=True):
        if row is None or np.isnan(row["alpha"]):
            assert at not in dots
            continue
        assert dots[at] == row["alpha"], name
        assert bars.get(at) == (None if row["reason"] else (row["low"], row["high"]))
        assert float(numbers[at].lstrip(">")) == pytest.approx(row["alpha"], abs=0.01)
    defined = [row for _, row in expected if row is not None and not np.isnan(row["alpha"])]
    assert len(dots) == len(numbers) == len(defined)


def test_headings_are_bold_and_codes_have_their_labels():
    x = results("bundled")
    ax = draw(x)
    bold = [t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == ["Kinds of actor", "Two coders", "Dimensions", "Codes"]
    names = [name for name, _ in rows_of(ax)]
    assert set(x.meeting.codebook["label"]) <= set(names)
    assert not set(x.meeting.codebook["code"]) & set(names)
    assert "CAM" in [name for name, _ in rows_of(draw(x, labels={"cam_facilitator": "CAM"}))]


def test_the_title_says_who_is_compared_and_on_what():
    result = results("bundled").reliability
    shown = title(draw(results("bundled")))
    assert shown.startswith(", ".join(result.coders))
    assert f"alpha {result.alpha:.2f} on {result.overall['units'].iloc[0]} units" in shown
    assert "Ana and Ben: alpha" in title(draw(results(3)))


def test_an_alpha_that_is_not_defined_is_a_cross():
    rows = [(who, *cell) for who in ("Ana", "Ben") for cell in ("Ax", "Bx", "Ay")]
    result = coded(rows, codes=["x", "y"])
    assert np.isnan(result.by_code.loc["x", "alpha"])
    ax = plots.coders(result)
    row = dict(rows_of(ax))["x"]
    (cross,) = with_gid(ax.lines, "undefined")
    assert cross.get_ydata()[0] == row
    assert cross.get_marker() == "x"
    assert row not in [line.get_ydata()[0] for line in with_gid(ax.lines, "alpha")]
    assert "×: not defined, one value only" in note(ax)
    assert "×" not in note(draw(results("bundled")))


def test_low_values_stay_inside():
    rows = [("Ana", "A", "x"), ("Ana", "B", "y"), ("Ben", "B", "x"), ("Ben", "A", "y")]
    result = coded(rows, codes=["x", "y"])
    assert result.alpha < -0.3
    low, high = plots.coders(result).get_xlim()
    assert low < np.nanmin(result.frame[["alpha", "low"]])
    assert high > 1


def test_an_interval_that_is_missing_is_not_drawn():
    result = results(3).reliability
    frame = result.overall.assign(low=np.nan, high=np.nan)
    ax = plots.coders(replace(result, overall=frame))
    first = rows_of(ax)[0][1]
    assert first in [line.get_ydata()[0] for line in with_gid(ax.lines, "alpha")]
    assert first not in [line.get_ydata()[0] for line in with_gid(ax.lines, "interval")]


def test_another_thing_is_refused():
    with pytest.raises(TypeError, match="`reliability` must be Reliability"):
        plots.coders(results("bundled").meeting)
