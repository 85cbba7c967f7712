"""Run cells as a notebook's kernel does, without being one: no messages, threads or files."""

import builtins
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .recording import Hook, Output, Publisher, Recorder, Stream
from .stopping import at_most

INLINE = "module://matplotlib_inline.backend_inline"
MOST_ASKED = 10  # times that a cell may ask for input
NO_MESSAGE = "its message could not be read"


class Ran(NamedTuple):
    """What a cell did: its outputs as nbformat has them, and the error that ended it, or None."""

    outputs: list[Output]
    error: BaseException | None


class Compiler(CachingCompiler):
    """Names the code of cell 3 `3.py`, as short as it can be in an error's text."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The file name of a cell's code; no such file exists."""
        return f"<cells>/{number}.py"


class Shell(InteractiveShell):
    """IPython without a terminal and without a kernel; what cells show is recorded."""

    recorder: Recorder
    kernel = "none, but figures can be shown as in a notebook"

    def ask_exit(self) -> None:
        """exit() and quit() do nothing: a kernel would end after the cell, not in it."""

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows, so there is nothing to enable."""

    def system(self, cmd: str) -> None:
        """Run a command line, as of `!ls`: what it prints is recorded, without a terminal."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.recorder.text("stdout", done.stdout.decode(errors="replace"))
        self.user_ns["_exit_code"] = done.returncode

    system_piped = system_raw = system

    @contextlib.contextmanager
    def _tee(self, channel: Any) -> Iterator[None]:
        yield  # what is shown is recorded already

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.recorder.error(etype.__name__, message(evalue), list(stb))


class Cells:
    """The cells of one process, which share their names; make it before forking.

    Args:
        traces: str, how errors are traced: "Context" as in a kernel, with the source around; or
            "Plain", a tenth of a second faster for each.

    Attributes:
        namespace: dict of the cells' names.
    """

    def __init__(self, traces: str = "Context") -> None:
        os.environ.setdefault("MPLBACKEND", INLINE)
        self.recorder = Recorder()
        Shell.clear_instance()
        # IPython makes folders of its own; none of them is needed any more
        with tempfile.TemporaryDirectory(prefix="cells-") as folder:
            self._shell = Shell.instance(
                config=Config(HistoryManager={"enabled": False}),
                ipython_dir=folder,
                xmode=traces,
                compiler_class=Compiler,
                display_pub_class=Publisher,
                displayhook_class=Hook,
            )
        shell = self._shell
        parts: list[Any] = [shell, shell.display_pub, shell.displayhook]
        for part in parts:
            part.recorder = self.recorder
        shell.display_page = True
        shell.init_hooks()  # once more, for display_page
        self.namespace: dict[str, Any] = shell.user_ns

    def run(self, source: str, cpu_seconds: float | None = None) -> Ran:
        """Run one cell, magics and all; never raises, whatever the cell does.

        Args:
            source: str, of any content.
            cpu_seconds: how long it may compute, in seconds; None for no limit.

        Returns:
            Ran.
        """
        self.recorder.start()
        self._asked = 0
        with self._connected():
            error = self._run(source, cpu_seconds)
        outputs = self.recorder.outputs()
        if error is not None and all(output["output_type"] != "error" for output in outputs):
            name = type(error).__name__  # IPython prints the trace of some errors
            self.recorder.error(name, message(error), [f"{name}: {message(error)}"])
        return Ran(self.recorder.outputs(), error)

    def _run(self, source: str, cpu_seconds: float | None) -> BaseException | None:
        try:
            with at_most(cpu_seconds):
                result = self._shell.run_cell(source, store_history=True)
        except BaseException as error:  # from IPython's own code: a hook, or a late signal
            return error
        return result.error_before_exec or result.error_in_exec

    @contextlib.contextmanager
    def _connected(self) -> Iterator[None]:
        """Record the streams; whoever asks for input gets an empty line."""
        before = sys.stdout, sys.stderr, builtins.input
        sys.stdout, sys.stderr = (Stream(self.recorder, name) for name in ("stdout", "stderr"))
        builtins.input = self._input
        try:
            yield
        finally:
            sys.stdout, sys.stderr, builtins.input = before

    def _input(self, prompt: object = "", /) -> str:
        self._asked += 1
        if self._asked > MOST_ASKED:
            raise EOFError("there is nobody who could answer")
        self.recorder.text("stdout", f"{prompt}\n")
        return ""


def message(error: BaseException) -> str:
    """What an error says; its own code may fail to."""
    try:
        return str(error)
    except BaseException:
        return NO_MESSAGE
