"""Start the process that boxes are forked from, inside bubblewrap or, unsafe, without it."""

import contextlib
import json
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..box.enclosing import Mode
from ..box.keeping import LONGEST
from ..limits import Limits
from . import abilities, bubblewrap

START_SECONDS = 300  # for all imports, on a machine that is busy and has never read the files


class BoxFailed(RuntimeError):
    """A box could not be had although the machine has what it takes: a fault of the grader."""


class NestedMissing(RuntimeError):
    """A process inside bubblewrap may not make namespaces of its own here."""


class Zygote:
    """The process that boxes are forked from, seen from outside.

    Raises:
        SandboxMissing: there is no bubblewrap.
    """

    def __init__(self, mode: Mode, limits: Limits, serve: str, visible: Sequence[Path]) -> None:
        self.mode, self.lacking = mode, ""
        with contextlib.ExitStack() as opened:
            ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.control, theirs = map(opened.enter_context, ends)
            self._said = opened.enter_context(tempfile.TemporaryFile())  # its stderr
            self.process = subprocess.Popen(
                self._command(theirs.fileno(), limits, serve, visible),
                env=None if mode is Mode.UNSAFE else bubblewrap.ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # an interrupt at the keyboard is not meant for it
            )
            theirs.close()
            opened.pop_all()

    def ready(self) -> None:
        """Wait until it can fork boxes.

        Raises:
            SandboxMissing: bubblewrap does not work here.
            NestedMissing: it works, but boxes cannot be forked inside it.
            BoxFailed: the process inside failed, or is not ready after START_SECONDS.
        """
        self.control.settimeout(START_SECONDS)
        try:
            message = self.control.recv(LONGEST)
        except TimeoutError:
            raise BoxFailed(f"the warm process was not ready after {START_SECONDS} s") from None
        except OSError:
            message = b""
        if not message:
            raise self._why_ended()
        words = json.loads(message)
        self.control.settimeout(None)
        self.lacking = words["lacking"]
        if "error" in words:
            raise NestedMissing(words["error"])

    def ask(self, words: dict[str, Any], *ends: socket.socket) -> None:
        """Ask for a box; any number of processes may ask at once. Raises OSError."""
        message = json.dumps(words).encode()
        socket.send_fds(self.control, [message], [end.fileno() for end in ends])

    def close(self) -> None:
        """End it, and all that is inside bubblewrap with it."""
        self.control.close()
        if self.mode is Mode.UNSAFE:  # no namespace ends with it; its keepers end their boxes
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self._said.close()

    def _command(
        self, descriptor: int, limits: Limits, serve: str, visible: Sequence[Path]
    ) -> list[str]:
        arguments = ["--control", str(descriptor), "--mode", self.mode, "--serve", serve]
        for path in visible:
            arguments += ["--path", str(path)]
        if abilities.hidden("seccomp"):
            arguments += ["--no-seccomp"]
        if self.mode is Mode.UNSAFE:
            return bubblewrap.python(arguments)
        paths = bubblewrap.seen(visible)
        for path in paths:
            if path.is_relative_to("/tmp"):
                arguments += ["--in-tmp", str(path)]
        if abilities.hidden("nested"):
            arguments += ["--no-nested"]
        program = abilities.find_bubblewrap().path
        if folder := bubblewrap.unreadable(paths):
            why = f"root runs it as a user who cannot read {folder}"
            raise abilities.SandboxMissing(why, f"`chmod -R a+rX {folder}`")
        tmp_mb = limits.tmp_mb if self.mode is Mode.COLD else bubblewrap.WARM_TMP_MB
        return bubblewrap.walls(program, limits, paths, tmp_mb) + bubblewrap.python(arguments)

    def _why_ended(self) -> Exception:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()
        if said.startswith("bwrap:"):
            return abilities.explain(said)
        return BoxFailed(f"the warm process ended with {self.process.returncode}: {said[-2000:]}")
