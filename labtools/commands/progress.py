"""Run the visible checks of all your notebooks and show a table.

The folder is mywork/, where `make lab` puts your copies, or exercises/ if that is not there.
Points are those of the visible checks; grading tries further inputs.
"""

import argparse
from pathlib import Path

from labtools.commands import releases
from labtools.commands.check import add_release, add_timeout, running
from labtools.commands.checking import Result, Status, check, functions
from labtools.commands.main import CommandError
from labtools.commands.opening import opened
from labtools.commands.telling import done, shortened, width

FOLDERS = ("mywork", releases.FOLDER)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `labtools progress` takes."""
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER")
    add_release(parser)
    add_timeout(parser)


def run(args: argparse.Namespace) -> int:
    """Show the table, a row as soon as it is known; always 0."""
    folder = args.folder or next((Path(f) for f in FOLDERS if Path(f).is_dir()), None)
    if folder is None or not folder.is_dir():
        raise CommandError(f"no folder {folder or ' and no folder '.join(FOLDERS)} here")
    released = releases.folder_of(folder / "any", args.release)
    names = [path.stem for path in releases.notebooks(released)] if released else []
    found = notebooks(folder, names)
    if not found:
        raise CommandError(f"{folder}: no notebooks of exercises in it")
    longest = max(len(name) for name in found)
    print(f"{'exercise':<{longest}}  {'functions':>9}  {'points':>7}  {'bugs':>5}  next")
    everything: list[Result] = []
    for name, path in found.items():
        running(name)
        results, note = results_of(path, args)
        running("")
        print(row(name, results, note or following(results), longest))
        everything += results
    if everything:
        print(row("in all", everything, "", longest))
    return 0


def notebooks(folder: Path, names: list[str]) -> dict[str, Path | None]:
    """dict of exercise to its notebook in ``folder``, None if it is not there.

    Where no releases are known, every notebook in it.
    """
    there = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    there |= {path.stem: path for path in releases.notebooks(folder)}
    return {name: there.get(name) for name in names} if names else dict(there)


def results_of(path: Path | None, args: argparse.Namespace) -> tuple[list[Result], str]:
    """The results of a notebook; or none, and why."""
    if path is None:
        return [], "there is no notebook"
    try:
        notebook = opened(path, args.release)
    except CommandError as error:
        return [], str(error).removeprefix(f"{path}: ").partition("\n")[0]
    if not functions(notebook.cells):
        return [], "this notebook has no checks"
    return check(notebook, seconds=args.timeout)[0], ""


def following(results: list[Result]) -> str:
    """What to do next: the first that is not done, and what is wrong with it."""
    left = sorted(
        (result for result in results if result.status is not Status.DONE),
        key=lambda result: result.points is None,  # what carries points comes first
    )
    if not left:
        return "all done"
    return f"{left[0].name}: {left[0].failure.title}" if left[0].failure else left[0].name


def row(name: str, results: list[Result], last: str, longest: int) -> str:
    """A line of the table."""
    graded = [result for result in results if result.points is not None]
    hunts = [result for result in results if result.points is None]
    worth = sum(result.points or 0 for result in graded)
    cells = [
        f"{name:<{longest}}",
        f"{done(graded) if graded else '':>9}",
        f"{f'{sum(r.earned for r in graded):g}/{worth:g}' if graded else '':>7}",
        f"{done(hunts).replace(' of ', '/') if hunts else '':>5}",
        last,
    ]
    return shortened("  ".join(cells).rstrip(), width())
