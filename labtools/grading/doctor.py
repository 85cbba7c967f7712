"""Say what this machine can and cannot do for the course, and how to mend it.

Nothing is changed. The exit status is 0 if a class can be graded here with students' code in a
sandbox, 1 if not; reading, learning and `labtools check` do not need one.
"""

import argparse
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from labtools.commands import releases
from labtools.commands.main import INSTALL, CommandError
from labtools.commands.telling import wrapped

from .limits import MB, Limits
from .unsafe import UNSAFE, asked_unsafe

OLDEST = (3, 11)
CHECK = ("torch", "matplotlib", "ipython")  # what `labtools check` cannot do without
GRADE = ("nbgrader", "distributed", "psutil", "rich")
SHARED_MB = 1000  # of memory, for the coordinator and what all submissions share
FREE_MB = 500  # of disk: graded notebooks, pages of feedback and the gradebook of a large class
DONE = "students' code in a sandbox"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        good: whether it is as it should be.
        text: what there is.
        mend: what to do about it, "" if nothing.
        needed: what cannot be done without it: "check", "grade" or, if all can, "".
    """

    good: bool
    text: str
    mend: str = ""
    needed: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `labtools doctor` takes."""
    parser.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="folder of nbgrader_config.py (default: this one)",
    )


def run(args: argparse.Namespace) -> int:
    """Print what was found; 0 if a class can be graded here."""
    if not args.course.is_dir():
        raise CommandError(f"--course {args.course}: there is no such folder")
    lacking = set()
    for title, look in LOOKS.items():
        print(title)
        for finding in look(args.course):
            tell(finding)
            lacking |= set() if finding.good else {finding.needed}
        print()
    print(wrapped(verdict(lacking)))
    return 1 if lacking & {"check", "grade"} else 0


def tell(finding: Finding) -> None:
    """Print a finding, and what to do about it."""
    sign = "✓" if finding.good else "✗" if finding.needed else "!"
    print(wrapped(finding.text, f"  {sign} "))
    if finding.mend:
        print(wrapped(finding.mend, "      → "))


def verdict(lacking: set[str]) -> str:
    """What can be done here; ``lacking`` is what cannot, as in ``Finding.needed``."""
    if "check" in lacking:
        return "Neither exercises nor grading work here yet."
    if "grade" in lacking:
        return f"Exercises can be done here, but no class can be graded with {DONE}."
    return f"Exercises can be done here, and a class can be graded with {DONE}."


def python(folder: Path) -> Iterator[Finding]:
    """Its version, the packages, and where they are of other versions than was tried."""
    good, oldest = sys.version_info >= OLDEST, ".".join(map(str, OLDEST))
    mend = "" if good else f"install Python {oldest} or later, then the course with it"
    yield Finding(good, f"Python {platform.python_version()}: {sys.executable}", mend, "check")
    pins = pinned(folder)
    there = {name: installed(name) for name in sorted({*CHECK, *GRADE, *pins})}
    main = [f"{name} {there[name]}" for name in (*CHECK, *GRADE) if there[name]]
    if main:
        yield Finding(True, ", ".join(main))
    for name in [name for name, found in there.items() if found is None]:
        needed = "check" if name in CHECK else "grade" if name in GRADE else ""
        yield Finding(False, f"{name} is not installed", INSTALL, needed)
    others = [
        f"{n} {there[n]}, not {pin}" for n, pin in pins.items() if there[n] not in (pin, None)
    ]
    if others:
        text = f"other versions than the course was tried with: {'; '.join(others)}"
        yield Finding(False, text, INSTALL)


def installed(name: str) -> str | None:
    """The version of a package, without a local part such as `+cpu`; None if it is not there."""
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return None


def pinned(folder: Path) -> dict[str, str]:
    """dict of package to version in the course's requirements.txt; empty if there is none."""
    places = (place / "requirements.txt" for place in (folder, releases.HERE))
    text = next((path.read_text() for path in places if path.is_file()), "")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s#]+)", text, re.MULTILINE))


def machine(folder: Path) -> Iterator[Finding]:
    """Cores, memory and disk."""
    yield Finding(True, f"{platform.system()} {platform.release()}, {cores()} cores")
    if find_spec("psutil"):
        yield memory()
    disk = shutil.disk_usage(folder).free // MB
    mend = f"make room, or name another disk with --output: a class may take {FREE_MB} MB"
    enough = disk >= FREE_MB
    yield Finding(enough, f"{gigabytes(disk)} of disk free", "" if enough else mend)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def memory() -> Finding:
    """Whether as many submissions as there are cores fit, if each takes all that it may."""
    import psutil

    found, most = psutil.virtual_memory(), Limits().memory_mb
    fit = max(1, (found.available // MB - SHARED_MB) // most)
    text = f"{gigabytes(found.available // MB)} of {gigabytes(found.total // MB)} of memory free"
    mend = (
        f"a submission may take {most} MB before it is stopped: grade fewer at once, "
        f"labtools grade --workers {fit}"
    )
    return Finding(fit >= cores(), text, "" if fit >= cores() else mend)


def gigabytes(megabytes: int) -> str:
    """`3.8 GB`."""
    return f"{megabytes / 1024:.1f} GB"


def sandbox(folder: Path) -> Iterator[Finding]:
    """What keeps students' code in its place."""
    if sys.platform != "linux":
        mend = "grade on Linux, in a virtual machine or on a server"
        yield Finding(False, "there is none: bubblewrap works on Linux alone", mend, "grade")
        return
    from .sandbox import probe

    if asked_unsafe():
        text = f"{UNSAFE} is set: students' code runs as you, and can do all that you can"
        yield Finding(False, text, f"unset {UNSAFE}", "grade")
    found = probe()
    if found.mode:
        user = "root" if found.uid == 0 else "an ordinary user"
        ready = "kept warm" if found.mode == "warm" else "started anew for each submission"
        yield Finding(True, f"bubblewrap {found.bubblewrap}, as {user}; Python is {ready}")
    if found.seccomp:
        yield Finding(True, "a filter of system calls (seccomp)")
    if found.cgroup != "none":
        yield Finding(True, f"control groups {found.cgroup} limit memory and processes")
    for lack in found.lacks:
        yield Finding(False, lack.what, lack.mend, "" if found.mode else "grade")


def course(folder: Path) -> Iterator[Finding]:
    """The folder that grading starts from."""
    where = folder.resolve()
    if not (folder / "nbgrader_config.py").is_file():
        mend = "call it there, or name the folder: labtools doctor --course DIR"
        yield Finding(False, f"{where} is no course: there is no nbgrader_config.py", mend)
        return
    names = [path.stem for path in releases.notebooks(folder / "solutions")]
    yield Finding(bool(names), f"{where}: {len(names)} exercises", "" if names else NO_EXERCISE)
    if not os.access(folder, os.W_OK):
        mend = "grade into another folder: labtools grade --output DIR"
        yield Finding(False, "nothing can be written here", mend)


NO_EXERCISE = "expected notebooks solutions/NAME/NAME.ipynb"
LOOKS = {"Python": python, "Machine": machine, "Sandbox": sandbox, "Course": course}
