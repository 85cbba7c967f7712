"""Open a box with something that spins, say so, and wait to be killed: open_and_wait.py WORD."""

import sys
import time

from box_talk import SMALL, STAND_IN, run

from labtools.grading.sandbox import Boxes

SPIN = """
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    subprocess.Popen([sys.executable, "-c", "while 1: pass", {!r}])
    os._exit(0)
os.wait()
"""

with Boxes(SMALL, unsafe=sys.argv[2] == "True", **STAND_IN) as boxes, boxes.open() as box:
    run(box, SPIN.format(sys.argv[1]))
    print("open", flush=True)
    time.sleep(100)
