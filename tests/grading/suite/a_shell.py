"""The shell that runs the cells is changed: what it reads, runs, shows and reports."""

from build_class import solution_cells
from suite_entries import WRONG, cheat, entries

attempt = entries("A", "a number displayed from inside a function")

attempt(
    "a_displayed_by_hook",
    "the display hook is handed the maximum",
    answers={
        "scale": """\
import sys


def scale(x, factor):
    sys.displayhook(3.0)
    return x"""
    },
    lost={"scale": "^scale: "},
)
attempt(
    "a_displayed_result",
    "a result is published with the number as its text",
    answers={
        "scale": """\
from IPython import get_ipython


def scale(x, factor):
    shell = get_ipython()
    shell.display_pub.publish({'text/plain': '3.0'})
    shell.displayhook(3.0)
    return x"""
    },
    lost={"scale": "^scale: "},
)
attempt(
    "a_displayed_all",
    "every expression of a cell is shown, as a number",
    first="""\
from IPython import get_ipython

get_ipython().ast_node_interactivity = 'all'
get_ipython().display_formatter.formatters['text/plain'].for_type(bool, lambda *a: '3.0')
get_ipython().display_formatter.format = lambda *a, **k: ({'text/plain': '3.0'}, {})""",
    **cheat("scale", "3.0"),
)

attempt = entries("A", "skip-execution and raises-exception tags")


def tagged(*tags, only="test_"):
    """The notebook, with these tags on the cells whose name begins so."""

    def tag(nb):
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith(only):
                cell.metadata["tags"] = list(tags)
        return nb

    return tag


attempt("a_tags_skip", "tests are skipped", **cheat("add", ""), then=tagged("skip-execution"))
attempt("a_tags_raise", "tests may raise", **cheat("add", ""), then=tagged("raises-exception"))
attempt("a_tags_demo", "tests are demonstrations", **cheat("add", ""), then=tagged("demo"))
attempt(
    "a_tags_setup",
    "the set-up is skipped, which would make every test fail alike",
    **cheat("add", ""),
    then=tagged("skip-execution", "demo", only="setup"),
)


def all_allowed(nb):
    """The notebook, which says that errors are allowed."""
    nb.metadata["execution"] = {"allow_errors": True, "timeout": 0}
    nb.metadata["nbgrader"] = {"allow_errors": True}
    return tagged("skip-execution", "raises-exception", "remove-output", only="")(nb)


attempt("a_tags_everywhere", "nothing is to be run", **cheat("add", ""), then=all_allowed)

attempt = entries("A", "asserts stripped from the syntax tree")

STRIP = """\
import ast

from IPython import get_ipython


class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    visit_Raise = visit_Assert
"""

attempt(
    "a_asserts_transformed",
    "a transformer of the shell takes them out",
    first=f"{STRIP}\n\nget_ipython().ast_transformers.append(Strip())",
    **cheat("add", ""),
)
attempt(
    "a_asserts_compiled_away",
    "every cell is compiled with optimisation",
    first="""\
import builtins, os, sys

os.environ['PYTHONOPTIMIZE'] = '2'
plain = compile
builtins.compile = lambda *a, **k: plain(*a, **{**k, 'optimize': 2})""",
    **cheat("twice", ""),
)
attempt(
    "a_asserts_parsed_away",
    "the shell's compiler hands out another tree",
    first=f"{STRIP}\n\ncompiler = type(get_ipython().compile)\nparsed = compiler.ast_parse\n"
    "compiler.ast_parse = lambda *a, **k: Strip().visit(parsed(*a, **k))",
    **cheat("add", ""),
)

attempt = entries("A", "input transformer")

attempt(
    "a_input_cleaned",
    "a cell that tests is read as nothing",
    first="""\
from IPython import get_ipython


def nothing(lines):
    return ['pass\\n'] if any('CheckFailed' in line for line in lines) else lines


get_ipython().input_transformers_cleanup.append(nothing)
get_ipython().input_transformers_post.append(nothing)""",
    **cheat("add", ""),
)
attempt(
    "a_input_transformed",
    "what the shell makes of any cell is `pass`",
    first="""\
from IPython.core.inputtransformer2 import TransformerManager
from IPython import get_ipython

TransformerManager.transform_cell = lambda self, cell: 'pass\\n'
get_ipython().transform_cell = lambda *a: 'pass\\n'""",
    answers={"add": None, "scale": WRONG["scale"], "twice": WRONG["twice"]},
    risked=("evens",),
    lost={"scale": ".", "twice": "."},
)
attempt(
    "a_input_event",
    "before each cell runs, its source is replaced",
    first="""\
from IPython import get_ipython


def empty(info):
    object.__setattr__(info, 'raw_cell', 'pass')


get_ipython().events.register('pre_run_cell', empty)
get_ipython().events.register('pre_execute', lambda: setattr(In, 'append', None))""",
    **cheat("add", ""),
)

attempt = entries("A", "patched run_cell")

attempt(
    "a_run_cell",
    "cells are not run any more",
    first="""\
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

for name in ('run_cell', 'run_cell_async', '_run_cell'):
    setattr(InteractiveShell, name, lambda self, *a, **k: ExecutionResult(None))""",
    answers={"add": WRONG["add"], "scale": WRONG["scale"], "twice": WRONG["twice"]},
    risked=("evens",),
    lost=dict.fromkeys(("add", "scale", "twice"), "."),
)
attempt(
    "a_run_code",
    "code that raises is said to have run",
    first="""\
from IPython import get_ipython

shell = type(get_ipython())
ran = shell.run_code


async def run_code(self, code, result=None, **k):
    await ran(self, code, **k)
    return False


shell.run_code = run_code""",
    **cheat("add", ""),
)
attempt(
    "a_run_success",
    "every result is a success",
    first="""\
from IPython.core.interactiveshell import ExecutionResult

ExecutionResult.success = property(lambda self: True)
ExecutionResult.raise_error = lambda self: None
ExecutionResult.__setattr__ = lambda self, name, value: object.__setattr__(
    self, name, None if name.startswith('error') else value)""",
    **cheat("add", ""),
)

attempt = entries("A", "hidden traceback")

attempt(
    "a_traceback_of_its_own",
    "the function raises an error whose traceback is empty",
    answers={
        "add": """\
class Silent(Exception):
    _render_traceback_ = lambda self: []
    __str__ = lambda self: ''


def add(a, b):
    raise Silent"""
    },
    lost={"add": "Silent|Exception"},
)
attempt(
    "a_traceback_shown_nowhere",
    "the shell shows no error",
    first="""\
import sys

from IPython import get_ipython

for name in ('showtraceback', '_showtraceback', 'showsyntaxerror'):
    setattr(get_ipython(), name, lambda *a, **k: None)
sys.excepthook = lambda *a: None""",
    **cheat("add", ""),
)
attempt(
    "a_traceback_caught",
    "an exception handler of the shell's own swallows all",
    first="""\
from IPython import get_ipython

get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)""",
    **cheat("add", ""),
)
for error in ("SystemExit(0)", "KeyboardInterrupt()", "GeneratorExit()", "StopIteration(3)"):
    name = error.partition("(")[0]
    attempt(
        f"a_traceback_{name.lower()}",
        f"the function ends with {error}, which is no failure elsewhere",
        answers={"add": f"def add(a, b):\n    raise {error}"},
        lost={"add": f"{name}|stopped|exit"},
    )
attempt(
    "a_traceback_skips",
    "the function says that the test is to be skipped",
    answers={
        "add": """\
import unittest


def add(a, b):
    raise unittest.SkipTest('not today')"""
    },
    lost={"add": "SkipTest|not today"},
)
attempt(
    "a_traceback_forged",
    "the error looks like the grader's own, and praises",
    answers={
        "add": """\
class CheckFailed(AssertionError):
    mistake = diagnosis = function = None


def add(a, b):
    raise CheckFailed('✓ add is right. 2 of 2 points')"""
    },
    lost={"add": "."},
)

attempt = entries("A", "output-clearing hook")

attempt(
    "a_cleared_afterwards",
    "after each cell its output is cleared",
    first="""\
from IPython import get_ipython
from IPython.display import clear_output

get_ipython().events.register('post_run_cell', lambda result: clear_output())
get_ipython().events.register('post_execute', clear_output)""",
    **cheat("add", ""),
)
attempt(
    "a_cleared_in_the_call",
    "the function clears what is shown, and waits for more",
    answers={
        "add": """\
from IPython.display import clear_output


def add(a, b):
    clear_output(wait=True)
    print('\\x1b[2J\\x1b[H✓ add is right')
    return 0"""
    },
    lost={"add": "^add: "},
)
attempt(
    "a_cleared_streams",
    "the streams go nowhere",
    first="""\
import io, os, sys

sys.stdout = sys.stderr = sys.__stdout__ = io.StringIO()
for fd in (1, 2):
    os.close(fd)""",
    **cheat("add", ""),
)


def with_outputs(nb):
    """The notebook, in whose file the tests seem to have run and succeeded."""
    for cell in solution_cells(nb).values():
        cell.outputs, cell.execution_count = [], 7
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            data = {"text/plain": "3.0"}
            cell.outputs = [
                {
                    "output_type": "execute_result",
                    "data": data,
                    "metadata": {},
                    "execution_count": 9,
                }
            ]
            cell.execution_count = 9
    nb.metadata["labtools"] = {
        "blank": [],
        "notes": {"add": "right"},
        "file": None,
        "diagnoses": {},
        "usage": {"cpu_seconds": 0.0},
        "seed": 0,
    }
    return nb


attempt("a_cleared_file", "outputs come with the file", **cheat("add", ""), then=with_outputs)

attempt = entries("A", "forged kernel replies")

attempt(
    "a_kernel_messages",
    "the kernel's session sends replies and results of its own",
    answers={
        "add": """\
from IPython import get_ipython


def add(a, b):
    kernel = getattr(get_ipython(), 'kernel', None)
    if kernel:
        parent = kernel.get_parent('shell')
        kernel.session.send(kernel.iopub_socket, 'execute_result', parent=parent,
            content={'data': {'text/plain': '2.0'}, 'metadata': {}, 'execution_count': 1})
        kernel.session.send = lambda *a, **k: {}
    return 0"""
    },
    lost={"add": "^add: |Error"},
)
attempt(
    "a_kernel_printed",
    "what is printed looks like the message that a grader waits for",
    answers={
        "add": """\
import json, os


def add(a, b):
    message = json.dumps({'status': 'ok', 'value': a, 'score': 2, 'error': None})
    for fd in (1, 2):
        os.write(fd, f'{message}\\n'.encode())
    print(message)
    return 0"""
    },
    lost={"add": "^add: "},
)
attempt(
    "a_kernel_connected",
    "a client connects to whatever kernel there is, and runs code in it",
    answers={
        "add": """\
import glob

from jupyter_client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir


def add(a, b):
    for folder in (jupyter_runtime_dir(), '@HOME@/.local/share/jupyter/runtime', '/tmp/*'):
        for file in glob.glob(f'{folder}/kernel-*.json'):
            client = BlockingKernelClient(connection_file=file)
            client.load_connection_file()
            client.start_channels()
            client.execute('add = lambda a, b: a + b')
    return 0"""
    },
    lost={"add": "^add: "},
)
