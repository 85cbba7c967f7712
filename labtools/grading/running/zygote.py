"""The warm process: ``python -m labtools.grading.running.zygote``, started by ``warm.Grader``.

It imports everything once, opens boxes, and has one thread. For each message on its control
socket it forks a child, which reads a task from the socket that came along and writes the result
back. It does not answer, and ends when the other side hangs up.
"""

import argparse
import ctypes
import json
import os
import resource
import signal
import socket
import sys
import traceback
from typing import Any

from ..box.pages import settle
from ..limits import Limits
from ..sandbox import Boxes, BoxFailed, SandboxMissing
from ..sandbox.abilities import hidden
from .framing import receive, send

PR_SET_PDEATHSIG = 1
MEMORY_MB = 4096  # that a child may have beyond what it was forked with
MB = 1 << 20


def main() -> None:
    """Get warm, say so, and fork until the other side hangs up."""
    args = _arguments()
    control = socket.socket(fileno=args.control)
    boxes = Boxes(Limits(**json.loads(args.limits)), unsafe=args.unsafe)
    try:
        boxes.start()  # it imports much too, at the same time
        from .cells import Cells
        from .grading import grade
        from .warming import warm_up

        cells = Cells(traces="Plain")
        if not hidden("warmth"):
            warm_up()
        boxes.ready()
    except (SandboxMissing, BoxFailed) as problem:
        _say(control, kind=type(problem).__name__, error=problem.__reduce__()[1])  # its arguments
        return
    settle()
    _say(control, mode=boxes.mode)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            break
        with socket.socket(fileno=descriptors[0]) as sock:
            if os.fork() == 0:
                control.close()
                _child(sock, lambda task: grade(task, cells, boxes), boxes.limits.box_seconds)
    boxes.close()


def _child(sock: socket.socket, grade: Any, cpu_seconds: int) -> None:
    """Serve one task; never returns."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _confine(cpu_seconds)
        send(sock, grade(receive(sock)))
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _confine(cpu_seconds: int) -> None:
    """What a box sends must not use up the machine's memory, or keep it computing for ever."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[5])
    most = pages * resource.getpagesize() + MEMORY_MB * MB
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(control: socket.socket, **words: Any) -> None:
    control.send(json.dumps(words).encode())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket")
    parser.add_argument("--limits", required=True, help="JSON")
    parser.add_argument("--unsafe", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
