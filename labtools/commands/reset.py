"""Bring a stub back as it was handed out; without FUNCTION, the whole notebook.

Before anything is changed, the notebook as it is goes into copies/ beside it, under a name with
the date and the time.
"""

import argparse
import json
import os
import shutil
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from labtools.commands import releases
from labtools.commands.check import add_release, refuse_unknown
from labtools.commands.checking import checked_by
from labtools.commands.main import CommandError
from labtools.commands.notebooks import Cell, is_code, load, text_of
from labtools.commands.opening import opened

COPIES = "copies"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `labtools reset` takes."""
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="these alone")
    add_release(parser)


def run(args: argparse.Namespace) -> int:
    """Reset; always 0."""
    folder = releases.folder_of(args.notebook, args.release)
    if folder is None:
        raise CommandError(
            "the exercises as handed out were not found: expected a folder exercises/ above "
            f"{args.notebook} or here; --release names another"
        )
    if args.functions:
        reset_functions(args.notebook, folder, args.functions)
    else:
        reset_notebook(args.notebook, folder)
    return 0


def reset_notebook(path: Path, folder: Path) -> None:
    """Put the release in the place of a notebook, which need not be a readable one."""
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file of that name"
        raise CommandError(f"{path}: expected a notebook, and there is {kind}")
    release = begun_as(path, folder)
    fresh = release.path.read_bytes()
    if path.read_bytes() == fresh:
        print(f"{path} is as it was handed out; nothing was changed.")
        return
    copy = keep(path)
    write(path, fresh)
    tell(f"{path} is again as it was handed out.", copy)


def begun_as(path: Path, folder: Path) -> releases.Release:
    """The exercise that a notebook began as, by its name if it cannot be read."""
    try:
        release = opened(path, folder).release
    except CommandError:
        release = releases.named(path, folder)
    if release is None:
        there = ", ".join(release.name for release in releases.all_of(folder))
        raise CommandError(f"{path}: no exercise in {folder} is like it; there are: {there}")
    return release


def reset_functions(path: Path, folder: Path, functions: list[str]) -> None:
    """Put the stubs of some functions back into a notebook."""
    notebook = load(path)
    release = begun_as(path, folder)
    cells = load(release.path)["cells"]
    stubs = {Cell.of(raw).name: raw for raw in cells if is_code(raw) and Cell.of(raw).answer}
    refuse_unknown(functions, [name for name in stubs if name], release.name)
    before = json.dumps(notebook)
    for name in functions:
        put_back(notebook, name, stubs[name], [Cell.of(raw).name for raw in cells])
    if json.dumps(notebook) == before:
        print(f"As handed out already, so nothing was changed: {', '.join(functions)}.")
        return
    copy = keep(path)
    write(path, (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())
    tell(f"Again as handed out: {', '.join(functions)}.", copy)


def put_back(
    notebook: dict[str, Any], name: str, stub: dict[str, Any], order: list[str | None]
) -> None:
    """Put one stub into a notebook: into its own cell, once, or where the release has it.

    Args:
        notebook: as in its file; changed.
        name: the function.
        stub: its cell in the release.
        order: the `grade_id` of each cell of the release.
    """
    cells: list[Any] = notebook["cells"]
    own = [raw for raw in cells if is_code(raw) and Cell.of(raw).name == name]
    if not own:
        cells.insert(place_of(name, cells, order), with_own_id(stub, notebook))
    elif text_of(own[0]) != text_of(stub) or own[1:]:
        own[0]["source"] = stub["source"]
        # repeated by a slip: what is in the others would count instead of the stub
        notebook["cells"] = [raw for raw in cells if not any(raw is other for other in own[1:])]
        for raw in notebook["cells"]:
            if is_code(raw) and name in (Cell.of(raw).name, checked_by(Cell.of(raw))):
                raw.update(outputs=[], execution_count=None)


def place_of(name: str, cells: list[Any], order: list[str | None]) -> int:
    """Where a cell that is gone was: before what comes after it in the release, as its check."""
    later = set(order[order.index(name) :]) - {None}
    names = [Cell.of(raw).name if is_code(raw) else None for raw in cells]
    return next((i for i, there in enumerate(names) if there in later), len(cells))


def with_own_id(stub: dict[str, Any], notebook: dict[str, Any]) -> dict[str, Any]:
    """A cell of the release, with an id that no cell of the notebook has."""
    cell = dict(stub)
    taken = [raw.get("id") for raw in notebook["cells"] if isinstance(raw, dict)]
    if notebook.get("nbformat_minor", 5) < 5:  # cells had no ids before
        cell.pop("id", None)
    elif cell.get("id") in taken:
        cell["id"] = uuid.uuid4().hex[:8]
    return cell


def keep(path: Path) -> Path:
    """Copy a file into copies/ beside it; no copy is ever written over another."""
    folder = path.parent / COPIES
    try:
        folder.mkdir(exist_ok=True)
        return copied_as(path, folder / f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S}")
    except OSError as error:
        raise CommandError(
            f"no copy can be kept in {folder}, so nothing is changed: {error}"
        ) from None


def copied_as(path: Path, name: Path) -> Path:
    """Copy a file to the first of name, name-2, name-3 … that is not there."""
    number = 1
    while True:
        copy = name.with_name(f"{name.name}{f'-{number}' * (number > 1)}{path.suffix}")
        try:
            with open(copy, "xb") as file:
                file.write(path.read_bytes())
            return copy
        except FileExistsError:
            number += 1


def write(path: Path, content: bytes) -> None:
    """Write a file in one step, so that it is never half there."""
    path = path.resolve()
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        new.write_bytes(content)
        shutil.copymode(path, new)
        os.replace(new, path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise CommandError(f"{path} cannot be written: {error.strerror}") from None


def tell(what: str, copy: Path) -> None:
    """Say what was done and where the work is."""
    print(f"{what}\nYour work is kept in {copy}")
    print("If the notebook is open in JupyterLab: File → Reload Notebook from Disk.")
