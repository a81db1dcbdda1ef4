"""A meeting written: the same when it is read, a valid data package, whole or not at all."""

import hashlib
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
from conftest import DATA, MINIMAL, TABLES, assert_same, faults_of, write_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.io.folder import workplace

ONE = pd.DataFrame({"actor": ["A"], "code": ["tax"]})


def read(folder):
    """Return every file below a folder by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def written(meeting, folder):
    """Write a meeting; return it as it is loaded again."""
    cam.io.write_folder(meeting, folder)
    return cam.load_meeting(folder)


# what is written is what is loaded


def test_the_bundled_meeting_is_written_byte_for_byte(meeting, tmp_path):
    assert_same(written(meeting, tmp_path), meeting)
    files = read(tmp_path)
    named = {f"{name}.csv" for name in meeting.given}
    assert set(files) == {*named, "report.txt", "datapackage.json"}
    assert files == {name: (DATA / name).read_bytes() for name in files}


TEXT = st.text(
    st.sampled_from(' ,;"\n\r\t\ufeff\u200b\xa0')
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=10,
)
NAME = TEXT.filter(str.strip)
FILE_NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=20
).filter(lambda name: not name.startswith("."))
EXTRA = {
    "str": TEXT,
    "int64": st.integers(-(2**63), 2**63 - 1),
    "UInt8": st.integers(0, 255) | st.none(),
    "float64": st.floats(),
    "Float32": st.floats(width=32, allow_nan=False) | st.none(),
    "bool": st.booleans(),
    "boolean": st.booleans() | st.none(),
    "datetime64[us]": st.datetimes() | st.none(),
    "datetime64[s]": st.dates().map(pd.Timestamp) | st.none(),
}


@st.composite
def meetings(draw):
    """Draw a meeting with texts, metadata, another scale, and columns outside the spec."""
    n = draw(st.integers(0, 4))

    def column(cells):
        return draw(st.lists(cells, min_size=n, max_size=n))

    stances = draw(st.sampled_from([(1, -1), (1, 0, -1), (5, 4, 1, 1000), (2**63 - 1, 1)]))
    statements = pd.DataFrame(
        {
            "actor": column(NAME),
            "code": column(NAME),
            "quote": column(TEXT),
            "basis": column(st.sampled_from(["explicit", "by_reference", None])),
            "date": pd.Series(column(st.dates() | st.none()), dtype=object),
        }
    )
    if draw(st.booleans()):
        statements["stance"] = pd.Series(column(st.sampled_from([*stances, None])), dtype=object)
    own = {*statements, "statement", "start", "stop", "document", "coder", "stance"}
    names = st.lists(NAME.filter(lambda name: name.strip() not in own), max_size=3)
    for name in draw(names):
        if name.strip() not in {column.strip() for column in statements}:
            dtype = draw(st.sampled_from(list(EXTRA)))
            statements[name] = pd.Series(column(EXTRA[dtype]), dtype=dtype)
    texts = draw(st.dictionaries(FILE_NAME, TEXT, max_size=3))
    if texts:
        statements = statements.drop(columns="quote")
    return cam.Meeting(
        statements,
        recodings=draw(st.sampled_from([None, statements.assign(coder="Ann")])),
        texts=texts,
        stances=stances,
        metadata=draw(
            st.dictionaries(
                TEXT.filter(lambda key: key not in ("stances", "resources") and "\0" not in key),
                st.lists(st.integers() | TEXT | st.floats(allow_nan=False, allow_infinity=False)),
                max_size=2,
            )
        ),
    )


@pytest.mark.filterwarnings("ignore:Different")  # names that look alike are drawn as well
@given(made=meetings())
@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
def test_what_can_be_made_can_be_written_and_is_the_same_when_it_is_read(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    again = written(made, folder)
    assert_same(again, made)
    cam.io.write_folder(again, folder)
    assert_same(cam.load_meeting(folder), made)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "name",
    [
        "day-1",
        "Day 1",
        "Sesión",
        "actors",
        "REPORT",
        "a.b",
        "x.txt",
        "a:b",
        "~a",
        " ",
        "a\nb",
        "ü" * 120,
    ],
    ids=ascii,
)
def test_a_text_may_have_any_name_that_a_file_may(name, tmp_path):
    statements = pd.DataFrame(
        {"actor": ["A", "B"], "code": ["x", "x"], "quote": ["One", "Two"]}
    ).assign(document=["report", name])
    made = cam.Meeting(statements, texts={name: "Two.", "report": "One."})
    assert_same(written(made, tmp_path), made)


@pytest.mark.parametrize(
    "order", [("report", "b", "a"), ("a", "report", "b"), ("b", "a", "report")]
)
def test_texts_keep_their_order(order, tmp_path):
    made = cam.Meeting(ONE, texts={name: f"{name}." for name in order})
    assert list(written(made, tmp_path).texts) == list(order)


@pytest.mark.parametrize("text", ["\ufeffOne.", "\ufeff", "\ufeff\ufeff", "One.\ufeff", "", "\n"])
def test_a_byte_order_mark_that_belongs_to_a_text_stays(text, tmp_path):
    made = cam.Meeting(ONE, texts=text)
    assert written(made, tmp_path).text == text
    (resource,) = [r for r in package(tmp_path)["resources"] if r["path"] == "report.txt"]
    assert resource["hash"] == f"sha256:{hashlib.sha256(read(tmp_path)['report.txt']).hexdigest()}"


def test_a_column_may_begin_with_a_byte_order_mark(tmp_path):
    made = cam.Meeting(pd.DataFrame({"\ufeffnote": ["x"], "actor": ["A"], "code": ["tax"]}))
    made = made.replace(statements=made.statements[["\ufeffnote", "actor", "code"]])
    assert "\ufeffnote" in written(made, tmp_path).statements


# what datapackage.json says


def package(folder):
    return json.loads((folder / "datapackage.json").read_bytes())


def everything():
    """Return a meeting of every table, with columns outside the spec of every dtype."""
    statements = pd.DataFrame(
        {
            "actor": ["A", "B"],
            "code": ["x", "y"],
            "quote": ["One", "Two"],
            "date": ["2017-10-17", None],
            "page": pd.Series([3, None], dtype="Int16"),
            "share": [0.5, np.inf],
            "checked": [True, False],
            "doubt": pd.Series([True, None], dtype="boolean"),
            "coded": pd.to_datetime(["2017-10-17T12:30:00.5", None]),
            "seen": pd.to_datetime(["2017-10-17T12:30:00", None]).tz_localize("UTC"),
            "day": pd.to_datetime(["2017-10-17", None]),
            "note": ["n", None],
        }
    )
    return cam.Meeting(
        statements,
        actors=pd.DataFrame({"actor": ["A", "B"], "kind": ["chair", None]}),
        codebook=pd.DataFrame({"code": ["x", "y"], "dimension": ["d", None]}),
        interventions=pd.DataFrame({"order": [1], "actor": ["A"], "passage": ["One."]}),
        references=pd.DataFrame({"actor": ["A"], "target": [None], "relation": ["echoes"]}),
        recodings=pd.DataFrame({"actor": ["A"], "code": ["x"], "coder": ["Ann"]}),
        texts="One. Two.",
        metadata={"name": "mine", "title": "Mine"},
    )


@pytest.mark.parametrize("name", ["everything", "ordinal", "several texts", "minimal"])
def test_a_written_meeting_is_a_valid_data_package(name, tmp_path):
    texts = dict.fromkeys(("report", "day-1", "Sesión", "actors", "REPORT"), "One.")
    made = {
        "everything": everything,
        "ordinal": lambda: cam.Meeting(ONE, stances=(1, 0, -1)),
        "several texts": lambda: cam.Meeting(ONE, texts=texts),
        "minimal": lambda: cam.Meeting(ONE),
    }[name]()
    assert_same(written(made, tmp_path), made)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.flatten(["name", "type", "message"]) == []
    assert {task.name for task in report.tasks} >= set(made.given)


@pytest.mark.parametrize("make", [everything, cam.load_meeting], ids=["everything", "bundled"])
def test_every_file_is_stated_with_its_bytes_and_its_sha256(make, tmp_path):
    cam.io.write_folder(make(), tmp_path)
    files = read(tmp_path)
    stated = {r["path"]: (r["bytes"], r["hash"]) for r in package(tmp_path)["resources"]}
    assert stated == {
        name: (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        for name, data in files.items()
        if name != "datapackage.json"
    }


def test_types_outside_the_spec_are_declared_and_restored(tmp_path):
    made = everything()
    again = written(made, tmp_path)
    assert_frame_equal(again.statements, made.statements)
    (table,) = [r for r in package(tmp_path)["resources"] if r["name"] == "statements"]
    types = {field["name"]: field["type"] for field in table["schema"]["fields"]}
    found = {name: (types[name], str(again.statements[name].dtype)) for name in list(types)[-8:]}
    assert found == {
        "page": ("integer", "Int64"),
        "share": ("number", "float64"),
        "checked": ("boolean", "boolean"),
        "doubt": ("boolean", "boolean"),
        "coded": ("datetime", "datetime64[us]"),
        "seen": ("datetime", "datetime64[us, UTC]"),
        "day": ("date", "datetime64[s]"),
        "note": ("string", "str"),
    }
    assert all("dtype" not in field for field in table["schema"]["fields"])


def test_a_hand_edited_table_is_loaded_and_a_changed_text_is_a_fault(tmp_path):
    cam.io.write_folder(everything(), tmp_path)
    table = tmp_path / "actors.csv"
    table.write_text(table.read_text("utf-8").replace("chair", "official"), encoding="utf-8")
    assert cam.load_meeting(tmp_path).actors["kind"].tolist()[0] == "official"
    (tmp_path / "report.txt").write_text("One. Two. Three.", encoding="utf-8")
    ((file, _, _, expected, _),) = faults_of(tmp_path)
    assert file == "report.txt"
    assert expected.startswith("the text with sha256:")


def test_an_ordinal_scale_is_declared_and_kept(tmp_path):
    files = {
        "statements.csv": "actor,code,stance\nA,tax,2\nB,tax,0\nB,tax,1\n",
        "datapackage.json": '{"title": "Ordinal", "stances": [0, 1, 2]}',
    }
    ordinal = cam.load_meeting(write_folder(tmp_path / "one", files))
    assert ordinal.stances == (0, 1, 2)
    assert ordinal.metadata == {"title": "Ordinal"}
    assert_same(written(ordinal, tmp_path / "two"), ordinal)
    assert package(tmp_path / "two")["stances"] == [0, 1, 2]
    assert ordinal.replace(metadata={"title": "x"}).stances == (0, 1, 2)
    assert "stances" not in package(DATA)


# whole or not at all


class Killed(BaseException):
    """What a killed process raises: nothing in the library may catch it."""


def old_meeting():
    return cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["x"], "quote": ["One"]}),
        texts={"a": "One."},
        metadata={"title": "old"},
    )


def new_meeting():
    return cam.Meeting(
        pd.DataFrame({"actor": ["A", "B"], "code": ["x", "y"], "quote": ["Two", "Three"]}).assign(
            document=["a", "report"]
        ),
        codebook=pd.DataFrame({"code": ["x", "y"]}),
        texts={"report": "Three.", "a": "Two."},
        metadata={"title": "new"},
    )


STEPS = (
    (os, "rename"),
    (Path, "write_bytes"),
    (Path, "mkdir"),
    (shutil, "copymode"),
    (shutil, "rmtree"),
)


def stop_at(patch, number, error, *, dead):
    """Let a step that changes a folder fail, a write in its middle; the dead take no more."""
    steps = iter(range(1_000))

    def stopping(real, name):
        def step(*arguments, **options):
            now = next(steps)
            if now < number or (now > number and not dead):
                return real(*arguments, **options)
            if now == number and name == "write_bytes":
                path, data = arguments
                real(path, data[: len(data) // 2])
            raise error("stopped")

        return step

    for owner, name in STEPS:
        patch.setattr(owner, name, stopping(getattr(owner, name), name))


def stopped_at(number, folder, error, *, dead):
    """Write the new meeting over the old one until a step fails; say whether one did."""
    cam.io.write_folder(old_meeting(), folder)
    (folder / "notes.md").write_text("mine")
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, number, error, dead=dead)
        try:
            cam.io.write_folder(new_meeting(), folder)
        except error:
            return True
    return False


@pytest.mark.slow
def test_a_writing_that_fails_anywhere_leaves_one_meeting_and_the_users_files(tmp_path):
    titles = []
    for number in range(100):
        folder = tmp_path / str(number)
        stopped = stopped_at(number, folder, OSError, dead=False)
        loaded = cam.load_meeting(folder)
        titles.append(loaded.title)
        assert_same(loaded, old_meeting() if loaded.title == "old" else new_meeting())
        if not stopped:
            break
        kept = [folder / "notes.md", workplace(folder) / "old" / "notes.md"]
        assert sum(path.exists() for path in kept) == 1
        shutil.rmtree(workplace(folder), ignore_errors=True)
        cam.io.write_folder(new_meeting(), folder)  # the next writing ends as if nothing had been
        assert_same(cam.load_meeting(folder), new_meeting())
    assert not stopped
    assert titles.count("old") > 4
    assert titles == sorted(titles, reverse=True)


@pytest.mark.slow
def test_a_killed_writer_leaves_one_meeting_and_it_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    seen = []
    for number in range(100):
        folder = tmp_path / str(number)
        if not stopped_at(number, folder, Killed, dead=True):
            break
        left = workplace(folder)
        if folder.exists():
            loaded = cam.load_meeting(folder)
            seen.append(loaded.title)
        else:  # killed between the two renamings
            ((_, _, _, _, got),) = faults_of(folder)
            assert got == f"nothing there; an interrupted writing left it in {left}"
            loaded = cam.load_meeting(left / "old")
            seen.append("moved")
        assert_same(loaded, new_meeting() if loaded.title == "new" else old_meeting())
        if left.exists():
            with pytest.raises(FileExistsError, match="or was interrupted"):
                cam.io.write_folder(new_meeting(), folder)
    assert set(seen) == {"old", "moved", "new"}


def test_writers_and_readers_at_once_see_one_meeting(tmp_path):
    def meeting_of(word):
        coded = pd.DataFrame({"actor": [f"A{i}" for i in range(9)], "code": "x", "quote": word})
        return cam.Meeting(
            coded, codebook=coded[["code"]][:1], texts=word, metadata={"title": word}
        )

    both = {word: meeting_of(word) for word in ("one", "two")}
    cam.io.write_folder(both["one"], tmp_path / "m")
    with ThreadPoolExecutor(4) as pool:
        written = [
            pool.submit(lambda made: [cam.io.write_folder(made, tmp_path / "m") for _ in "ab"], m)
            for m in both.values()
        ]
        found = [pool.submit(cam.load_meeting, tmp_path / "m") for _ in range(8)]
        loaded = [future.result() for future in (*written, *found)][2:]
    for meeting in loaded:
        assert_same(meeting, both[meeting.title])
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_the_current_folder_is_not_replaced(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "m", {"statements.csv": MINIMAL})
    monkeypatch.chdir(folder)
    with pytest.raises(FileExistsError, match="is the current folder"):
        cam.io.write_folder(cam.Meeting(ONE), ".")
    assert read(folder) == {"statements.csv": MINIMAL.encode()}


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path, monkeypatch):
    cam.io.write_folder(old_meeting(), tmp_path)
    before = read(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        cam.io.write_folder(new_meeting(), tmp_path)
    assert read(tmp_path) == before


# beside and through other things


def test_writing_beside_what_is_not_the_meetings_own_is_refused(meeting, tmp_path):
    cam.io.write_folder(meeting, tmp_path)
    before = read(tmp_path)
    with pytest.raises(FileExistsError, match=r"actors\.csv, codebook\.csv, .*report\.txt, which"):
        cam.io.write_folder(cam.Meeting(ONE), tmp_path)
    assert read(tmp_path) == before
    cam.io.write_folder(meeting, tmp_path)  # over itself is no trouble
    assert read(tmp_path) == before


@pytest.mark.parametrize(
    "name",
    [
        "actors.csv",
        "Actors.csv",
        "REPORT.TXT",
        "texts/b.txt",
        "texts/b.TXT",
        "actors.csv/a",
        "Texts",
    ],
)
def test_what_would_be_a_fault_or_a_part_of_it_is_refused(name, tmp_path):
    write_folder(tmp_path, {name: "x"})
    before = read(tmp_path)
    with pytest.raises(FileExistsError, match="already holds"):
        cam.io.write_folder(cam.Meeting(ONE, texts={"a": "One."}), tmp_path)
    assert read(tmp_path) == before


@pytest.mark.parametrize("name", ["statements.csv", "datapackage.json", "texts/a.txt"])
def test_a_folder_in_the_place_of_a_file_is_refused(name, tmp_path):
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(FileExistsError, match="is a folder, where a file is to be written"):
        cam.io.write_folder(cam.Meeting(ONE, texts={"a": "One."}), tmp_path)
    assert read(tmp_path) == {}


def test_a_file_in_the_place_of_the_texts_is_refused(tmp_path):
    (tmp_path / "texts").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="already holds texts"):
        cam.io.write_folder(cam.Meeting(ONE, texts={"a": "One."}), tmp_path)
    assert read(tmp_path) == {"texts": b"mine"}


def test_writing_beside_other_files_leaves_them(tmp_path):
    files = {"notes.md": "mine", "texts/notes.md": "mine", "texts/.a.txt": "mine"}
    write_folder(tmp_path, files)
    loaded = written(cam.Meeting(ONE, texts={"a": "One."}), tmp_path)
    assert loaded.texts == {"a": "One."}
    assert {name: read(tmp_path)[name] for name in files} == dict.fromkeys(files, b"mine")


def test_nothing_is_written_or_removed_through_a_linked_folder(tmp_path):
    other = write_folder(tmp_path / "other", {"a.txt": "theirs", "notes.md": "theirs"})
    folder = write_folder(tmp_path / "m", {"notes.md": "mine"})
    (folder / "texts").symlink_to(other)
    made = cam.Meeting(ONE, texts={"a": "One."})
    assert_same(written(made, folder), made)
    assert not (folder / "texts").is_symlink()
    assert read(other) == {"a.txt": b"theirs", "notes.md": b"theirs"}
    assert (folder / "notes.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["statements.csv", "datapackage.json", "report.txt"])
@pytest.mark.parametrize("target", ["there", "nowhere"])
def test_nothing_is_written_through_a_linked_file(name, target, tmp_path):
    other = write_folder(tmp_path / "other", {"there": "theirs"})
    folder = write_folder(tmp_path / "m", {"statements.csv": MINIMAL})
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(other / target)
    made = cam.Meeting(ONE, texts="One.")
    assert_same(written(made, folder), made)
    assert not (folder / name).is_symlink()
    assert read(other) == {"there": b"theirs"}


def test_a_folder_is_made_with_those_above_it_and_may_be_text(tmp_path):
    made = cam.Meeting(ONE)
    cam.io.write_folder(made, str(tmp_path / "a" / "b"))
    assert_same(cam.load_meeting(tmp_path / "a" / "b"), made)
    assert set(read(tmp_path / "a" / "b")) == {"statements.csv", "datapackage.json"}


@pytest.mark.parametrize("part", ["selected", "one coder", "of texts"])
def test_a_part_of_a_meeting_is_written_as_it_is(part, meeting, tmp_path):
    chosen = {
        "selected": {"basis": "explicit", "kinds": "delegation"},
        "one coder": {"coder": meeting.recodings["coder"].unique().tolist()},
        "of texts": {"documents": "report", "codes": meeting.codebook["code"].tolist()[:4]},
    }[part]
    selected = meeting.select(**chosen)
    again = written(selected, tmp_path)
    for name in TABLES:
        assert_frame_equal(getattr(again, name), getattr(selected, name))
    assert again.texts == selected.texts
