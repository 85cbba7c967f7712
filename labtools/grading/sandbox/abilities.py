"""What this machine has for a sandbox, one ability at a time, and how to mend what it lacks."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

HIDDEN = "LABTOOLS_WITHOUT"  # names abilities that are to be taken as absent, for tests
ABILITIES = "bwrap", "cgroup", "nested", "seccomp", "warmth"  # warmth: what is imported before

HOW_TO_INSTALL = (
    "install bubblewrap with the system's packages, for example `sudo apt install bubblewrap`"
    " (the Python package of that name is something else)"
)
ABOUT_UNSAFE = (
    "--unsafe (or LABTOOLS_UNSAFE=1) grades without a sandbox: every learner's code then runs as"
    " you, and can read and change all that you can, the gradebook and the other submissions among"
    " it. Use it for code that you trust, never for a real class."
)


class SandboxMissing(RuntimeError):
    """No sandbox can be had here; the text says why, and what to do."""

    def __init__(self, why: str, mend: str = HOW_TO_INSTALL) -> None:
        super().__init__(
            f"no sandbox for learners' code: {why}.\nTo mend it: {mend}.\n{ABOUT_UNSAFE}"
        )
        self.why, self.mend = why, mend

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """As it was made, not as its text: it comes from other processes too."""
        return type(self), (self.why, self.mend)


def hidden(ability: str) -> bool:
    """Whether the environment says to do without this ability.

    Raises:
        ValueError: the environment names something that is no ability.
    """
    names = [name.strip() for name in os.environ.get(HIDDEN, "").split(",") if name.strip()]
    if wrong := [name for name in names if name not in ABILITIES]:
        raise ValueError(f"{HIDDEN}: expected some of {', '.join(ABILITIES)}, got {wrong[0]!r}")
    return ability in names


@dataclass(frozen=True)
class Bubblewrap:
    """The program that shuts the boxes in."""

    path: str
    version: str


def find_bubblewrap() -> Bubblewrap:
    """The program bwrap. Raises SandboxMissing: it is not there, or is something else."""
    if sys.platform != "linux":
        raise SandboxMissing(
            f"bubblewrap works on Linux, and this is {sys.platform}",
            "grade on Linux, in a virtual machine or on a server",
        )
    path = None if hidden("bwrap") else shutil.which("bwrap")
    if path is None:
        raise SandboxMissing("the program bwrap (bubblewrap) was not found")
    answer = _run([path, "--version"])
    name, _, version = answer.stdout.strip().partition(" ")
    if answer.returncode != 0 or name != "bubblewrap":
        raise SandboxMissing(f"{path} is not bubblewrap: it answers {answer.stdout.strip()[:80]!r}")
    return Bubblewrap(path, version)


def explain(problem: str) -> SandboxMissing:
    """Why bubblewrap does not work here, from what it said."""
    said = " ".join(problem.split())[-300:]
    if os.geteuid() == 0:
        mend = (
            "grade as an ordinary user, or give root the capability SYS_ADMIN"
            " (in a container: --cap-add SYS_ADMIN --security-opt seccomp=unconfined)"
        )
    else:
        mend = (
            "let ordinary users make user namespaces:"
            " `sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`,"
            " on Ubuntu also `kernel.apparmor_restrict_unprivileged_userns=0`;"
            " or grade as root"
        )
    return SandboxMissing(f"bubblewrap does not work here ({said})", mend)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
