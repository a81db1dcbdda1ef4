"""Records of language models: their shapes, who coded, quotes graded, the queue."""

import json

import pandas as pd
import pytest

import camdata as cam

TEXT = (
    "Perú asked for “clear terms” and for a long–term plan.\n"
    "Chile wanted a quota.   Chile refused a general tax on remittances."
)
RECORDS = [
    {"actor": "Peru", "code": "terms", "stance": 1, "quote": 'asked for "clear terms"'},
    {"actor": "Chile", "code": "quota", "stance": 1, "quote": "Chile wanted a quota."},
    {
        "actor": "Chile",
        "code": "tax",
        "stance": -1,
        "quote": "rejected a general tax on remittance",
    },
    {"actor": "Chile", "code": "aid", "stance": 1, "quote": "called for humanitarian corridors"},
]
GRADES = ["typographic", "verbatim", "near", "absent"]


@pytest.fixture
def triaged():
    return cam.read_jsonl(RECORDS, texts=TEXT)


def lines_of(records):
    return "".join(json.dumps(record) + "\n" for record in records)


# grades


def test_each_quote_is_graded_and_nothing_is_dropped(triaged):
    assert triaged.statements["code"].tolist() == ["terms", "quota"]
    assert triaged.queue["code"].tolist() == ["tax", "aid"]
    assert triaged.queue["grade"].tolist() == ["near", "absent"]
    changes = triaged.source.changes
    graded = changes[changes["what"] == "quotes graded"]
    assert dict(zip(graded["after"], graded["rows"], strict=True)) == dict.fromkeys(GRADES, 1)
    assert "quotes: verbatim 1, typographic 1, near 1, absent 1" in repr(triaged)
    assert "queue: 2 not counted (near 1, absent 1): see .queue" in repr(triaged)


def test_a_typographic_quote_is_read_as_the_words_of_the_text(triaged):
    assert triaged.statements["quote"].iloc[0] == "asked for “clear terms”"
    (quotation,) = triaged.evidence("Peru")
    assert TEXT[quotation.start : quotation.stop] == quotation.quote
    changes = triaged.source.changes.set_index("what").loc["quote read as"]
    assert (changes["before"], changes["after"]) == (
        'asked for "clear terms"',
        "asked for “clear terms”",
    )


@pytest.mark.parametrize(
    ("quote", "grade"),
    [
        ("Chile wanted a quota. Chile refused", "typographic"),
        ("PERU ASKED", "typographic"),
        ("a long-term plan", "typographic"),
        ("“Chile wanted a quota.”", "typographic"),
        ("'for a long-term plan'", "typographic"),
        ("a long — term plan", "near"),
        ("wanted a quota", "verbatim"),
        ("Chile wanted a big quota.", "near"),
        ("…Chile wanted a quota", "near"),
        ("the moon", "absent"),
        ("?!", "absent"),
        (TEXT + " And much more was said by all of them at great length." * 9, "absent"),
    ],
)
def test_grades(quote, grade):
    made = cam.read_jsonl([{"actor": "A", "code": "x", "quote": quote}], texts=TEXT)
    found = [*made.queue["grade"], *made.source.changes.query("what == 'quotes graded'")["after"]]
    assert found[0] == grade
    assert made.statements.empty == (grade in ("near", "absent"))


def test_every_mistyped_quote_of_the_bundled_meeting_is_near_its_own_passage(meeting):
    statements = meeting.statements.assign(
        quote=[f"{q[: len(q) // 2]}§{q[len(q) // 2 + 1 :]}" for q in meeting.statements["quote"]]
    )
    made = cam.Meeting(statements, codebook=meeting.codebook, texts=meeting.texts, quotes="triage")
    assert (made.queue["grade"] == "near").all()
    assert (made.queue["similarity"] > 90).all()
    shared = zip(made.queue["nearest"], meeting.statements["quote"], strict=True)
    assert all(passage[:10] in quote or quote[:10] in passage for passage, quote in shared)
    assert made.accept(made.queue["statement"]).queue.empty


def test_what_waits_counts_nowhere(triaged):
    assert triaged.tally().n_statements == 2
    assert "tax" not in triaged.positions()
    with pytest.raises(ValueError, match="`code` must be one of"):
        triaged.evidence("Chile", "tax")


def test_a_folder_and_a_file_are_loaded_with_triage(tmp_path):
    (tmp_path / "statements.csv").write_text(
        'actor,code,quote\nPeru,terms,asked for "clear terms"\n'
    )
    (tmp_path / "report.txt").write_text(TEXT, encoding="utf-8")
    with pytest.raises(cam.MeetingError, match="expected words of the text"):
        cam.load_meeting(tmp_path)
    loaded = cam.load_meeting(tmp_path, quotes="triage")
    assert loaded.statements["quote"].tolist() == ["asked for “clear terms”"]
    (tmp_path / "runs.jsonl").write_text(lines_of(RECORDS))
    assert len(cam.load_meeting(tmp_path / "runs.jsonl").statements) == 4
    with pytest.raises(ValueError, match="`quotes` must be one of"):
        cam.load_meeting(tmp_path, quotes="loose")


def test_strict_quotes_are_faults_with_the_line(tmp_path):
    path = tmp_path / "runs.jsonl"
    path.write_text("\n" + lines_of(RECORDS))
    with pytest.raises(cam.MeetingError) as caught:
        cam.read_jsonl(path, texts=TEXT, quotes="strict")
    faults = caught.value.faults
    assert faults["line"].tolist() == [2, 4, 5]
    assert (faults["file"] == str(path)).all()
    assert "only white space, accents, capitals or marks differ" in faults["nearest"][0]


def test_records_that_are_no_objects_hide_no_other_faults(tmp_path):
    path = tmp_path / "runs.jsonl"
    lines = ['"prose"', '{"actor": "A", "code": "x", "stance": "yes"}', "[5]"]
    path.write_text("\n".join([*lines, '{"actor": null, "code": "x", "stance": "ye"}']))
    with pytest.raises(cam.MeetingError) as caught:
        cam.read_jsonl(path)
    faults = caught.value.faults
    assert faults["line"].tolist() == [1, 3, 4, 4]
    path.write_text("\n".join(lines[1:]))
    with pytest.raises(cam.MeetingError, match="line 2: expected a JSON object"):
        cam.read_jsonl(path)


def test_a_key_that_no_record_has_is_called_a_key():
    with pytest.raises(cam.MeetingError, match=r"expected a column of codes, or a key"):
        cam.read_jsonl([{"actor": "A"}])


# accepting


def test_accepted_statements_count_with_the_words_of_the_text(triaged):
    near, absent = triaged.queue["statement"]
    one = triaged.accept(near)
    assert one.queue["statement"].tolist() == [absent]
    assert one.statements["quote"].iloc[-1] == triaged.queue["nearest"].iloc[0]
    assert one.statements["quote"].iloc[-1] in TEXT
    assert one.positions().loc["Chile", "tax"] == -1
    both = triaged.accept([near, absent])
    assert both.queue.empty
    assert both.statements["quote"].isna().tolist() == [False, False, False, True]
    assert both.statements["code"].tolist() == ["terms", "quota", "tax", "aid"]
    accepted = both.source.changes.query("what == 'accepted: quote read as'")
    assert accepted["before"].tolist() == [record["quote"] for record in RECORDS[2:]]


def test_a_queue_that_was_filled_in_is_accepted(triaged, tmp_path):
    queue = triaged.queue
    queue["accepted"] = [True, False]
    queue["nearest"] = ["refused a general tax on remittances", None]
    queue.to_csv(tmp_path / "queue.csv", index=False)
    for edited in (queue, pd.read_csv(tmp_path / "queue.csv")):
        made = triaged.accept(edited)
        assert made.statements["quote"].iloc[-1] == "refused a general tax on remittances"
        assert len(made.queue) == 1
    with pytest.raises(cam.MeetingError, match="column nearest: expected words of the text"):
        triaged.accept(queue.assign(nearest="refused a tariff on everything that moves"))
    with pytest.raises(ValueError, match=r"`statements` must be among .*'s9'"):
        triaged.accept("s9")


def test_a_queue_is_decided_by_yes_and_no_and_by_no_other_word(triaged):
    queue = triaged.queue
    for yes, no in (("Yes ", "no"), ("TRUE", ""), (1.0, 0.0), ("ja", None), ("sí", "não")):
        assert len(triaged.accept(queue.assign(accepted=pd.Series([yes, no]))).queue) == 1
    with pytest.raises(ValueError, match=r"yes or no .*, but holds 'x', 'yep'"):
        triaged.accept(queue.assign(accepted=["x", "yep"]))


def test_a_queue_is_written_and_accepted_in_its_folder(triaged, tmp_path):
    cam.io.write_folder(triaged, tmp_path / "m")
    again = cam.load_meeting(tmp_path / "m")
    pd.testing.assert_frame_equal(again.queue, triaged.queue)
    assert again.tally().n_statements == 2
    table = tmp_path / "m" / "queue.csv"
    table.write_text(table.read_text("utf-8").replace("86.1,", "86.1,true"), "utf-8")
    queue = pd.read_csv(table)
    queue.assign(accepted=["true", None]).to_csv(table, index=False)
    accepted = cam.load_meeting(tmp_path / "m")
    assert accepted.statements["code"].tolist() == ["terms", "quota", "tax"]
    assert accepted.queue["code"].tolist() == ["aid"]


def test_parts_and_changed_copies_keep_the_queue(triaged):
    assert triaged.select(actors="Peru").queue.empty
    assert triaged.select(codes="quota").queue.empty
    assert len(triaged.select(documents="report").queue) == 2
    changed = triaged.replace(codebook=pd.DataFrame({"code": ["terms", "quota", "tax", "aid"]}))
    assert len(changed.queue) == 2
    assert len(changed.select(actors="Chile").accept("s3").statements) == 2


# shapes

QUOTA = {"actor": "Chile", "code": "quota", "quote": "wanted a quota"}
LANGEXTRACT = {
    "document_id": "day1",
    "text": TEXT,
    "extractions": [
        {
            "extraction_class": "quota",
            "extraction_text": "Chile",
            "char_interval": {
                "start_pos": TEXT.rindex("Chile"),
                "end_pos": TEXT.rindex("Chile") + 5,
            },
            "attributes": {"actor": "Chile", "stance": "support"},
        }
    ],
}


def chat(content, **more):
    return {"role": "assistant", "content": content, **more}


SHAPES = {
    "a record": QUOTA,
    "a list in an object": {"statements": [QUOTA], "run": 1},
    "a message": chat(json.dumps(QUOTA)),
    "a message in a fence": chat(f"Here it is:\n```json\n[{json.dumps(QUOTA)}]\n```\nDone."),
    "a message of lines": chat(f"{json.dumps(QUOTA)}\n"),
    "a message in parts": chat([{"type": "text", "text": json.dumps(QUOTA)}]),
    "an answer": {"model": "m", "choices": [{"message": chat(json.dumps([QUOTA]))}]},
    "a batch": {"response": {"body": {"choices": [{"message": chat(json.dumps(QUOTA))}]}}},
    "several codes": {**QUOTA, "code": ["quota"]},
}


@pytest.mark.parametrize("record", SHAPES.values(), ids=SHAPES)
def test_every_shape_gives_the_same_statement(record, tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text(lines_of([chat("Code this.", role="user"), record]), encoding="utf-8")
    for records in ([record], path):
        made = cam.read_jsonl(records, texts=TEXT)
        assert made.statements[list(QUOTA)].to_dict("records") == [QUOTA]
        assert made.statements["stance"].tolist() == [1]


def test_results_of_langextract_bring_their_text_and_places():
    made = cam.read_jsonl([LANGEXTRACT])
    assert made.texts == {"day1": TEXT}
    (quotation,) = made.evidence("Chile")
    assert (quotation.code, quotation.start) == ("quota", TEXT.rindex("Chile"))
    assert "class read as code" in made.source.changes["what"].tolist()


def test_wrong_offsets_do_not_matter_where_the_words_are_found():
    record = {**QUOTA, "start": 3, "stop": 9}
    made = cam.read_jsonl([record], texts=TEXT)
    assert made.statements.loc[0, ["start", "stop"]].tolist() == [
        TEXT.index("wanted"),
        TEXT.index("wanted") + len("wanted a quota"),
    ]


def test_a_quote_that_stands_twice_is_kept_and_can_be_read_again(tmp_path):
    made = cam.read_jsonl([{**QUOTA, "quote": "Chile"}, {**QUOTA, "quote": "chile  "}], texts=TEXT)
    assert made.statements["start"].tolist() == [TEXT.index("Chile")] * 2
    assert any("first place taken" in what for what in made.source.changes["what"])
    cam.io.write_folder(made, tmp_path / "m")
    again = cam.load_meeting(tmp_path / "m")
    pd.testing.assert_frame_equal(again.statements, made.statements)


def test_several_codes_are_a_statement_each_and_an_empty_answer_is_one():
    made = cam.read_jsonl([{**QUOTA, "code": ["quota", "limits"]}, chat("[]")], texts=TEXT)
    assert made.statements["code"].tolist() == ["quota", "limits"]
    assert "one statement for each code" in made.source.changes["what"].tolist()


def test_a_pretty_printed_array_is_read(tmp_path):
    path = tmp_path / "records.json"
    path.write_text(json.dumps(RECORDS, indent=2), encoding="utf-8")
    assert len(cam.read_jsonl(path, texts=TEXT).statements) == 2


def test_everything_else_is_kept():
    made = cam.read_jsonl([{**QUOTA, "confidence": 0.9, "n": 3, "tags": ["a"], "sure": True}])
    assert made.statements.iloc[0][["confidence", "n", "tags", "sure"]].tolist() == [
        0.9,
        3,
        '["a"]',
        "true",
    ]


# who coded


@pytest.mark.parametrize(
    ("keys", "argument", "coder"),
    [
        ({"model": "gpt-x", "prompt": 3, "run": 1}, None, "gpt-x, prompt 3, run 1"),
        ({"model": "gpt-x", "run": 2}, None, "gpt-x, run 2"),
        ({"model": "gpt-x", "coder": "Ann"}, None, "Ann"),
        ({"model": "gpt-x", "run": 2}, "model", "gpt-x"),
        ({"model": "gpt-x", "seed": 7}, ["model", "seed"], "gpt-x, seed 7"),
        ({}, "gpt-x, prompt 3", "gpt-x, prompt 3"),
    ],
)
def test_the_coder_is_the_model_prompt_and_run(keys, argument, coder):
    made = cam.read_jsonl([{**QUOTA, **keys}], coder=argument)
    assert made.statements["coder"].tolist() == [coder]


def test_runs_are_compared_in_one_call():
    runs = [{**QUOTA, "model": "m", "run": run} for run in (1, 2)]
    made = cam.read_jsonl(runs, texts=TEXT)
    assert made.select(coder="m, run 2").tally().n_statements == 1
    with pytest.raises(ValueError, match=r"select\(coder=…\).*reliability\(.*resolve\("):
        made.tally()
    with pytest.raises(ValueError, match="'seed', which no record has"):
        cam.read_jsonl(runs, coder=["model", "seed"])


def test_no_keys_of_a_coder_are_no_coder():
    for coder in ([], ()):
        made = cam.read_jsonl([{**QUOTA, "model": "m"}], coder=coder)
        assert "coder" not in made.statements
    with pytest.raises(TypeError, match="`coder` must be a name or several"):
        cam.read_jsonl([QUOTA], coder=False)


# faults


def test_every_fault_is_named_by_its_line(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text('{"actor": "A", "code": "x"}\n{"actor": "A",\n\n7\n[3]\n', encoding="utf-8")
    with pytest.raises(cam.MeetingError) as caught:
        cam.read_jsonl(path)
    faults = caught.value.faults
    assert faults["line"].tolist() == [2, 4, 5]
    assert set(faults["expected"]) == {
        "JSON",
        "one JSON object per line",
        "a JSON object with a statement",
    }


@pytest.mark.parametrize(
    ("records", "match"),
    [
        ([], "expected a statement; got nothing"),
        ([chat("I cannot do that.")], "record 1: expected a message whose content is JSON"),
        ([{"actor": "A", "quote": "x"}], "expected a column of codes"),
        ([{"actor": "A", "code": "x"}, {"code": "x"}], "record 2, column actor: expected a value"),
        ([QUOTA, {**QUOTA, "stance": "huh"}], "record 2, column stance: .* got 'huh'"),
    ],
)
def test_what_is_no_statement_is_a_fault(records, match):
    with pytest.raises(cam.MeetingError, match=match):
        cam.read_jsonl(records, texts=TEXT)


@pytest.mark.parametrize("name", ["message", "response", "choices", "content", "notes"])
def test_an_extraction_is_a_statement_whatever_its_attributes_are_called(name):
    attributes = {"actor": "Peru", "code": "tax", name: [{"a": 1}]}
    found = {"extractions": [{"extraction_text": "a tax", "attributes": attributes}]}
    statements = cam.read_jsonl([found], texts="Peru wants a tax.").statements
    assert statements[["actor", "code"]].to_numpy().tolist() == [["Peru", "tax"]]
    assert statements[name].item() == '[{"a": 1}]'


def test_text_that_no_file_can_hold_is_a_fault():
    records = [{"actor": "A", "code": "p"}, {"actor": "B\ud800", "code": "p"}]
    with pytest.raises(cam.MeetingError, match="unpaired surrogates") as caught:
        cam.read_jsonl(records)
    assert caught.value.faults["line"].tolist() == [2]


def test_statements_without_a_quote_are_counted():
    records = [{"actor": "A", "code": "p", "quote": "So it is"}, {"actor": "B", "code": "p"}]
    meeting = cam.read_jsonl(records, texts={"a": "So it is."})
    graded = meeting.source.changes.query("what == 'quotes graded'")
    assert dict(zip(graded["after"], graded["rows"], strict=True)) == {
        "verbatim": 1,
        "none given": 1,
    }
    assert "none given 1" in str(meeting)


def test_the_name_of_a_file_is_no_text():
    for texts in ("report.txt", {"a": "minutes/first.md"}):
        with pytest.raises(ValueError, match="texts, not names of files"):
            cam.read_jsonl([{"actor": "A", "code": "p"}], texts=texts)


@pytest.mark.parametrize("name", ["actor", "code", "stance", "quote"])
@pytest.mark.parametrize("value", [{"name": "Chile"}, [{"name": "Chile"}]])
def test_an_object_is_no_actor_and_no_words(name, value):
    with pytest.raises(cam.MeetingError, match=f"record 2: expected text as {name}; got"):
        cam.read_jsonl([QUOTA, {**QUOTA, name: value}], texts=TEXT)


def test_marks_around_a_quote_are_no_difference():
    made = cam.read_jsonl([{**QUOTA, "quote": "“Chile wanted a quota”"}], texts=TEXT)
    assert made.statements["quote"].tolist() == ["Chile wanted a quota"]


@pytest.mark.parametrize(
    ("text", "queued"),
    [("Another one", 1), ("An a, another one", 0), ("a", 0), ("Vitamin “A”", 0), ("a2", 1)],
)
def test_without_its_marks_a_short_quote_is_no_part_of_a_word(text, queued):
    made = cam.read_jsonl([{"actor": "A", "code": "x", "quote": "‘a’"}], texts=text)
    assert len(made.queue) == queued


@pytest.mark.parametrize("argument", ["sheet", "encoding"])
def test_records_have_no_sheet_and_no_encoding(argument):
    with pytest.raises(ValueError, match="are for files of tables, not for data frames or records"):
        cam.read_jsonl([QUOTA], **{argument: "utf-8"})


def test_bytes_are_no_records():
    with pytest.raises(TypeError, match="`records` must be a path, or records"):
        cam.read_jsonl(b"x")


@pytest.mark.parametrize("value", ["x", [0, 5], 7])
@pytest.mark.parametrize("key", ["attributes", "char_interval"])
def test_parts_of_an_extraction_are_objects(key, value):
    item = {"extraction_text": "a tax", "attributes": {"actor": "A", "code": "x"}, key: value}
    with pytest.raises(cam.MeetingError, match=f"record 1: expected an object as {key}; got"):
        cam.read_jsonl([{"extractions": [item]}])
