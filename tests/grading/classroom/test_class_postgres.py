"""A gradebook in PostgreSQL, with two coordinators at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from classes import grade, hand_in, many, points, scores
from gradebook_dump import dump
from pg_server import server

HERE = Path(__file__).parent
COORDINATOR = """
import sys
sys.path[:0] = {paths!r}
from stand_in import dask_setup
from labtools.commands import main
dask_setup(None)
sys.exit(main(["grade", *sys.argv[1:]]))
"""


@pytest.fixture(scope="module")
def database():
    """A function from the name of a new database to its URL."""
    with server() as make:
        yield make


def start(course, url, *options):
    """`labtools grade` with the stand-in, in a process of its own."""
    paths = [str(HERE), str(HERE.parent), str(HERE.parents[2])]
    arguments = ["ex", "--course", course, "--db-url", url, "--seed", "1", *options]
    return subprocess.Popen(
        [sys.executable, "-c", COORDINATOR.format(paths=paths), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_two_coordinators_of_one_gradebook(course, database, tmp_path):
    """Each has half of the class, and some students both; the gradebook is new to both."""
    url, students = database("two"), many(20)
    hand_in(course, students)
    names = list(students)
    halves = (names[:12], names[8:])
    running = [
        start(course, url, "--output", tmp_path / str(number), "--student", *half)
        for number, half in enumerate(halves)
    ]
    for each in running:
        said, _ = each.communicate(timeout=300)
        assert each.returncode == 0, said
    assert scores(url) == points(students)

    alone = f"sqlite:///{course / 'gradebook.db'}"
    assert grade(course, "--seed", "1") == 0
    assert dump(url) == dump(alone)


def test_a_second_run_has_nothing_to_do(course, database, capsys):
    url = database("again")
    hand_in(course, many(3))
    for _ in range(2):
        assert grade(course, "--db-url", url) == 0
    said = capsys.readouterr().out
    assert "3 had their grade already" in said
    assert "gradebook   postgresql+psycopg2://grader@/again" in said


def test_a_server_that_is_not_there(course, capsys):
    hand_in(course, {"ada": "right"})
    assert grade(course, "--db-url", "postgresql://grader@/x?host=/nowhere") == 2
    assert "the gradebook cannot be opened" in capsys.readouterr().err
