"""What the course costs, and how close a model comes to its floor: `make bench`.

The times are of a fresh clone of the last commit in a new folder, with a new .venv, so that they
are what a new user waits. Takes about ten minutes on two cores.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from floor import leak, to_the_floor

ROOT = Path(__file__).parents[1]


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def row(what: str, measured: str) -> None:
    """One line of the result, as soon as it is known."""
    print(f"{what:<44} {measured:>10}", flush=True)


def times_of_a_clone(folder: Path) -> None:
    """Set up, build, release, grade; then again; then the book and the notebook alone."""

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")

    run("git", "clone", "--quiet", str(ROOT), ".")
    row("make course, fresh", f"{seconds(lambda: run('make', 'course')):.0f} s")
    row("make course, again", f"{seconds(lambda: run('make', 'course')):.1f} s")
    shutil.rmtree(folder / "_build" / "html")
    shutil.rmtree(folder / "_build" / ".doctrees")
    shutil.rmtree(folder / "_build" / ".jupyter_cache")
    row("book, cold", f"{seconds(lambda: run('make', 'book')):.0f} s")
    row("book, warm", f"{seconds(lambda: run('make', 'book')):.1f} s")
    execute = [".venv/bin/jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout"]
    notebook = "solutions/ch03_clm/ch03_clm.ipynb"
    row("solution notebook", f"{seconds(lambda: run(*execute, notebook)):.0f} s")


def main() -> None:
    """Print every measure."""
    took, ratio = to_the_floor()
    row("causal model: training", f"{took:.0f} s")
    row("causal model: loss / floor", f"{ratio:.4f}")
    row("leaking model: loss / floor", f"{leak():.4f}")
    with tempfile.TemporaryDirectory() as folder:
        times_of_a_clone(Path(folder))


if __name__ == "__main__":
    main()
