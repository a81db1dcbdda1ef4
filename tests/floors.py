"""Print the oldest versions that are supported, as pip takes them: ``python tests/floors.py``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
EXTRAS = ("networks", "excel", "qda", "engines")


def floors() -> list[str]:
    """Return ``name==version`` for every dependency at run time, those of the extras included."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for name in EXTRAS for line in extras.get(name, ()))]
    found = [re.match(r"([\w.-]+)(?:\[.*\])?>=([\w.]+)", line) for line in wanted]
    return [f"{match[1]}=={match[2]}" for match in found if match]


if __name__ == "__main__":
    print("\n".join(floors()))
