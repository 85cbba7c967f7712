"""Find the exercise that a notebook began as."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labtools.commands.main import CommandError
from labtools.commands.notebooks import Cell, code_cells

FOLDER = "exercises"
HERE = Path(__file__).parents[2]  # the course, where labtools is installed from its folder


@dataclass(frozen=True)
class Release:
    """A released exercise: its name, its file and its code cells."""

    name: str
    path: Path
    cells: list[Cell]

    @property
    def checks(self) -> list[Cell]:
        """The cells that carry points."""
        return [cell for cell in self.cells if cell.check]


def folder_of(path: Path, asked: Path | None) -> Path | None:
    """The folder of releases.

    Args:
        path: a notebook or folder of the learner's.
        asked: what the learner named; None to look above ``path``, above the working folder and
            where labtools comes from.

    Returns:
        Path, or None if there is none.

    Raises:
        CommandError: the folder that was asked for holds no exercise.
    """
    if asked is not None:
        if not any(notebooks(asked)):
            raise CommandError(f"--release {asked}: expected a folder of NAME/NAME.ipynb")
        return asked
    places = [*path.resolve().parents, Path.cwd(), *Path.cwd().parents, HERE]
    return next((p / FOLDER for p in places if any(notebooks(p / FOLDER))), None)


def notebooks(folder: Path) -> Iterator[Path]:
    """The files NAME/NAME.ipynb in a folder, by name."""
    found = (place / f"{place.name}.ipynb" for place in sorted(folder.glob("*/")))
    return (path for path in found if path.is_file())


def all_of(folder: Path) -> list[Release]:
    """Every exercise in the folder of releases."""
    return [Release(path.stem, path, code_cells(path)) for path in notebooks(folder)]


def named(path: Path, folder: Path | None) -> Release | None:
    """The exercise that has the name of the notebook at ``path``, or of the folder it lies in."""
    releases = {release.name: release for release in all_of(folder)} if folder else {}
    return releases.get(path.stem) or releases.get(path.resolve().parent.name)


def alike(path: Path, cells: list[Cell], folder: Path | None) -> Release | None:
    """The exercise that a notebook began as: by its checks and answers, for a file is renamed soon.

    Args:
        path: the notebook.
        cells: its code cells.
        folder: of the releases, or None.

    Returns:
        Release, or None where nothing in the folder is like it.
    """
    if folder is None:
        return None
    mine = ids(cells)
    shared = {release.name: len(mine & ids(release.cells)) for release in all_of(folder)}
    best = max(shared.values(), default=0)
    found = [release for release in all_of(folder) if shared[release.name] == best > 0]
    by_name = named(path, folder)
    return by_name if by_name in found or not found else found[0]


def ids(cells: list[Cell]) -> set[str]:
    """The names of the checks and answers among some cells."""
    return {cell.name for cell in cells if cell.name and (cell.check or cell.answer)}
