"""Whatever a file or a frame holds: a meeting that loses nothing, or one clear error."""

import decimal
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import fuzzing
import numpy as np
import pandas as pd
import pytest
from conftest import assert_same
from fuzzing import CELLS, DOORS, in_own_words, judge, lay, whole
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from test_folders import STRANGE

import camdata as cam

pytestmark = pytest.mark.slow
"""Run by hand: `pytest -m slow tests/test_fuzz.py`."""

BOTH = pytest.param(0, 8, id="short"), pytest.param(1, 300, id="long", marks=pytest.mark.slow)


WHOLE = [name for name, door in DOORS.items() if door.lost is not fuzzing.not_told]


def laid(name, content, folder):
    """Write what a door reads, and return where."""
    path = folder / (name if "." in name else "folder")
    if isinstance(content, dict):
        lay(path, content)
    else:
        path.write_bytes(content)
    return path


# files


@pytest.mark.parametrize("name", DOORS)
def test_what_is_not_spoiled_is_read_whole(name, tmp_path):
    path = laid(name, whole(name), tmp_path)
    meeting = DOORS[name].read(path)
    assert len(meeting.statements) or name == "codebook.qdc"
    assert DOORS[name].lost(path, meeting) == ""


@pytest.mark.parametrize(("seed", "number"), BOTH)
@pytest.mark.parametrize("name", DOORS)
def test_what_is_spoiled_is_read_whole_or_refused(name, seed, number, tmp_path):
    found = [judge(name, place, tmp_path, seed) for place in range(number)]
    assert [outcome for outcome in found if outcome.kind not in ("read", "refused")] == []
    assert number < 100 or {outcome.kind for outcome in found} == {"read", "refused"}


def test_a_spoiled_input_is_the_same_every_time():
    for name in DOORS:
        assert fuzzing.spoiled(name, 3) == fuzzing.spoiled(name, 3)
        assert len({str(fuzzing.spoiled(name, number)) for number in range(5)}) > 1


def broken(monkeypatch, name, read):
    """Let a door read in another way what is not spoiled."""
    monkeypatch.setitem(DOORS, name, DOORS[name]._replace(read=read, spoil=lambda rng, it: it))


def without_a_row(read):
    def wrong(path):
        meeting = read(path)
        return meeting.replace(statements=meeting.statements.iloc[1:])

    return wrong


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "codebook.qdc"])
def test_a_door_that_loses_a_row_is_found_out(name, tmp_path, monkeypatch):
    broken(monkeypatch, name, without_a_row(DOORS[name].read))
    assert judge(name, 0, tmp_path).kind == "lost"


def other_text(path):
    meeting = cam.load_meeting(path)
    return meeting.replace(texts={**meeting.texts, "c": "Another."})


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda path: {}["key"], "raw"),
        (lambda path: int("one"), "raw"),
        (lambda path: np.zeros(2).reshape(3), "raw"),
        (other_text, "lost"),
        (lambda path: cam.load_meeting(path / "none"), "refused"),
        (lambda path: cam.load_meeting(3), "refused"),
    ],
)
def test_what_a_door_may_not_do_is_found_out(read, kind, tmp_path, monkeypatch):
    broken(monkeypatch, "folder", read)
    assert judge("folder", 0, tmp_path).kind == kind


def test_what_is_written_otherwise_is_found_out(tmp_path, monkeypatch):
    broken(monkeypatch, "folder", cam.load_meeting)
    write = cam.io.write_folder
    monkeypatch.setattr(cam.io, "write_folder", lambda m, f: write(m.select(actors="A"), f))
    assert judge("folder", 0, tmp_path).kind == "changed"


FILES = [name for name in DOORS if "." in name]
NO_FILES = STRANGE | {"a device": (STRANGE["a device"][0], "something that is no file")}


@pytest.mark.parametrize(("make", "got"), NO_FILES.values(), ids=NO_FILES)
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_refused_by_every_door(name, make, got, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / name)
    with pytest.raises(cam.MeetingError) as caught:
        DOORS[name].read(tmp_path / name)
    assert caught.value.faults["got"].tolist() == [got]


@pytest.mark.parametrize("name", FILES)
def test_a_file_whose_name_is_no_utf8_is_read_and_written(name, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff" + name.encode())
    path.write_bytes(whole(name))
    meeting = DOORS[name].read(path)
    cam.io.write_folder(meeting, tmp_path / "written")
    assert_same(cam.load_meeting(tmp_path / "written"), meeting)
    path.write_bytes(b"PK\3\4 and no more")
    with pytest.raises(cam.MeetingError) as caught:
        DOORS[name].read(path)
    assert str(caught.value).isprintable() or "\n" in str(caught.value)


def test_threads_read_what_one_reads_alone(tmp_path):
    """Nothing is kept for the process, so that meetings can be read side by side."""
    paths = {}
    for name in WHOLE:
        (tmp_path / f"of {name}").mkdir()
        paths[name] = laid(name, whole(name), tmp_path / f"of {name}")
    alone = {name: DOORS[name].read(path) for name, path in paths.items()}
    with ThreadPoolExecutor(2) as pool:
        many = [(name, pool.submit(DOORS[name].read, paths[name])) for name in [*WHOLE] * 2]
    for name, reading in many:
        assert_same(reading.result(), alone[name])


# frames

MARKS = st.sampled_from(' ,;"\n\r\t\ufeff\u200b\xa0$\u2028')
TEXT = st.text(MARKS | st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
JUNK = st.one_of(
    st.sampled_from([cell for cell in CELLS if len(cell) < 1000]),
    st.text(MARKS | st.characters(exclude_categories=()), max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.binary(max_size=3),
    st.sampled_from(
        [pd.Timedelta(1), pd.NaT, pd.NA, decimal.Decimal("1.5"), 1j, np.float32(0.1), np.int8(1)]
    ),
    st.builds(lambda: [1]),
    st.builds(lambda: {"a": 1}),
)
KINDS = [TEXT, st.integers(-(2**63), 2**63 - 1), st.dates(), st.floats(), st.booleans()]
DTYPES = [None, None, None, "str", "object", "category", "string", "float64", "Int64", "boolean"]
ACTORS, CODES = ["A", "B", "C d", "Perú"], ["p", "q", "r"]
WORDS = "Alpha beta. Gamma, “delta”!\nEpsilon\r\nzeta $5 and $9 eta."
QUOTES = ["Alpha beta.", "beta", "Gamma, “delta”!", "Epsilon", "Epsilon\nzeta", "$5 and $9"]
SOUND = {
    "statement": TEXT.filter(bool),
    "actor": st.sampled_from(ACTORS),
    "code": st.sampled_from(CODES),
    "basis": st.sampled_from(["explicit", "by_reference", None]),
    "quote": st.sampled_from([*QUOTES, None]),
    "coder": st.sampled_from(["X", "Y"]),
    "date": st.dates(),
    "start": st.none(),
    "kind": st.sampled_from(["chair", "delegation", None]),
    "speaking_order": st.integers(1, 9),
    "dimension": st.sampled_from(["d", "e", None]),
    "label": TEXT,
    "order": st.integers(1, 99),
    "passage": st.sampled_from(["Alpha beta.", "Gamma, “delta”!", "Epsilon\nzeta", "$5 and $9"]),
    "target": st.sampled_from(ACTORS),
    "relation": st.sampled_from(["echoes", "supports"]),
}
COLUMNS = {
    "statements": "actor code document | statement stance basis quote coder date start",
    "actors": "actor | kind speaking_order",
    "codebook": "code | dimension label",
    "interventions": "order actor passage document |",
    "references": "actor target relation document | quote",
    "recodings": "actor code coder statement document | stance quote",
}
"""The columns that each table has here, and those that it may have."""


ONCE = ("statement", "order", "passage")


def series(cells, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pandas says of odd cells
        try:
            return pd.Series(cells, dtype=dtype)
        except (TypeError, ValueError, IndexError, OverflowError, SystemError):
            return pd.Series(cells, dtype=object)


@st.composite
def frames(draw, table, sound, junk):
    """Draw a table: its columns, and some that nobody knows; with `junk`, any cells."""
    always, _, maybe = COLUMNS[table].partition("|")
    names = always.split() + draw(st.lists(st.sampled_from(maybe.split() or ["x"]), unique=True))
    names += draw(st.lists(TEXT | st.sampled_from([0, 1.5, None, ("a", 1)]), max_size=2))
    whole = {"actors": ACTORS, "codebook": CODES}.get(table)
    n = draw(st.integers(0, 4)) if whole is None else len(whole)
    columns = []
    for place, name in enumerate(names):
        cell = sound[name] if name in sound else draw(st.sampled_from(KINDS))
        if junk and draw(st.integers(0, 9)) == 0:
            cell = draw(st.sampled_from([JUNK, TEXT, *KINDS]))
        once = {"unique_by": repr} if cell is SOUND.get(name) and name in ONCE else {}
        cells = draw(st.lists(cell, min_size=n, max_size=n, **once))
        if whole is not None and place == 0:
            cells = draw(st.permutations(whole))
        columns.append(series(cells, draw(st.sampled_from(DTYPES))))
    frame = pd.concat(columns, axis=1)
    frame.columns = pd.Index(names, dtype=object)
    if draw(st.booleans()):
        frame.index = pd.Index(draw(st.lists(st.integers(), min_size=n, max_size=n)))
    return frame


@st.composite
def parts(draw):
    """Draw what a meeting can be made of, half of the time all of it sound."""
    junk = draw(st.booleans())
    scale = draw(st.sampled_from([(1, -1), (1, 0, -1), (1, 2, 3), [1], np.array([7, 1])]))
    texts = draw(st.sampled_from([{}, {"a": WORDS}, {"b c": WORDS, "a": f"{WORDS}\n"}]))
    sound = SOUND | {
        "stance": st.sampled_from([*scale, str(scale[0]), float(scale[0]), None]),
        "document": st.sampled_from([*texts] or ["a", "z"]),
    }
    given = {
        table: draw(st.none() | frames(table, sound, junk))
        for table in COLUMNS
        if table != "statements"
    }
    given |= {"texts": texts, "stances": scale, "metadata": None}
    if junk:
        odd = st.text(MARKS | st.characters(exclude_categories=()), max_size=8)
        given["texts"] = draw(st.just(texts) | st.dictionaries(odd, odd, max_size=2) | odd)
        given["metadata"] = draw(st.dictionaries(odd, JUNK | st.lists(JUNK), max_size=2))
    return draw(frames("statements", sound, junk)), given


def check(drawn, folder):
    """Make a meeting, write it, load it; return whether one was made."""
    statements, given = drawn
    try:
        made = cam.Meeting(statements, **given)
    except (TypeError, ValueError) as error:
        own = isinstance(error, cam.MeetingError) or in_own_words(error)
        if not own or len(str(error).encode()) >= 10_000:
            raise
        return False
    fuzzing.ask(made)
    cam.io.write_folder(made, folder)
    again = cam.load_meeting(folder)
    assert_same(again, made)
    return True


@pytest.mark.filterwarnings("ignore:Different .* look alike")
@given(drawn=parts())
@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
def test_what_can_be_made_of_frames_is_read_back_the_same(drawn, tmp_path_factory):
    made = check(drawn, tmp_path_factory.mktemp("made"))
    event("made" if made else "refused")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Different .* look alike")
@given(drawn=parts())
@settings(deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck))
def test_a_thousand_meetings_of_frames_are_read_back_the_same(drawn, tmp_path_factory):
    made = check(drawn, tmp_path_factory.mktemp("made"))
    event("made" if made else "refused")
