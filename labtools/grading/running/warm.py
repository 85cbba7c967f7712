"""Grades submissions in children of one warm process. Light: imports neither torch nor IPython."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import labtools

from ..limits import Limits
from ..sandbox import BoxFailed, SandboxMissing
from .framing import receive, send

TRIES = 2
START_SECONDS = 600  # for all imports, on a machine that is busy and has never read the files
LONGEST = 1 << 16  # bytes of the first message
ERRORS = {"SandboxMissing": SandboxMissing, "BoxFailed": BoxFailed}
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "PYTHONHASHSEED": "0"}


class Grader:
    """Grades any number of submissions at once; thread-safe; a context manager.

    The warm process is started by the first ``grade``, or by ``start``.

    Args:
        limits: Limits, of each submission.
        unsafe: bool, no sandbox: what a learner's code does, it does to this machine.
    """

    def __init__(self, limits: Limits | None = None, unsafe: bool = False) -> None:
        self.limits, self.unsafe = limits or Limits(), unsafe
        self._warm: Warm | None = None
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> str:
        """Start the warm process and wait for it: "warm", "cold" or "unsafe", as `Boxes.mode`.

        Raises:
            SandboxMissing: this machine cannot keep a learner's code in.
            BoxFailed: it could, but the warm process ended before it was warm.
        """
        return self._started().mode

    def grade(self, task: bytes) -> bytes:
        """The result of a task; see ``grading``. A child that dies is tried once more.

        Raises:
            SandboxMissing: this machine cannot keep a learner's code in.
        """
        why = ""
        for _ in range(TRIES):
            try:
                warm = self._started()
                result = warm.grade(task)
            except (EOFError, OSError, BoxFailed) as problem:
                why = f"the grader stopped: {problem}"
                continue
            if b'"fault": "BoxFailed' not in result[:200]:
                return result
            why = json.loads(result)["fault"]
            warm.close()  # with it ends what boxes are forked from
        return json.dumps({"notebook": None, "fault": why, "usage": None}).encode()

    def close(self) -> None:
        """End the warm process and every grading that goes on; there will be no others."""
        with self._lock:
            self._closed = True
            if self._warm is not None:
                self._warm.close()
                self._warm = None

    def _started(self) -> "Warm":
        with self._lock:
            if self._closed:
                raise BoxFailed("it was closed")
            if self._warm is None or not self._warm.alive():
                if self._warm is not None:
                    self._warm.close()
                self._warm = Warm(self.limits, self.unsafe)
            warm = self._warm
        warm.ready()  # not under the lock: whoever closes need not wait for it
        return warm

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Warm:
    """The warm process, seen from outside."""

    def __init__(self, limits: Limits, unsafe: bool) -> None:
        self.mode = ""
        self._starting = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (its stderr, kept until close)
        self._reading = threading.Lock()  # of _said
        with theirs:
            command = [sys.executable, "-s", "-P", "-m", "labtools.grading.running.zygote"]
            command += ["--control", str(theirs.fileno()), "--limits", json.dumps(asdict(limits))]
            self._process = subprocess.Popen(
                [*command, *["--unsafe"] * unsafe],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # an interrupt at the keyboard is not meant for it
            )

    def ready(self) -> None:
        """Wait until it is warm; raises what ``Grader.start`` raises."""
        with self._starting:
            if self.mode:
                return
            try:
                self.mode = self._first_words()["mode"]
            except BaseException:
                self.close()
                raise

    def _first_words(self) -> dict[str, str]:
        try:
            self._control.settimeout(START_SECONDS)
            message = self._control.recv(LONGEST)
            self._control.settimeout(None)
        except TimeoutError:
            raise BoxFailed(f"the grader was not ready after {START_SECONDS} s") from None
        except OSError:  # it was closed meanwhile
            message = b""
        if not message:
            self._process.wait()
            raise BoxFailed(f"the grader did not start: {self._last_words()}")
        words = json.loads(message)
        if "error" in words:
            raise ERRORS[words["kind"]](*words["error"])
        return words

    def grade(self, task: bytes) -> bytes:
        """The result of a task. Raises EOFError or OSError if the child dies."""
        sock, theirs = socket.socketpair()
        with sock:
            with theirs:
                socket.send_fds(self._control, [b"\0"], [theirs.fileno()])
            try:
                send(sock, task)
                return receive(sock)
            except (EOFError, OSError) as problem:
                raise EOFError(self._last_words() or str(problem)) from problem

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it; its children end with it."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # nobody waits any more that it gets warm
        self._control.close()
        if self.mode:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
        self._process.kill()
        self._process.wait()
        with self._reading:
            self._said.close()

    def _last_words(self) -> str:
        """The last line that it, or a child, has written to stderr."""
        with self._reading:
            if self._said.closed:
                return "it was closed"
            said = os.pread(self._said.fileno(), 1 << 20, 0)
        return said.decode(errors="replace").strip().rpartition("\n")[2]


def _environment() -> dict[str, str]:
    here = str(Path(labtools.__file__).parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {**os.environ, **ENVIRONMENT, "PYTHONPATH": path}
