"""The checks of every exercise pass each right answer, and name what is wrong with the others."""

import functools
import importlib
import inspect
import json
import re
import sys
import warnings
from pathlib import Path

import pytest
import torch
from answers import TOO_SLOW, check_of, exercises, mutants_of, variants_of

from labtools import checks
from labtools.checks import CheckFailed, calling
from labtools.checks.sections import Section

ROOT = Path(__file__).parents[2]
EXERCISES = exercises()
VARIANTS = {f: answers for name in EXERCISES for f, answers in variants_of(name).items()}
MUTANTS = [mutant for name in EXERCISES for mutant in mutants_of(name)]
CHECK = {f: check_of(name, f) for name in EXERCISES for f in variants_of(name)}
FUNCTIONS = tuple(VARIANTS)
SEEDS = range(2)  # more of them find no more, and take minutes
RIGHT = [(f, answer) for f in FUNCTIONS for answer in VARIANTS[f]]
SOON = [(f, answer) for f, answer in RIGHT if answer.__name__ not in TOO_SLOW]


def each(answers):
    """A test for each of these answers."""
    params = [pytest.param(f, answer, id=f"{f}-{answer.__name__}") for f, answer in answers]
    return pytest.mark.parametrize(("function", "answer"), params)


every_function = pytest.mark.parametrize("function", FUNCTIONS)
every_exercise = pytest.mark.parametrize("name", EXERCISES)


def run(function, answer, seed=0):
    CHECK[function](answer, seed=seed)


def failure(function, answer, seed=0):
    with pytest.raises(CheckFailed) as caught:
        run(function, answer, seed)
    return caught.value


def test_every_chapter_that_has_checks_is_tested():
    there = {p.name for p in Path(checks.__path__[0]).glob("ch*/")}
    assert set(EXERCISES) == there == {p.name for p in (ROOT / "solutions").glob("ch*/")}


@every_exercise
def test_every_function_has_variants_and_mutants(name):
    module = importlib.import_module(f"labtools.checks.{name}")
    own = {
        f
        for f, x in vars(module).items()
        if inspect.isfunction(x) and x.__module__ == module.__name__
    }
    assert set(variants_of(name)) == own == {mutant.function for mutant in mutants_of(name)}
    assert all(len(answers) >= 5 for answers in variants_of(name).values())


@every_exercise
def test_every_section_that_is_pointed_to_is_in_the_book(name):
    sections = importlib.import_module(f"labtools.checks.{name}.sections")
    pointers = [value for value in vars(sections).values() if isinstance(value, Section)]
    assert pointers
    for pointer in pointers:
        page = (ROOT / "book" / pointer.page).with_suffix(".md").read_text(encoding="utf8")
        assert f"\n# {pointer.chapter}\n" in page
        assert f"({pointer.anchor})=\n## {pointer.title}\n" in page


@each(RIGHT)
def test_right_answers_pass(function, answer, capfd):
    for seed in SEEDS:
        run(function, answer, seed)
    out, err = capfd.readouterr()
    assert out == f"✓ {function} is right\n" * len(SEEDS)
    assert err == ""


@functools.cache
def notebook_of(function):
    """The sources of the notebook that asks for a function, and what its set-up defines."""
    name = CHECK[function].__module__.rpartition(".")[2]
    notebook = json.loads((ROOT / "solutions" / name / f"{name}.ipynb").read_text("utf8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sources = {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in code}
    exec(sources["setup"], defined := {})
    return sources, defined


@each(SOON)
def test_right_answers_pass_the_hidden_tests(function, answer, monkeypatch):
    monkeypatch.setenv("LABTOOLS_SEED", "1")  # as in a graded run: without the check once more
    sources, defined = notebook_of(function)
    hidden = sources[f"test_{function}"].partition("### BEGIN HIDDEN TESTS")[2]
    exec(hidden, {**defined, function: answer})


@pytest.mark.parametrize(
    ("mutant", "seed"),  # one seed each, or they would take as long as all other tests together
    [
        pytest.param(m, SEEDS[i % len(SEEDS)], id=f"{m.function}-{m.name}")
        for i, m in enumerate(MUTANTS)
    ],
)
def test_wrong_answers_fail_for_their_own_reason(mutant, seed, capfd, monkeypatch):
    if "endless" in mutant.diagnosed:
        monkeypatch.setattr(calling, "CPU_SECONDS", 0.5)
    failed = failure(mutant.function, mutant.answer, seed)
    assert failed.mistake in (mutant.diagnosed or {None})
    useful(failed, mutant.function)
    assert capfd.readouterr() == ("", "")


def useful(failed, function):
    """The text names the function, the place and what to look up, and nothing of the machinery."""
    assert str(failed).startswith(f"{function}: {failed.diagnosis.title}\n")
    assert failed.diagnosis.where
    assert "Look up: “" in str(failed) or failed.mistake == "endless"
    assert "Traceback" not in str(failed)
    assert ".py" not in str(failed)
    assert " at 0x" not in str(failed)
    assert not re.search(r"\b(int|float|bool)(\d*) \1\2\b", str(failed))  # a dtype said twice
    assert max(map(len, failed.diagnosis.where.splitlines())) < 200


def forever(*args, **kwargs):
    while True:
        pass


def without_end(*args, **kwargs):
    return without_end(*args, **kwargs)


def divide(*args, **kwargs):
    return 1 / 0


def blank(*args, **kwargs):
    raise NotImplementedError


ODD = {
    "nothing": (lambda *args, **kwargs: None, "none"),
    "text": (lambda *args, **kwargs: "42", "wrong-type"),
    "pair": (lambda *args, **kwargs: (args[0], args[0]), "wrong-type"),
    "number": (lambda *args, **kwargs: 0.0, "wrong-type"),
    "no arguments": (lambda: None, "signature"),
    "error": (divide, "raised"),
    "exit": (lambda *args, **kwargs: sys.exit(3), "raised"),
    "quit": (lambda *args, **kwargs: exit(), "raised"),
    "forever": (forever, "endless"),
    "recursion": (without_end, "recursion"),
    "blank": (blank, "not-written"),
    "no function": (torch.zeros(3), "not-a-function"),
    "None": (None, "not-a-function"),
    "the result": ("generate", "not-a-function"),
}
# where an odd answer is told otherwise, because a function may return such a thing
TOLD_OTHERWISE = {("masked_attention", "pair"): None, ("span_corrupt", "pair"): None}


@every_function
@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_fail_calmly(function, odd, capfd, monkeypatch):
    answer, mistake = ODD[odd]
    if mistake == "endless":
        monkeypatch.setattr(calling, "CPU_SECONDS", 0.3)
    failed = failure(function, answer)
    assert failed.mistake == TOLD_OTHERWISE.get((function, odd), mistake)
    assert str(failed).startswith(f"{function}: ")
    assert "Traceback" not in str(failed)
    assert capfd.readouterr() == ("", "")


@every_function
def test_noise_does_not_matter(function, capfd):
    right = VARIANTS[function][0]

    def noisy(*args, **kwargs):
        print("here", *args[:1])
        print("there", file=sys.stderr)
        warnings.warn("beware", stacklevel=1)
        return right(*args, **kwargs)

    run(function, noisy)
    assert capfd.readouterr() == (f"✓ {function} is right\n", "")


@every_function
def test_every_kind_of_callable_passes(function):
    right = VARIANTS[function][0]

    class Answer:
        def __call__(self, *args, **kwargs):
            return right(*args, **kwargs)

    for answer in (
        Answer(),
        functools.partial(right),
        lambda *args, **kwargs: right(*args, **kwargs),
    ):
        run(function, answer)


@every_function
def test_nothing_outside_is_changed(function):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with torch.no_grad():
        run(function, VARIANTS[function][0])
        assert not torch.is_grad_enabled()
    assert torch.get_rng_state().equal(state)
    assert torch.get_num_threads() == threads


def another(value):
    """A copy, through which gradients flow."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    return tuple(map(another, value)) if isinstance(value, tuple) else value


@every_function
def test_another_seed_is_another_examination(function):
    """An answer that knows the results of one seed by heart does not pass another."""
    right, known = VARIANTS[function][0], []

    def record(*args, **kwargs):
        known.append(right(*args, **kwargs))
        return another(known[-1])

    run(function, record, seed=0)
    recited = iter(known)
    assert failure(function, lambda *args, **kwargs: another(next(recited)), seed=1)
