"""In a process of its own: run cells, one after the other, and say what became of each.

Nothing of it is known to the process that asks: what a cell does to this one, it does to itself.
"""

import builtins
import os
import re
import signal
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

CELL = "<ipython-input-"  # how IPython calls the file of a cell


@dataclass(frozen=True)
class Failure:
    """Why a cell failed.

    Attributes:
        error: name of the error's class.
        title: one line: of a failed check what is wrong, else what the error says.
        explain, where, section: of a failed check, as in ``labtools.checks.Diagnosis``.
        mistake: of a failed check, the kind of fault.
    """

    error: str
    title: str
    explain: str = ""
    where: str = ""
    section: str = ""
    mistake: str | None = None


def serve(pipe: Connection, folder: Path) -> None:
    """Run the sources that come through ``pipe``; for each send back a Failure or None."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    os.chdir(folder)
    sys.path.insert(0, "")  # a notebook's kernel can import what lies beside it
    os.environ["MPLBACKEND"] = "Agg"
    builtins.input = lambda prompt="": ""  # nobody is there to answer
    shell = _new_shell()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):  # what a check has to say about its function's output, it says itself
        os.dup2(nowhere, number)
    pipe.send(None)  # ready
    while (source := pipe.recv()) is not None:
        pipe.send(_run(shell, source))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _new_shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def ask_exit(self) -> None:  # exit() and quit()
            raise SystemExit

        def enable_gui(self, gui: str | None = None) -> None:
            """There are no windows, so `%matplotlib` has nothing to enable."""

    config = Config(HistoryManager={"enabled": False})
    # IPython makes folders of its own; none of them is needed any more
    with tempfile.TemporaryDirectory() as folder:
        return Shell.instance(config=config, ipython_dir=folder)


def _run(shell: Any, source: str) -> Failure | None:
    result = shell.run_cell(source)
    error = result.error_before_exec or result.error_in_exec
    return None if error is None else failure_of(error)


def failure_of(error: BaseException) -> Failure:
    """What to say about an error."""
    diagnosis = getattr(error, "diagnosis", None)
    if diagnosis is not None and type(error).__name__ == "CheckFailed":
        parts = diagnosis.title, diagnosis.explain, diagnosis.where, str(diagnosis.section)
        title, explain, where, section = map(_shown, parts)
        return Failure("CheckFailed", title, explain, where, section, diagnosis.mistake)
    return Failure(type(error).__name__, _shown(_said(error)), where=_shown(_where(error)))


def _shown(text: str) -> str:
    """``text`` without what a terminal would obey, such as colours."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "?", text)


def _said(error: BaseException) -> str:
    """The name of an error and the first line of what it says."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # its __str__ is the learner's code
        text = ""
    first = (text or "").strip().partition("\n")[0][:300]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _where(error: BaseException) -> str:
    """The last line of a cell that an error came through."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"  line {error.lineno}: {(error.text or '').strip()}".rstrip(": ")
    frames = traceback.extract_tb(error.__traceback__)
    cells = [frame for frame in frames if frame.filename.startswith(CELL)]
    return f"  line {cells[-1].lineno}: {cells[-1].line}".rstrip(": ") if cells else ""
