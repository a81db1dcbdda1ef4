"""A project or codebook of the REFI-QDA standard: XML and texts, every reference checked."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from camdata._display.words import shorten
from camdata.io._archive import Archive, open_archive
from camdata.io._common import Unreadable, each_once
from camdata.io._xml import MAX_BYTES, Node, parse_xml
from camdata.model.cells import WRITABLE, unwritable
from camdata.model.errors import Fault
from camdata.model.source import Unread, regular_file

MAX_TEXT = 20_000_000
"""Bytes of the longest text of a project that is read: several times the longest book."""

SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")

_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")


@dataclass(frozen=True)
class Code:
    """A code; `above` are the codes that it lies in, the outermost first."""

    guid: str
    name: str
    definition: str
    codable: bool
    line: int
    above: tuple[Code, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """Its name after those of the codes that it lies in."""
        return (*(code.name for code in self.above), self.name)


@dataclass(frozen=True)
class Case:
    """A case: a name, values of variables, and what of the sources belongs to it."""

    guid: str
    name: str
    values: Mapping[str, str]
    sources: tuple[str, ...]
    selections: tuple[str, ...]
    codes: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Coding:
    """A code put on a selection; `coder` is a name, empty where the file has none."""

    guid: str
    target: str
    coder: str
    line: int


@dataclass(frozen=True)
class Selection:
    """A stretch of a text as the program counted it, and the words it may give for it.

    The codings of a whole document have no start and no stop.
    """

    guid: str
    start: int | None
    stop: int | None
    words: str
    comment: str
    codings: tuple[Coding, ...]
    line: int


@dataclass(frozen=True)
class Document:
    """A text of the project; `text` is missing where the file does not hold it."""

    guids: frozenset[str]
    name: str
    text: str | None
    bom: bool
    values: Mapping[str, str]
    selections: tuple[Selection, ...]
    line: int


@dataclass(frozen=True)
class Project:
    """What a project or codebook holds, and what is wrong with it.

    `renamed` are the coders who share a name with another, as they are told apart; `ignored` counts
    what is not read, by what it is.
    """

    file: str
    member: str | None
    title: str
    codes: Mapping[str, Code]
    cases: tuple[Case, ...]
    variables: tuple[str, ...]
    documents: tuple[Document, ...]
    renamed: Mapping[str, str]
    ignored: Mapping[str, int]
    faults: tuple[Fault, ...]


def read_project(path: Path) -> Project:
    """Read a ``.qdpx`` project (a ZIP archive) or a ``.qdc`` codebook (XML).

    Raises
    ------
    Unreadable
        If it is neither, or cannot be read at all.
    """
    try:
        real = regular_file(path, path.name)
        with real.open("rb") as opened:
            start = opened.read(4)
        size = real.stat().st_size
    except Unread as unread:
        raise Unreadable(unread.fault) from None
    except OSError as error:
        raise Unreadable(Fault(path.name, None, None, "a file to read", str(error))) from None
    if start == b"PK\3\4":
        with open_archive(path) as archive:
            member = _project_file(archive)
            root = parse_xml(archive.read(member, MAX_BYTES), path.name, member)
            return _Reader(path.name, member, root, archive).project()
    if start.lstrip(codecs.BOM_UTF8).lstrip()[:1] != b"<" and b"\0" not in start:
        expected = "a REFI-QDA project (a ZIP archive) or codebook (XML)"
        got = f"a file that begins with {start!r}" if start else "an empty file"
        raise Unreadable(Fault(path.name, None, None, expected, got))
    if size > MAX_BYTES:
        expected, got = f"at most {MAX_BYTES:,} bytes", f"{size:,}"
        raise Unreadable(Fault(path.name, None, None, expected, got))
    return _Reader(path.name, None, parse_xml(path.read_bytes(), path.name), None).project()


def _project_file(archive: Archive) -> str:
    """Return the name of the project's XML file, which programs name in several ways."""
    found = [name for name in archive.names if name.endswith(".qde")]
    top = [name for name in found if "/" not in name] or found
    if "project.qde" in top:
        return "project.qde"
    if len(top) == 1:
        return top[0]
    got = ", ".join(map(repr, top[:5])) or "none"
    raise Unreadable(Fault(archive.name, None, None, "one project file (.qde)", got))


def _guid(words: str) -> str:
    """Return an identifier as it is compared: with or without braces, in any case."""
    return words.strip().strip("{}").casefold()


@dataclass
class _Reader:
    """Reads the parts of one file; collects what is wrong with them."""

    file: str
    member: str | None
    root: Node
    archive: Archive | None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, node: Node, column: str, expected: str, got: str) -> Fault:
        return Fault(self.file, node.line, column, expected, got, sheet=self.member)

    def known(self, nodes: Iterable[Node]) -> dict[str, Node]:
        """Return elements by their identifiers; the same one twice is a fault."""
        found: dict[str, Node] = {}
        for node in nodes:
            guid = _guid(node.get("guid"))
            if not guid:
                continue
            if guid in found:
                expected = f"each guid of a {node.name} once"
                got = f"{shorten(node.get('guid'))} again (first on line {found[guid].line})"
                self.faults.append(self.fault(node, "guid", expected, got))
            found.setdefault(guid, node)
        return found

    def refer(self, node: Node, attribute: str, known: Iterable[str], what: str) -> str:
        """Return the identifier that an attribute refers to; one of nothing is a fault."""
        guid = _guid(node.get(attribute))
        if guid not in known:
            column = f"{node.name} {attribute}"
            got = shorten(node.get(attribute)) if guid else "nothing"
            self.faults.append(self.fault(node, column, f"the guid of {what}", got))
        return guid

    def project(self) -> Project:
        root = self.root
        if root.name not in ("Project", "CodeBook"):
            expected = "the element Project of REFI-QDA, or CodeBook"
            raise Unreadable(self.fault(root, root.name, expected, f"an element {root.name}"))
        book = root if root.name == "CodeBook" else root.first("CodeBook")
        listed = None if book is None else book.first("Codes")
        codes = self.codes(listed)
        self.users, renamed = _named(self.known(self.parts("Users", "User")))
        self.has_users = root.first("Users") is not None
        variables = self.known(self.parts("Variables", "Variable"))
        self.variables = {guid: node.get("name") or guid for guid, node in variables.items()}
        sources = self.parts("Sources", *SOURCES)
        every = [node for source in sources for node in source.walk()]
        texts = ("Representation", "Transcript")
        known_sources = self.known(node for node in every if node.name in (*SOURCES, *texts))
        selections = self.known(node for node in every if node.name.endswith("Selection"))
        self.known(node for node in every if node.name == "Coding")
        cases = [
            self.case(node, codes, known_sources, selections)
            for node in self.known(self.parts("Cases", "Case")).values()
        ]
        self.targets = {*codes, *(case.guid for case in cases)}
        documents = tuple(document for source in sources for document in self.documents(source))
        return Project(
            self.file,
            self.member,
            root.get("name"),
            codes,
            tuple(cases),
            tuple(dict.fromkeys(self.variables.values())),
            documents,
            renamed,
            self.ignored(sources),
            tuple(self.faults),
        )

    def parts(self, group: str, *names: str) -> list[Node]:
        return [node for part in self.root.all(group) for node in part.all(*names)]

    def codes(self, listed: Node | None) -> dict[str, Code]:
        found: list[Node] = []
        above: dict[int, tuple[Code, ...]] = {}
        codes: dict[str, Code] = {}
        waiting = [] if listed is None else list(reversed(listed.all("Code")))
        while waiting:
            node = waiting.pop()
            guid = _guid(node.get("guid"))
            if not node.get("name").strip() or not guid:
                column = "guid" if not guid else "name"
                self.faults.append(self.fault(node, f"Code {column}", "a value", "nothing"))
            codable = node.get("isCodable").strip().casefold() not in ("false", "0")
            name = node.get("name").strip() or guid
            own = above.get(id(node), ())
            code = Code(guid, name, node.words("Description"), codable, node.line, own)
            codes.setdefault(guid, code)
            found.append(node)
            for child in reversed(node.all("Code")):
                above[id(child)] = (*own, code)
                waiting.append(child)
        self.known(found)
        return codes

    def values(self, node: Node) -> dict[str, str]:
        """Return the values of variables that an element holds."""
        found: dict[str, str] = {}
        for value in node.all("VariableValue"):
            reference = value.first("VariableRef")
            if reference is None:
                expected = "a VariableRef"
                self.faults.append(self.fault(value, "VariableValue", expected, "nothing"))
                continue
            guid = self.refer(reference, "targetGUID", self.variables, "a Variable")
            words = [child.text.strip() for child in value.all(*_VALUES)]
            if guid in self.variables and words and words[0]:
                found[self.variables[guid]] = words[0]
        return found

    def case(
        self,
        node: Node,
        codes: Mapping[str, Code],
        sources: Mapping[str, Node],
        selections: Mapping[str, Node],
    ) -> Case:
        def referred(name: str, known: Iterable[str], what: str) -> tuple[str, ...]:
            found = [self.refer(child, "targetGUID", known, what) for child in node.all(name)]
            return tuple(found)

        return Case(
            _guid(node.get("guid")),
            node.get("name").strip(),
            self.values(node),
            referred("SourceRef", sources, "a source"),
            referred("SelectionRef", selections, "a selection"),
            referred("CodeRef", codes, "a Code"),
            node.line,
        )

    def documents(self, source: Node) -> list[Document]:
        """Return the texts of a source: one, or none of a picture or a film."""
        if source.name == "TextSource":
            return [self.document(source, source)]
        if source.name == "PDFSource":
            return [self.document(source, node) for node in source.all("Representation")]
        return []

    def document(self, source: Node, node: Node) -> Document:
        text, bom = self.text(node)
        selections = [self.selection(child) for child in node.all("PlainTextSelection")]
        whole = [self.coding(child) for child in node.all("Coding")]
        whole += (
            [self.coding(child) for child in source.all("Coding")] if node is not source else []
        )
        if whole:
            found = tuple(coding for coding in whole if coding is not None)
            selections.append(Selection("", None, None, "", "", found, node.line))
        return Document(
            frozenset(_guid(own.get("guid")) for own in (source, node)),
            source.get("name").strip() or node.get("name").strip() or "document",
            text,
            bom,
            {**self.values(source), **(self.values(node) if node is not source else {})},
            tuple(selections),
            source.line,
        )

    def text(self, node: Node) -> tuple[str | None, bool]:
        """Return the text of a document as it is in the file, and whether a mark preceded it."""
        content = node.first("PlainTextContent")
        if content is not None:
            return content.text, False
        scheme, _, place = node.get("plainTextPath").partition("://")
        if scheme.casefold() != "internal" or self.archive is None:
            return None, False  # elsewhere on somebody's computer: not followed
        name = place.lstrip("/")
        if "/" in name or "\\" in name or ".." in name:
            expected = "the name of a file in sources"
            self.faults.append(self.fault(node, "plainTextPath", expected, shorten(place)))
            return None, False
        names = [f"sources/{name}".casefold(), name.casefold()]
        present = [own for own in names if own in self.archive.names]
        if not present:
            return None, False
        try:
            return _decoded(self.archive.read(present[0], MAX_TEXT), self.file, present[0])
        except Unreadable as unreadable:
            self.faults += unreadable.faults
            return None, False

    def selection(self, node: Node) -> Selection:
        places: list[int | None] = []
        for attribute in ("startPosition", "endPosition"):
            words = node.get(attribute).strip()
            if words.isascii() and words.isdigit() and len(words) < 16:
                places.append(int(words))
            else:
                got = shorten(words) if words else "nothing"
                column = f"{node.name} {attribute}"
                self.faults.append(self.fault(node, column, "a whole number of 0 or more", got))
                places.append(None)
        codings = [self.coding(child) for child in node.all("Coding")]
        return Selection(
            _guid(node.get("guid")),
            places[0],
            places[1],
            node.get("name"),
            node.words("Description"),
            tuple(coding for coding in codings if coding is not None),
            node.line,
        )

    def coding(self, node: Node) -> Coding | None:
        reference = node.first("CodeRef")
        if reference is None:
            self.faults.append(self.fault(node, "Coding", "a CodeRef", "nothing"))
            return None
        target = self.refer(reference, "targetGUID", self.targets, "a Code")
        coder = ""
        if _guid(node.get("creatingUser")):
            coder = node.get("creatingUser")
            if self.has_users:
                guid = self.refer(node, "creatingUser", self.users, "a User")
                coder = self.users.get(guid, "")
        return Coding(_guid(node.get("guid")), target, coder.strip(), node.line)

    def ignored(self, sources: list[Node]) -> dict[str, int]:
        """Count what is in the file and is not read, by what it is."""
        found: dict[str, int] = {}
        read: set[int] = set()
        for source in sources:
            # a document's own selections are read, and so are the codings of a whole document
            texts = [source] if source.name == "TextSource" else source.all("Representation")
            read |= {id(node) for text in texts for node in text.all("PlainTextSelection")}
            read |= {id(text) for text in texts}
            read |= {id(source)} if texts else set()
        for node in self.root.walk():
            codings = len(node.all("Coding")) if node.children and id(node) not in read else 0
            if codings:
                what = f"codings of a {node.name}"
                found[what] = found.get(what, 0) + codings
        for group, name in (
            ("Links", "Link"),
            ("Sets", "Set"),
            ("Graphs", "Graph"),
            ("Notes", "Note"),
        ):
            number = len(self.parts(group, name))
            if number:
                found[group.casefold()] = number
        return found


def _named(users: Mapping[str, Node]) -> tuple[dict[str, str], dict[str, str]]:
    """Name the coders, those of one name apart; return who got another name, too."""
    given = [node.get("name").strip() or guid for guid, node in users.items()]
    own = each_once(given)
    renamed = {name: old for name, old in zip(own, given, strict=True) if name != old}
    return dict(zip(users, own, strict=True)), renamed


def _decoded(data: bytes, file: str, member: str) -> tuple[str, bool]:
    """Return a text with the newlines that it has, and whether a byte order mark preceded it."""
    marks = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le",
             codecs.BOM_UTF16_BE: "utf-16-be"}  # fmt: skip
    mark = next((mark for mark in marks if data.startswith(mark)), b"")
    try:
        text = data[len(mark) :].decode(marks.get(mark, "utf-8"))
        if found := unwritable(text):
            line = text.count("\n", 0, found.start()) + 1
            raise Unreadable(Fault(file, line, None, WRITABLE, ascii(found[0]), sheet=member))
        return text, bool(mark)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        got = f"byte 0x{data[error.start : error.start + 1].hex()}"
        raise Unreadable(Fault(file, line, None, "UTF-8", got, sheet=member)) from None
