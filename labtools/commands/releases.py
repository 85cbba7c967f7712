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


@dataclass(frozen=True)
class Opened:
    """A learner's notebook.

    Attributes:
        path: its file.
        cells: its code cells, with the release's locked ones in place of its own.
        release: the exercise that it began as, or None if that is not known.
    """

    path: Path
    cells: list[Cell]
    release: Release | None

    @property
    def name(self) -> str:
        """The name of the exercise."""
        return self.release.name if self.release else self.path.stem


def opened(path: Path, asked: Path | None) -> Opened:
    """The notebook at ``path``; ``asked`` is the folder of releases that the learner named.

    Raises:
        CommandError: it is no notebook, or the folder holds no exercise.
    """
    mine = code_cells(path)
    release = alike(path, mine, folder_of(path, asked))
    return Opened(path, merged(mine, release) if release else mine, release)


def merged(cells: list[Cell], release: Release) -> list[Cell]:
    """A notebook with the release's locked cells: those that were changed, and those that are gone.

    A stub that is gone comes back too. So the notebook is graded.
    """
    whole, place = list(cells), 0
    for cell in release.cells:
        names = [mine.name for mine in whole]
        if cell.name is None:
            continue
        if cell.name not in names:
            whole.insert(place, cell)
            place += 1
            continue
        place = names.index(cell.name) + 1
        if cell.locked:
            whole = [cell if mine.name == cell.name else mine for mine in whole]
    return whole
