"""What the course costs, how fast its parts are and how close training comes to the floor.

`make bench` measures everything; `python benchmarks/bench.py floors checks` only these parts.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import floors
import speed
import to_the_floor
import verdict

ROOT = Path(__file__).parents[1]


def row(what: str, *measured: str) -> None:
    """One line of the result, as soon as it is known."""
    print(f"{what:<52}" + "".join(f" {value:>12}" for value in measured), flush=True)


def versus(rows: list[speed.Row], unit: str, scale: float) -> None:
    """Ours, theirs, and their quotient: above 1, ours is faster or smaller."""
    for it in rows:
        ours, theirs = (f"{scale * value:.1f} {unit}" for value in (it.ours, it.theirs))
        row(it.name, ours, theirs, f"× {it.ratio:.2f}")


def training() -> None:
    """Seconds of training, and loss / floor."""
    for name, objective in to_the_floor.OBJECTIVES.items():
        took, ratio = to_the_floor.train(objective)
        row(f"to the floor: {name}", f"{took:.0f} s", f"{ratio:.4f}")


def speeds() -> None:
    """Ours against nanoGPT's design and Hugging Face's GPT-2."""
    versus(speed.training_steps(), "ms", 1e3)
    versus(speed.generation(), "ms", 1e3)
    versus(speed.memory(), "MB", 1)


def checks() -> None:
    """Seconds until a check has its verdict."""
    for name, took in verdict.verdicts().items():
        row(f"verdict of a check: {name}", f"{took:.2f} s")


def sources() -> None:
    """Seconds for the floors of 10,000 sequences of 64."""
    for name, took in floors.floors().items():
        row(f"floor of 10,000 × 64: {name}", f"{took:.2f} s")


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def course() -> None:
    """Set up, build, release, grade, in a fresh clone with a new .venv; then again; then parts."""
    with tempfile.TemporaryDirectory() as folder:
        _times_of_a_clone(Path(folder))


def _times_of_a_clone(folder: Path) -> None:
    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")

    run("git", "clone", "--quiet", str(ROOT), ".")
    row("make course, fresh", f"{seconds(lambda: run('make', 'course')):.0f} s")
    row("make course, again", f"{seconds(lambda: run('make', 'course')):.1f} s")
    for built in ("html", ".doctrees", ".jupyter_cache"):
        shutil.rmtree(folder / "_build" / built)
    row("book, cold", f"{seconds(lambda: run('make', 'book')):.0f} s")
    row("book, warm", f"{seconds(lambda: run('make', 'book')):.1f} s")
    execute = [".venv/bin/jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout"]
    for notebook in sorted(folder.glob("solutions/*/*.ipynb")):
        took = seconds(partial(run, *execute, str(notebook)))
        row(f"solution notebook {notebook.stem}", f"{took:.0f} s")


def grading() -> None:
    """A class of 60 by stock nbgrader and by `labtools grade`, then what grading costs at size."""
    import class_of_sixty  # and with it nbgrader, which takes seconds

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = class_of_sixty.by_labtools(class_of_sixty.make(folder / "labtools"))
        theirs = class_of_sixty.by_stock(folder / "stock")
        demos = class_of_sixty.demonstrations(folder / "demos")
        number = len(class_of_sixty.the_class())
        for what, longer in (("", 0), (", with demonstrations, at least", demos)):
            took = theirs.seconds + longer
            grading_row(f"class of {number}: stock nbgrader{what}", took, number)
            row(f"class of {number}: times faster{what}", f"× {took / ours.seconds:.1f}")
        grading_row(f"class of {number}: labtools grade", ours.seconds, number)
        cells = class_of_sixty.of_cells(folder / "labtools")
        row("  of it, computing", f"{ours.cpu_seconds:.0f} s")
        row("  of that, in the cells themselves", f"{cells:.0f} s")
        for kind, mb in class_of_sixty.memory(folder / "memory").items():
            row(f"memory of one submission beyond what is shared: {kind}", f"{mb:.0f} MB")
        for size, cost in class_of_sixty.growth(folder / "growth").items():
            grading_row(f"a class of {size} in a short exercise", cost.seconds, size)
            row("  coordinator, peak", f"{cost.peak_mb:.0f} MB")


def grading_row(what: str, took: float, number: int) -> None:
    """Seconds for a class, and for each submission in it."""
    row(what, f"{took:.0f} s", f"{took / number:.2f} s each")


PARTS = {
    "sources": sources,
    "checks": checks,
    "speeds": speeds,
    "training": training,
    "course": course,
    "grading": grading,
}


def main() -> None:
    """Measure the parts named on the command line, or all."""
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        raise SystemExit(f"expected parts out of {', '.join(PARTS)}; got {', '.join(unknown)}")
    for part in wanted:
        PARTS[part]()


if __name__ == "__main__":
    main()
