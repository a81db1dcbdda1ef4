"""What several rooms of tests share: the bundled meeting, folders to load, faults as tuples."""

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from pandas.testing import assert_frame_equal

import camdata as cam

DATA = Path(cam.__file__).parent / "data"
TABLES = ("actors", "codebook", "interventions", "statements", "references", "recodings")
MINIMAL = "actor,code\nA,tax\nB,tax\n"


@pytest.fixture(autouse=True)
def closed_figures():
    """Close all figures before and after a test, so that none is left from another module."""

    def close():
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    close()
    yield
    close()


@pytest.fixture(scope="session")
def meeting():
    """The bundled meeting; it is frozen, so all tests may have the same one."""
    return cam.load_meeting()


@pytest.fixture
def bundled(tmp_path):
    """A copy of the bundled folder, to be spoiled."""
    return Path(shutil.copytree(DATA, tmp_path / "bundled"))


def write_folder(path, files):
    """Write `files`, a mapping of name to str or bytes, and return the folder."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def faults_of(source, **parts):
    """Return the faults of a folder, or of frames, as tuples: file, line, column, expected, got.

    What was probably meant stands behind `got` in brackets, as it is printed.
    """
    make = cam.Meeting if isinstance(source, pd.DataFrame) else cam.load_meeting
    with pytest.raises(cam.MeetingError) as caught:
        make(source, **parts)
    found = caught.value.faults.astype(object)
    rows = found.where(found.notna(), None).to_dict("records")
    return [
        (
            row["file"],
            row["line"],
            row["column"],
            row["expected"],
            row["got"] + (f" ({row['nearest']})" if row["nearest"] else ""),
        )
        for row in rows
    ]


def assert_same(one, other):
    """Assert that two meetings are the same as a whole: tables, texts in order, scale, metadata."""
    assert one.given == other.given
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert list(one.texts.items()) == list(other.texts.items())
    assert one.stances == other.stances
    assert one.metadata == other.metadata


def sizes(name, short, full):
    """Run a simulation at a short size with the slow tests, at its full size with the long ones."""
    marks = (pytest.mark.slow, pytest.mark.long)
    return pytest.mark.parametrize(
        name, [pytest.param(n, marks=m) for n, m in zip((short, full), marks, strict=True)]
    )


# `pytest -m hypothesis --hypothesis-profile=long` tries more examples
settings.register_profile("short", max_examples=15)
settings.register_profile("long", max_examples=100)
settings.load_profile("short")
