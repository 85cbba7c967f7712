"""Try every attack in a box of its own, and print what came of it as JSON; run by test_attacks."""

import contextlib
import json
import os
import platform
import socket
import sys
from pathlib import Path

import box_attacks
from box_talk import INSIDE, SMALL, run

from labtools.grading.sandbox import Boxes

COURSE = Path(__file__).resolve().parents[3]


def outside(stack, secret):
    """Something for the attacks to reach."""
    os.environ["SECRET_OF_THE_COURSE"] = "1"
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    abstract = f"labtools-{os.getpid()}"
    stack.enter_context(socket.socket(socket.AF_UNIX)).bind(f"\0{abstract}")
    return {
        "course": COURSE,
        "secret": secret,
        "pid": os.getpid(),
        "parent": os.getppid(),
        "port": server.getsockname()[1],
        "abstract": abstract,
        "mb": SMALL.memory_mb,
        "processes": SMALL.processes,
    }


def main():
    with contextlib.ExitStack() as stack:
        known = outside(stack, sys.argv[1])
        boxes = stack.enter_context(Boxes(SMALL, serve="boxed_code:serve", visible=[INSIDE]))
        tried = dict(box_attacks.ANY_MACHINE)
        if not boxes.seccomp_lacking and platform.machine() == "x86_64":
            tried |= box_attacks.REFUSED_CALLS
        named = box_attacks.sources(tried, **known)
        # a cold box takes its time: the same one for all, but one attack is on the box after it
        results = try_all(boxes, named) if boxes.mode == "cold" else {}
        for name in [box_attacks.AGAIN] if results else [*named, box_attacks.AGAIN]:
            results |= try_all(boxes, {name: named[name]})
        print(json.dumps([boxes.mode, results]))


def try_all(boxes, named):
    """What each attack in one box printed, or the error that it ended with."""
    results = {}
    with boxes.open() as box:
        for name, source in named.items():
            printed, error = run(box, source) or ("", f"the box ended: {box.why()}")
            results[name] = printed.strip() or error
    return results


if __name__ == "__main__":
    main()
