"""A scheduler and workers in processes of their own, on loopback, and what may happen to them."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from classes import grade, hand_in, many, points, scores
from stand_in import LOG, SLOW

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def environment(log, seconds):
    """Of all processes: the stand-in can be imported, and each task takes `seconds`."""
    paths = [str(HERE), str(HERE.parent), str(ROOT)]
    return {**os.environ, "PYTHONPATH": ":".join(paths), LOG: str(log), SLOW: str(seconds)}


@contextmanager
def process(*command, env):
    """A process that does not outlive the test."""
    started = subprocess.Popen(
        [sys.executable, "-m", *map(str, command)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def seen(running, pattern):
    """Wait for a line in which `pattern` is found; returns its last group."""
    lines = []
    for line in running.stdout:
        lines.append(line)
        if found := re.search(pattern, line):
            return found[found.re.groups]
    raise AssertionError("".join(lines))


@pytest.fixture
def cluster(tmp_path):
    """A function that starts workers; returns address and process of their scheduler, and them."""
    with ExitStack() as stack:

        def start(workers, seconds):
            env = environment(tmp_path / "log", seconds)
            scheduler = stack.enter_context(
                process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0,
                        "--no-dashboard", env=env)
            )  # fmt: skip
            address = seen(scheduler, r"Scheduler at: +(tcp://127\.0\.0\.1:\d+)")
            options = ["--no-nanny", "--no-dashboard", "--nthreads", 1, "--memory-limit", 0]
            options += ["--local-directory", tmp_path, "--preload", HERE / "stand_in.py"]
            running = [
                stack.enter_context(
                    process("distributed.cli.dask_worker", address, *options, env=env)
                )
                for _ in range(workers)
            ]
            for worker in running:
                seen(worker, "Registered to")
            return address, scheduler, running

        yield start


def coordinator(course, address, tmp_path, *options):
    """`labtools grade` in a process of its own."""
    arguments = ["--course", course, "--scheduler", address, *options]
    return process("labtools.grading", "ex", *arguments, env=environment(tmp_path / "log", 0))


def runs(tmp_path):
    """list of (student, worker) in the order in which tasks began."""
    path = tmp_path / "log"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(student, int(worker)) for student, worker in map(str.split, lines)]


def until(true, seconds=120):
    """Wait for `true()`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def rows(course):
    """How many grades of ours the gradebook has."""
    try:
        with closing(sqlite3.connect(course / "gradebook.db")) as database:
            return database.execute("select count(*) from labtools_graded").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_whatever_dies_in_the_middle_nothing_is_lost(course, cluster, tmp_path):
    """First the coordinator, which then goes on; then a worker; last the scheduler."""
    students, url = many(16), f"sqlite:///{course / 'gradebook.db'}"
    hand_in(course, students)
    address, scheduler, (one, other) = cluster(2, seconds=0.3)

    with coordinator(course, address, tmp_path) as run:
        until(lambda: rows(course) >= 3)
        run.send_signal(signal.SIGKILL)
        run.wait()
    done = rows(course)
    assert done < len(students)
    before = len(runs(tmp_path))

    with coordinator(course, address, tmp_path) as run:
        until(lambda: len(runs(tmp_path)) > before + 2)
        one.kill()  # while it has a task
        said, _ = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert scores(url) == points(students)
    assert f"{done} had their grade already" in said
    again = runs(tmp_path)[before:]
    assert len({student for student, _ in again}) == len(students) - done
    assert len(again) > len(students) - done  # what it had begun was begun again
    assert {worker for _, worker in again[-2:]} == {other.pid}

    with coordinator(course, address, tmp_path, "--regrade") as run:
        before = len(runs(tmp_path))
        until(lambda: len(runs(tmp_path)) > before + 2)
        scheduler.kill()
        said, _ = run.communicate(timeout=300)
    assert run.returncode == 1, said
    assert "the scheduler went away" in said
    assert scores(url) == points(students)


def test_no_workers(course, capsys, monkeypatch):
    monkeypatch.setattr("labtools.grading.classroom.scheduling.PATIENCE", 0.5)
    hand_in(course, {"ada": "right"})
    assert grade(course, "--scheduler", "tcp://127.0.0.1:9") == 2
    assert "no workers at tcp://127.0.0.1:9" in capsys.readouterr().err
