"""Parse the XML and the texts of a REFI-QDA project or codebook."""

from __future__ import annotations

import codecs
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from camdata._display.checks import import_optional
from camdata._display.words import join_names, shorten
from camdata.io import foreign
from camdata.io.foreign import Log
from camdata.model.columns import unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError
from camdata.model.source import read_bytes

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

    `name` is different for each, and `plain` is the text with unix newlines.
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
        fault = Fault(self.file, None, column, expected, got, sheet=self.member)
        return MeetingError([fault], self.file)


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
        infos = reversed(archive.infolist())  # of two files of one name the first counts
        self.members = {info.filename.replace("\\", "/").casefold(): info for info in infos}

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
        foreign.check_declared_size(self.members[name], self.name)
        return self.archive.read(self.members[name])

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


def _targets(element: Element, path: str) -> list[str]:
    """Return the identifiers to which some elements inside another one refer."""
    return [_guid(reference.get("targetGUID")) for reference in element.iterfind(path)]


class _Reader:
    """Reads the parts of one project."""

    def __init__(self, project: Project, files: _Files | None) -> None:
        self.project, self.files = project, files
        self.read_codings: set[int] = set()

    def lose(self, what: str, why: str, rows: int = 1) -> None:
        self.project.lost[what, why] += rows

    def read(self, data: bytes) -> Project:
        project, root = self.project, self.parsed(data)
        if root.tag not in ("Project", "CodeBook"):
            expected = "the element Project of REFI-QDA, or CodeBook"
            raise project.fault(root.tag, expected, f"an element {root.tag}")
        project.title = root.get("name", "")
        book = root if root.tag == "CodeBook" else root.find("CodeBook")
        if book is not None:
            for part in book.iterfind("Codes"):
                self.codes(part)
        users = {_guid(user.get("guid")): user for user in root.iterfind("Users/User")}
        given = [user.get("name", "").strip() or guid for guid, user in users.items()]
        own = foreign.each_once(given)
        self.users = dict(zip(users, own, strict=True))
        variables = root.iterfind("Variables/Variable")
        self.variables = {_guid(v.get("guid")): v.get("name") or "variable" for v in variables}
        project.variables = list(dict.fromkeys(self.variables.values()))
        for case in root.iterfind("Cases/Case"):
            references = ("SourceRef", "SelectionRef", "CodeRef")
            parts = frozenset(guid for name in references for guid in _targets(case, name)) - {""}
            name = case.get("name", "").strip()
            project.cases.append(Case(_guid(case.get("guid")), name, self.values(case), parts))
        self.targets = {*project.codes, *(case.guid for case in project.cases)}
        for source in root.iterfind("Sources/*"):
            if source.tag == "TextSource":
                self.document(source, source)
            elif source.tag in SOURCES:
                for element in source.iterfind("Representation"):
                    self.document(source, element)
        coders = Counter(passage.coder for passage in project.passages)
        foreign.log_names("coder", given, own, coders, project.log)
        given = [document.name for document in project.documents]
        own = foreign.text_names(given)
        foreign.log_names("document", given, own, dict.fromkeys(own, 1), project.log)
        both = zip(project.documents, own, strict=True)
        project.documents = [document._replace(name=name) for document, name in both]
        for element in root.iter():
            rows = sum(id(child) not in self.read_codings for child in element.iterfind("Coding"))
            if rows:
                self.lose(f"codings of a {element.tag}", "not read", rows)
        for name in ("Link", "Set", "Graph", "Note"):
            if rows := len(root.findall(f"{name}s/{name}")):
                self.lose(f"{name.casefold()}s", "not read", rows)
        return project

    def parsed(self, data: bytes) -> Element:
        """Return the root; its elements are named without their namespaces."""
        etree = import_optional("defusedxml.ElementTree", "qda")
        try:
            root: Element = etree.fromstring(data, forbid_dtd=True)
        except (ParseError, LookupError, ValueError) as error:
            expected = "well-formed XML without definitions of types and entities"
            raise self.project.fault(None, expected, shorten(error, 120)[1:-1]) from None
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def codes(self, parent: Element, above: tuple[str, ...] = ()) -> None:
        """Collect the codes and their parents; codes without a name or guid are left out."""
        for element in parent.iterfind("Code"):
            guid, name = _guid(element.get("guid")), element.get("name", "").strip()
            if not guid or not name:
                self.lose("codes", "without a name or a guid")
            elif guid in self.project.codes:
                self.lose("codes", "with the guid of another code")
            else:
                codable = element.get("isCodable", "").strip().casefold() not in ("false", "0")
                definition = element.findtext("Description", "").strip()
                self.project.codes[guid] = Code(name, definition, codable, above)
            self.codes(element, (*above, name) if name else above)

    def values(self, element: Element) -> dict[str, str]:
        """Return the values of an element's variables."""
        found: dict[str, str] = {}
        for value in element.iterfind("VariableValue"):
            name = self.variables.get(next(iter(_targets(value, "VariableRef")), ""))
            words = [(child.text or "").strip() for child in value if child.tag in _VALUES]
            if name is None:
                self.lose("values", "of an unknown variable")
            elif words and words[0]:
                found[name] = words[0]
        return found

    def document(self, source: Element, element: Element) -> None:
        """Collect a text with its passages; `element` is a source or a representation of it."""
        number = len(self.project.documents)
        for child in element.iterfind("PlainTextSelection"):
            self.selection(child, number)
        own = [element] if element is source else [source, element]
        self.codings([coding for one in own for coding in one.iterfind("Coding")], number)
        guids = frozenset(_guid(one.get("guid")) for one in own) - {""}
        values = {k: v for one in own for k, v in self.values(one).items()}
        name = source.get("name", "").strip() or element.get("name", "").strip() or "document"
        text = self.text(element)
        plain = unix_newlines(text or "")
        self.project.documents.append(Document(guids, name, text, plain, values))

    def text(self, element: Element) -> str | None:
        """Return the text of a document with its original newlines."""
        if element.find("PlainTextContent") is not None:
            return element.findtext("PlainTextContent")
        place = element.get("plainTextPath", "")
        member = self.files.find(place) if self.files is not None else None
        if self.files is None or member is None:
            self.lose("texts", "not in the file")
            return None
        try:
            data = self.files.bytes(member)
            marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            text = data.decode("utf-16" if marked else "utf-8-sig")
            if not unwritable(text):
                return text
        except (UnicodeDecodeError, zipfile.BadZipFile, MeetingError):
            pass
        self.lose("texts", "not UTF-8, or damaged")
        return None

    def selection(self, element: Element, document: int) -> None:
        found = element.findall("Coding")
        ends = [element.get(name, "").strip() for name in ("startPosition", "endPosition")]
        if not all(end.isascii() and end.isdigit() and len(end) < 16 for end in ends):
            self.read_codings |= set(map(id, found))
            self.lose("codings", "on a passage without a start or an end", len(found))
            return
        place = (int(ends[0]), int(ends[1]))
        self.project.stretches.setdefault(_guid(element.get("guid")), (document, *place))
        comment = element.findtext("Description", "").strip()
        self.codings(found, document, place, comment)

    def codings(
        self, elements: list[Element], document: int, place: Any = None, comment: str = ""
    ) -> None:
        for element in elements:
            self.read_codings.add(id(element))
            target = next(iter(_targets(element, "CodeRef")), "")
            if target not in self.targets:
                self.lose("codings", "of an unknown code")
                continue
            user = element.get("creatingUser", "")
            coder = self.users.get(_guid(user), "") if self.users else user.strip()
            if _guid(user) and not coder:
                self.lose("coders", "unknown")
            guid, number = _guid(element.get("guid")), len(self.read_codings)
            passage = Passage(guid, target, coder, comment, document, place, number)
            self.project.passages.append(passage)
