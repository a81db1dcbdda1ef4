"""Files written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a file; what stood there stays if the writing fails, and readers never see a half.

    The bytes go to a new file beside it, which then takes its place. Where `path` is a link, the
    link is replaced, not what it leads to; a device such as ``/dev/stdout`` is written to.

    Raises
    ------
    FileNotFoundError
        If the folder of the file does not exist.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "This folder does not exist", str(path.parent))
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    part = path.with_name(f".camdata-{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:  # made here: it is nobody's link
            file.write(data)
        if path.exists():
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
