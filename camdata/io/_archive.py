"""A ZIP archive of another program, read within bounds; nothing is unpacked to disk."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from camdata._display.words import shorten
from camdata.io._common import Unreadable
from camdata.model.errors import Fault

MAX_MEMBERS = 100_000
"""Files that an archive may hold."""

MAX_TOTAL = 1_000_000_000
"""Bytes that are unpacked of all the files that are read; texts of a project, not its films."""

MAX_RATIO = 200
"""How much longer than its packed form a file of more than a million bytes may be.

Text shrinks to a tenth, XML to a fiftieth; a bomb to a thousandth.
"""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,  # a way of packing that Python does not know
    RuntimeError,
    ValueError,
    OverflowError,
)


class Archive:
    """The files of an open archive by their names; see `open_archive`."""

    def __init__(self, file: zipfile.ZipFile, name: str) -> None:
        self.name = name
        self._file = file
        self._left = MAX_TOTAL
        members = [info for info in file.infolist() if not info.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise self._fault(None, f"at most {MAX_MEMBERS:,} files", f"{len(members):,}")
        self._members: dict[str, list[zipfile.ZipInfo]] = {}
        for info in members:
            parts = info.filename.replace("\\", "/").split("/")
            if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
                name = shorten(info.filename)[1:-1]
                raise self._fault(None, "names of files inside the archive", name)
            self._members.setdefault("/".join(parts).casefold(), []).append(info)

    def _fault(self, member: str | None, expected: str, got: str) -> Unreadable:
        return Unreadable(Fault(self.name, None, None, expected, got, sheet=member))

    @property
    def names(self) -> list[str]:
        """The names of the files, in lower case."""
        return list(self._members)

    def read(self, name: str, most: int) -> bytes:
        """Return what a file holds; its name in any case.

        Raises
        ------
        Unreadable
            If it is there twice, is damaged or encrypted, or unpacks to more than `most` bytes.
        """
        found = self._members[name.casefold()]
        info = found[0]
        if len(found) > 1:
            raise self._fault(info.filename, "each name once", f"{len(found)} files")
        if info.flag_bits & 1:
            raise self._fault(info.filename, "a file that is not encrypted", "an encrypted one")
        most = min(most, self._left)
        if info.file_size > most:
            got = f"{info.file_size:,} bytes"
            raise self._fault(info.filename, f"at most {most:,} bytes", got)
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > 1_000_000 and ratio > MAX_RATIO:
            got = f"{ratio:,.0f} times as many bytes as it is packed in"
            raise self._fault(info.filename, f"at most {MAX_RATIO} times as many", got)
        try:
            with self._file.open(info) as file:
                data = file.read(most + 1)
        except _BROKEN as error:
            words = shorten(str(error) or type(error).__name__, 120)[1:-1]
            raise self._fault(info.filename, "a file that can be unpacked", words) from None
        if len(data) > most:
            raise self._fault(info.filename, f"at most {most:,} bytes", "more")
        self._left -= len(data)
        return data


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive.

    Raises
    ------
    Unreadable
        If it is no ZIP file, is damaged, or names a file outside of itself.
    """
    try:
        file = zipfile.ZipFile(path)
    except _BROKEN as error:
        words = shorten(str(error) or type(error).__name__, 120)[1:-1]
        raise Unreadable(Fault(path.name, None, None, "a ZIP archive", words)) from None
    with file:
        yield Archive(file, path.name)
