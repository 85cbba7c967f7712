"""Outputs of grade cells, one by one, as nbgrader scores them."""

import pytest
from conftest import cell
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade

from labtools.grading.outputs import ScoreByErrors

ERROR = {"ename": "ValueError", "evalue": "hm", "traceback": []}


@pytest.mark.parametrize(
    ("output", "score", "stock"),
    [
        (None, 2, 2),
        (new_output("stream", name="stdout", text="hm"), 2, 2),
        (new_output("stream", name="stderr", text="hm"), 2, 0),
        (new_output("execute_result", data={"text/plain": "0.5"}), 2, 0.5),
        (new_output("execute_result", data={"text/plain": "nan"}), 2, 2),
        (new_output("execute_result", data={"text/plain": "9"}), 2, ValueError),
        (new_output("display_data", data={"text/plain": "0.5"}), 2, 2),
        (new_output("error", **ERROR), 0, 0),
    ],
)
def test_only_errors_count(output, score, stock):
    grade = cell("pass", "test_add", points=2)
    grade.execution_count = 1
    grade.outputs = [output] if output else []
    if isinstance(stock, type):
        with pytest.raises(stock):
            determine_grade(grade)
    else:
        assert determine_grade(grade)[0] == stock
    grade, _ = ScoreByErrors().preprocess_cell(grade, {}, 0)
    assert determine_grade(grade)[0] == score


def test_an_error_counts_after_a_number():
    grade = cell("pass", "test_add", points=2)
    grade.execution_count = 1
    number = new_output("execute_result", data={"text/plain": "2"})
    grade.outputs = [number, new_output("error", **ERROR)]
    grade, _ = ScoreByErrors().preprocess_cell(grade, {}, 0)
    assert determine_grade(grade)[0] == 0


def test_a_cell_that_never_ran_gets_nothing():
    grade = cell("pass", "test_add", points=2)
    assert determine_grade(grade)[0] == 2  # stock
    grade, _ = ScoreByErrors().preprocess_cell(grade, {}, 0)
    assert determine_grade(grade)[0] == 0
    assert grade.outputs[0].evalue == "this check did not run"


def test_other_cells_keep_their_outputs():
    answer = cell("pass", "add", solution=True)
    answer.outputs = [new_output("stream", name="stderr", text="hm")]
    answer, _ = ScoreByErrors().preprocess_cell(answer, {}, 0)
    assert answer.outputs[0].name == "stderr"
