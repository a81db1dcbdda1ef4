"""One door: the bundled meeting, a folder, or one file by its ending."""

import pytest
from conftest import DATA, MINIMAL, assert_same, faults_of, write_folder

import camdata as cam


def test_without_a_path_it_is_the_bundled_meeting(meeting):
    assert_same(cam.load_meeting(), meeting)
    assert len(meeting.positions()) == 14
    assert meeting.source.name == str(DATA)


def test_a_table_is_read_by_its_ending(tmp_path):
    folder = write_folder(tmp_path, {"mine.csv": MINIMAL, "statements.csv": MINIMAL})
    one = cam.load_meeting(folder / "mine.csv")
    assert one.positions("code").equals(cam.load_meeting(folder).positions("code"))


@pytest.mark.parametrize("name", ["meeting", "meeting.docx", "meeting.CSV.bak"])
def test_a_file_of_another_kind_is_a_fault_that_lists_the_known_ones(name, tmp_path):
    file = write_folder(tmp_path, {name: MINIMAL}) / name
    for path in (file, str(file)):
        ((named, line, column, expected, got),) = faults_of(path)
        assert (named, line, column, got) == (str(file), None, None, "another file")
        assert expected.startswith("a folder, or a file that ends in .csv, ")
        assert ".dna" in expected
