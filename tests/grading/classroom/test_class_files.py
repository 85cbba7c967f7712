"""The files of a submission that come along, and how they are read."""

import os

import pytest
from classes import grade, hand_in

from labtools.grading.preflight import short_text, stated_time

SECRET = "0123abcd" * 16
TIME = "2026-03-01 11:59:07.250000 UTC"


def slips_of(course, step):
    folder = course / step / "ada" / "ex"
    return {path.name: path.read_text() for path in folder.glob("*.txt")}


@pytest.mark.parametrize("step", ["autograded", "feedback"])
def test_what_release_feedback_asks_for_comes_along(course, step):
    hand_in(course, {"ada": "right"})
    folder = course / "submitted" / "ada" / "ex"
    (folder / "timestamp.txt").write_text(TIME)
    (folder / "submission_secret.txt").write_text(SECRET)
    (folder / "other.txt").write_text("mine")
    assert grade(course) == 0
    assert slips_of(course, step) == {"timestamp.txt": TIME, "submission_secret.txt": SECRET}


def test_what_is_no_time_and_no_secret_does_not(course):
    hand_in(course, {"ada": "right"})
    folder = course / "submitted" / "ada" / "ex"
    (folder / "timestamp.txt").write_text("<script>now</script>")
    (folder / "submission_secret.txt").symlink_to("/etc/passwd")
    assert grade(course) == 0
    assert slips_of(course, "autograded") == slips_of(course, "feedback") == {}


def test_a_link_a_pipe_and_an_endless_file_have_no_text(tmp_path):
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "endless").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_text("7" * 5000)
    names = ("link", "endless", "pipe", "nowhere", "long")
    assert [len(short_text(tmp_path / name)) for name in names] == [0, 0, 0, 0, 1000]
    assert stated_time(tmp_path / "endless") is None
