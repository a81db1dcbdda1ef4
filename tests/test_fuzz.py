"""Whatever a file or a frame holds: a meeting that loses nothing, or one clear error."""

import datetime
import decimal
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import fuzzing
import numpy as np
import pandas as pd
import pytest
from conftest import assert_same, sizes
from fuzzing import CELLS, DOORS, is_own, judge, lay, whole
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import camdata as cam


@pytest.mark.parametrize("name", DOORS)
def test_a_whole_file_is_read_whole(name, tmp_path):
    path = lay(name, whole(name), tmp_path)
    meeting = DOORS[name].read(path)
    assert len(meeting.statements) or name == "codebook.qdc"
    assert DOORS[name].lost(path, meeting) == ""


def wrong(found):
    return [outcome for outcome in found if outcome.kind not in ("read", "refused")]


def test_a_damaged_file_is_read_whole_or_refused():
    assert wrong(fuzzing.judged(len(DOORS))) == []


@sizes("most", 240, 10_000)
def test_many_damaged_files_are_read_whole_or_refused(most, capsys):
    found = fuzzing.judged(most, seed=1)
    with capsys.disabled():
        print("\n" + fuzzing.table(found))
    assert wrong(found) == []
    assert {(o.door, o.kind) for o in found} == {(d, k) for d in DOORS for k in ("read", "refused")}


def replaced(monkeypatch, name, read):
    """Let a reader read undamaged files in another way."""
    changed = DOORS[name]._replace(read=read, damage=lambda rng, content: content)
    monkeypatch.setitem(DOORS, name, changed)


@pytest.mark.parametrize("name", [name for name in DOORS if name != "codebook.qdc"])
def test_a_reader_that_loses_a_row_is_found_out(name, tmp_path, monkeypatch):
    read = DOORS[name].read

    def without_a_row(path):
        meeting = read(path)
        return meeting.replace(statements=meeting.statements.iloc[1:])

    replaced(monkeypatch, name, without_a_row)
    assert judge(name, 0, tmp_path).kind == "lost"


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda path: {}["key"], "raw"),
        (lambda path: int("one"), "raw"),
        (lambda path: np.zeros(2).reshape(3), "raw"),
        (lambda path: cam.load_meeting(path / "none"), "refused"),
        (lambda path: cam.load_meeting(3), "refused"),
    ],
)
def test_an_error_that_is_not_the_librarys_is_found_out(read, kind, tmp_path, monkeypatch):
    replaced(monkeypatch, "folder", read)
    assert judge("folder", 0, tmp_path).kind == kind


def test_a_meeting_that_is_written_otherwise_is_found_out(tmp_path, monkeypatch):
    replaced(monkeypatch, "folder", cam.load_meeting)
    write = cam.io.write_folder
    monkeypatch.setattr(cam.io, "write_folder", lambda m, f: write(m.select(actors="A"), f))
    assert judge("folder", 0, tmp_path).kind == "changed"


@pytest.mark.parametrize("name", [name for name in DOORS if "." in name])
def test_a_file_whose_name_is_no_utf8_is_read_and_written(name, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff" + name.encode())
    path.write_bytes(whole(name))
    meeting = DOORS[name].read(path)
    cam.io.write_folder(meeting, tmp_path / "written")
    assert_same(cam.load_meeting(tmp_path / "written"), meeting)
    path.write_bytes(b"PK\3\4 and no more")
    with pytest.raises(cam.MeetingError) as caught:
        DOORS[name].read(path)
    assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.slow
def test_threads_read_what_one_reads_alone(tmp_path):
    paths = {}
    for name in DOORS:
        (tmp_path / f"of {name}").mkdir()
        paths[name] = lay(name, whole(name), tmp_path / f"of {name}")
    alone = {name: DOORS[name].read(path) for name, path in paths.items()}
    with ThreadPoolExecutor(2) as pool:
        many = [(name, pool.submit(DOORS[name].read, paths[name])) for name in [*DOORS] * 2]
    for name, reading in many:
        assert_same(reading.result(), alone[name])


# frames

TEXT = st.text(st.sampled_from(' ,;"\n\r\ufeff\u200b$\u2028') | st.characters(), max_size=8)
DAY = datetime.date(2017, 10, 17)
ODD = [pd.Timedelta(1), pd.NaT, pd.NA, decimal.Decimal("1.5"), 1j, np.float32(0.1), b"x", [1], DAY]
ODD += [
    {"a": 1},
    1.5,
    float("inf"),
    2**70,
    True,
    None,
    *(cell for cell in CELLS if len(cell) < 999),
]
JUNK = TEXT | st.sampled_from(ODD)
COLUMNS = {
    "actor": st.sampled_from(["A", "B", "C d", "Perú"]),
    "code": st.sampled_from(["p", "q", "r"]),
    "stance": st.sampled_from([1, -1, "1", 1.0, None]),
    "quote": st.sampled_from(["Alpha beta.", "beta", "Gamma, “delta”!", "$5 and $9", None]),
    "document": st.just("a"),
    "coder": st.sampled_from(["X", "Y"]),
    "date": st.dates(),
    "note": JUNK,
}
WORDS = "Alpha beta. Gamma, “delta”!\nEpsilon\r\nzeta $5 and $9 eta."
DTYPES = st.sampled_from([None, None, None, "str", "object", "category", "string", "float64"])


def series(cells, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pandas says of odd cells
        try:
            return pd.Series(cells, dtype=dtype)
        except (TypeError, ValueError, OverflowError):
            return pd.Series(cells, dtype=object)


@st.composite
def frames(draw):
    """Draw a table of statements; in half of them some columns hold anything."""
    n, junk = draw(st.integers(0, 5)), draw(st.booleans())
    names = [*COLUMNS][:2] + draw(st.lists(st.sampled_from([*COLUMNS][2:]), unique=True))
    columns = {}
    for name in names:
        cell = JUNK if junk and draw(st.integers(0, 4)) == 0 else COLUMNS[name]
        columns[name] = series(draw(st.lists(cell, min_size=n, max_size=n)), draw(DTYPES))
    return pd.DataFrame(columns)


def check(frame, folder):
    """Make a meeting, ask it, write it and load it; or see that the refusal is the library's."""
    try:
        made = cam.Meeting(frame, texts={"a": WORDS})
    except (TypeError, ValueError) as error:
        if not is_own(error) or len(str(error).encode()) >= 10_000:
            raise
        return
    fuzzing.ask(made)
    cam.io.write_folder(made, folder)
    assert_same(cam.load_meeting(folder), made)


@pytest.mark.filterwarnings("ignore:Different .* look alike")
@given(frame=frames())
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_what_can_be_made_of_a_frame_is_read_back_the_same(frame, tmp_path_factory):
    check(frame, tmp_path_factory.mktemp("made"))


@sizes("most", 80, 1000)
@pytest.mark.filterwarnings("ignore:Different .* look alike")
def test_what_can_be_made_of_many_frames_is_read_back_the_same(most, tmp_path_factory):
    @given(frame=frames())
    @settings(deadline=None, max_examples=most, suppress_health_check=list(HealthCheck))
    def run(frame):
        check(frame, tmp_path_factory.mktemp("made"))

    run()
