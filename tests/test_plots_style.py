"""What holds for every chart: its keywords, the user's settings, its files, its colors."""

import base64
import inspect
import re
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    VISION,
    closed_figures,  # noqa: F401 (a fixture)
    contrast,
    cut_off,
    distance,
    drawn_texts,
    faults,
    lab,
    labels_of,
    luminance,
    of,
    overlapping,
    title,
    with_gid,
)
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_rgb
from matplotlib.figure import Figure

import camdata as cam
from camdata import plots
from camdata.plots import _look, _style

CHARTS = {
    "agreement": lambda x, **look: plots.agreement(x.clusters, **look),
    "dendrogram": lambda x, **look: plots.dendrogram(x.clusters, stability=x.stability, **look),
    "stability": lambda x, **look: plots.stability(x.stability, **look),
    "positions": lambda x, **look: plots.positions(x.meeting, **look),
    "buildup": lambda x, **look: plots.buildup(x.tally, **look),
    "buildup of codes": lambda x, **look: plots.buildup(x.codes, **look),
    "coverage": lambda x, **look: plots.coverage(x.meeting.coverage(), **look),
    "profile": lambda x, **look: plots.profile(x.profile, **look),
}
EACH = pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS)
KINDS = [name for name in plots.__all__ if name != "save"]


# keywords


@pytest.mark.parametrize("name", KINDS)
def test_every_chart_takes_its_data_first_and_the_same_keywords(name):
    parameters = inspect.signature(getattr(plots, name)).parameters
    first, *others = parameters.values()
    assert first.default is first.empty
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in others)
    look = {other.name: other.default for other in others[-5:]}
    assert list(look) == ["title", "labels", "palette", "figsize", "ax"]
    assert look == {**dict.fromkeys(look), "title": _look.MADE}


@pytest.mark.parametrize("name", KINDS)
def test_a_keyword_that_no_chart_has_is_refused(name):
    with pytest.raises(TypeError, match="titel"):
        getattr(plots, name)(None, titel="Who is who")


@EACH
def test_a_chart_is_axes_of_a_figure_of_its_own_that_says_what_it_shows(draw):
    before = dict(mpl.rcParams)
    ax = draw(of("bundled"))
    assert dict(mpl.rcParams) == before
    assert isinstance(ax, Axes)
    assert plt.get_fignums() == [ax.get_figure().number]
    assert title(ax)
    alt = ax.get_figure().alt
    assert len(alt) > 40
    assert alt.endswith(".")


@EACH
def test_the_title_is_the_charts_own_or_the_users_or_none(draw):
    x = of("bundled")
    own = title(draw(x))
    long = title(
        draw(x, title="Who stands with whom, and on what, in so many words as a title has")
    )
    assert long == "Who stands with whom, and on what, in so many words as a title has"
    assert long != own
    assert title(draw(x, title=None)) == ""


@EACH
@pytest.mark.parametrize("figsize", [(5.5, 4.5), [7, 8]])
def test_a_figure_has_the_size_it_was_given(draw, figsize):
    ax = draw(of("bundled"), figsize=figsize)
    assert tuple(ax.get_figure().get_size_inches()) == tuple(figsize)
    assert faults(ax) == {}


@EACH
def test_a_width_alone_leaves_the_height_to_the_chart(draw):
    width, height = draw(of("bundled"), figsize=6).get_figure().get_size_inches()
    assert width == 6
    assert 2 < height < 9


@EACH
def test_a_chart_is_drawn_into_the_axes_given(draw):
    figure, (left, right) = plt.subplots(1, 2, figsize=(18, 9))
    right.text(0.5, 0.5, "a text of $mine$")
    before = dict(mpl.rcParams)
    position = left.get_position().bounds
    assert draw(of("bundled"), ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert dict(mpl.rcParams) == before
    assert left.get_position().bounds == position
    assert right.texts[0].get_parse_math()
    assert title(left) == title(draw(of("bundled")))
    assert not hasattr(figure, "alt")


def test_a_chart_keeps_its_words_where_a_layout_moves_its_axes():
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 7), layout="constrained")
    plots.positions(of("bundled").meeting, ax=left)
    plots.dendrogram(of("bundled").clusters, ax=right)
    texts = drawn_texts(figure)
    assert overlapping(texts) == []
    assert not {text.get_text() for text in texts} & set(cut_off(figure, texts))


def test_figsize_is_not_for_axes_that_are_given():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="figsize"):
        plots.buildup(of(3).tally, figsize=(3, 3), ax=ax)


@pytest.mark.parametrize(
    ("look", "kind", "words"),
    [
        ({"title": 3}, TypeError, "`title` must be a text or None"),
        ({"figsize": 0}, ValueError, "`figsize` must be"),
        ({"figsize": (3, -1)}, ValueError, "`figsize` must be"),
        ({"figsize": (3, 4, 5)}, ValueError, "`figsize` must be"),
        ({"figsize": "3.5"}, ValueError, "`figsize` must be"),
        ({"figsize": (0.4, 0.4)}, ValueError, "leaves no room"),
        ({"palette": "blue"}, TypeError, "`palette` must be a list of colors"),
        ({"palette": []}, TypeError, "`palette` must be a list of colors"),
        ({"palette": ["blue", "bleu"]}, ValueError, "'bleu' is none"),
        ({"palette": {1: "bleu"}}, ValueError, "'bleu' is none"),
        ({"labels": 3}, TypeError, "`labels` must be a mapping"),
        ({"labels": "iso2"}, ValueError, "'iso2' .did you mean 'iso3'"),
    ],
)
def test_wrong_keywords_are_named_and_leave_no_figure(look, kind, words):
    with pytest.raises(kind, match=re.escape(words).replace(r"\.", ".")):
        plots.agreement(of("bundled").clusters, **look)
    assert plt.get_fignums() == []


def test_labels_of_a_column_keep_the_counts():
    x = of("bundled")
    codes = x.meeting.actors.set_index("actor")["iso3"]
    counts = x.tally.statements
    ax = plots.agreement(x.clusters, labels="iso3")
    assert set(labels_of(ax, "y").values()) == {f"{codes[a]} ({n})" for a, n in counts.items()}
    assert set(labels_of(ax, "x").values()) == set(codes[list(x.tally.actors)])
    assert "38 statements" in title(ax)


def test_labels_of_a_mapping_name_actors_and_codes_and_leave_the_others():
    x = of("bundled")
    names = {"Canada": "Kanada", "be_pragmatic": "no such code", "rights": "Rechte"}
    ax = plots.positions(x.tally, labels=names)
    shown = [name.rsplit(" (", 1)[0] for name in labels_of(ax, "y").values()]
    assert shown == [names.get(actor, actor) for actor in x.tally.actors]
    assert "Rechte" in labels_of(ax, "x").values()


def test_labels_of_a_column_of_the_codebook():
    x = of("bundled")
    ax = plots.positions(x.codes, labels="code")
    assert list(labels_of(ax, "x").values()) == list(x.codes.keys)
    book = x.meeting.codebook.assign(short=[f"c{i}" for i in range(len(x.meeting.codebook))])
    ax = plots.positions(x.meeting.replace(codebook=book), labels="short")
    assert list(labels_of(ax, "x").values()) == book["short"].tolist()


def test_codes_appear_by_their_label_and_very_long_names_are_cut():
    table = pd.DataFrame({"actor": ["A" * 200, "B\nb"], "code": ["x", "y"]})
    book = pd.DataFrame({"code": ["x", "y"], "label": ["Tax the rich", None]})
    ax = plots.positions(cam.Meeting(table, codebook=book))
    assert list(labels_of(ax, "x").values()) == ["Tax the rich", "y"]
    long, short = labels_of(ax, "y").values()
    assert long == "A" * 47 + "… (1)"
    assert short == "B b (1)"


def test_names_leave_room_for_the_chart_in_a_narrow_figure():
    names = [f"The {'very ' * i}long name of actor {i}" for i in range(9)]
    meeting = cam.Meeting(pd.DataFrame({"actor": names, "code": list("aabbccdda")}))
    for draw in (plots.positions, lambda m, **look: plots.buildup(m.tally(), **look)):
        ax = draw(meeting, figsize=2.5)
        assert faults(ax) == {}
    *_, last = labels_of(plots.positions(meeting, figsize=2.5), "y").values()
    assert last.startswith("The very ")
    assert last.endswith("… (1)")


@pytest.mark.parametrize("palette", [["#ff0000", "lime"], {1: "#ff0000", 2: "lime", 3: "#ff0000"}])
def test_a_palette_colors_the_clusters(palette):
    ax = plots.dendrogram(of("bundled").clusters, palette=palette)
    colors = {
        int(badge.get_text()): badge.get_bbox_patch().get_facecolor()
        for badge in with_gid(ax.texts, "cluster")
    }
    assert same_color(colors[1], "#ff0000")
    assert same_color(colors[2], "lime")
    assert same_color(colors[3], "#ff0000")


def test_a_mapping_of_colors_leaves_the_others():
    ax = plots.dendrogram(of("bundled").clusters, palette={2: "lime"})
    (first, *_) = with_gid(ax.texts, "cluster 1")
    assert same_color(first.get_bbox_patch().get_facecolor(), _style.CLUSTERS[0])


def test_a_palette_colors_the_dimensions():
    ax = plots.buildup(of("bundled").tally, palette={"rights": "#123456"})
    (line,) = with_gid(ax.lines, "line rights")
    assert same_color(line.get_color(), "#123456")


# names are drawn as they are


@EACH
def test_a_dollar_is_a_dollar(draw):
    if draw is CHARTS["coverage"]:
        text = "We pay $5 and $6."
        meeting = cam.Meeting(
            pd.DataFrame({"actor": ["A$x$"], "code": ["x"], "quote": ["pay $5"]}),
            interventions=pd.DataFrame({"order": [1], "actor": ["A$x$"], "passage": [text]}),
            texts=text,
        )
        ax = plots.coverage(meeting.coverage(), title="From $1 to $2")
    else:
        ax = draw(of("dollars"), title="From $1 to $2")
    texts = drawn_texts(ax.get_figure())
    dollars = [text for text in texts if "$" in text.get_text()]
    assert len(dollars) > 1
    assert not any(text.get_parse_math() for text in dollars)
    assert faults(ax) == {}


# the user's settings


def test_what_the_user_set_wins():
    x = of("bundled")
    settings = {"font.size": 13, "axes.titleweight": "light", "axes.titlelocation": "right"}
    with mpl.rc_context({**settings, "text.color": "navy", "image.cmap": "magma"}):
        ax = plots.agreement(x.clusters)
    written = ax._right_title
    assert written.get_text()
    assert written.get_fontweight() == "light"
    assert same_color(written.get_color(), "navy")
    assert ax.get_yticklabels()[0].get_fontsize() == 13
    assert ax.collections[0].get_cmap().name == "magma"
    assert faults(ax) == {}


def test_a_style_sheet_wins():
    with plt.style.context("dark_background"):
        ax = plots.dendrogram(of("bundled").clusters)
        assert faults(ax) == {}
    assert same_color(ax.get_figure().get_facecolor(), "black")
    assert same_color(ax.get_yticklabels()[0].get_color(), "white")
    assert all(same_color(line.get_color(), "white") for line in with_gid(ax.lines, "merge"))


def test_figures_grow_with_the_font():
    sizes = []
    for points in (7, 9, 14):
        with mpl.rc_context({"font.size": points}):
            ax = plots.positions(of("bundled").meeting)
            assert faults(ax) == {}
        sizes.append(ax.get_figure().get_size_inches())
    assert (np.diff(sizes, axis=0) > 0).all()


# files


@pytest.mark.parametrize(
    ("chart", "suffix"),
    [*((chart, "svg") for chart in CHARTS), ("agreement", "pdf"), ("positions", "png")],
)
def test_a_chart_drawn_again_is_the_same_file(chart, suffix, tmp_path):
    first, second = tmp_path / f"first.{suffix}", tmp_path / f"second.{suffix}"
    plots.save(CHARTS[chart](of("bundled")), first)
    plots.save(CHARTS[chart](of("bundled")), str(second))
    assert len(first.read_bytes()) > 1000
    assert first.read_bytes() == second.read_bytes()


def test_fonts_are_text(tmp_path):
    ax = plots.positions(of("bundled").meeting, figsize=(7, 5))
    plots.save(ax, tmp_path / "chart.svg")
    drawing = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert ">Dominican Republic (1)<" in drawing
    assert "Recorded positions: 14 actors × 17 codes, 38 statements" in drawing
    assert "<dc:date>" not in drawing
    assert 'width="504pt" height="360pt"' in drawing
    for path in ("by save.pdf", "by the figure.pdf"):
        if path == "by save.pdf":
            plots.save(ax, tmp_path / path)
        else:
            ax.get_figure().savefig(tmp_path / path)
        content = (tmp_path / path).read_bytes()
        assert b"/CIDFontType2" in content  # a TrueType font, as journals ask for
        assert b"/Type3" not in content
        assert b"/MediaBox [ 0 0 504 360 ]" in content


def test_a_chart_of_the_users_own_figure_is_saved_whole(tmp_path):
    ax = plots.dendrogram(of("bundled").clusters, ax=Figure().add_subplot())
    plots.save(ax, tmp_path / "figure.png")
    image = plt.imread(tmp_path / "figure.png")[:, :, :3]
    for border in (image[0], image[-1], image[:, 0], image[:, -1]):
        assert (border == 1).all()
    part, _ = plt.figure().subfigures(1, 2)
    ax = plots.dendrogram(of("bundled").clusters, ax=part.subplots())
    plots.save(ax, tmp_path / "part.png")
    assert (tmp_path / "part.png").stat().st_size > 1000


def test_jupyter_is_given_the_picture_with_its_alternative_text():
    figure = plots.positions(of("bundled").meeting).get_figure()
    data, metadata = figure._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == figure.alt
    assert f'alt="{figure.alt}"' in data["text/html"]
    assert metadata["image/png"]["alt"] == figure.alt


# colors

FIRST = [*_style.CLUSTERS[:5], *_style.DIMENSIONS[:4]]


@pytest.mark.parametrize("vision", VISION)
def test_clusters_and_dimensions_can_be_told_apart(vision):
    least, pair = min((distance(a, b, vision), (a, b)) for a, b in combinations(FIRST, 2))
    assert least > 15, pair


def test_clusters_and_dimensions_have_no_color_in_common():
    every = [*_style.CLUSTERS, *_style.DIMENSIONS, _style.SIGNAL, _style.ACCENT]
    assert len(set(every)) == len(every)
    for cluster in _style.CLUSTERS:
        for dimension in _style.DIMENSIONS:
            assert min(distance(cluster, dimension, vision) for vision in VISION) > 10


@pytest.mark.parametrize("colors", [_style.CLUSTERS[:5], _style.DIMENSIONS[:4]])
def test_colors_can_be_told_apart_in_grey(colors):
    assert np.diff(sorted(lab(color)[0] for color in colors)).min() > 5


def test_words_in_the_color_of_a_dimension_can_be_read():
    assert min(contrast(color, "white") for color in _style.DIMENSIONS) > 4.5
    assert contrast(_style.SIGNAL, "white") > 4.5
    assert contrast(_style.FAINT, "white") > 4.5


def test_numbers_can_be_read_on_every_cluster():
    for color in _style.CLUSTERS:
        assert contrast(color, _style.ink_on(color)) > 3
        assert _style.ink_on(color) in ("white", _style.INK)


def test_shades_grow_steadily_darker():
    shades = [luminance(_style.SHADES(value)) for value in np.linspace(0, 1, 256)]
    assert (np.diff(shades) < 0).all()
    assert shades[0] > 0.9
    assert shades[-1] < 0.1


def test_missing_is_grey_and_no_shade():
    red, green, blue = to_rgb(_style.MISSING)
    assert red == green == blue
    nearest = min(distance(_style.MISSING, _style.SHADES(v)) for v in np.linspace(0, 1, 101))
    assert nearest > 5


# the tools themselves


def test_lab_of_known_colors():
    assert lab("white") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.01)
    # red and green of the same lightness are what deuteranopes confuse
    assert distance("#b04040", "#606000", "deuteranopia") < distance("#b04040", "#606000") / 2


def test_what_cannot_be_read_is_found():
    figure, ax = plt.subplots()
    ax.set_axis_off()
    ax.text(0.1, 0.1, "one")
    ax.text(0.12, 0.1, "two")
    ax.text(0.1, 0.5, "a steep name", rotation=50, rotation_mode="anchor")
    ax.text(0.2, 0.5, "another one", rotation=50, rotation_mode="anchor")
    ax.text(0.21, 0.5, "a third one", rotation=50, rotation_mode="anchor")
    ax.text(0.9, 0.9, "a text that leaves the figure")
    found = overlapping(drawn_texts(figure))
    assert found == [("one", "two"), ("another one", "a third one")]
    assert cut_off(figure, drawn_texts(figure)) == ["a text that leaves the figure", "right"]
    ax.plot([0.4, 0.6], [0.4, 0.6], label="a line")
    ax.legend(loc="center")
    assert len(faults(ax)["under the legend"]) == 1


def test_a_file_of_a_kind_that_is_not_known_is_refused(tmp_path):
    ax = plots.agreement(of("bundled").clusters)
    with pytest.raises(ValueError, match=r"must end in one of .*png.*, but 'x\.xyz' does not"):
        plots.save(ax, tmp_path / "x.xyz")


@pytest.mark.parametrize("projection", ["polar", "3d"])
def test_axes_of_another_kind_are_refused(projection):
    ax = plt.figure().add_subplot(projection=projection)
    with pytest.raises(TypeError, match="`ax` must be one Axes of matplotlib, flat"):
        plots.agreement(of("bundled").clusters, ax=ax)


def test_labels_may_be_a_series():
    names = of("bundled").meeting.actors.set_index("actor")["iso3"].dropna()
    ax = plots.agreement(of("bundled").clusters, labels=names)
    assert any(text.get_text().startswith("CAN") for text in drawn_texts(ax.get_figure()))
