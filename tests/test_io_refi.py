"""Projects and codebooks of the REFI-QDA standard, in the dialects of several programs."""

import random
import sys
import zipfile
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
import pytest

import camdata as cam
from camdata.io import read_refi

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
PROJECT = "urn:QDA-XML:project:1.0"

USERS = '<Users>\n<User guid="U1" name="Ann"/>\n<User guid="U2" name="Bo"/>\n</Users>'
CODES = {
    "tax": {},
    "quota": {},
    "in favor": {},
    "against": {},
    "Actors": {"codable": False, "inside": {"Brazil": {}, "Chile": {}}},
}


def code_xml(codes):
    """Write codes; a code's guid is its name in capitals."""
    lines = []
    for name, about in codes.items():
        guid = about.get("guid", name.upper())
        codable = "" if about.get("codable", True) else ' isCodable="false"'
        lines.append(f"<Code guid={quoteattr(guid)} name={quoteattr(name)}{codable}>")
        if about.get("definition"):
            lines.append(f"<Description>{escape(about['definition'])}</Description>")
        lines += code_xml(about.get("inside", {}))
        lines.append("</Code>")
    return lines


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def selection(text, words, *codes, count=len, shift=0, user="U1", **attributes):
    """Write a coded passage where `words` stand in `text`; `count` says how a program counts."""
    start = count(text[: text.index(words)]) + shift
    guid = attributes.pop("guid", f"S{start}-{words[:5]}")
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    lines = [
        f'<PlainTextSelection guid={quoteattr(guid)} startPosition="{start}" '
        f'endPosition="{start + count(words)}"{more}>'
    ]
    for code in codes:
        own = quoteattr(f"{guid}-{code}")
        lines.append(f'<Coding guid={own} creatingUser="{user}">')
        lines.append(f"<CodeRef targetGUID={quoteattr(code.upper())}/></Coding>")
    return "\n".join([*lines, "</PlainTextSelection>"])


def value(variable, words):
    return (
        f'<VariableValue><VariableRef targetGUID="{variable}"/>'
        f"<TextValue>{words}</TextValue></VariableValue>"
    )


def source(name, *content, guid=None, path="", tag="TextSource"):
    guid = guid or name.upper()
    place = f' plainTextPath="{path}"' if path else ""
    head = f"<{tag} guid={quoteattr(guid)} name={quoteattr(name)}{place}>"
    return "\n".join([head, *content, f"</{tag}>"])


def project_xml(*sources, codes=CODES, cases="", variables="", users=USERS, more=""):
    parts = [
        f'<Project name="Talks" xmlns="{PROJECT}">',
        users,
        "<CodeBook><Codes>",
        *code_xml(codes),
        "</Codes></CodeBook>",
        f"<Variables>{variables}</Variables>",
        f"<Cases>{cases}</Cases>",
        "<Sources>",
        *sources,
        "</Sources>",
        more,
        "</Project>",
    ]
    return HEAD + "\n".join(parts)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a project and gives its path."""

    def written(xml, texts=None, name="project.qde", folder="sources"):
        path = tmp_path / "talks.qdpx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, xml)
            for file, data in (texts or {}).items():
                data = data if isinstance(data, bytes) else data.encode()
                archive.writestr(f"{folder}/{file}", data)
        return path

    return written


BRAZIL = "We want a tax \U0001f600. Never a quota, says “Brazil”."
CHILE = "A quota is fine."


@pytest.fixture
def talks(write):
    """A project of two speeches with four coded passages."""
    return write(
        project_xml(
            source(
                "Brazil",
                selection(BRAZIL, "We want a tax", "tax", "in favor"),
                selection(BRAZIL, "Never a quota", "quota", "against", user="U2"),
                selection(BRAZIL, "“Brazil”", "tax"),
                path="internal://b.txt",
            ),
            source(
                "Chile",
                f"<PlainTextContent>{CHILE}</PlainTextContent>",
                selection(CHILE, "quota is fine", "quota", "in favor"),
            ),
        ),
        {"b.txt": BRAZIL},
    )


def rows(meeting, *columns):
    table = meeting.statements[list(columns)].astype(object)
    return table.where(table.notna(), None).to_numpy().tolist()


def changes(meeting, what):
    table = meeting.source.changes
    return table.loc[table["what"] == what].drop(columns="what").to_numpy().tolist()


def faults_of(path, **options):
    with pytest.raises(cam.MeetingError) as caught:
        read_refi(path, **options)
    return caught.value.faults


# what is read


def test_statements_quotes_and_texts(talks):
    meeting = read_refi(talks, stance=False)
    assert rows(meeting, "actor", "code", "stance", "quote", "coder")[:3] == [
        ["Brazil", "tax", 1, "We want a tax", "Ann"],
        ["Brazil", "in favor", 1, "We want a tax", "Ann"],
        ["Brazil", "quota", 1, "Never a quota", "Bo"],
    ]
    assert len(meeting.statements) == 7
    assert meeting.texts == {"Brazil": BRAZIL, "Chile": CHILE}
    for row in meeting.statements.itertuples():
        assert meeting.texts[row.document][row.start : row.stop] == row.quote
    assert meeting.title == "Talks"
    assert meeting.actors["actor"].tolist() == ["Brazil", "Chile"]
    assert changes(meeting, "stance taken as") == [["", "nothing says it", "1", 7]]


def test_codings_outside_of_texts_are_reported(write):
    """The standard has them in sources only; what a program puts elsewhere is not lost silently."""
    text = f"<PlainTextContent>{CHILE}</PlainTextContent>"
    passage = selection(CHILE, "quota is fine", "quota", "tax")
    case = f'<Case guid="K" name="North">{passage}</Case>'
    meeting = read_refi(write(project_xml(source("Chile", text), cases=case)))
    assert len(meeting.statements) == 0
    expected = [["", "not read", "", 2]]
    assert changes(meeting, "codings of a PlainTextSelection left out") == expected


def test_meeting_writes_and_loads(talks, tmp_path):
    meeting = read_refi(talks, stance="code")
    cam.io.write_folder(meeting, tmp_path / "folder")
    loaded = cam.load_meeting(tmp_path / "folder")
    pd.testing.assert_frame_equal(loaded.statements, meeting.statements)
    pd.testing.assert_frame_equal(loaded.codebook, meeting.codebook)
    assert loaded.texts == meeting.texts


def test_without_defusedxml_the_extra_is_named(talks, monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml.ElementTree", None)
    with pytest.raises(ImportError, match=r"pip install 'camdata\[qda\]'"):
        read_refi(talks)


def test_evidence_is_marked_in_the_text(talks):
    meeting = read_refi(talks, stance="code").select(coder="Bo")
    found = meeting.evidence("Brazil", code="quota")
    assert [quotation.quote for quotation in found] == ["Never a quota"]


def test_definitions_and_folders(write):
    codes = {
        "Economy": {"codable": False, "inside": {"tax": {"definition": "on carbon"}, "other": {}}},
        "Society": {"inside": {"other": {}, "tax cuts": {"inside": {"deep": {}}}}},
        "alone": {},
    }
    codes["Society"]["inside"]["other"] = {"guid": "OTHER 2"}
    text = "tax"
    xml = project_xml(
        source("A", f"<PlainTextContent>{text}</PlainTextContent>", selection(text, "tax", "tax")),
        codes=codes,
    )
    book = read_refi(write(xml)).codebook
    assert book["code"].tolist() == [
        "tax", "Economy > other", "Society", "Society > other", "tax cuts", "deep", "alone",
    ]  # fmt: skip
    outermost = ["Economy", "Economy", *["Society"] * 4, "alone"]
    assert book["dimension"].tolist() == outermost
    assert book["definition"].tolist()[0] == "on carbon"
    assert book["label"].dropna().tolist() == ["other", "other"]


def test_folder_around_everything_is_no_dimension(write):
    inside = {"A": {"inside": {"tax": {}}}, "B": {"inside": {"quota": {}}}}
    wrapped = {"All codes": {"codable": False, "inside": inside}}
    book = read_refi(write(project_xml(codes=wrapped))).codebook
    assert book["dimension"].tolist() == ["A", "A", "B", "B"]
    flat = {"All codes": {"codable": False, "inside": {"tax": {}, "quota": {}}}}
    assert "dimension" not in read_refi(write(project_xml(codes=flat))).codebook


def test_codebook_alone(tmp_path):
    path = tmp_path / "codes.qdc"
    lines = "\n".join(code_xml({"tax": {"definition": "on carbon"}, "quota": {}}))
    for version in ("1.0", "1:0", "0:4"):
        path.write_text(
            f'{HEAD}<CodeBook xmlns="urn:QDA-XML:codebook:{version}"><Codes>{lines}</Codes>'
            "<Sets/></CodeBook>"
        )
        meeting = read_refi(path)
        assert meeting.codebook["code"].tolist() == ["tax", "quota"]
        assert meeting.codebook["definition"].tolist()[0] == "on carbon"
        assert len(meeting.statements) == 0


def test_text_of_a_pdf(write):
    text = "Page one: a tax."
    inner = source("", selection(text, "a tax", "tax"), guid="R", path="internal://p.txt",
                   tag="Representation")  # fmt: skip
    pdf = '<PDFSource guid="P" name="Paper.pdf" path="internal://p.pdf">' + inner
    pdf += '<PDFSelection guid="X" page="1"><Coding guid="Y"><CodeRef targetGUID="TAX"/></Coding>'
    pdf += "</PDFSelection></PDFSource>"
    meeting = read_refi(write(project_xml(pdf), {"p.txt": text, "p.pdf": b"%PDF"}))
    assert rows(meeting, "actor", "quote") == [["Paper.pdf", "a tax"]]
    assert changes(meeting, "codings of a PDFSelection left out") == [["", "not read", "", 1]]


def test_code_on_a_whole_document(write):
    whole = '<Coding guid="W"><CodeRef targetGUID="TAX"/></Coding>'
    text = "<PlainTextContent>Of taxes.</PlainTextContent>"
    meeting = read_refi(write(project_xml(source("A", text, whole))))
    assert rows(meeting, "statement", "code") == [["w", "tax"]]
    assert "quote" not in meeting.statements


def test_what_is_not_read_is_counted(write):
    picture = (
        '<PictureSource guid="P" name="Photo"><PictureSelection guid="PS">'
        '<Coding guid="PC"><CodeRef targetGUID="TAX"/></Coding></PictureSelection></PictureSource>'
    )
    video = (
        '<VideoSource guid="V" name="Film"><Transcript guid="T"><TranscriptSelection guid="TS">'
        '<Coding guid="TC"><CodeRef targetGUID="TAX"/></Coding></TranscriptSelection></Transcript>'
        "</VideoSource>"
    )
    more = '<Notes><Note guid="N1"/><Note guid="N2"/></Notes><Links><Link guid="L"/></Links>'
    more += '<Sets><Set guid="X" name="s"/></Sets><Graphs/>'
    found = read_refi(write(project_xml(picture, video, more=more))).source.changes
    assert found[["what", "rows"]].to_numpy().tolist() == [
        ["codings of a PictureSelection left out", 1],
        ["codings of a TranscriptSelection left out", 1],
        ["links left out", 1],
        ["sets left out", 1],
        ["notes left out", 2],
    ]


@pytest.mark.parametrize(
    ("name", "folder"), [("project.qde", "Sources"), ("My Project.QDE", "SOURCES")]
)
def test_names_in_the_archive_in_any_case(write, name, folder):
    xml = project_xml(source("A", selection("a tax", "tax", "tax"), path="internal://AB-1.TXT"))
    meeting = read_refi(write(xml, {"ab-1.txt": "a tax"}, name, folder))
    assert rows(meeting, "quote") == [["tax"]]


def test_guids_with_braces_and_in_any_case(write):
    xml = project_xml(source("A", "<PlainTextContent>a tax</PlainTextContent>",
                             selection("a tax", "tax", "tax")))  # fmt: skip
    xml = xml.replace('targetGUID="TAX"', 'targetGUID="{Tax}"')
    assert rows(read_refi(write(xml)), "code") == [["tax"]]


def test_documents_of_one_name_and_names_that_no_file_can_have(write):
    text = "<PlainTextContent>a tax</PlainTextContent>"
    coded = selection("a tax", "tax", "tax")
    xml = project_xml(
        source("Talk", text, coded, guid="D1"),
        source("Talk", text, coded.replace("S2-", "S3-"), guid="D2"),
        source("EU/US", text, guid="D3"),
    )
    meeting = read_refi(write(xml))
    assert list(meeting.texts) == ["Talk", "Talk (2)", "EU_US"]
    assert rows(meeting, "actor") == [["Talk"], ["Talk (2)"]]
    assert changes(meeting, "document named") == [
        ["document", "Talk", "Talk (2)", 1],
        ["document", "EU/US", "EU_US", 1],
    ]


def test_coders_of_one_name_are_told_apart(talks, write):
    with zipfile.ZipFile(talks) as archive:
        xml = archive.read("project.qde").decode().replace('name="Bo"', 'name="Ann"')
    meeting = read_refi(write(xml, {"b.txt": BRAZIL}), stance=False)
    assert set(meeting.statements["coder"]) == {"Ann", "Ann (2)"}
    assert changes(meeting, "coder named") == [["coder", "Ann", "Ann (2)", 2]]


# whose position it is


def test_actor_by_case_of_a_document_and_of_a_passage(write):
    text = "Chair: welcome. Brazil: a tax. Chile: no tax."
    speech = '<PlainTextSelection guid="SB" startPosition="16" endPosition="30"/>'
    xml = project_xml(
        source("Minutes", f"<PlainTextContent>{text}</PlainTextContent>", speech,
               selection(text, "a tax", "tax"), selection(text, "no tax", "tax")),
        source("Letter", "<PlainTextContent>a quota</PlainTextContent>",
               selection("a quota", "quota", "quota")),
        source("Nobody", "<PlainTextContent>our tax</PlainTextContent>",
               selection("our tax", "tax", "tax", guid="N")),
        variables='<Variable guid="V1" name="iso3"/><Variable guid="V2" name="income"/>',
        cases='<Case guid="C1" name="Brazil">' + value("V1", "BRA") + value("V2", "upper middle")
        + '<SelectionRef targetGUID="SB"/></Case>'
        '<Case guid="C2" name="Chile"><SourceRef targetGUID="MINUTES"/>'
        '<SourceRef targetGUID="LETTER"/></Case>',
    )  # fmt: skip
    meeting = read_refi(write(xml), actor="case")
    assert rows(meeting, "actor", "quote") == [
        ["Brazil", "a tax"],
        ["Chile", "no tax"],
        ["Chile", "quota"],
    ]
    assert changes(meeting, "codings left out") == [["case", "without an actor", "", 1]]
    actors = meeting.actors.set_index("actor")
    assert actors.loc["Brazil", ["refi_iso3", "income"]].tolist() == ["BRA", "upper middle"]
    assert changes(read_refi(write(xml)), "cases left out") == [
        ["", "not asked for by actor='document'", "", 2]
    ]
    # only references to sources, selections and codes are parts of a case
    other = xml.replace("<SelectionRef targetGUID", "<NoteRef targetGUID")
    meeting = read_refi(write(other), actor="case")
    assert set(meeting.statements["actor"]) == {"Chile"}


def test_case_written_as_a_code(write):
    # some programs write a case as a code of the same guid, and its passages as codings
    text = "Brazil: a tax. Others: none."
    xml = project_xml(
        source("Minutes", f"<PlainTextContent>{text}</PlainTextContent>",
               selection(text, "Brazil: a tax.", "brazil"), selection(text, "a tax", "tax")),
        cases='<Case guid="BRAZIL" name="Brazil"/>',
    )  # fmt: skip
    assert rows(read_refi(write(xml), actor="case"), "actor", "code") == [["Brazil", "tax"]]
    meeting = read_refi(write(xml))
    assert rows(meeting, "code") == [["tax"]]
    assert changes(meeting, "codings left out") == [["", "of cases", "", 1]]


def test_actor_by_codes_within_a_code(write):
    text = "Brazil and Chile: a tax. Chile: no quota."
    xml = project_xml(
        source("Minutes", f"<PlainTextContent>{text}</PlainTextContent>",
               selection(text, text, "brazil"),
               selection(text, "Brazil and Chile: a tax.", "brazil", "chile", guid="BC"),
               selection(text, "a tax", "tax"),
               selection(text, "Chile: no quota", "chile"), selection(text, "no quota", "quota"),
               selection(text, "and", "brazil")),
    )  # fmt: skip
    meeting = read_refi(write(xml), actor="Actors")
    assert rows(meeting, "actor", "code") == [
        ["Brazil", "tax"], ["Chile", "tax"], ["Chile", "quota"],
    ]  # fmt: skip
    assert meeting.statements["statement"].tolist()[:2] == ["s18-a tax-tax", "s18-a tax-tax/2"]
    lonely = [["Brazil", "with nothing else on the passage", "", 1]]
    assert changes(meeting, "codings left out") == lonely


def test_wrong_actor_lists_what_there_is(talks):
    found = faults_of(talks, actor="Actor")
    assert found["column"].item() == "actor"
    assert found["expected"].item() == "one of 'document', 'case', 'Actors'"
    assert "did you mean 'Actors'" in found["got"].item()
    assert faults_of(talks, actor="case")["expected"].item() == "a Case with a name"


# for or against


def test_codes_for_stances_are_never_topics_in_silence(talks, write):
    found = faults_of(talks)
    assert found["column"].tolist() == ["stance"]
    assert "('in favor', 'against')" in found["got"].item()
    codes = {"tax": {}, "dafür?": {}}
    path = write(two_passages(parts={"codes": {**codes, "quota": {}}}))
    found = faults_of(path, stance="code")
    assert found["got"].tolist() == ["codes 'tax', 'dafür?', 'quota'"]


def test_stance_by_a_second_code(talks):
    meeting = read_refi(talks, stance="code")
    assert rows(meeting, "actor", "code", "stance") == [
        ["Brazil", "tax", 1],
        ["Brazil", "quota", -1],
        ["Brazil", "tax", None],
        ["Chile", "quota", 1],
    ]
    assert "in favor" not in meeting.codebook["code"].tolist()
    assert changes(meeting, "stance read as") == [
        ["code", "in favor", "1", 2],
        ["code", "against", "-1", 1],
    ]
    assert changes(meeting, "stance missing") == [["code", "no value", "counted in no tally", 1]]
    assert meeting.select(coder=["Ann", "Bo"]).tally("code").n_statements == 3


def test_both_stances_on_one_passage_are_two_statements(write):
    text = "a tax, and none"
    xml = project_xml(
        source("A", f"<PlainTextContent>{text}</PlainTextContent>",
               selection(text, "a tax", "tax", "in favor", "against"),
               selection(text, "none", "against"))
    )  # fmt: skip
    meeting = read_refi(write(xml), stance="code")
    assert rows(meeting, "code", "stance") == [["tax", 1], ["tax", -1]]
    lonely = [["against", "with nothing else on the passage", "", 1]]
    assert changes(meeting, "codings left out") == lonely


def test_stance_of_another_coder_is_not_mixed_in(write):
    text = "a tax"
    xml = project_xml(
        source("A", f"<PlainTextContent>{text}</PlainTextContent>",
               selection(text, text, "tax", "in favor"),
               selection(text, text, "tax", "against", user="U2", guid="S2"))
    )  # fmt: skip
    meeting = read_refi(write(xml), stance="code")
    assert rows(meeting, "coder", "stance") == [["Ann", 1], ["Bo", -1]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stances": {"pro": 1}}, "needs stance='code'"),
        ({"stance": "code", "stances": (1, -1)}, "`stances` must give codes"),
        ({"positions": "bytes"}, "`positions`"),
        ({"stance": "suffix"}, "`stance` must be one of"),
    ],
)
def test_wrong_arguments(talks, options, words):
    with pytest.raises(ValueError, match=words):
        read_refi(talks, **options)


# positions, as programs count them

LONG = "\U0001f600 First a tax.\r\nThen \U0001f4b6 a quota;\r\nat last the tax again.\r\n"


def dialect(write, data, count, shift=0, **attributes):
    """Write a project whose program counts in its own way."""
    passages = ["First a tax", "a quota", "the tax again"]
    return write(
        project_xml(
            source(
                "A",
                *(selection(LONG, words, "tax", count=count, shift=shift) for words in passages),
                path="internal://a.txt",
            )
        ),
        {"a.txt": data},
    )


def one(text):
    return len(text.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    ("data", "count", "unit"),
    [
        (LONG.encode(), len, "code points"),
        (LONG.encode("utf-8-sig"), len, "code points"),
        (LONG.encode("utf-8-sig"), utf16, "utf-16"),
        (LONG.encode("utf-16"), utf16, "utf-16"),
        (LONG.encode(), utf16, "utf-16"),
    ],
)
def test_the_unit_that_fits_the_edges_of_words_is_found(write, data, count, unit):
    path = dialect(write, data, count)
    meeting = read_refi(path)
    assert rows(meeting, "quote") == [["First a tax"], ["a quota"], ["the tax again"]]
    text = LONG.replace("\r\n", "\n")
    assert meeting.texts == {"A": text}
    for row in meeting.statements.itertuples():
        assert text[row.start : row.stop] == row.quote
    how = "6 of 6 ends at the edge of a word"
    assert changes(meeting, "positions read as") == [["", how, unit, 3]]
    other = "utf-16" if unit == "code points" else "code points"
    assert read_refi(path, positions=other).statements["quote"].tolist() != [
        "First a tax", "a quota", "the tax again"
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_text_without_spaces_is_counted_as_the_standard_says(write, start):
    text = "\U0001f600我们支持碳税但是反对配额制度并且支持技术转让"
    words = ["们支持碳税", "反对配额", "持技术转"]
    talk = source("A", *(selection(text, w, "tax") for w in words), path="internal://a.txt")
    meeting = read_refi(write(project_xml(talk), {"a.txt": start + text}))
    assert meeting.statements["quote"].tolist() == words
    how = "as the standard says: only 1 of 6 ends at the edge of a word either way"
    assert changes(meeting, "positions read as") == [["", how, "code points", 3]]


# texts that are not there


def test_a_comment_or_a_label_is_no_quote(write):
    note = "<Description>check this with Zoe</Description>"
    talk = selection("a tax", "tax", "tax", name="tax").replace("<Coding", f"{note}<Coding", 1)
    meeting = read_refi(write(project_xml(source("A", talk, path="absolute:///c/a.txt"))))
    assert "quote" not in meeting.statements
    assert rows(meeting, "comment", "document") == [["check this with Zoe", "A"]]
    assert changes(meeting, "texts left out") == [["", "not in the file", "", 1]]


@pytest.mark.parametrize(
    "path",
    ["internal://talks/b.txt", "internal:///b.txt", "b.txt", "sources/b.txt", "Internal://B.TXT"],
)
def test_paths_of_texts_in_the_archive(write, path):
    xml = project_xml(source("A", selection("a tax", "tax", "tax"), path=path))
    assert rows(read_refi(write(xml, {"b.txt": "a tax"})), "quote") == [["tax"]]


@pytest.mark.parametrize("path", ["relative://b.txt", "file:///b.txt", "internal://../../b.txt"])
def test_texts_outside_of_the_archive_are_not_followed(write, tmp_path, path):
    (tmp_path / "b.txt").write_text("secret")
    meeting = read_refi(
        write(project_xml(source("A", selection("a tax", "tax", "tax"), path=path)))
    )
    assert meeting.texts == {}
    assert len(meeting.statements) == 1


# one bad item costs that item


OUTSIDE = "on a passage that is empty or outside of the text"


def two_passages(**spoiled):
    good = selection("a tax and a quota", "quota", "quota")
    bad = selection("a tax and a quota", "tax", "tax")
    for old, new in spoiled.get("changes", ()):
        assert old in bad
        bad = bad.replace(old, new)
    text = "<PlainTextContent>a tax and a quota</PlainTextContent>"
    return project_xml(source("A", text, bad, good), **spoiled.get("parts", {}))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('targetGUID="TAX"', 'targetGUID="NO"', "of an unknown code"),
        ('<CodeRef targetGUID="TAX"/>', "", "of an unknown code"),
        ('endPosition="5"', 'endPosition="2"', "on a passage that is empty or outside of the text"),
        (
            'endPosition="5"',
            'endPosition="99"',
            "on a passage that is empty or outside of the text",
        ),
        ('endPosition="5"', 'endPosition="-5"', "on a passage without a start or an end"),
        ('startPosition="2"', "", "on a passage without a start or an end"),
    ],
)
def test_a_passage_that_leads_nowhere_costs_that_passage(write, old, new, why):
    meeting = read_refi(write(two_passages(changes=[(old, new)])))
    assert rows(meeting, "code", "quote") == [["quota", "quota"]]
    assert changes(meeting, "codings left out") == [["", why, "", 1]]


def test_an_unknown_user_costs_the_name_of_the_coder(write):
    meeting = read_refi(write(two_passages(changes=[('creatingUser="U1"', 'creatingUser="NO"')])))
    assert rows(meeting, "code", "coder") == [["tax", None], ["quota", "Ann"]]
    assert changes(meeting, "coders left out") == [["", "unknown", "", 1]]


def test_repeated_guids_cost_nothing_but_what_they_make_ambiguous(write):
    xml = two_passages(changes=[('guid="S2-tax"', 'guid="S12-quota"')])
    xml = xml.replace('guid="S2-tax-tax"', 'guid="S12-quota-quota"')
    xml = xml.replace('<Code guid="QUOTA" name="quota">', '<Code guid="TAX" name="other"></Code>\n'
                      '<Code guid="QUOTA" name="quota">')  # fmt: skip
    meeting = read_refi(write(xml))
    assert rows(meeting, "statement", "code") == [
        ["s12-quota-quota", "tax"], ["s12-quota-quota/2", "quota"]
    ]  # fmt: skip
    assert changes(meeting, "codes left out") == [["", "with the guid of another code", "", 1]]


def test_a_text_that_cannot_be_read_costs_that_text(write):
    xml = project_xml(
        source("A", selection("a tax", "tax", "tax"), path="internal://a.txt"),
        source("B", selection("no tax", "tax", "tax"), path="internal://b.txt"),
    )
    meeting = read_refi(write(xml, {"a.txt": b"a t\xe4x", "b.txt": "no tax"}))
    assert rows(meeting, "document", "quote") == [["A", None], ["B", "tax"]]
    assert changes(meeting, "texts left out") == [["", "not UTF-8, or damaged", "", 1]]


def test_atlas_ti_gives_the_area_of_a_pdf_and_its_text_one_guid(write):
    text = "Ana wants a levy. Bob wants none."
    area = '<PDFSelection guid="Q1" page="0"><Coding guid="K1"><CodeRef targetGUID="TAX"/></Coding>'
    inner = source("", selection(text, "levy", "tax", guid="Q1"), guid="R",
                   path="internal://r1.txt", tag="Representation")  # fmt: skip
    pdf = f'<PDFSource guid="P" name="talk.pdf" path="internal://p.pdf">{area}</PDFSelection>'
    meeting = read_refi(write(project_xml(f"{pdf}{inner}</PDFSource>"), {"r1.txt": text}))
    assert rows(meeting, "quote") == [["levy"]]
    assert changes(meeting, "codings of a PDFSelection left out") == [["", "not read", "", 1]]


def test_an_archive_that_declares_too_much_is_not_unpacked(write, monkeypatch):
    monkeypatch.setattr("camdata.io.foreign.MAX_BYTES", 100)
    assert faults_of(write(project_xml()))["expected"].tolist() == ["at most 100 bytes"]


# faults


def one_source(*content):
    return project_xml(source("A", "<PlainTextContent>a tax</PlainTextContent>", *content))


def test_without_users_a_coder_is_its_guid(write):
    xml = one_source(selection("a tax", "tax", "tax", user="u-1")).replace(USERS, "")
    assert rows(read_refi(write(xml)), "coder") == [["u-1"]]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "a REFI-QDA project"),
        (b"%PDF-1.4", "a REFI-QDA project"),
        (b"<html></html>", "the element Project"),
        (b"<Project>", "well-formed XML"),
        (b'<?xml version="1.0" encoding="utf-8"?><Project name="\xe9"/>', "well-formed XML"),
        (b'<?xml version="1.0" encoding="none"?><Project/>', "well-formed XML"),
        (b"PK\3\4 and nothing else", "a REFI-QDA project (a ZIP archive)"),
    ],
)
def test_files_that_are_something_else(tmp_path, data, expected):
    path = tmp_path / "talks.qdpx"
    path.write_bytes(data)
    assert faults_of(path)["expected"].item().startswith(expected)


def test_no_such_file(tmp_path):
    assert faults_of(tmp_path / "none.qdpx")["got"].tolist() == ["no such file"]


@pytest.mark.parametrize("names", [(), ("a.qde", "b.qde")])
def test_archive_without_one_project(tmp_path, names):
    path = tmp_path / "talks.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
        for name in names:
            archive.writestr(name, "<Project/>")
    assert faults_of(path)["expected"].item() == "one project file (.qde)"


# hostile files


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_definitions_of_entities_are_refused(write, dtd):
    xml = project_xml().replace(HEAD, HEAD + dtd)
    found = faults_of(write(xml))
    assert "XML without definitions of types and entities" in found["expected"].item()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_project(talks, share):
    data = talks.read_bytes()
    talks.write_bytes(data[: int(len(data) * share)])
    assert (faults_of(talks)["file"] == "talks.qdpx").all()


# a good file with random changes is still read, or its faults are said; nothing else


def mutated(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if not data:
            break
        place = rng.randrange(len(data))
        way = rng.randrange(4)
        if way == 0:
            data[place] = rng.randrange(256)
        elif way == 1:
            data[place : place + rng.randrange(1, 40)] = b""
        elif way == 2:
            data[place:place] = rng.randbytes(rng.randrange(1, 20))
        else:
            data[place] ^= 1 << rng.randrange(8)
    return bytes(data)


def read_or_refused(path, **options):
    """Read a file and compare its quotes with their places, or say that it was refused."""
    try:
        meeting = read_refi(path, **options)
    except cam.MeetingError:
        return False
    for row in meeting.statements.itertuples():
        if isinstance(getattr(row, "quote", None), str) and pd.notna(getattr(row, "start", pd.NA)):
            assert meeting.texts[row.document][row.start : row.stop] == row.quote
    return True


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_random_changes_of_an_archive(talks, seed):
    data, rng = talks.read_bytes(), random.Random(seed)
    found = {read_or_refused(talks, stance=False)}
    for _ in range(75):
        talks.write_bytes(mutated(data, rng))
        found.add(read_or_refused(talks, stance=False))
    assert found == {True, False}


OPTIONS = [{"stance": False}, {"stance": "code"}, {"stance": False, "actor": "Actors"}]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_random_changes_of_what_is_in_it(talks, write, options):
    with zipfile.ZipFile(talks) as archive:
        xml = archive.read("project.qde")
    rng, found = random.Random(str(options)), set()
    for _ in range(75):
        text = mutated(BRAZIL.encode(), rng) if rng.random() < 0.2 else BRAZIL
        found.add(read_or_refused(write(mutated(xml, rng), {"b.txt": text}), **options))
    assert found == {True, False}


def test_another_file_is_named_with_its_first_words(tmp_path):
    (tmp_path / "m.jsonl").write_text('{"actor": "Perú"}', encoding="utf-8")
    with pytest.raises(cam.MeetingError) as caught:
        read_refi(tmp_path / "m.jsonl")
    assert str(caught.value).startswith("1 fault in m.jsonl:")
    assert """got a file that begins with '{"actor": "Perú'""" in str(caught.value)
    (tmp_path / "m.jpg").write_bytes(b"\xff\xd8\xff\xe0JFIF")
    with pytest.raises(cam.MeetingError, match="got a file that is no text"):
        read_refi(tmp_path / "m.jpg")
