"""A class of 60 graded by stock nbgrader and by `labtools grade`, and what grading costs at size.

The class is one of tests/grading/honest: right answers, mistakes, blanks, ten for each exercise.
Both do all that their command does; ours also writes a page of feedback for everybody.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "grading"))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "grading" / "honest"))

import nbformat
import psutil
import stock
from build_class import fill
from conftest import make_course
from honest_class import EXERCISES, ROOT, Submission, honest_class
from sample_class import RIGHT

EACH = 10  # submissions to each of the six exercises
MB = 2**20


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Args:
        seconds: By the clock.
        cpu_seconds: Of all cores of this machine, whoever used them.
        peak_mb: The most memory that the command's own process held.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_mb, other.peak_mb),
        )


def cost(command: list[object], folder: Path, during: Callable = lambda process: None) -> Cost:
    """Run a command in a folder; RuntimeError with what it said if it fails."""
    with (folder / "log").open("w+") as log:
        began, busy = time.perf_counter(), busy_seconds()
        process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdout=log, stderr=log, env=environment()
        )
        during(process)
        _, status, used = os.wait4(process.pid, 0)
        seconds, computed = time.perf_counter() - began, busy_seconds() - busy
        if status:
            log.seek(0)
            raise RuntimeError(f"{command} failed:\n{log.read()}")
    return Cost(seconds, computed, used.ru_maxrss * 1024 / MB)


def busy_seconds() -> float:
    """CPU seconds of this machine so far; what nobody waits for is counted nowhere else."""
    times = psutil.cpu_times()
    return times.user + times.system + times.nice


def environment() -> dict[str, str]:
    """One thread for each kernel, as grading has it: on two cores that is faster for both."""
    return {**stock.environment(), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def the_class() -> list[Submission]:
    """Its submissions."""
    return [it for name in EXERCISES for it in honest_class(name, EACH)]


def by_stock(folder: Path) -> Cost:
    """Stock nbgrader, one exercise after the other; demonstrations are taken out before."""
    stock.make_course(folder, EXERCISES)
    stock.hand_in(folder, the_class())
    command = [sys.executable, "-m", "nbgrader", "autograde"]
    return total(cost([*command, name], folder) for name in EXERCISES)


def demonstrations(folder: Path) -> float:
    """Seconds, at least, that stock nbgrader takes longer for the class with its demonstrations.

    One submission to each exercise that is right everywhere is timed, for all in the class that
    are; theirs run to the end. What the others' take is not counted.
    """
    longer = 0.0
    for name in EXERCISES:
        took = []
        for demos in (False, True):
            course = stock.make_course(folder / f"{name}-{demos}", [name], demos)
            stock.hand_in(course, [complete(name)], demos)
            command = [sys.executable, "-m", "nbgrader", "autograde", name]
            took.append(cost(command, course).seconds)
        longer += sum(map(is_complete, honest_class(name, EACH))) * (took[1] - took[0])
    return longer


def complete(exercise: str) -> Submission:
    """A submission that is right everywhere."""
    for it in honest_class(exercise, 100):
        if is_complete(it):
            return it
    raise LookupError(f"nobody is right everywhere in {exercise}")


def is_complete(it: Submission) -> bool:
    """Whether a submission has an answer everywhere, and all of them right."""
    return bool(it.expected) and all(it.expected.values())


def by_labtools(folder: Path) -> Cost:
    """`labtools grade`, all exercises in one run, with its sandbox."""
    for it in the_class():
        it.write(folder / "submitted")
    return cost(grade(EXERCISES, folder), folder)


def grade(exercises: Iterable[str], folder: Path, course: Path = ROOT) -> list[object]:
    """The command for the submissions in `folder`."""
    command = [sys.executable, "-m", "labtools.commands", "grade", *exercises]
    places = ["--course", course, "--submitted", folder / "submitted", "--output", folder]
    return [*command, *places]


def total(costs: Iterable[Cost]) -> Cost:
    """Their sum."""
    return sum(costs, Cost(0, 0, 0))


def of_cells(folder: Path) -> float:
    """CPU seconds that the cells of a class graded in `folder` took, in both processes."""
    paths = folder.glob("autograded/*/*/*.ipynb")
    told = (nbformat.read(path, as_version=4).metadata.labtools for path in paths)
    return sum(it.usage.cpu_seconds for it in told)


def growth(folder: Path, numbers: tuple[int, ...] = (10, 100, 1000)) -> dict[int, Cost]:
    """The cost of classes of different sizes, all right, in an exercise of two short functions."""
    course = make_course(make(folder / "course"))
    found = {}
    for number in numbers:
        place = make(folder / str(number))
        hand_in_right(course, place, number)
        found[number] = cost(grade(["ex"], place, course), place)
    return found


def hand_in_right(course: Path, folder: Path, number: int) -> None:
    """Submissions to the exercise of tests/grading/conftest.py."""
    given = nbformat.read(course / "exercises" / "ex" / "ex.ipynb", as_version=4)
    text = nbformat.writes(fill(given, RIGHT))
    for i in range(number):
        path = make(folder / "submitted" / f"s{i:04d}" / "ex") / "ex.ipynb"
        path.write_text(text)


def make(folder: Path) -> Path:
    """The folder, which is there now."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def memory(folder: Path, exercise: str = "ch03_clm") -> dict[str, float]:
    """The most memory, in MB, that one process of each kind held for itself alone.

    The kinds are those in which one submission is graded: "checks" and "box". What they share with
    the warm process that they were forked from does not count.
    """
    make(folder)
    for it in honest_class(exercise, EACH):
        it.write(folder / "submitted")
    most: dict[str, float] = {}
    watching: list[threading.Thread] = []

    def watch(process: subprocess.Popen) -> None:
        watching.append(threading.Thread(target=sample, args=(process.pid, most)))
        watching[0].start()

    cost(grade([exercise], folder), folder, watch)
    watching[0].join()
    return most


def sample(pid: int, most: dict[str, float]) -> None:
    """Look at the processes under a command until it ends."""
    with contextlib.suppress(psutil.NoSuchProcess):
        command = psutil.Process(pid)
        while command.status() != psutil.STATUS_ZOMBIE:
            for process in command.children(recursive=True):
                with contextlib.suppress(psutil.Error):  # it has ended
                    if kind := kind_of(process):
                        mb = process.memory_full_info().uss / MB
                        most[kind] = max(most.get(kind, 0), mb)
            time.sleep(0.02)


def kind_of(process: psutil.Process) -> str | None:
    """The part of grading that a process does; a fork has the words of what it was forked from."""
    words, parent = process.cmdline(), process.parent()
    if parent is None or words != parent.cmdline():
        return None
    return "checks" if any("running.zygote" in word for word in words) else "box"
