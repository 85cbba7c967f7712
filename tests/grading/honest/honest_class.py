"""A class of any size that works honestly: right answers, mistakes, blanks, and habits.

Every submission is drawn from (seed, exercise, number), so that a larger class holds the smaller.
"""

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from build_class import fill, solution_cells
from nbformat import NotebookNode
from written_answers import Written, answers, written

ROOT = Path(__file__).parents[3]
EXERCISES = tuple(sorted(path.name for path in (ROOT / "solutions").glob("*/")))

# of ten students: how often an answer is right, and how often there is one at all
KINDS = 2 * [(1.0, 1.0)] + [(0.0, 1.0)] + 4 * [(0.6, 1.0)] + 2 * [(0.5, 0.7)] + [(0.8, 0.3)]

# answers that no catalogue has; {} is the function's name
ODD = (
    "def {}(*args, **kwargs):\n    return (",  # not Python
    "def {}(*args, **kwargs):\n    return undefined_name",
    "def {}(*args, **kwargs):\n    pass  # TODO",
    "def {}(*args, **kwargs):\n    return args[0]",
    "def {}():\n    return 0",
    "def {}(*args, **kwargs):\n    return {}(*args, **kwargs)",
    "{} = None",
    "raise ValueError('I do not know how to do this')",
)

# cells of one's own, before an answer
SCRATCH = (
    "# my notes: do not forget the shapes!",
    "import math",
    "x = torch.arange(6).view(2, 3)\nx.shape, x",
    "print(torch.ones(2, 3) / 3)",
    "1 / 0",
    "torch.ones(2, 3) @ torch.ones(2, 3)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])",
    "torch.manual_seed(1)\ntorch.rand(2)",
    "%timeit -n 1 -r 1 sum(range(10))",
    "import warnings\nwarnings.warn('beware')",
)


@dataclass(frozen=True)
class Submission:
    """What one student hands in.

    Args:
        exercise: Name of the exercise.
        student: Name of the student.
        notebook: As it is handed in.
        answers: What was drawn for each function, in words.
        expected: For each function whether it is to get its points; one that calls the student's
            own answer to another function is not in it.
    """

    exercise: str
    student: str
    notebook: NotebookNode
    answers: dict[str, str]
    expected: dict[str, bool]

    def write(self, submitted: Path) -> bool:
        """Write `submitted`/student/exercise/exercise.ipynb; whether it was not there like this."""
        path = submitted / self.student / self.exercise / f"{self.exercise}.ipynb"
        text = nbformat.writes(self.notebook)
        if path.exists() and path.read_text(encoding="utf8") == text:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf8")
        return True


def honest_class(exercise: str, number: int, seed: int = 0, first: int = 0) -> Iterator[Submission]:
    """The submissions `first` to `first + number - 1` to an exercise."""
    for i in range(first, first + number):
        yield submission(exercise, f"s{i:04d}", random.Random(f"{seed} {exercise} {i}"))


def submission(exercise: str, student: str, rng: random.Random) -> Submission:
    """One student's, drawn."""
    how_right, how_much = rng.choice(KINDS)
    sections, answers, expected = [], {}, {}
    for function in solution_cells(release(exercise)):
        graded = not function.startswith("bug_")
        if rng.random() >= how_much:
            expected |= {function: False} if graded else {}
            continue
        if rng.random() < 0.15:
            sections.append(("helper", rng.choice(SCRATCH)))
        if not graded or rng.random() < 0.1 * how_right:
            sections.append((function, reference(exercise)[function]))
            answers[function] = "as in the solution"
            continue
        it = draw(exercise, function, how_right, rng)
        sections += placed(it, rng)
        answers[function], expected[function] = it.name, it.right
    notebook = with_ids(fill(release(exercise), sections), release(exercise))
    return Submission(exercise, student, notebook, answers, expected)


def with_ids(nb: NotebookNode, given: NotebookNode) -> NotebookNode:
    """`nb`, whose cells that are not in `given` have ids that are the same in every run."""
    known = {cell.id for cell in given.cells}
    for place, cell in enumerate(nb.cells):
        if cell.id not in known:
            cell.id = f"cell-{place}"
    return nb


def draw(exercise: str, function: str, how_right: float, rng: random.Random) -> Written:
    """An answer to a function, right with probability `how_right`."""
    right = rng.random() < how_right
    if not right and rng.random() < 0.1:
        odd = rng.choice(ODD).replace("{}", function)
        return Written(function, odd, frozenset(), (odd,))
    fit = (it for it in written(exercise) if it.name not in answers.TOO_SLOW)
    return rng.choice([it for it in fit if it.function == function and it.right == right])


def placed(it: Written, rng: random.Random) -> list[tuple[str, str]]:
    """The cells of an answer: its helpers in a cell of their own or not, perhaps with prints."""
    *helpers, answer = it.parts
    first, colon, body = answer.partition(":\n    ")
    if first.startswith("def ") and "\n" not in first and rng.random() < 0.15:
        answer = f"{first}{colon}print('here', {it.function})\n    {body}"
    if it.right and rng.random() < 0.1:
        answer += f"\n\n\nprint({it.function})"
    if helpers and rng.random() < 0.3:
        return [("helper", "\n\n\n".join(helpers)), (it.function, answer)]
    return [(it.function, "\n\n\n".join([*helpers, answer]))]


@cache
def release(exercise: str) -> NotebookNode:
    """The notebook that is handed out; not to be changed."""
    path = ROOT / "exercises" / exercise / f"{exercise}.ipynb"
    return nbformat.read(path, as_version=4)


@cache
def reference(exercise: str) -> dict[str, str]:
    """The solution's answers, by function."""
    path = ROOT / "solutions" / exercise / f"{exercise}.ipynb"
    cells = solution_cells(nbformat.read(path, as_version=4))
    return {name: cell.source for name, cell in cells.items()}


def without_demos(nb: NotebookNode) -> NotebookNode:
    """A copy without the demonstrations, which stock nbgrader would run."""
    nb = deepcopy(nb)
    nb.cells = [cell for cell in nb.cells if "demo" not in cell.metadata.get("tags", [])]
    return nb
