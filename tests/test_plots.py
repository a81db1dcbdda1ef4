"""What holds for every chart: it can be read at every size, and takes the same keywords."""

import inspect
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    ODD,
    VISION,
    contrast,
    distance,
    drawn_texts,
    faults,
    lab,
    of,
    overlapping,
    title,
)
from matplotlib.axes import Axes

import camdata as cam
from camdata import plots
from camdata.plots import _style

CHARTS = {
    "agreement": lambda x, **look: plots.agreement(x.clusters, **look),
    "bars": lambda x, **look: plots.bars(x.tally, **look),
    "cluster_choice": lambda x, **look: plots.cluster_choice(x.choice, **look),
    "coders": lambda x, **look: plots.coders(x.reliability, **look),
    "coverage": lambda x, **look: plots.coverage(x.meeting.coverage(), **look),
    "map": lambda x, **look: plots.map(x.coordinates, **look),
    "memberships": lambda x, **look: plots.memberships(x.windows, **look),
    "multiverse": lambda x, **look: plots.multiverse(x.universe, **look),
    "network": lambda x, **look: plots.network(x.clusters, **look),
    "null_model": lambda x, **look: plots.null_model(x.null, **look),
    "over_time": lambda x, **look: plots.over_time(x.windows, **look),
    "positions": lambda x, **look: plots.positions(x.meeting, clusters=x.clusters, **look),
    "profile": lambda x, **look: plots.profile(x.profile, **look),
    "references": lambda x, **look: plots.references(x.meeting, **look),
    "sensitivity": lambda x, **look: plots.sensitivity(x.sensitivity, **look),
    "shares": lambda x, **look: plots.shares(x.universe, **look),
    "shares matrix": lambda x, **look: plots.shares(x.universe, kind="matrix", **look),
    "two_mode": lambda x, **look: plots.two_mode(x.tally, **look),
}
EACH = pytest.mark.parametrize("name", CHARTS)
KINDS = [name for name in plots.__all__ if name != "save"]
MOST = {"multiverse": 60, "shares": 60, "shares matrix": 60, "sensitivity": 60, "coverage": 14}
"""Up to how many actors a chart is drawn here: its result takes long, or has no texts."""

SOME = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("agreement", "map", "shares") else pytest.mark.long)
        for name in CHARTS
    ],
)
"""Charts that differ in how they are laid out; the others follow with the long tests."""

CASES = [
    pytest.param(name, n, width, ground, id=f"{name}-{n}-{width}-{ground}")
    for name in CHARTS
    for n, width, ground in (
        (14, 7, "dark_background"),
        (3, 3.5, "default"),
        (14, 3.5, "default"),
        (60, 3.5, "default"),
        (200, 7, "default"),
    )
    if n <= MOST.get(name, 200) and not (name == "coverage" and n != 14)
]


def test_every_chart_is_tried_here():
    assert {name.split()[0] for name in CHARTS} == set(KINDS)


def check_readable(ax):
    """Assert that no text overlaps, is cut off or too small, and that its color has contrast."""
    assert faults(ax) == {}
    figure = ax.get_figure()
    for text in drawn_texts(figure):
        if (text.axes is ax and text.get_gid() in ("note", "subtitle")) or text is ax.title:
            assert contrast(text.get_color(), figure.get_facecolor()) >= 3


@pytest.mark.long
@pytest.mark.parametrize(("name", "n", "width", "ground"), CASES)
def test_a_chart_can_be_read_at_every_size_on_every_ground(name, n, width, ground):
    with plt.style.context(ground):
        ax = CHARTS[name](of(n), figsize=width)
        assert ax.get_figure().get_size_inches()[0] == width
        check_readable(ax)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("name", [name for name in CHARTS if name != "coverage"])
def test_of_one_or_two_actors_there_is_a_chart_or_one_sentence(name, number):
    if name.split()[0] in ("cluster_choice", "multiverse", "null_model", "shares"):
        with pytest.raises(ValueError, match="at least three actors"):
            CHARTS[name](of(number))
        return
    ax = CHARTS[name](of(number))
    check_readable(ax)
    assert "nan" not in " ".join(text.get_text() for text in drawn_texts(ax.get_figure()))
    drawn = [*ax.collections, *ax.lines, *ax.patches]
    assert drawn or [text for text in ax.texts if text.get_gid() == "sentence"]


def test_of_nothing_there_is_one_sentence():
    tally = cam.Meeting(pd.DataFrame({"actor": [], "code": []}, dtype="str")).tally()
    agreement = cam.agreement(tally)
    for ax in (
        plots.positions(tally),
        plots.bars(tally),
        plots.two_mode(tally),
        plots.agreement(agreement),
        plots.network(agreement),
        plots.map(cam.coordinates(agreement)),
        plots.coverage(of(14).meeting.coverage().head(0)),
    ):
        assert "sentence" in [text.get_gid() for text in ax.texts]
        assert title(ax)
        check_readable(ax)


@EACH
def test_a_chart_can_be_read_and_says_what_it_shows(name):
    before = dict(mpl.rcParams)
    ax = CHARTS[name](of(14))
    assert dict(mpl.rcParams) == before
    assert isinstance(ax, Axes)
    assert plt.get_fignums() == [ax.get_figure().number]
    assert 0 < len(title(ax)) <= 100
    assert len(ax.get_figure().alt) > 40
    assert "?." not in ax.get_figure().alt
    notes = [text.get_text() for text in ax.texts if text.get_gid() == "note"]
    assert len(notes) == 1
    check_readable(ax)


@SOME
def test_a_title_of_ones_own_stands_in_place_of_the_charts(name):
    own = title(CHARTS[name](of(14), title="Who stands with whom"))
    assert own == "Who stands with whom"
    assert title(CHARTS[name](of(14), title="")) == ""


@SOME
def test_a_figure_has_the_size_it_was_given(name):
    ax = CHARTS[name](of(14), figsize=(7.5, 7))
    assert tuple(ax.get_figure().get_size_inches()) == (7.5, 7)
    assert faults(ax) == {}


@EACH
def test_with_axes_of_ones_own_a_chart_only_draws(name):
    figure, (left, right) = plt.subplots(1, 2, figsize=(18, 9))
    place = right.get_position().bounds
    assert CHARTS[name](of(14), ax=right) is right
    assert plt.get_fignums() == [figure.number]
    assert right.get_position().bounds == place
    assert not left.has_data()
    assert title(right)
    assert not hasattr(figure, "alt")


@SOME
def test_odd_names_are_written_as_they_are(name):
    if name in ("coverage", "map"):
        pytest.skip("names come from texts, or a map of its own")
    ax = CHARTS[name](of("odd"), title="From $1 to $2")
    texts = drawn_texts(ax.get_figure())
    assert not any(text.get_parse_math() for text in texts)
    assert faults(ax) == {}


def test_names_from_right_to_left_turn_nothing_around_them():
    ax = CHARTS["agreement"](of("odd"))
    texts = [text.get_text() for text in drawn_texts(ax.get_figure())]
    arabic = [words for words in texts if any("\u0600" < letter < "\u06ff" for letter in words)]
    assert arabic
    for words in arabic:
        assert words.count("\u2068") == words.count("\u2069") > 0


def test_a_script_without_a_font_is_said_once(monkeypatch):
    monkeypatch.setattr(_style, "_warned", set())
    monkeypatch.setattr(_style, "_installed", lambda: frozenset(["DejaVu Sans"]))
    frame = cam.load_meeting().tally().positions
    names = {name: f"中国{i}" for i, name in enumerate(frame.index)}
    with pytest.warns(UserWarning, match="Noto Sans CJK") as said:
        plots.positions(frame, labels=names)
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.positions(frame, labels=names)


# keywords


@pytest.mark.parametrize("name", KINDS)
def test_every_chart_takes_its_data_first_and_the_same_keywords(name):
    parameters = inspect.signature(getattr(plots, name)).parameters
    first, *others = parameters.values()
    assert first.default is first.empty
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in others)
    assert [other.name for other in others[-5:]] == ["title", "labels", "palette", "figsize", "ax"]
    assert all(other.default is None for other in others[-5:])


@pytest.mark.parametrize("name", KINDS)
def test_an_unknown_keyword_lists_the_known_ones(name):
    with pytest.raises(TypeError, match=r"'titel'.*did you mean 'title'.*labels, palette"):
        getattr(plots, name)(None, titel="Who is who")


@pytest.mark.parametrize("name", KINDS)
def test_a_wrong_result_is_said_with_the_call_that_makes_the_right_one(name):
    made = rf"plots\.{name} needs .*, from (cam|meeting)\.\w+.*, but 3 was passed as `\w+`"
    with pytest.raises(TypeError, match=made):
        getattr(plots, name)(3)
    with pytest.raises(TypeError, match=r"an Agreement, from cam\.agreement\(meeting\.tally\(\)\)"):
        plots.agreement(of(14).meeting)


@pytest.mark.parametrize(
    ("look", "error", "words"),
    [
        ({"title": 3}, TypeError, "`title` must be a text"),
        ({"ax": 3}, TypeError, "`ax` must be one Axes"),
        ({"figsize": -1}, ValueError, "`figsize` must be a width"),
        ({"figsize": (1, 1)}, ValueError, "leaves no room"),
        ({"palette": "red"}, TypeError, "`palette` must be a list of colors"),
        ({"palette": {"supports": "no color"}}, ValueError, "`palette` must hold colors"),
        ({"labels": "iso"}, ValueError, "did you mean 'iso3'"),
        ({"labels": 3}, TypeError, "`labels` must be a mapping"),
    ],
)
def test_a_wrong_keyword_is_said_and_leaves_no_figure(look, error, words):
    with pytest.raises(error, match=words):
        plots.agreement(of(14).clusters, **look)
    assert plt.get_fignums() == []


def test_size_is_not_for_axes_that_have_one():
    with pytest.raises(ValueError, match="have one already"):
        plots.agreement(of(14).clusters, ax=plt.figure().add_subplot(), figsize=3)


def test_labels_are_a_column_or_a_mapping():
    ax = plots.agreement(of(14).clusters, labels="iso3")
    assert "CHL" in [label.get_text() for label in ax.get_yticklabels()]
    ax = plots.agreement(of(14).clusters, labels={"Chile": "The longest one"})
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert "The longest one" in names
    assert "Peru" in names


def test_settings_of_the_user_win():
    with mpl.rc_context({"font.size": 14, "text.color": "#550000"}):
        ax = plots.coverage(cam.load_meeting().coverage())
        large = ax.get_yticklabels()[0].get_fontsize()
    ax = plots.coverage(cam.load_meeting().coverage())
    assert large > 1.3 * ax.get_yticklabels()[0].get_fontsize()


# files


@EACH
@pytest.mark.long
def test_a_file_has_the_same_bytes_each_time(name, tmp_path):
    x = of(14)
    for suffix in ("png", "svg", "pdf"):
        paths = [tmp_path / f"{number}.{suffix}" for number in (1, 2)]
        for path in paths:
            plots.save(CHARTS[name](x), path)
        first, second = (path.read_bytes() for path in paths)
        assert len(first) > 1000
        assert first == second


def test_words_in_a_file_are_text_and_a_wrong_suffix_is_said(tmp_path):
    ax = CHARTS["positions"](of(14))
    plots.save(ax, tmp_path / "chart.svg")
    assert "Dominican Republic" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="must end in one of"):
        plots.save(ax, tmp_path / "chart.docx")


def test_notebooks_get_one_image_with_an_alternative_text():
    figure = CHARTS["agreement"](of(14)).get_figure()
    data = figure._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"}
    assert data["text/plain"] == figure.alt
    assert f'<img alt="{figure.alt}" width=' in data["text/html"]
    assert 'src="data:image/png;base64,' in data["text/html"]


# colors


@pytest.mark.parametrize("colors", [_style.LIGHT, _style.DARK], ids=["light", "dark"])
def test_stances_are_told_apart_by_everyone(colors):
    ground = "white" if colors is _style.LIGHT else "black"
    pair = colors.supports, colors.opposes
    assert all(distance(*pair, vision) >= 20 for vision in VISION)
    assert abs(lab(pair[0])[0] - lab(pair[1])[0]) >= 15 or colors is _style.DARK
    for color in (*pair, colors.quiet, colors.ink):
        assert contrast(color, ground) >= 3
    for color in pair:
        assert distance(color, colors.empty) >= 30


@pytest.mark.parametrize("colors", [_style.LIGHT, _style.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_groups_are_told_apart_by_everyone(colors, vision):
    groups = colors.groups
    for i, one in enumerate(groups):
        for other in groups[:i]:
            assert distance(one, other, vision) >= 15


def test_charts_cover_themselves():
    """The check of overlaps finds one."""
    figure = plt.figure()
    texts = [figure.text(0.5, 0.5, "one"), figure.text(0.51, 0.5, "two")]
    figure.canvas.draw()
    assert overlapping(texts) == [("one", "two")]
    assert np.array(ODD).size == 6
