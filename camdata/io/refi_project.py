"""Parse the XML and the texts of a REFI-QDA project or codebook."""

from __future__ import annotations

import codecs
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from camdata._display.checks import import_optional
from camdata._display.words import join_names, shorten
from camdata.io import foreign
from camdata.io.log import Log
from camdata.model.cells import unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError
from camdata.model.source import read_bytes

MAX_BYTES = 500_000_000
"""The largest declared size of a file in an archive, in bytes."""

SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")


class Code(NamedTuple):
    """A code; `above` are the names of its parent codes, the outermost first."""

    name: str
    definition: str
    codable: bool
    above: tuple[str, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """The names of its parents and its own."""
        return (*self.above, self.name)


class Passage(NamedTuple):
    """A code on a passage of a document, in the program's positions, or on a whole document."""

    guid: str
    target: str
    coder: str
    comment: str
    document: int
    place: tuple[int, int] | None
    number: int

    @property
    def span(self) -> tuple[float, float]:
        """Its place in the program's positions; the whole document if it has none."""
        return self.place or (0, inf)

    @property
    def same(self) -> tuple[Any, ...]:
        """A key that codes of one coder on the same passage share."""
        return (self.document, *self.span, self.coder)


class Document(NamedTuple):
    """A document of the project; `text` is None if the file does not hold it.

    `plain` is the text with unix newlines.
    """

    guids: frozenset[str]
    name: str
    text: str | None
    plain: str
    values: Mapping[str, str]


class Case(NamedTuple):
    """A case: its name, the values of its variables, and the guids of its parts."""

    guid: str
    name: str
    values: Mapping[str, str]
    parts: frozenset[str]


@dataclass
class Project:
    """The content of a project or codebook, and the counts of what was left out.

    `stretches` are all selections of documents by guid, coded or not.
    """

    file: str
    member: str | None
    title: str = ""
    codes: dict[str, Code] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    stretches: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    log: Log = field(default_factory=Log)

    def fault(self, column: str | None, expected: str, got: str) -> MeetingError:
        """Return the error of the whole file."""
        return MeetingError([Fault(self.file, None, column, expected, got, sheet=self.member)])


def read_project(path: Path) -> Project:
    """Read a ``.qdpx`` project (a ZIP archive) or a ``.qdc`` codebook (XML).

    Raises
    ------
    MeetingError
        If it is neither, or cannot be read.
    """
    expected = "a REFI-QDA project (a ZIP archive) or codebook (XML)"
    with foreign.one_error(path, expected):
        data = read_bytes(path, path.name)
        if data[:4] == b"PK\3\4":
            with zipfile.ZipFile(path) as archive:
                files = _Files(archive, path.name)
                member = files.project()
                return _Reader(Project(path.name, member), files).read(files.bytes(member))
        if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] != b"<" and b"\0" not in data[:4]:
            raise Project(path.name, None).fault(None, expected, foreign.beginning(data))
        return _Reader(Project(path.name, None), None).read(data)


class _Files:
    """The files of an archive, by their names in lower case; none is unpacked to disk."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            self.members.setdefault(info.filename.replace("\\", "/").casefold(), info)

    def project(self) -> str:
        """Return the name of the project's XML file; programs use several names."""
        found = [name for name in self.members if name.endswith(".qde")]
        top = [name for name in found if "/" not in name] or found
        if "project.qde" in top:
            return "project.qde"
        if len(top) != 1:
            got = join_names(map(repr, top), 5) or "none"
            raise Project(self.name, None).fault(None, "one project file (.qde)", got)
        return top[0]

    def bytes(self, name: str) -> bytes:
        """Return the content of a file, unless its declared size is too large."""
        info = self.members[name]
        if info.file_size > MAX_BYTES:
            expected, got = f"at most {MAX_BYTES:,} bytes", f"{info.file_size:,}"
            raise Project(self.name, name).fault(None, expected, got)
        return self.archive.read(info)

    def find(self, place: str) -> str | None:
        """Return the file for a path of the project, in any folder of the archive."""
        scheme, found, rest = place.partition("://")
        if found and scheme.casefold() != "internal":
            return None  # a path on another computer
        name = (rest if found else place).replace("\\", "/").strip("/").casefold()
        names = (f"sources/{name}", name, f"sources/{name.rpartition('/')[2]}")
        return next((own for own in names if name and own in self.members), None)


def _guid(words: str | None) -> str:
    """Return an identifier in lower case and without braces."""
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

    def lose(self, what: str, why: str, rows: int = 1) -> None:
        self.project.lost[what, why] += rows

    def read(self, data: bytes) -> Project:
        project = self.project
        self.root = root = self.parsed(data)
        if _name(root) not in ("Project", "CodeBook"):
            expected = "the element Project of REFI-QDA, or CodeBook"
            raise project.fault(_name(root), expected, f"an element {_name(root)}")
        project.title = root.get("name", "")
        books = [root] if _name(root) == "CodeBook" else _children(root, "CodeBook")
        for book in books[:1]:
            for part in _children(book, "Codes"):
                self.codes(part)
        users = {_guid(user.get("guid")): user for user in self.parts("Users", "User")}
        given = [user.get("name", "").strip() or guid for guid, user in users.items()]
        own = foreign.each_once(given)
        self.users = dict(zip(users, own, strict=True))
        variables = self.parts("Variables", "Variable")
        self.variables = {_guid(v.get("guid")): v.get("name") or "variable" for v in variables}
        project.variables = list(dict.fromkeys(self.variables.values()))
        for case in self.parts("Cases", "Case"):
            references = _children(case, "SourceRef", "SelectionRef", "CodeRef")
            parts = frozenset(_guid(child.get("targetGUID")) for child in references)
            name = case.get("name", "").strip()
            project.cases.append(Case(_guid(case.get("guid")), name, self.values(case), parts))
        self.targets = {*project.codes, *(case.guid for case in project.cases)}
        for source in self.parts("Sources", *SOURCES):
            plain = _name(source) == "TextSource"
            for element in [source] if plain else _children(source, "Representation"):
                self.document(source, element)
        coders = Counter(passage.coder for passage in project.passages)
        foreign.log_names("coder", given, own, coders, project.log)
        self.ignored()
        return project

    def parsed(self, data: bytes) -> Element:
        etree = import_optional("defusedxml.ElementTree", "qda")
        refused = import_optional("defusedxml.common", "qda").DefusedXmlException
        try:
            root: Element = etree.fromstring(data, forbid_dtd=True)
            return root
        except refused as error:
            expected, got = "XML without definitions of types and entities", str(error)
        except (ParseError, LookupError, ValueError) as error:
            expected, got = "well-formed XML", str(error)
        raise self.project.fault(None, expected, shorten(got, 120)[1:-1])

    def parts(self, group: str, *names: str) -> Iterator[Element]:
        for part in _children(self.root, group):
            yield from _children(part, *names)

    def codes(self, parent: Element, above: tuple[str, ...] = ()) -> None:
        """Collect the codes and their parents; codes without a name or guid are left out."""
        for element in _children(parent, "Code"):
            guid, name = _guid(element.get("guid")), element.get("name", "").strip()
            if not guid or not name:
                self.lose("codes", "without a name or a guid")
            elif guid in self.project.codes:
                self.lose("codes", "with the guid of another code")
            else:
                codable = element.get("isCodable", "").strip().casefold() not in ("false", "0")
                definition = _words(element, "Description")
                self.project.codes[guid] = Code(name, definition, codable, above)
            self.codes(element, (*above, name) if name else above)

    def values(self, element: Element) -> dict[str, str]:
        """Return the values of an element's variables."""
        found: dict[str, str] = {}
        for value in _children(element, "VariableValue"):
            references = [_guid(r.get("targetGUID")) for r in _children(value, "VariableRef")]
            name = self.variables.get(references[0]) if references else None
            words = [(child.text or "").strip() for child in _children(value, *_VALUES)]
            if name is None:
                self.lose("values", "of an unknown variable")
            elif words and words[0]:
                found[name] = words[0]
        return found

    def document(self, source: Element, element: Element) -> None:
        number = len(self.project.documents)
        for child in _children(element, "PlainTextSelection"):
            self.selection(child, number)
        own = [element] if element is source else [source, element]
        whole = [coding for one in own for coding in _children(one, "Coding")]
        self.codings(whole, number, None, "")
        guids = frozenset(_guid(one.get("guid")) for one in own) - {""}
        values = {k: v for one in own for k, v in self.values(one).items()}
        name = source.get("name", "").strip() or element.get("name", "").strip() or "document"
        text = self.text(element)
        plain = unix_newlines(text or "")
        self.project.documents.append(Document(guids, name, text, plain, values))

    def text(self, element: Element) -> str | None:
        """Return the text of a document with its original newlines."""
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
        if not unwritable(text):
            return text
        self.lose("texts", "with NUL")
        return None

    def selection(self, element: Element, document: int) -> None:
        found = _children(element, "Coding")
        ends = [element.get(name, "").strip() for name in ("startPosition", "endPosition")]
        if not all(end.isascii() and end.isdigit() and len(end) < 16 for end in ends):
            self.read_codings |= set(map(id, found))
            self.lose("codings", "on a passage without a start or an end", len(found))
            return
        place = (int(ends[0]), int(ends[1]))
        self.project.stretches.setdefault(_guid(element.get("guid")), (document, *place))
        self.codings(found, document, place, _words(element, "Description"))

    def codings(
        self, elements: list[Element], document: int, place: tuple[int, int] | None, comment: str
    ) -> None:
        for element in elements:
            self.read_codings.add(id(element))
            target = [_guid(child.get("targetGUID")) for child in _children(element, "CodeRef")]
            if not target or target[0] not in self.targets:
                self.lose("codings", "of an unknown code")
                continue
            user = element.get("creatingUser", "")
            coder = self.users.get(_guid(user), "") if self.users else user.strip()
            if _guid(user) and not coder:
                self.lose("coders", "unknown")
            guid, number = _guid(element.get("guid")), len(self.read_codings)
            passage = Passage(guid, target[0], coder, comment, document, place, number)
            self.project.passages.append(passage)

    def ignored(self) -> None:
        """Count the elements that are not read, by kind."""
        for element in self.root.iter():
            rows = sum(id(child) not in self.read_codings for child in _children(element, "Coding"))
            if rows:
                self.lose(f"codings of a {_name(element)}", "not read", rows)
        for name in ("Link", "Set", "Graph", "Note"):
            if rows := len(list(self.parts(f"{name}s", name))):
                self.lose(f"{name.casefold()}s", "not read", rows)
