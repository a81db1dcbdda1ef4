"""An XML file of another program as a tree that knows its lines, without trusting it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from camdata._display.checks import need
from camdata._display.words import shorten
from camdata.io._common import Unreadable
from camdata.model.errors import Fault

MAX_BYTES = 200_000_000
"""Bytes of the longest XML file that is read; 100,000 coded passages make about 50 million."""

MAX_NODES = 3_000_000
"""Elements that a file may have; 100,000 coded passages make about 400,000."""

MAX_DEPTH = 100
"""Elements inside one another; codes in ten levels of folders make about 15."""


@dataclass(slots=True)
class Node:
    """An element: its name without the namespace, attributes, children, text, and its line."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def get(self, attribute: str) -> str:
        """Return an attribute, empty where there is none."""
        return self.attributes.get(attribute, "")

    def all(self, *names: str) -> list[Node]:
        """Return the children of some names, in their order."""
        return [child for child in self.children if child.name in names]

    def first(self, name: str) -> Node | None:
        """Return the first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def words(self, name: str) -> str:
        """Return the text of the first child of a name, empty where there is none."""
        child = self.first(name)
        return "" if child is None else child.text.strip()

    def walk(self) -> Iterator[Node]:
        """Yield the element and everything in it, in the order of the file."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


class _Bounds(SAXException):
    """More than is read of any file."""


class _Tree(ContentHandler):
    """Builds the tree; local names only, since programs write the namespace in several ways."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self._open: list[Node] = []
        self._words: list[str] = []
        self._marks: list[int] = []  # where the words of each open element begin
        self._count = 0
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise _Bounds(f"more than {MAX_NODES:,} elements")
        if len(self._open) >= MAX_DEPTH:
            raise _Bounds(f"more than {MAX_DEPTH} elements inside one another")
        local = name.rpartition(":")[2] if ":" in name else name
        node = Node(local, self._locator.getLineNumber(), dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._marks.append(len(self._words))

    def characters(self, content: str) -> None:
        self._words.append(content)

    def endElement(self, name: str) -> None:
        node, mark = self._open.pop(), self._marks.pop()
        if len(self._words) > mark:
            node.text = "".join(self._words[mark:])
            del self._words[mark:]


def parse_xml(data: bytes, file: str, member: str | None = None) -> Node:
    """Read an XML file.

    Parameters
    ----------
    data : bytes
        What it holds; without definitions of types and entities.
    file : str
        What to call it in a fault.
    member : str, optional
        Its name in an archive.

    Raises
    ------
    Unreadable
        If it is not well formed, defines types or entities, or is beyond what is read of any file.
    ImportError
        If defusedxml is not installed; the extra ``qda`` brings it.
    """
    sax = need("defusedxml.sax", "qda")
    refused = need("defusedxml.common", "qda").DefusedXmlException
    tree = _Tree()
    parser = sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(tree)

    def fault(expected: str, got: str, line: int | None = None) -> Unreadable:
        return Unreadable(Fault(file, line, None, expected, got, sheet=member))

    try:
        parser.parse(io.BytesIO(data))
    except _Bounds as error:
        raise fault("an XML file of a usual size", str(error)) from None
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: None)()
        raise fault("well-formed XML", shorten(error.getMessage(), 120)[1:-1], line) from None
    except refused as error:
        words = shorten(str(error), 120)[1:-1]
        raise fault("XML without definitions of types and entities", words) from None
    except (LookupError, ValueError) as error:  # an encoding that is unknown, or is another one
        raise fault("XML in UTF-8", shorten(str(error), 120)[1:-1]) from None
    if tree.root is None:
        raise fault("well-formed XML", "nothing")
    return tree.root
