"""Grade the suite with one of the two commands, and write down what came of it.

    python tests/grading/suite/suite_run.py nbgrader|labtools COURSE RESULT.json

COURSE is a folder in which a course is made, unless it is there, and the class is handed in.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import secrets
import signal
import site
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # build_class

import psutil
from nbgrader.api import Gradebook
from suite_class import hand_in
from suite_course import ASSIGNMENTS, ROOT, make_course

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: what a command leaves running becomes a child of ours
PATIENCE = 900  # seconds for one command
PAGES = "c_script*"  # whose feedback nbgrader makes: it takes its time


def commands(driver, course):
    """Command lines, after `python -m`, in order, for the assignments that were answered."""
    for assignment in (name for name in ASSIGNMENTS if any(course.glob(f"submitted/*/{name}"))):
        if driver == "labtools":
            yield ["labtools.commands", "grade", assignment]
        else:
            yield ["nbgrader", "autograde", assignment]
    if driver == "nbgrader" and any(course.glob(f"submitted/{PAGES}/tiny")):
        yield ["nbgrader", "generate_feedback", "tiny", "--student", PAGES]


def main(driver, course, result):
    """Hand in, grade, look at what there is."""
    if not course.exists():
        make_course(course)
    home = course.parent / f"home-{driver}"
    home.mkdir(parents=True)
    mark, secret = f"mark{secrets.token_hex(6)}", f"secret{secrets.token_hex(6)}"
    (home / "secret.txt").write_text(secret)
    (course / "notes.ipynb").write_text(secret)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(f"\n# {secret}\n")
    environment = {**os.environ, "HOME": str(home), "SUITE_SECRET": secret}
    with listening(mark) as (port, heard):
        known = {"@COURSE@": course, "@HOME@": home, "@ROOT@": ROOT, "@PORT@": port, "@MARK@": mark}
        hand_in(course, known)
        before = fingerprints(course)
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        ran = [run(command, course, environment) for command in commands(driver, course)]
        left = left_running()
        found = {
            "ran": ran,
            "left_running": left,
            "heard": heard(),
            "changed": sorted(changed(before, fingerprints(course))),
            "left_behind": sorted({*left_behind(mark, [course, home, *places()])}),
            "written_to": sorted({*holding(mark, [*walk(home), *modules()])}),
            "told": sorted({*holding(secret, outcome(course))}),
            "oversize": oversize(course),
            **grades(course),
        }
    result.write_text(json.dumps(found, indent=1))


def run(command, folder, environment):
    """What became of one command, and how long it took."""
    began = time.monotonic()
    line = [sys.executable, "-m", *command]
    with (
        open(folder.parent / f"{folder.name}-{'-'.join(command[:3])}.log", "w+") as log,
        subprocess.Popen(
            line, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as process,
    ):
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = "it did not come to its end"
        log.seek(0)
        said = log.read()
    took = round(time.monotonic() - began, 1)
    return {"command": command, "status": status, "seconds": took, "said": said[-4000:]}


@contextlib.contextmanager
def listening(mark):
    """A port on which somebody listens, and a function that says who was heard."""
    with contextlib.ExitStack() as stack:
        tcp, udp, unix = (
            stack.enter_context(socket.socket(*kind))
            for kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        unix.bind(f"\0{mark}")
        tcp.listen(64)
        unix.listen(64)

        def heard():
            for it in (tcp, udp, unix):
                it.setblocking(False)
            waiting = {"tcp": tcp.accept, "udp": lambda: udp.recv(9), "unix": unix.accept}
            return [name for name, take in waiting.items() if something(take)]

        yield tcp.getsockname()[1], heard


def something(take):
    """Whether there is something to take."""
    try:
        take()
    except BlockingIOError:
        return False
    return True


def left_running():
    """The command lines of processes that the commands have left; they are ended."""
    time.sleep(1)  # those that are being ended may need a moment
    left = psutil.Process().children(recursive=True)
    lines = []
    for process in left:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                lines.append(" ".join(process.cmdline())[:200])
            os.kill(process.pid, signal.SIGKILL)
    return lines


def fingerprints(course):
    """{path: what tells whether the file was changed} of what no grader may change."""
    kept = [course / "nbgrader_config.py", course / "notes.ipynb"]
    kept += [
        path for name in ("solutions", "exercises", "submitted") for path in walk(course / name)
    ]
    return {str(path.relative_to(course)): fingerprint(path) for path in kept}


def walk(folder):
    """Every file, link and folder below."""
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in [*folders, *files])


def fingerprint(path):
    """A text that changes with the file."""
    if path.is_symlink():
        return os.readlink(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"


def changed(before, after):
    """The paths that differ."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def places():
    """Folders in which something could be left behind."""
    return [*map(Path, ("/tmp", "/dev/shm", "/var/tmp", "/")), Path.home(), *sites()]


def sites():
    """Folders in which Python looks for modules, and for files that it runs at its start."""
    found = site.getsitepackages(), [site.getusersitepackages(), sys.prefix], sys.path
    return [Path(folder) for folders in found for folder in folders]


def modules():
    """Files to which an entry could write what a grader runs later."""
    for folder in sites():
        yield from folder.glob("*.p*")
    for name in ("labtools", "nbgrader", "IPython"):
        for folder in find_spec(name).submodule_search_locations:
            yield from Path(folder).rglob("*.py")


def left_behind(mark, folders):
    """The paths of files that an entry has left, by their names; two folders deep."""
    for folder in folders:
        for pattern in (f"*{mark}*", f"*/*{mark}*", f"*/*/*{mark}*"):
            with contextlib.suppress(OSError):
                yield from map(str, folder.glob(pattern))


def holding(text, paths):
    """Those of the files that hold a text, and the links, which may lead to one."""
    for path in paths:
        if path.is_symlink():
            yield f"{path} is a link"
        elif path.is_file() and text.encode() in path.read_bytes():
            yield str(path)


def oversize(course):
    """{path: MB} of what came out larger than it may, beside what was handed in."""
    # a notebook is written with a line for each line of a cell, ten bytes for an empty one
    most = {path: max(5e6, 10 * handed_in(course, path)) for path in outcome(course)}
    sizes = {path: path.lstat().st_size for path in most if "gradebook" not in path.name}
    return {str(path): size / 1e6 for path, size in sizes.items() if size > most[path]}


def handed_in(course, path):
    """The bytes that a graded notebook was handed in with, its sources among them; else 0."""
    submitted = course / "submitted" / path.relative_to(path.parents[2])
    return submitted.lstat().st_size if path.suffix == ".ipynb" and submitted.exists() else 0


def outcome(course):
    """The files that come out of grading."""
    yield from (path for name in ("autograded", "feedback") for path in walk(course / name))
    yield from course.glob("gradebook.db*")
    yield from course.glob("*.csv")
    yield from course.parent.glob(f"{course.name}-*.log")


def grades(course):
    """Points, maxima, reasons and pages, by assignment and student."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            "assignments": {it.name: it.max_score for it in gradebook.assignments},
            "students": {
                name: {s.student_id: grade(s) for s in gradebook.assignment_submissions(name)}
                for name in ASSIGNMENTS
            },
        }


def grade(submission):
    """What the gradebook has of one submission."""
    (notebook,) = submission.notebooks
    return {
        "points": {it.name.removeprefix("test_"): it.score for it in notebook.grades},
        "reasons": {it.name: it.comment or "" for it in notebook.comments},
        "by_hand": bool(notebook.needs_manual_grade),
        "total": submission.score,
    }


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], *(Path(it).resolve() for it in sys.argv[2:]))
