"""The class: every entry of the suite is a student, and between them sit honest ones."""

import importlib
import json
import os
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from b_files import Folder, Link, Pipe
from build_class import fill
from suite_entries import ENTRIES, WRONG, Entry

MODULES = (
    "a_comparisons",
    "a_shell",
    "a_looking",
    "a_models",
    "a_wire",
    "a_forged",
    "b_cells",
    "b_files",
    "b_sources",
    "c_reaching",
    "c_flooding",
    "c_pages",
    "d_honest",
)
for module in MODULES:
    importlib.import_module(module)

OF_EACH = 2  # ways to try one idea; the others are variations of theirs, and take their time
EVERY = 6  # entries have one honest student after them


def everybody():
    """{student: Entry}, the honest ones between them included, in the order of grading."""
    students = {}
    for number, name in enumerate(sorted(chosen())):
        students[name] = ENTRIES[name]
        if number % EVERY == 0:
            honest = bystander(f"{name}-honest", partly=number % (2 * EVERY) == 0)
            students[honest.name] = honest
    return students


def chosen():
    """The names of the first entries of each idea, and of all that are honest.

    With a pattern as SUITE in the environment, such as ``*`` or ``c_exit*``, all that fit.
    """
    if pattern := os.environ.get("SUITE"):
        return [name for name in ENTRIES if fnmatch(name, pattern)]
    ideas = defaultdict(list)
    for name, entry in ENTRIES.items():
        ideas[entry.idea].append(name)
    first = [names if idea.startswith("D") else names[:OF_EACH] for idea, names in ideas.items()]
    return [name for names in first for name in names]


def bystander(name, partly):
    """Somebody who tries nothing, and has all right or one function wrong."""
    one_wrong = {
        "answers": {"scale": WRONG["scale"]},
        "lost": {"scale": "^scale: three times 1 and 2 is 3 and 6$"},
    }
    return Entry(name, "honest", "is graded among the others", **(one_wrong if partly else {}))


def hand_in(course, known):
    """Write the class to the course's folder of submissions.

    Args:
        course: Path, with releases in `exercises`.
        known: {what stands in an entry: what it stands for}.
    """
    releases = {}
    for name, entry in everybody().items():
        assignment = entry.assignment
        if assignment not in releases:
            path = course / "exercises" / assignment / f"{assignment}.ipynb"
            releases[assignment] = nbformat.read(path, as_version=4)
        folder = course / "submitted" / name / assignment
        folder.mkdir(parents=True)
        for file, content in files_of(entry, releases[assignment]).items():
            write(folder / file, content, known)


def files_of(entry, release):
    """{name: content} of what an entry hands in."""
    nb = fill(release, entry.sections)
    made = entry.then(nb) if entry.then else nb
    return {f"{entry.assignment}.ipynb": made} if "cells" in made else made


def write(path: Path, content, known):
    """Write one file, link, folder or pipe."""
    if isinstance(content, Folder):
        path.mkdir()
    elif isinstance(content, Pipe):
        os.mkfifo(path)
    elif isinstance(content, Link):
        path.symlink_to(put_in(content, known))
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(put_in(text, known).encode("utf-8", "surrogatepass"))


def put_in(text, known):
    """The text with what only this run knows."""
    for name, value in known.items():
        text = text.replace(name, str(value))
    return text
