"""Boxes without walls, forked from the test itself, and cells to run in them."""

import os
import signal
import socket
import time

import source_cells
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from labtools.grading.box.serving import serve
from labtools.grading.limits import Limits
from labtools.grading.running.cells import Cells
from labtools.grading.running.notebook import run_notebook

LIMITS = Limits(cell_seconds=2, idle_seconds=5)


class ForkedBox:
    """What a box is known by; it ends when its process does."""

    def __init__(self, cells):
        self.sock, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.sock.close()
                serve(theirs, cells)
            finally:
                os._exit(0)
        theirs.close()
        self.status = None

    def cpu_seconds(self):
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                ticks = file.read().rpartition(")")[2].split()[11:13]
        except FileNotFoundError:
            return 0.0
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self):
        return 1.0

    def why(self):
        deadline = time.monotonic() + 0.1  # its socket is closed a little before it is gone
        while self.status is None and time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return f"ended its own process (exit status {self.status})" if self.status else None

    def kill(self):
        self.sock.close()
        if self.why() is None and self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = 0


class ForkedBoxes:
    """Opens them; ``opened`` counts."""

    mode = "unsafe"

    def __init__(self, limits=LIMITS):
        self.limits, self.opened = limits, 0
        self.cells = Cells()

    def open(self, limits=None):
        self.opened += 1
        return ForkedBox(self.cells)


def code(source, grade_id=None, *, solution=False, points=None, tags=()):
    """A cell of the course's, or without a grade_id one of the learner's."""
    if grade_id is None:
        return new_code_cell(source)
    return source_cells.cell(source, grade_id, tags, points, solution)


def answer(name, source):
    """A solution cell."""
    return code(source, name, solution=True)


def check(name, source):
    """The grade cell of an answer."""
    return code(source, f"test_{name}", points=1)


def run(*cells, boxes=None, limits=LIMITS, seed=0):
    """The cells, run as a notebook."""
    boxes = boxes or ForkedBoxes()
    nb = new_notebook(cells=[NotebookNode(cell, id=str(n)) for n, cell in enumerate(cells)])
    return run_notebook(nb, boxes.cells, boxes, limits, seed)


def failures(nb):
    """{grade_id: "ename: evalue"} of the cells with errors; those without grade_id by number."""
    found = {}
    for number, cell in enumerate(nb.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                name = cell.metadata.get("nbgrader", {}).get("grade_id", number)
                found[name] = f"{output.ename}: {output.evalue}"
    return found
