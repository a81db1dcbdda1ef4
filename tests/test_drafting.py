"""A folder to fill in: draft, guide, second coder, what is not coded yet."""

import pandas as pd
import pytest

import camdata as cam
from camdata.io import drafting

REPORT = """Opening of the meeting

Canada called for a list of terms.

The delegate of Peru agreed.

Peru and Chile thanked the chair.

Ms. Diaz: We shall see about that.
"""


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


def folder_of(tmp_path):
    folder = tmp_path / "mine"
    drafted = drafting.new_folder(folder, {"report": REPORT}, ["Canada", "Peru", "Chile"])
    return folder, drafted


def test_a_paragraph_goes_to_the_one_actor_that_it_starts_with_or_names():
    drafted = drafting.draft_passages({"report": REPORT}, ["Canada", "Peru", "Chile"])
    assert [passage.actor for passage in drafted] == [None, "Canada", "Peru", "Peru", "Ms. Diaz"]
    for passage in drafted:
        assert REPORT[passage.start : passage.stop] == passage.words


def test_a_name_inside_another_word_or_name_is_not_it():
    text = "Nigeria spoke.\nSouth Africa spoke.\nChilean wine was served."
    drafted = drafting.draft_passages({"a": text}, ["Niger", "Nigeria", "South Africa", "Chile"])
    assert [passage.actor for passage in drafted] == ["Nigeria", "South Africa", None]


def test_the_draft_of_the_bundled_report_against_its_interventions(meeting):
    """A paragraph of that report holds many delegations, so a draft helps little there."""
    drafted = drafting.draft_passages(meeting.texts, meeting.actors["actor"])
    assigned = [passage for passage in drafted if passage.actor is not None]
    spans = meeting._passages()
    right = sum(
        ((spans["actor"] == p.actor) & (spans["start"] < p.stop) & (spans["stop"] > p.start)).any()
        for p in assigned
    )
    assert (len(drafted), len(assigned), right) == (64, 14, 9)


def test_a_new_folder_is_a_sound_meeting_without_statements(tmp_path):
    folder, drafted = folder_of(tmp_path)
    made = cam.load_meeting(folder)
    assert made.text == REPORT
    assert made.statements.empty
    assert made.actors["actor"].tolist() == ["Canada", "Peru", "Chile", "Ms. Diaz"]
    assert made.interventions["actor"].tolist() == ["Canada", "Peru", "Peru", "Ms. Diaz"]
    assert made.tally().n_statements == 0
    assert len(drafted) == 5


def test_the_headers_and_an_example_of_each_table_are_there(tmp_path):
    folder, _ = folder_of(tmp_path)
    guide = (folder / drafting.GUIDE).read_text(encoding="utf-8")
    for table in ("actors", "codebook", "interventions", "statements", "references"):
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        row = drafting._EXAMPLES[table]
        assert set(row) <= set(header)
        assert " | ".join(row.values()) in guide
    assert "Silence is neither opposition nor agreement" in guide
    assert "python -m camdata check mine" in guide


def test_the_examples_of_the_guide_are_sound():
    rows = {name: pd.DataFrame([row]) for name, row in drafting._EXAMPLES.items()}
    rows["actors"] = pd.DataFrame([drafting._EXAMPLES["actors"], {"actor": "Peru"}])
    text = "Canada called for a definition. as Peru had said"
    made = cam.Meeting(rows.pop("statements"), **rows, texts=text)
    assert made.positions().shape == (1, 1)


def test_nothing_is_written_over_anything(tmp_path):
    folder, _ = folder_of(tmp_path)
    with pytest.raises(FileExistsError, match="is there already"):
        drafting.new_folder(folder, {"report": "x"})
    with pytest.raises(FileExistsError, match="is there already"):
        drafting.second_coder(cam.load_meeting(), folder)
    assert cam.load_meeting(folder).text == REPORT


def test_filling_in_a_row_is_all_that_is_needed(tmp_path):
    folder, _ = folder_of(tmp_path)
    (folder / "codebook.csv").write_text(
        "code,dimension,label,definition,include,exclude\nterms,words,Define terms,,,\n"
    )
    (folder / "statements.csv").write_text(
        "statement,actor,code,stance,basis,quote,coder\n"
        "s1,Canada,terms,1,explicit,called for a list of terms,AB\n"
    )
    made = cam.load_meeting(folder)
    assert made.positions().loc["Canada", "words"] == 1
    lines = drafting.progress(made)
    assert any("1 statement of 1 actor on 1 code" in line for line in lines)
    assert any(line.endswith("The delegate of Peru agreed.") for line in lines)
    assert not any(line.endswith("Canada called for a list of terms.") for line in lines)


def test_a_second_coder_gets_texts_and_codebook_and_no_statements(meeting, tmp_path):
    drafting.second_coder(meeting, tmp_path / "second")
    second = cam.load_meeting(tmp_path / "second")
    assert second.texts == meeting.texts
    pd.testing.assert_frame_equal(second.codebook, meeting.codebook)
    pd.testing.assert_frame_equal(second.actors, meeting.actors)
    pd.testing.assert_frame_equal(second.interventions, meeting.interventions)
    assert second.statements.empty
    assert second.recodings.empty
    assert {"actor", "code", "stance", "quote", "coder"} <= set(second.statements.columns)


def test_progress_counts_what_coverage_counts(meeting):
    table = meeting.coverage()
    bare = table[table["covered"] == 0]
    lines = drafting.progress(meeting)
    assert any(f"{len(bare)} sentences of {len(table)} without any" in line for line in lines)
    assert sum(line.startswith("  ") for line in lines) == len(bare)
    assert any("Bolivia" in line for line in lines if line.startswith("actors without"))


def test_a_folder_with_only_a_text_is_a_meeting_in_the_making(tmp_path):
    (tmp_path / "report.txt").write_text("Nothing is coded yet.")
    made = cam.load_meeting(tmp_path)
    assert made.statements.empty
    assert made.text == "Nothing is coded yet."


def test_a_misspelt_table_is_still_a_fault(tmp_path):
    (tmp_path / "report.txt").write_text("Words.")
    (tmp_path / "statement.csv").write_text("actor,code\nA,tax\n")
    with pytest.raises(cam.MeetingError, match=r"statements\.csv: expected this file"):
        cam.load_meeting(tmp_path)
