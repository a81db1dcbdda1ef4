"""What is written is written whole: a failure leaves what stood there; no link is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

import camdata as cam

MEETING = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"]}))


def write_chart(path: Path) -> None:
    cam.plots.save(cam.plots.positions(MEETING), path)


def write_graph(path: Path) -> None:
    cam.analysis.write_graph(cam.analysis.to_networkx(MEETING.tally()), path)


def write_workbook(path: Path) -> None:
    cam.io.write_excel(MEETING, path)


def write_page(path: Path) -> None:
    cam.write_page(MEETING, path)


WRITERS = {
    "a.svg": write_chart,
    "a.png": write_chart,
    "a.pdf": write_chart,
    "a.gexf": write_graph,
    "a.csv": write_graph,
    "a.xlsx": write_workbook,
    "a.html": write_page,
}
NAMES = pytest.mark.parametrize("name", WRITERS)


@NAMES
def test_a_folder_that_does_not_exist_is_said_in_the_users_terms(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=r"folder does not exist: '.*nodir'$"):
        WRITERS[name](tmp_path / "nodir" / name)


@NAMES
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_bytes(b"old")

    def no_room(source, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", no_room)
        with pytest.raises(OSError, match="No space"):
            WRITERS[name](path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [name]
    WRITERS[name](path)
    assert len(path.read_bytes()) > 30
    assert os.listdir(tmp_path) == [name]


@NAMES
def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / name).symlink_to(secret)
    WRITERS[name](tmp_path / name)
    assert secret.read_bytes() == b"secret"
    assert not (tmp_path / name).is_symlink()


def test_the_rights_of_a_file_stay_and_a_new_one_has_the_usual_ones(tmp_path):
    write_page(tmp_path / "a.html")
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.html").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "a.html").chmod(0o600)
    write_page(tmp_path / "a.html")
    assert (tmp_path / "a.html").stat().st_mode & 0o777 == 0o600


def test_a_device_is_written_to():
    write_page(Path(os.devnull))
    assert not Path(os.devnull).is_file()
