"""Highlights that Taguette exports, read as meetings."""

import csv
import random

import pytest

import camdata as cam
from camdata.io import read_taguette

HIGHLIGHTS = [
    (1, "Brazil", "tax", "We want\na tax, “now”."),
    (1, "Brazil", "pro", "We want\na tax, “now”."),
    (2, "Brazil", "quota", "No quota;"),
    (2, "Brazil", "contra", "No quota;"),
    (3, "Chile", "tax", "Tax?"),
    (4, "Chile", "", "Thank you."),
]


@pytest.fixture
def export(tmp_path):
    """Return a function that writes highlights as Taguette does and gives the path."""

    def write(rows=HIGHLIGHTS, header=("id", "document", "tag", "content"), encoding="utf-8"):
        path = tmp_path / "all_tags.csv"
        with path.open("w", newline="", encoding=encoding) as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    return write


def rows(meeting, *columns):
    table = meeting.statements[list(columns)].astype(object)
    return table.where(table.notna(), None).to_numpy().tolist()


def changes(meeting):
    return meeting.source.changes.to_numpy().tolist()


def faults_of(path, **options):
    with pytest.raises(cam.MeetingError) as caught:
        read_taguette(path, **options)
    return caught.value.faults


def test_statements(export):
    meeting = read_taguette(export(), stance=False)
    assert rows(meeting, "statement", "actor", "code", "stance", "quote", "highlight") == [
        ["1", "Brazil", "tax", 1, "We want\na tax, “now”.", "1"],
        ["1/2", "Brazil", "pro", 1, "We want\na tax, “now”.", "1"],
        ["2", "Brazil", "quota", 1, "No quota;", "2"],
        ["2/2", "Brazil", "contra", 1, "No quota;", "2"],
        ["3", "Chile", "tax", 1, "Tax?", "3"],
    ]
    assert changes(meeting) == [
        ["highlights left out", "tag", "without a tag", "", 1],
        ["stance taken as", "", "nothing says it", "1", 5],
    ]
    assert meeting.title == "all_tags"
    assert meeting.texts == {}


def test_stance_by_a_second_tag(export):
    more = [*HIGHLIGHTS, (5, "Chile", "pro", "Yes!")]
    meeting = read_taguette(export(more), stance="tag")
    assert rows(meeting, "actor", "code", "stance") == [
        ["Brazil", "tax", 1],
        ["Brazil", "quota", -1],
        ["Chile", "tax", None],
    ]
    assert changes(meeting) == [
        ["stance read as", "tag", "pro", "1", 2],
        ["stance read as", "tag", "contra", "-1", 1],
        ["highlights left out", "tag", "without a tag", "", 1],
        ["highlights left out", "tag", "with no other tag", "", 1],
        ["stance missing", "tag", "no value", "counted in no tally", 1],
    ]
    assert meeting.tally("code").n_statements == 2


def test_tags_for_stances_are_never_taken_for_codes_in_silence(export):
    found = faults_of(export())
    assert found["got"].tolist() == ["tags that are words for stances ('pro', 'contra')"]


def test_own_words_for_stances(export):
    tags = [
        (1, "A", "tax", "a"),
        (1, "A", "dafür", "a"),
        (2, "B", "tax", "b"),
        (2, "B", "egal", "b"),
        (3, "C", "tax", "c"),
        (3, "C", "dafür", "c"),
        (3, "C", "egal", "c"),
    ]
    meeting = read_taguette(export(tags), stance="tag", stances={"dafür": 1, "egal": 0})
    assert rows(meeting, "actor", "stance") == [["A", 1], ["B", 0], ["C", 1], ["C", 0]]
    assert meeting.stances == (1, 0, -1)


def test_tags_in_tags_are_dimensions(export):
    tags = [(1, "A", "economy.tax", "a"), (2, "B", "economy.quota", "b"), (3, "C", "rights", "c")]
    meeting = read_taguette(export(tags))
    assert meeting.codebook.set_index("code")["dimension"].to_dict() == {
        "economy.tax": "economy",
        "economy.quota": "economy",
        "rights": "rights",
    }
    assert meeting.positions().columns.tolist() == ["economy", "rights"]


def test_actor_by_parent_tag(export):
    tags = [(1, "Minutes", "Brazil.tax", "a"), (2, "Minutes", "Chile.tax", "b"),
            (3, "Minutes", "tax", "c")]  # fmt: skip
    meeting = read_taguette(export(tags), actor="parent tag")
    assert rows(meeting, "actor", "code", "document") == [
        ["Brazil", "tax", "Minutes"],
        ["Chile", "tax", "Minutes"],
    ]
    assert changes(meeting)[0] == ["highlights left out", "tag", "without a tag above it", "", 1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"actor": "tag"}, "`actor`"),
        ({"stance": "code"}, "`stance`"),
        ({"stances": {"pro": 1}}, "`stances` must give tags"),
        ({"stance": "tag", "stances": (1, -1)}, "`stances` must give tags"),
    ],
)
def test_wrong_arguments(export, options, words):
    with pytest.raises(ValueError, match=words):
        read_taguette(export(), **options)


def test_missing_columns_are_all_named(export):
    found = faults_of(export(header=("id", "Document", "tags", "content"))).set_index("column")
    assert set(found.index) == {"document", "tag"}
    assert "did you mean 'tags'" in found.at["tag", "got"]
    assert (found["file"] == "all_tags.csv").all()


def test_no_tag_for_a_stance_lists_the_tags(export):
    found = faults_of(export([(1, "A", "tax", "a")]), stance="tag")
    assert found["got"].tolist() == ["tags 'tax'"]


def test_row_without_a_document_is_named_by_its_line(export):
    found = faults_of(export([(1, "A", "tax", "a\nb"), (2, "", "tax", "c")]))
    assert found[["line", "column"]].to_numpy().tolist() == [[4, "document"]]


def test_other_encodings_and_no_file(export, tmp_path):
    assert "1252" in faults_of(export([(1, "Pérou", "tax", "a")], encoding="cp1252"))["got"].item()
    assert faults_of(tmp_path / "none.csv")["got"].tolist() == ["no such file"]


def mutated(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if not data:
            break
        place = rng.randrange(len(data))
        way = rng.randrange(3)
        if way == 0:
            data[place] = rng.randrange(256)
        elif way == 1:
            data[place : place + rng.randrange(1, 40)] = b""
        else:
            data[place:place] = rng.randbytes(rng.randrange(1, 20))
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"stance": False}, {"stance": "tag"}], ids=str)
def test_random_changes(export, options):
    # a good file with random changes is still read, or its faults are said; nothing else
    path = export()
    data, rng, found = path.read_bytes(), random.Random(str(options)), set()
    for _ in range(75):
        path.write_bytes(mutated(data, rng))
        try:
            read_taguette(path, **options)
        except cam.MeetingError:
            found.add(False)
        else:
            found.add(True)
    assert found == {True, False}
