"""What the tests of charts share: meetings to draw, charts read back, and whether they can be read.

Charts are read back from their artists. What is measured is what a reader sees: whether a text
covers another, reaches out of the figure or is struck through, and whether two colors can be told
apart by everyone.
"""

from functools import cache, cached_property

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from dated import dated
from matplotlib.colors import to_rgb
from matplotlib.text import Text

import camdata as cam

mpl.use("Agg")


# what is drawn


ODD = [
    "جمهورية مصر العربية",
    "\u0627\u0644\u0623\u0631\u062f\u0646",
    "Republic of $x_1$ and $y$",
    "A" * 90,
    "Curaçao\nand Saba",
    "Ünïted",
]
"""Names from right to left, with dollars, with line breaks, very long."""


def synthetic(number, stances=(1, -1), names=None):
    """Return a meeting of so many actors with long names in blocs; of sixty, the last is silent."""
    generator = np.random.default_rng(number)
    words = "United Northern Southern Eastern Western Central Upper Lower Grand New".split()
    actors = [f"{words[i % 10]} Republic of Landmass {i:02d}" for i in range(number)]
    labels = [f"Label of code {j}" for j in range(12)]
    if names is not None:
        actors, labels = names, [f"Worth $5^{j}$ or $6" for j in range(12)]
    codes = [f"code_number_{j}" for j in range(12)]
    blocs = 4 if number > 3 else 2
    chance = [0.8, *[0.2 / (len(stances) - 1)] * (len(stances) - 1)]
    rows = [
        (actor, code, int(generator.choice(stances, p=chance)))
        for i, actor in enumerate(actors if number != 60 else actors[:-1])
        for j, code in enumerate(codes)
        if j == 3 * (i % blocs) or generator.random() < (0.6 if j // 3 == i % blocs else 0.12)
    ]
    # one cell with both, or with several levels
    rows.append((*rows[0][:2], next(stance for stance in stances if stance != rows[0][2])))
    ends = generator.integers(number, size=(number, 2))
    relations = ["echoes", "builds_on", "supports", "contrasts"]
    references = [(actors[a], actors[b], relations[a % 4]) for a, b in ends if a != b]
    references += [(actors[0], None, "echoes"), (None, actors[min(1, number - 1)], "supports")]
    iso3 = [f"Q{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(number)]
    return cam.Meeting(
        pd.DataFrame(rows, columns=["actor", "code", "stance"]),
        actors=pd.DataFrame(
            {"actor": actors, "speaking_order": range(1, number + 1), "iso3": iso3}
        ),
        codebook=pd.DataFrame(
            {
                "code": codes,
                "label": labels,
                "dimension": [f"dimension {j // 3}" for j in range(12)],
            }
        ),
        references=pd.DataFrame(references, columns=["actor", "target", "relation"]),
        stances=stances,
    )


class Material:
    """What charts are drawn from, each part made when it is first asked for."""

    def __init__(self, which):
        self.which = which

    @cached_property
    def meeting(self):
        if self.which == 14:
            return cam.load_meeting()
        if self.which == "ordinal":
            return synthetic(12, stances=(2, 1, 0, -1, -2))
        if self.which == "odd":
            return synthetic(6, names=ODD)
        return synthetic(self.which)

    @cached_property
    def tally(self):
        return self.meeting.tally("code")

    @cached_property
    def agreement(self):
        return cam.agreement(self.meeting.tally() if self.which == 14 else self.tally)

    @cached_property
    def clusters(self):
        return clustered(self.agreement, 2 if self.which in (3, 14, "odd") else 5)

    @cached_property
    def votes(self):
        """Clusters of one-dimensional votes, of which there is a good map."""
        n = self.which if isinstance(self.which, int) else 12
        generator = np.random.default_rng(n)
        noise = generator.normal(size=(n, 30))
        ideal = np.sort(generator.normal(size=n))[:, None]
        table = np.sign(1.5 * ideal + 0.6 * noise + generator.normal(size=30))
        return clustered(cam.agreement(pd.DataFrame(table, self.names(n)), "matching"), 2)

    def names(self, n):
        known = list(self.meeting.actors["actor"])
        return (known + [f"Republic {i}" for i in range(n)])[:n]

    @cached_property
    def windows(self):
        """Windows of generated statements, with a change in the middle."""
        n = self.which if isinstance(self.which, int) else len(ODD)
        meeting = dated(months=3 if n > 3 else 40, change=1, actors=n, days=2)
        statements = meeting.statements
        names = dict(zip(meeting.actors["actor"], self.names(n), strict=True))
        statements["actor"] = statements["actor"].map(names)
        return cam.windows(cam.Meeting(statements), n_resamples=0)

    @cached_property
    def coordinates(self):
        return cam.coordinates(self.votes)

    @cached_property
    def profile(self):
        return cam.profile(self.clusters, self.tally)

    @cached_property
    def sensitivity(self):
        return cam.analysis.sensitivity(self.clusters)

    @cached_property
    def choice(self):
        return cam.cluster_choice(self.agreement, 19)

    @cached_property
    def null(self):
        return cam.analysis.null_model(self.tally, 19)

    @cached_property
    def reliability(self):
        meeting = self.meeting
        if len(meeting.recodings) == 0:
            first = meeting.statements.drop(columns=["statement"], errors="ignore")
            second = first.drop(index=first.index[::7]).assign(coder="Ben")
            meeting = cam.Meeting(
                pd.concat([first.assign(coder="Ana"), second], ignore_index=True),
                actors=meeting.actors,
                codebook=meeting.codebook,
                stances=meeting.stances,
            )
        return cam.reliability(meeting)

    @cached_property
    def universe(self):
        return cam.multiverse(self.meeting, n_resamples=9)


@cache
def of(which):
    """Return what charts are drawn from: 3, 14 (the bundled meeting), 30, 60 or 200 actors."""
    return Material(which)


def clustered(agreement, wanted):
    """Return clusters of the number that the tree can be cut into and that is nearest to a wish."""
    numbers = cam.cluster(agreement, 1).cuts.index
    return cam.cluster(agreement, max(1, int(min(numbers, key=lambda k: abs(k - wanted)))))


# charts read back


def title(ax):
    """Return the title in one line."""
    return ax.get_title(loc="left").replace("\n", " ")


def note(ax):
    """Return the small print in one line."""
    (text,) = with_gid(ax.texts, "note")
    return text.get_text().replace("\n", " ")


def legend(ax):
    """Return the words of the legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def with_gid(artists, beginning):
    """Return the artists whose id begins like this."""
    return [artist for artist in artists if str(artist.get_gid() or "").startswith(beginning)]


def labels_of(ax, axis):
    """Return the names along an axis by their place."""
    ticks = ax.get_xticks() if axis == "x" else ax.get_yticks()
    texts = ax.get_xticklabels() if axis == "x" else ax.get_yticklabels()
    return {round(float(at), 3): text.get_text() for at, text in zip(ticks, texts, strict=True)}


def x_labels(ax):
    return list(labels_of(ax, "x").values())


def y_labels(ax):
    return list(labels_of(ax, "y").values())


def child(ax, gid):
    """Return the axes of this id beside a chart, None where there are none."""
    return next((axes for axes in ax.child_axes if axes.get_gid() == gid), None)


# whether a chart can be read


def drawn_texts(figure):
    """Draw a figure and return the texts that appear in it."""
    seen = {}
    draw = Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            seen[id(text)] = text
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return list(seen.values())


def corners(text):
    """Return the corners of a text's box on the canvas, half a pixel inside, turned as it is."""
    angle = text.get_rotation()
    text.set_rotation(0)
    box = Text.get_window_extent(text)
    text.set_rotation(angle)
    if text.get_bbox_patch() is not None:
        box = text.get_bbox_patch().get_window_extent()
    flat = np.array(
        [
            (box.x0 + 0.5, box.y0 + 0.5),
            (box.x1 - 0.5, box.y0 + 0.5),
            (box.x1 - 0.5, box.y1 - 0.5),
            (box.x0 + 0.5, box.y1 - 0.5),
        ]
    )
    if angle == 0:
        return flat
    turn = np.deg2rad(angle)
    about = text.get_transform().transform(text.get_unitless_position())
    if text.get_rotation_mode() != "anchor":
        about = flat.mean(axis=0)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (flat - about) @ matrix + about


def meet(a, b):
    """Return whether two convex shapes overlap: no side of either parts them."""
    for shape in (a, b):
        for start, stop in zip(shape, np.roll(shape, -1, axis=0), strict=True):
            across = np.array([start[1] - stop[1], stop[0] - start[0]])
            first, second = a @ across, b @ across
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


def overlapping(texts):
    """List the pairs of texts that cover one another."""
    shapes = np.array([corners(text) for text in texts])
    low, high = shapes.min(axis=1), shapes.max(axis=1)
    near = ((low[:, None] < high) & (low < high[:, None])).all(axis=2)
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i, j in np.argwhere(np.triu(near, 1))
        if meet(shapes[i], shapes[j])
    ]


def cut_off(figure, texts):
    """List the texts that reach out of a figure, and say where anything else touches its border."""
    width, height = figure.bbox.width, figure.bbox.height
    found = [
        text.get_text()
        for text in texts
        for shape in [corners(text)]
        if shape.min() < 0 or (shape.max(axis=0) > [width, height]).any()
    ]
    image = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]
    borders = {"top": image[0], "bottom": image[-1], "left": image[:, 0], "right": image[:, -1]}
    return found + [name for name, line in borders.items() if (line != image[0, 0]).any()]


def faults(ax):
    """Draw a chart and list what cannot be read in it: nothing, if all is well."""
    figure = ax.get_figure(root=True)
    texts = drawn_texts(figure)
    found = {
        "overlapping": overlapping(texts),
        "cut off": cut_off(figure, texts),
        "too small": [t.get_text() for t in texts if t.get_fontsize() < 5.5 - 1e-6],
        "too high": [h for h in [figure.get_size_inches()[1]] if h > 9.5 + 1e-6],
        "title": [title(ax)] if len(title(ax)) > 100 else [],
    }
    return {name: list_ for name, list_ in found.items() if list_}


# colors: Machado, Oliveira & Fernandes (2009, doi:10.1109/TVCG.2009.113), severity 1

VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}

XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to CIE XYZ, D65."""


def linear(color):
    values = np.array(to_rgb(color))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return float(XYZ[1] @ linear(color))


def contrast(a, b):
    """Return the contrast of two colors by WCAG 2: from 1 to 21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(color, vision="normal"):
    """Return a color in CIELAB, as it is seen."""
    seen = np.clip(VISION[vision] @ linear(color), 0, 1)
    ratio = XYZ @ seen / XYZ.sum(axis=1)
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(a, b, vision="normal"):
    """Return the difference of two colors, CIE 1976."""
    return float(np.linalg.norm(lab(a, vision) - lab(b, vision)))
