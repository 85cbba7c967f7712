"""A fault of the course is no fault of the learner's."""

import pytest
from conftest import cell
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labtools.grading.execute import SetUpFailed, refuse_broken_set_up

ERROR = {"ename": "ImportError", "evalue": "no module", "traceback": []}


def failed(code_cell):
    code_cell.outputs = [new_output("error", **ERROR)]
    return code_cell


def test_a_broken_set_up_is_a_fault_of_the_grader():
    nb = new_notebook(cells=[failed(cell("import x", "setup")), cell("", "add", solution=True)])
    with pytest.raises(SetUpFailed, match="cell setup: ImportError: no module"):
        refuse_broken_set_up(nb)


def test_what_the_learner_broke_is_the_learners():
    own = new_code_cell("import os; os.chdir('/')")
    refuse_broken_set_up(new_notebook(cells=[own, failed(cell("import x", "setup"))]))
    answer = cell("", "add", solution=True)
    refuse_broken_set_up(new_notebook(cells=[cell("", "setup"), failed(answer)]))
    later = [cell("", "setup"), answer, failed(cell("show()", "shown"))]
    refuse_broken_set_up(new_notebook(cells=later))
