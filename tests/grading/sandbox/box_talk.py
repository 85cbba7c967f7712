"""Talk with the stand-in that is served in a box."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from labtools.grading.box import kernel
from labtools.grading.limits import Limits

HERE = Path(__file__).resolve().parent
INSIDE = HERE / "inside"
LABTOOLS = Path(kernel.__file__).resolve().parents[2]
STAND_IN = {"serve": "boxed_code:serve", "visible": [INSIDE]}
SMALL = Limits(memory_mb=160, tmp_mb=16, file_mb=8, processes=12, open_files=64)
AS_ROOT = os.geteuid() == 0
USERS = ("root", "ordinary") if AS_ROOT else ("ordinary",)


def run(box, source):
    """What the source printed in the box, and its error; None when the box ended before."""
    try:
        box.sock.sendall(json.dumps(source).encode() + b"\n")
        answer = box.sock.makefile("rb").readline()
    except ConnectionError:
        return None
    return json.loads(answer) if answer else None


def python(user, *arguments, without=""):
    """A command that runs Python as root or as an ordinary user, and its environment."""
    environment = {**os.environ, "LABTOOLS_WITHOUT": without, "HOME": "/nowhere"}
    environment["PYTHONPATH"] = os.pathsep.join([str(HERE), environment.get("PYTHONPATH", "")])
    command = [sys.executable, *map(str, arguments)]
    if user == "ordinary" and AS_ROOT:
        needed = {sys.prefix, sys.base_prefix, str(LABTOOLS.parent)}
        command = [sys.executable, str(HERE / "ordinary_user.py"), *needed, "--", *command]
    return command, environment


def output(user, *arguments, without="", seconds=100):
    """What such a command prints."""
    command, environment = python(user, *arguments, without=without)
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            printed, said = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, said
    return printed
