"""A folder to fill in, guide, second coder, what is not coded yet, a prompt for models."""

import json
import re

import pandas as pd
import pytest

import camdata as cam
from camdata.io import coding

REPORT = """Opening of the meeting

Canada called for a list of terms.

The delegate of Peru agreed.

Peru and Chile thanked the chair.

Ms. Diaz: We shall see about that.
"""


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


@pytest.fixture
def folder(tmp_path):
    coding.new_folder(tmp_path / "mine", {"report": REPORT}, ["Canada", "Peru", "Canada"])
    return tmp_path / "mine"


def test_a_new_folder_is_a_sound_meeting_without_statements(folder):
    made = cam.load_meeting(folder)
    assert made.text == REPORT
    assert made.statements.empty
    assert made.actors["actor"].tolist() == ["Canada", "Peru"]
    assert made.given == ("actors", "codebook", "interventions", "statements", "references")
    assert made.tally().n_statements == 0


def test_the_guide_has_the_headers_of_each_table_and_sound_examples(folder):
    guide = (folder / coding.GUIDE).read_text(encoding="utf-8")
    assert "Silence is neither opposition nor agreement" in guide
    assert "python -m camdata check mine" in guide
    rows = {}
    for table in ("actors", "codebook", "interventions", "statements", "references"):
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        shown = re.search(rf"^\| {' . '.join(header)} \|\n.*\n\| (.*) \|$", guide, re.MULTILINE)
        rows[table] = pd.DataFrame([shown[1].split(" | ")], columns=header)
    rows["actors"] = pd.concat([rows["actors"], pd.DataFrame({"actor": ["Peru"]})])
    text = "Canada called for a definition. as Peru had said"
    assert cam.Meeting(rows.pop("statements"), **rows, texts=text).positions().shape == (1, 1)


def test_what_check_lists_is_as_the_guide_says(folder):
    guide = (folder / coding.GUIDE).read_text(encoding="utf-8")
    assert "Once `interventions.csv`\nhas rows, it also lists every sentence" in guide
    assert "listed once there are interventions" in coding.progress(cam.load_meeting(folder))[-1]


def test_nothing_is_written_over_anything(folder):
    with pytest.raises(FileExistsError, match="is not empty"):
        coding.new_folder(folder, {"report": "x"})
    with pytest.raises(FileExistsError, match="is not empty"):
        coding.second_coder(cam.load_meeting(), folder)
    assert cam.load_meeting(folder).text == REPORT


def test_filling_in_a_row_is_all_that_is_needed(folder):
    (folder / "codebook.csv").write_text(
        "code,dimension,label,definition,include,exclude\nterms,words,Define terms,,,\n"
    )
    (folder / "interventions.csv").write_text(
        "order,actor,passage\n1,Canada,Canada called for a list of terms.\n"
        "2,Peru,The delegate of Peru agreed.\n"
    )
    (folder / "statements.csv").write_text(
        "statement,actor,code,stance,basis,quote,coder\n"
        "s1,Canada,terms,1,explicit,called for a list of terms,AB\n"
    )
    made = cam.load_meeting(folder)
    assert made.positions().loc["Canada", "words"] == 1
    lines = coding.progress(made)
    assert any("1 statement of 1 actor on 1 code" in line for line in lines)
    assert any(line.endswith("The delegate of Peru agreed.") for line in lines)
    assert not any(line.endswith("Canada called for a list of terms.") for line in lines)


def test_a_second_coder_gets_texts_and_codebook_and_no_statements(meeting, tmp_path):
    coding.second_coder(meeting, tmp_path / "second")
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
    lines = coding.progress(meeting)
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


def test_a_prompt_names_every_code_and_its_schema_is_what_is_read(meeting):
    prompt = cam.io.coding_prompt(meeting)
    schema = json.loads(re.search(r"```json\n(.*)\n```", prompt, re.DOTALL)[1])
    assert schema["properties"]["code"]["enum"] == meeting.codebook["code"].tolist()
    assert schema["properties"]["stance"] == {
        "type": "integer",
        "description": "1 supports, -1 opposes",
        "enum": [1, -1],
    }
    for column in ("code", "definition", "include", "exclude"):
        assert all(words in prompt for words in meeting.codebook[column].dropna())
    columns = schema["required"]
    records = meeting.statements[columns].to_dict("records")
    read = cam.read_jsonl(records, texts=meeting.texts, codebook=meeting.codebook)
    assert read.queue.empty
    pd.testing.assert_frame_equal(read.statements[columns], meeting.statements[columns])


def test_a_prompt_needs_a_codebook():
    with pytest.raises(ValueError, match="needs a codebook"):
        cam.io.coding_prompt(cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]})))
