"""A learner's notebook as it is graded: inside the exercise that it began as."""

from dataclasses import dataclass, replace
from pathlib import Path

from labtools.commands.notebooks import Cell, code_cells, defines, may_define, same_code
from labtools.commands.releases import Release, alike, folder_of

REPEATED = "the cell of {name} is there {n} times; the last one that defines it counts"
ELSEWHERE = "{name} is not written in its own cell; the last cell that defines it counts"


@dataclass(frozen=True)
class Opened:
    """A learner's notebook.

    Attributes:
        path: its file.
        cells: its code cells, as ``merged`` has them if the release is known.
        release: the exercise that it began as, or None.
        notes: what was resolved in it, in sentences.
    """

    path: Path
    cells: list[Cell]
    release: Release | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the exercise."""
        return self.release.name if self.release else self.path.stem


def opened(path: Path, asked: Path | None) -> Opened:
    """The notebook at ``path``; ``asked`` is the folder of releases that the learner named.

    Raises:
        CommandError: it is no notebook, or the folder holds no exercise.
    """
    cells = code_cells(path)
    release = alike(path, cells, folder_of(path, asked))
    if release is None:
        return Opened(path, cells)
    cells, notes = merged(cells, release), []
    for stub in release.cells:
        if stub.answer:
            cells, note = in_place(cells, stub)
            notes += [note] if note else []
    return Opened(path, cells, release, tuple(notes))


def merged(cells: list[Cell], release: Release) -> list[Cell]:
    """A notebook with what the release has and it has not: locked cells that were changed or gone.

    A stub that is gone comes back too.
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


def in_place(cells: list[Cell], stub: Cell) -> tuple[list[Cell], str]:
    """The last cell that defines a function, in the place of its own, and what to say about it.

    Args:
        cells: of a notebook that has the function's own cell.
        stub: the released one.

    Returns:
        (cells, "") as they were where its own cell alone defines it, or none does.
    """
    name = str(stub.name)
    own = [i for i, cell in enumerate(cells) if cell.name == name]
    written = [i for i in own if not same_code(cells[i].source, stub.source)]
    others = [i for i, c in enumerate(cells) if not c.locked and defines(c.source, name)]
    elsewhere = [i for i in others if i not in own]
    # a cell that python cannot read still is the learner's answer, if no other defines it
    found = [i for i in written if may_define(cells[i].source, name)] or elsewhere or own[:1]
    if found[-1] == own[0]:
        return cells, ""
    note = ELSEWHERE if found is elsewhere else REPEATED if len(written) > 1 else ""
    answer = replace(cells[found[-1]], name=name, answer=True)
    place = own[0] + 1
    return [*cells[:place], answer, *cells[place:]], note.format(name=name, n=len(written))
