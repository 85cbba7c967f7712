"""An answer as a cell is judged like the function it came from; a seed draws one class."""

import contextlib
import io
import random

import pytest
from honest_class import EXERCISES, honest_class, reference, release
from written_answers import answers, defined, written

from labtools.checks import CheckFailed, calling

every_exercise = pytest.mark.parametrize("exercise", EXERCISES)


def set_up(exercise):
    """A namespace in which the cells without a function have run."""
    (cell,) = (c for c in release(exercise).cells if grade_id(c) == "setup")
    namespace = {"__name__": "__main__"}
    exec("\n".join(line for line in cell.source.splitlines() if line[:1] != "%"), namespace)
    return namespace


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def judged(exercise, it):
    """The name of the mistake in an answer by the check, "" if it has none; None if it is right."""
    namespace = set_up(exercise)
    exec(compile(it.source, "cell", "exec"), namespace)
    try:
        answers.check_of(exercise, it.function)(namespace[it.function])
    except CheckFailed as failed:
        return failed.mistake or ""
    return None


@every_exercise
def test_a_cell_is_judged_as_the_function_it_came_from(exercise, monkeypatch):
    monkeypatch.setattr(calling, "CPU_SECONDS", 0.5)
    found = written(exercise)
    chosen = random.Random(exercise).sample(found, 8)
    for it in [*chosen, next(it for it in found if it.right)]:
        with contextlib.redirect_stdout(io.StringIO()):
            mistake = judged(exercise, it)
        wanted = {None} if it.right else (it.diagnosed or {""})
        assert mistake in wanted, (it.function, it.name)


@every_exercise
def test_nearly_every_answer_is_written_and_none_is_registered_twice(exercise):
    found = written(exercise)
    right = [it for it in found if it.right]
    wrong = [it for it in found if not it.right]
    assert len(right) == sum(map(len, answers.variants_of(exercise).values()))
    assert (
        0.8 * len(answers.mutants_of(exercise)) <= len(wrong) <= len(answers.mutants_of(exercise))
    )
    assert {it.function for it in right} == {it.function for it in wrong}


@every_exercise
def test_a_cell_defines_one_function_of_the_exercise(exercise):
    functions = set(reference(exercise))
    for it in written(exercise):
        assert defined(it.source) & functions == {it.function}


def test_a_class_is_the_same_each_time_and_a_larger_one_holds_it():
    small, large = (list(honest_class("ch03_clm", n)) for n in (4, 7))
    assert [it.notebook for it in small] == [it.notebook for it in large[:4]]
    assert list(honest_class("ch03_clm", 3, first=4)) == large[4:]
    other = list(honest_class("ch03_clm", 4, seed=1))
    assert all(a.notebook != b.notebook for a, b in zip(small, other, strict=True))


def test_a_class_has_of_everything():
    class_ = [it for name in EXERCISES for it in honest_class(name, 34)]
    assert len(class_) >= 200
    assert len({(it.exercise, it.student) for it in class_}) == len(class_)
    verdicts = [right for it in class_ for right in it.expected.values()]
    assert 0.3 < sum(verdicts) / len(verdicts) < 0.7
    assert any(all(it.expected.values()) for it in class_)
    assert any(len(it.answers) < 3 for it in class_)  # hardly began


@every_exercise
def test_only_answers_and_cells_of_ones_own_are_changed(exercise):
    given = [(c.cell_type, c.source) for c in release(exercise).cells if not is_answer(c)]
    for it in honest_class(exercise, 5):
        cells = [c for c in it.notebook.cells if not is_answer(c)]
        assert [(c.cell_type, c.source) for c in cells if not c.id.startswith("cell-")] == given


def is_answer(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)
