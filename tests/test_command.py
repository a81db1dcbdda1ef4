"""``python -m camdata``: what it prints and writes, and how it ends."""

import contextlib
import errno
import io
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import camdata as cam
from camdata.__main__ import main

QUICK = ["--resamples", "19"]


def announced(printed):
    """Return the files that the command says it wrote."""
    files = set()
    for kinds, names in re.findall(r"\((.+?)\): (.+)", printed.partition("\nWrote to ")[2]):
        for suffix in re.split(" and |, ", kinds):
            files |= {f"{name}.{suffix.lower()}" for name in names.split(", ")}
    return files


def table(*rows):
    return "actor,code\n" + "".join(f"{row}\n" for row in rows)


def two_camps(path):
    """Write a small folder of two camps, and of one actor who says nothing."""
    rows = [f"{actor},{code}" for actor in "ABC" for code in ("p", "q", "r")]
    rows += [f"{actor},{code}" for actor in "DEF" for code in ("x", "y", "z")]
    path.mkdir()
    (path / "statements.csv").write_text(table(*rows))
    (path / "actors.csv").write_text("actor\n" + "\n".join("ABCDEFZ") + "\n")
    return path


@pytest.fixture
def folder(tmp_path):
    return two_camps(tmp_path / "mine")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Run the command once; return the meeting, the folder and what was printed."""
    path, printed = two_camps(tmp_path_factory.mktemp("command") / "mine"), io.StringIO()
    out = path.parent / "out"
    with contextlib.redirect_stdout(printed):
        assert main([str(path), *QUICK, "--measure", "dice", "--out", str(out)]) == 0
    return cam.load_meeting(path), out, printed.getvalue()


def test_the_verdict_is_said_before_any_table_and_is_that_of_the_library(written):
    universe = cam.multiverse(written[0], n_resamples=19)
    words, verdict, summary = (
        " ".join(text.split()) for text in (written[2], universe.verdict, universe.summary)
    )
    assert words.startswith(f"{verdict} Meeting")
    assert words.count(verdict) == 1
    assert f"Over all choices {summary.removeprefix(verdict).strip()}" in words


def test_the_level_is_named_and_the_same_throughout(written):
    printed = written[2]
    assert "Positions by code" in printed
    assert "Clusters of shared recorded positions, by code" in printed
    assert "by dimension" not in printed


def test_the_options_reach_the_tables(written):
    expected = cam.agreement(written[0].tally(), "dice").frame
    found = pd.read_csv(written[1] / "agreement.csv", index_col=0)
    pd.testing.assert_frame_equal(found, expected, check_names=False)
    assert "19 random tables" in written[2]


def test_nothing_missing_or_negative_is_printed_as_a_program_would(written):
    assert "<NA>" not in written[2]
    assert not re.search(r"(?<![\w-])-\d", written[2])


def test_the_command_writes_the_files_that_it_names_and_no_others(written):
    _, out, printed = written
    files = announced(printed)
    assert {"positions.png", "agreement.svg", "clusters.csv", "specifications.csv"} <= files
    assert {path.name for path in out.iterdir()} == files


def test_the_files_are_what_they_are_called(written):
    _, out, _ = written
    marks = {".png": b"\x89PNG", ".svg": b"<?xml", ".html": b"<!doctype html>"}
    for path in out.iterdir():
        data = path.read_bytes()
        assert data
        if path.suffix in marks:
            assert data.lower().startswith(marks[path.suffix].lower())


def test_the_positions_are_the_meetings(written):
    meeting, out, _ = written
    positions = pd.read_csv(out / "positions.csv", index_col="actor").astype("Int8")
    expected = meeting.positions()
    pd.testing.assert_frame_equal(positions, expected, check_names=False)


def test_every_placed_actor_is_in_the_printed_clusters_once(written):
    clusters = written[2].partition("Clusters of shared")[2].partition("Over all choices")[0]
    rows = " ".join(" ".join(re.findall(r"(?ms)^\d+\. (.*?)^   dist", clusters)).split())
    for actor in written[0].positions().index.drop("Z"):
        assert rows.count(f"{actor} (3)") == 1
    assert "Unplaced: Z" in clusters


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--coder", "nobody"], "`coder`"),
        (["--clusters", "4711"], "cannot be cut into 4711 clusters"),
        (["--clusters", "-1"], "`n_clusters`"),
        (["not-there"], "nothing there"),
    ],
)
def test_a_wrong_option_ends_with_two_and_one_message(options, message, tmp_path, capsys):
    assert main([*options, "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_advice_that_is_for_python_says_so(tmp_path, capsys):
    votes = pd.DataFrame({"Diputado": ["A", "B"], "Ley 1": ["sí", "no"], "Ley 2": ["no", "no"]})
    votes.to_csv(tmp_path / "votos.csv", index=False)
    for command, ends in (([], 2), (["check"], 1)):
        assert main([*command, str(tmp_path / "votos.csv")]) == ends
        assert capsys.readouterr().err.endswith(
            "Arguments such as these are for Python: cam.read_table and cam.read_wide, not this "
            "command.\n"
        )


def test_two_coders_are_named_by_an_option(tmp_path, capsys):
    rows = [f"{a},{c},{who}" for who in ("Ann", "Bo") for a in "AB" for c in "pq"]
    path = tmp_path / "two.csv"
    path.write_text("actor,code,coder\n" + "\n".join(rows) + "\n")
    assert main([str(path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.endswith("--coder NAME, once for each of them.\n")
    assert main([str(path), "--coder", "Ann", *QUICK, "--out", str(tmp_path / "out")]) == 0


def test_a_folder_at_fault_lists_its_faults_and_ends_with_two(folder, tmp_path, capsys):
    (folder / "statements.csv").write_text(table("A,p", ",p", "B,"))
    assert main([str(folder), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "2 faults" in error
    assert "line 3" in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (["A,p"], []),
        pytest.param(["A,p", "B,p"], ["--measure", "congruence"], marks=pytest.mark.slow),
        pytest.param(["A,p", "A,q", "B,p"], ["--measure", "s"], marks=pytest.mark.slow),
    ],
)
def test_whatever_can_be_read_ends_without_a_traceback(rows, options, folder, tmp_path):
    (folder / "statements.csv").write_text(table(*rows))
    assert main([str(folder), *QUICK, *options, "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize("options", [["--coder", "definitions_only"], ["--clusters", "3"]])
@pytest.mark.slow
def test_options_of_the_bundled_meeting(options, tmp_path):
    assert main([*QUICK, *options, "--out", str(tmp_path)]) == 0


def test_nothing_recorded_is_said(folder, tmp_path, capsys):
    (folder / "statements.csv").write_text(table())
    assert main([str(folder), "--out", str(tmp_path / "out")]) == 2
    assert "nothing to show" in capsys.readouterr().err


def test_an_ordinal_meeting_is_shown_on_its_scale(folder, tmp_path, capsys):
    rows = ["A,p,1", "A,q,0", "B,p,1", "B,q,-1"]
    (folder / "statements.csv").write_text("actor,code,stance\n" + "\n".join(rows) + "\n")
    (folder / "datapackage.json").write_text('{"stances": [1, 0, -1]}')
    assert main([str(folder), *QUICK, "--out", str(tmp_path / "out")]) == 0
    assert "the level, the mean of several" in capsys.readouterr().out


# what the disk may do


def test_a_file_in_the_way_ends_with_two(folder, tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    assert main([str(folder), *QUICK, "--out", str(tmp_path / "out")]) == 2
    assert "Cannot write" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "in the way"


def test_a_disk_that_fills_up_leaves_nothing_half_written(folder, tmp_path, monkeypatch, capsys):
    def full(self, *arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    assert main([str(folder), *QUICK, "--out", str(tmp_path / "out")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not any((tmp_path / "out").iterdir())


def run(*arguments, most=None, **options):
    """Run the command as a user does; with `most`, no file may have more bytes than that."""

    def limited():
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "camdata", *map(str, arguments)],
        encoding="utf-8",
        errors="replace",
        check=False,
        preexec_fn=limited,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 20_000])
def test_whatever_file_is_too_large_for_the_disk_none_is_written(most, folder, tmp_path):
    (folder / "statements.csv").write_text(table("A,p", "B,q"))
    done = run(folder, "--out", tmp_path / "out", most=most)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Cannot write or read: File too large"
    assert "Traceback" not in done.stderr
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_an_output_that_cannot_be_printed_ends_with_two():
    with open("/dev/full", "w") as full:
        done = run("cite", stdout=full)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["Cannot write or read: No space left on device"]


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_to_is_named(code, folder, tmp_path, monkeypatch, capsys):
    def refused(self, *arguments, **keywords):
        raise OSError(code, os.strerror(code), str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    assert main([str(folder), "--out", str(tmp_path / "out")]) == 2
    expected = f"Cannot write or read {tmp_path / 'out'}: {os.strerror(code)}\n"
    assert capsys.readouterr().err == expected
    assert not (tmp_path / "out").exists()


def test_a_folder_in_the_place_of_an_output_leaves_all_others_as_they_were(
    folder, tmp_path, capsys
):
    (folder / "statements.csv").write_text(table("A,p", "B,q"))
    (tmp_path / "out" / "tally.csv").mkdir(parents=True)
    (tmp_path / "out" / "agreement.csv").write_text("of an earlier run")
    assert main([str(folder), *QUICK, "--out", str(tmp_path / "out")]) == 2
    assert "tally.csv is a folder" in capsys.readouterr().err
    assert (tmp_path / "out" / "agreement.csv").read_text() == "of an earlier run"
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_name_that_the_console_cannot_show_stops_nothing(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = run("check", two_camps(tmp_path / "Łódź"), env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u0141" in done.stdout


# new and check


def test_new_makes_a_folder_and_check_says_what_is_left(tmp_path, capsys):
    (tmp_path / "report.txt").write_text("Canada spoke.\n\nNobody else did.\n")
    (tmp_path / "names.txt").write_text("Canada\nPeru\n")
    arguments = ["new", str(tmp_path / "mine"), "--report", str(tmp_path / "report.txt")]
    assert main([*arguments, "--actors", str(tmp_path / "names.txt")]) == 0
    printed = capsys.readouterr().out
    assert "GUIDE.md says how to go on" in printed
    assert main(["check", str(tmp_path / "mine")]) == 0
    printed = capsys.readouterr().out
    assert "No faults in" in printed
    assert "actors without a statement: Canada, Peru" in printed
    assert main([*arguments]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_new_for_a_second_coder(tmp_path, capsys):
    cam.io.write_folder(cam.load_meeting(), tmp_path / "first")
    arguments = ["new", str(tmp_path / "second"), "--second-coder-of", str(tmp_path / "first")]
    assert main(arguments) == 0
    assert cam.load_meeting(tmp_path / "second").statements.empty
    assert "second coder" in capsys.readouterr().out


def test_new_takes_several_texts(tmp_path):
    for name in ("monday", "tuesday"):
        (tmp_path / f"{name}.txt").write_text(f"{name} words.\n")
    texts = [str(tmp_path / "monday.txt"), str(tmp_path / "tuesday.txt")]
    assert main(["new", str(tmp_path / "mine"), "--report", *texts]) == 0
    assert list(cam.load_meeting(tmp_path / "mine").texts) == ["monday", "tuesday"]


def test_new_without_a_readable_report_ends_with_two(tmp_path, capsys):
    assert main(["new", str(tmp_path / "mine"), "--report", str(tmp_path / "none.txt")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 1000, 3000])
def test_new_makes_the_whole_folder_or_none_of_it(most, tmp_path):
    (tmp_path / "report.txt").write_text("Canada spoke.\n")
    arguments = ["new", tmp_path / "mine", "--report", tmp_path / "report.txt"]
    done = run(*arguments, most=most)
    assert (done.returncode, done.stderr) == (2, "Cannot write or read: File too large\n")
    assert not (tmp_path / "mine").exists()
    assert main([str(argument) for argument in arguments]) == 0
    assert cam.load_meeting(tmp_path / "mine").text == "Canada spoke.\n"


def test_new_writes_its_guide_with_the_rest(tmp_path, monkeypatch, capsys):
    (tmp_path / "report.txt").write_text("Canada spoke.\n")
    write = Path.write_bytes

    def full(path, data):
        if path.name == "GUIDE.md":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["new", str(tmp_path / "mine"), "--report", str(tmp_path / "report.txt")]) == 2
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("name", "names", "message"),
    [
        (".hidden", "Canada\n", "a name that can be a file's; got '.hidden'"),
        ("other", 'actor,x\nA,b,c\n"B\n', "line 3: expected a CSV file"),
        ("other", "actor,x\nA,b,c\n", "line 2: expected 2 cells"),
    ],
)
def test_new_refuses_what_it_could_not_read_again(name, names, message, tmp_path, capsys):
    for text in ("report", name):
        (tmp_path / f"{text}.txt").write_text("Canada spoke.\n")
    (tmp_path / "names.csv").write_text(names)
    arguments = ["new", str(tmp_path / "mine"), "--actors", str(tmp_path / "names.csv")]
    texts = [str(tmp_path / "report.txt"), str(tmp_path / f"{name}.txt")]
    assert main([*arguments, "--report", *texts]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_check_ends_with_one_and_all_faults(folder, capsys):
    (folder / "statements.csv").write_text(table("A,p", ",p"))
    assert main(["check", str(folder)]) == 1
    assert "line 3, column actor" in capsys.readouterr().err


def test_check_of_a_sound_meeting_ends_with_zero(folder, capsys):
    assert main(["check", str(folder)]) == 0
    assert "No faults in" in capsys.readouterr().out
