"""A project or codebook of the REFI-QDA standard: XML and texts, without what cannot be read."""

from __future__ import annotations

import codecs
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from camdata._display.checks import need
from camdata._display.words import listed, shorten
from camdata.io.foreign import each_once, left_out, named_apart, one_error
from camdata.model.cells import unwritable
from camdata.model.errors import Fault, MeetingError
from camdata.model.source import Change, read_bytes

MAX_BYTES = 500_000_000
"""Bytes that a file of an archive may say it unpacks to."""

SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")


class Code(NamedTuple):
    """A code; `above` are the names of the codes that it lies in, the outermost first."""

    name: str
    definition: str
    codable: bool
    above: tuple[str, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """Its name after those of the codes that it lies in."""
        return (*self.above, self.name)


class Coding(NamedTuple):
    """A code put on a selection; `coder` is empty where the file has none."""

    guid: str
    target: str
    coder: str
    number: int


class Selection(NamedTuple):
    """A stretch of a text as the program counted it; all of the document without start and stop."""

    guid: str
    start: int | None
    stop: int | None
    comment: str
    codings: list[Coding]


@dataclass(frozen=True)
class Document:
    """A text of the project; `text` is missing where the file does not hold it."""

    guids: frozenset[str]
    name: str
    text: str | None
    values: Mapping[str, str]
    selections: list[Selection]


class Case(NamedTuple):
    """A case: a name, values of variables, and what belongs to it, by guid."""

    guid: str
    name: str
    values: Mapping[str, str]
    parts: frozenset[str]


@dataclass
class Project:
    """What a project or codebook holds, and what was left out of it."""

    file: str
    member: str | None
    title: str = ""
    codes: dict[str, Code] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    renamed: list[Change] = field(default_factory=list)

    def fault(self, column: str | None, expected: str, got: str) -> MeetingError:
        """Return the error of the whole file."""
        return MeetingError([Fault(self.file, None, column, expected, got, sheet=self.member)])

    @property
    def changes(self) -> list[Change]:
        """What was left out, with the reason, and the coders that were named apart."""
        found = [left_out(what, "", why, rows) for (what, why), rows in self.lost.items()]
        return [*self.renamed, *(change for one in found for change in one)]


def read_project(path: Path) -> Project:
    """Read a ``.qdpx`` project (a ZIP archive) or a ``.qdc`` codebook (XML).

    Raises
    ------
    MeetingError
        If it is neither, or cannot be read at all.
    """
    with one_error(path, "a REFI-QDA project (a ZIP archive) or codebook (XML)"):
        data = read_bytes(path, path.name)
        if data[:4] == b"PK\3\4":
            with zipfile.ZipFile(path) as archive:
                files = _Files(archive, path.name)
                member = files.project()
                return _Reader(Project(path.name, member), files).read(files.bytes(member))
        if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] != b"<" and b"\0" not in data[:4]:
            expected = "a REFI-QDA project (a ZIP archive) or codebook (XML)"
            got = f"a file that begins with {data[:4]!r}" if data else "an empty file"
            raise Project(path.name, None).fault(None, expected, got)
        return _Reader(Project(path.name, None), None).read(data)


class _Files:
    """The files of an archive by their names in any case; none of them is unpacked to disk."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            self.members.setdefault(info.filename.replace("\\", "/").casefold(), info)

    def project(self) -> str:
        """Return the name of the project's XML file, which programs name in several ways."""
        found = [name for name in self.members if name.endswith(".qde")]
        top = [name for name in found if "/" not in name] or found
        if "project.qde" in top:
            return "project.qde"
        if len(top) != 1:
            got = listed(map(repr, top), 5) or "none"
            raise Project(self.name, None).fault(None, "one project file (.qde)", got)
        return top[0]

    def bytes(self, name: str) -> bytes:
        """Return what a file holds, after a look at the size that the archive declares."""
        info = self.members[name]
        if info.file_size > MAX_BYTES:
            expected, got = f"at most {MAX_BYTES:,} bytes", f"{info.file_size:,}"
            raise Project(self.name, name).fault(None, expected, got)
        return self.archive.read(info)

    def find(self, place: str) -> str | None:
        """Return the file that a path of the project means, in whichever folder it is."""
        scheme, found, rest = place.partition("://")
        if found and scheme.casefold() != "internal":
            return None  # elsewhere on somebody's computer: not followed
        name = (rest if found else place).replace("\\", "/").strip("/").casefold()
        names = (f"sources/{name}", name, f"sources/{name.rpartition('/')[2]}")
        return next((own for own in names if name and own in self.members), None)


def _guid(words: str | None) -> str:
    """Return an identifier as it is compared: with or without braces, in any case."""
    return (words or "").strip().strip("{}").casefold()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: Element | None, *names: str) -> list[Element]:
    return [] if element is None else [child for child in element if _name(child) in names]


def _words(element: Element, name: str) -> str:
    found = _children(element, name)
    return (found[0].text or "").strip() if found else ""


class _Reader:
    """Reads the parts of one project."""

    def __init__(self, project: Project, files: _Files | None) -> None:
        self.project, self.files = project, files
        self.read_codings: set[int] = set()
        self.number = 0

    def lose(self, what: str, why: str, rows: int = 1) -> None:
        self.project.lost[what, why] += rows

    def read(self, data: bytes) -> Project:
        project = self.project
        root = self.parsed(data)
        self.root = root
        if _name(root) not in ("Project", "CodeBook"):
            expected = "the element Project of REFI-QDA, or CodeBook"
            raise project.fault(_name(root), expected, f"an element {_name(root)}")
        project.title = root.get("name", "")
        book = root if _name(root) == "CodeBook" else next(iter(_children(root, "CodeBook")), None)
        self.codes(_children(book, "Codes"))
        users = [
            (_guid(u.get("guid")), u.get("name", "").strip()) for u in self.parts("Users", "User")
        ]
        given = [name or guid for guid, name in users]
        own = each_once(given)
        self.users = dict(zip((guid for guid, _ in users), own, strict=True))
        variables = self.parts("Variables", "Variable")
        self.variables = {_guid(v.get("guid")): v.get("name") or "variable" for v in variables}
        project.variables = list(dict.fromkeys(self.variables.values()))
        for element in self.parts("Cases", "Case"):
            self.case(element)
        self.targets = {*project.codes, *(case.guid for case in project.cases)}
        for source in self.parts("Sources", *SOURCES):
            texts = (
                [source] if _name(source) == "TextSource" else _children(source, "Representation")
            )
            for element in texts:
                project.documents.append(self.document(source, element))
        coders = Counter(
            coding.coder
            for document in project.documents
            for selection in document.selections
            for coding in selection.codings
        )
        project.renamed = named_apart("coder", given, own, coders)
        self.ignored()
        return project

    def parsed(self, data: bytes) -> Element:
        etree = need("defusedxml.ElementTree", "qda")
        refused = need("defusedxml.common", "qda").DefusedXmlException
        try:
            root: Element = etree.fromstring(data, forbid_dtd=True)
            return root
        except refused as error:
            expected = "XML without definitions of types and entities"
            raise self.project.fault(None, expected, shorten(str(error), 120)[1:-1]) from None
        except (ParseError, LookupError, ValueError) as error:
            got = shorten(str(error), 120)[1:-1]
            raise self.project.fault(None, "well-formed XML", got) from None

    def parts(self, group: str, *names: str) -> Iterator[Element]:
        for part in _children(self.root, group):
            yield from _children(part, *names)

    def codes(self, listed_codes: Iterable[Element]) -> None:
        """Collect the codes with those that they lie in; one without a name or guid is left out."""
        top = [child for part in listed_codes for child in _children(part, "Code")]
        waiting: list[tuple[Element, tuple[str, ...]]] = [(code, ()) for code in reversed(top)]
        while waiting:
            element, above = waiting.pop()
            guid, name = _guid(element.get("guid")), element.get("name", "").strip()
            if not guid or not name:
                self.lose("codes", "without a name or a guid")
            elif guid in self.project.codes:
                self.lose("codes", "with the guid of another code")
            else:
                codable = element.get("isCodable", "").strip().casefold() not in ("false", "0")
                definition = _words(element, "Description")
                self.project.codes[guid] = Code(name, definition, codable, above)
            inside = (*above, name) if name else above
            waiting += [(child, inside) for child in reversed(_children(element, "Code"))]

    def values(self, element: Element) -> dict[str, str]:
        """Return the values of variables that an element holds."""
        found: dict[str, str] = {}
        for value in _children(element, "VariableValue"):
            reference = next(iter(_children(value, "VariableRef")), None)
            name = (
                self.variables.get(_guid(reference.get("targetGUID")))
                if reference is not None
                else None
            )
            words = [(child.text or "").strip() for child in _children(value, *_VALUES)]
            if name is None:
                self.lose("values", "of an unknown variable")
            elif words and words[0]:
                found[name] = words[0]
        return found

    def case(self, element: Element) -> None:
        name = element.get("name", "").strip()
        references = _children(element, "SourceRef", "SelectionRef", "CodeRef")
        parts = frozenset(_guid(child.get("targetGUID")) for child in references)
        guid = _guid(element.get("guid"))
        self.project.cases.append(Case(guid, name, self.values(element), parts))

    def document(self, source: Element, element: Element) -> Document:
        name = source.get("name", "").strip() or element.get("name", "").strip() or "document"
        found = [self.selection(child) for child in _children(element, "PlainTextSelection")]
        selections = [selection for selection in found if selection is not None]
        own = [element] if element is source else [source, element]
        whole = self.codings([coding for one in own for coding in _children(one, "Coding")])
        if whole:
            selections.append(Selection("", None, None, "", whole))
        guids = frozenset(_guid(one.get("guid")) for one in (source, element)) - {""}
        values = {k: v for one in own for k, v in self.values(one).items()}
        return Document(guids, name, self.text(element), values, selections)

    def text(self, element: Element) -> str | None:
        """Return the text of a document with the newlines that it has in the file."""
        content = _children(element, "PlainTextContent")
        if content:
            return content[0].text or ""
        place = element.get("plainTextPath", "")
        member = self.files.find(place) if self.files is not None else None
        if self.files is None or member is None:
            self.lose("texts", "not in the file")
            return None
        try:
            data = self.files.bytes(member)
            marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            text = data.decode("utf-16" if marked else "utf-8-sig")
        except (UnicodeDecodeError, zipfile.BadZipFile, MeetingError):
            self.lose("texts", "not UTF-8, or damaged")
            return None
        if unwritable(text):
            self.lose("texts", "with NUL")
            return None
        return text

    def selection(self, element: Element) -> Selection | None:
        ends = [element.get(name, "").strip() for name in ("startPosition", "endPosition")]
        if not all(end.isascii() and end.isdigit() and len(end) < 16 for end in ends):
            found = _children(element, "Coding")
            self.read_codings |= set(map(id, found))
            self.lose("codings", "on a passage without a start or an end", len(found))
            return None
        comment = _words(element, "Description")
        codings = self.codings(_children(element, "Coding"))
        return Selection(_guid(element.get("guid")), int(ends[0]), int(ends[1]), comment, codings)

    def codings(self, elements: list[Element]) -> list[Coding]:
        found = []
        for element in elements:
            self.number += 1
            self.read_codings.add(id(element))
            reference = next(iter(_children(element, "CodeRef")), None)
            target = "" if reference is None else _guid(reference.get("targetGUID"))
            if target not in self.targets:
                self.lose("codings", "of an unknown code")
                continue
            user = element.get("creatingUser", "")
            coder = self.users.get(_guid(user), "") if self.users else user.strip()
            if _guid(user) and not coder:
                self.lose("coders", "unknown")
            found.append(Coding(_guid(element.get("guid")), target, coder, self.number))
        return found

    def ignored(self) -> None:
        """Count what is in the file and is not read, by what it is."""
        for element in self.root.iter():
            rows = sum(id(child) not in self.read_codings for child in _children(element, "Coding"))
            if rows:
                self.lose(f"codings of a {_name(element)}", "not read", rows)
        groups: Any = {"Links": "Link", "Sets": "Set", "Graphs": "Graph", "Notes": "Note"}
        for group, name in groups.items():
            if rows := len(list(self.parts(group, name))):
                self.lose(group.casefold(), "not read", rows)
