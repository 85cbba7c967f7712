"""The course that the suite is graded in: a tiny assignment, and two of the real ones.

`tiny` has four functions: one of numbers, one of tensors with a gradient, one that is handed a
function or a model, and one of lists. Its tests compare by what is at hand, as tests that teachers
write do.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from source_cells import cell, notebook

ROOT = Path(__file__).parents[3]
REAL = ("ch02_attention_masks", "ch03_clm")
ASSIGNMENTS = ("tiny", *REAL)

# small, so that what runs into a limit does so soon; the machine may be busy
LIMITS = """
c.Execute.timeout = 3
c.Execute.memory = 700
c.Execute.limits = {"idle_seconds": 5}
"""

SETUP = """\
import torch


class CheckFailed(AssertionError):
    pass"""

DEMO = 'raise RuntimeError("a demonstration was run")'

ADD = '''\
def add(a, b):
    """The sum."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION'''

TEST_ADD = """\
if add(1, 2) != 3:
    raise CheckFailed("add: 1 + 2 is 3")
### BEGIN HIDDEN TESTS
secret_of_add = 40 + 2
assert add(2, 40) == secret_of_add, "add: wrong for larger numbers"
### END HIDDEN TESTS"""

SCALE = '''\
def scale(x, factor):
    """Each number of a tensor, times a factor."""
    ### BEGIN SOLUTION
    return x * factor
    ### END SOLUTION'''

TEST_SCALE = """\
numbers = torch.tensor([1.0, 2.0])
if not torch.allclose(scale(numbers, 3.0), torch.tensor([3.0, 6.0])):
    raise CheckFailed("scale: three times 1 and 2 is 3 and 6")
### BEGIN HIDDEN TESTS
secret_of_scale = torch.randn(3, requires_grad=True)
halves = scale(secret_of_scale, 0.5)
assert halves.tolist() == (0.5 * secret_of_scale).tolist(), "scale: wrong for other numbers"
(gradient,) = torch.autograd.grad(scale(secret_of_scale, 4.0).sum(), secret_of_scale)
assert torch.equal(gradient, torch.full((3,), 4.0)), "scale: the gradient is wrong"
### END HIDDEN TESTS"""

TWICE = '''\
def twice(f, x):
    """What f makes of what f makes of x."""
    ### BEGIN SOLUTION
    return f(f(x))
    ### END SOLUTION'''

TEST_TWICE = """\
if twice(lambda n: n + 3, 4) != 10:
    raise CheckFailed("twice: 4 + 3 + 3 is 10")
### BEGIN HIDDEN TESTS
secret_of_twice = torch.nn.Linear(3, 3)
with torch.no_grad():
    got = twice(secret_of_twice, torch.ones(2, 3))
    wanted = secret_of_twice(secret_of_twice(torch.ones(2, 3)))
assert torch.allclose(got, wanted), "twice: wrong for a model"
### END HIDDEN TESTS"""

EVENS = '''\
def evens(n):
    """The even numbers below n, from 0 on."""
    ### BEGIN SOLUTION
    return range(0, n, 2)
    ### END SOLUTION'''

TEST_EVENS = """\
if sorted(evens(7)) != [0, 2, 4, 6]:
    raise CheckFailed("evens: below 7 there are 0, 2, 4 and 6")
### BEGIN HIDDEN TESTS
secret_of_evens = 20
assert sum(evens(10)) == secret_of_evens, "evens: wrong for 10"
### END HIDDEN TESTS"""


def tiny():
    """The source notebook: 2, 3, 2 and 1 points."""
    cells = [
        new_markdown_cell("# Sums"),
        cell(SETUP, "setup"),
        cell(DEMO, "demo_sums", tags=["demo"]),
        cell(ADD, "add", solution=True),
        cell(TEST_ADD, "test_add", points=2),
        new_markdown_cell("And of tensors:"),
        cell(SCALE, "scale", solution=True),
        cell(TEST_SCALE, "test_scale", points=3),
        cell(TWICE, "twice", solution=True),
        cell(TEST_TWICE, "test_twice", points=2),
        cell(EVENS, "evens", solution=True),
        cell(TEST_EVENS, "test_evens", points=1),
    ]
    return notebook(cells)


def make_course(folder):
    """The course in `folder`, released by nbgrader; returns the folder.

    Raises:
        RuntimeError: an assignment could not be released; the text is what nbgrader says.
    """
    source = folder / "solutions"
    (source / "tiny").mkdir(parents=True)
    nbformat.write(tiny(), source / "tiny" / "tiny.ipynb")
    for name in REAL:
        (source / name).mkdir()
        shutil.copy(ROOT / "solutions" / name / f"{name}.ipynb", source / name)
    config = (ROOT / "nbgrader_config.py").read_text()
    (folder / "nbgrader_config.py").write_text(config + LIMITS)
    for name in ASSIGNMENTS:
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{name} could not be released: {done.stderr}")
    return folder
