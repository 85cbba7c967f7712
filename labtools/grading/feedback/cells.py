"""A notebook as what its page shows of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.utils import is_grade, is_locked, is_solution

from labtools.grading.feedback.marks import Marks
from labtools.grading.feedback.showing import (
    MAX_TEXT,
    code,
    figures,
    markdown,
    png,
    preformatted,
)
from labtools.grading.plain import plain
from labtools.grading.release import grade_id

MAX_CELLS = 500
MAX_REASON = 2_000  # characters
MAX_SOURCE = 150_000  # characters that are rendered of all cells
MAX_LEFT = 200  # characters that are shown of each cell after that
MAX_PAGE = 200_000  # characters that all cells together may print
MAX_IMAGES = 2**22  # characters of all images together

Kind = Literal["text", "course", "own", "answer", "check"]


@dataclass(frozen=True)
class Output:
    """What a cell put out: text, an error's text, or an image's address and its words."""

    kind: Literal["text", "error", "image"]
    content: str
    alt: str = ""


@dataclass(frozen=True)
class Shown:
    """A cell on the page."""

    kind: Kind
    name: str | None
    html: Markup
    outputs: list[Output]
    points: tuple[float, float] | None = None
    comment: Markup | None = None


@dataclass(frozen=True)
class Finding:
    """One question in the summary at the top."""

    name: str
    anchor: str
    points: tuple[float, float]
    comment: Markup | None
    section: str | None


@dataclass
class Room:
    """How much of a learner's still fits on the page."""

    source: int = MAX_SOURCE
    text: int = MAX_PAGE
    images: int = MAX_IMAGES

    def for_source(self, source: str, render: Callable[[str], Markup]) -> Markup:
        """`source` rendered, or its beginning as it was written."""
        self.source -= len(source)
        return render(source) if self.source >= 0 else preformatted(source[:MAX_LEFT])

    def for_text(self, text: str) -> str:
        """`text`, or as much of it as fits."""
        shown = plain(text, max(0, min(MAX_TEXT, self.text)))
        self.text -= len(shown)
        return shown

    def for_image(self, address: str) -> bool:
        """Whether an image still fits."""
        self.images -= len(address)
        return self.images >= 0


def findings(nb: NotebookNode, marks: Marks) -> list[Finding]:
    """The questions in the notebook's order, each with what is to be said about it."""
    diagnoses = nb.metadata.get("labtools", {}).get("diagnoses", {})
    names = [str(grade_id(cell)) for cell in nb.cells if is_grade(cell)]
    found = []
    for name in [name for name in names if name in marks.points]:
        function, points = name.removeprefix("test_"), marks.points[name]
        section = diagnoses.get(function, {}).get("section") if points[0] < points[1] else None
        found.append(Finding(function, name, points, words(function, marks), section or None))
    return found


def shown(nb: NotebookNode, marks: Marks) -> list[Shown]:
    """The cells, without hidden tests and what quotes them."""
    room = Room()
    cells = [show(cell, marks, room) for cell in nb.cells[:MAX_CELLS]]
    if len(nb.cells) > MAX_CELLS:
        left = f"… and {len(nb.cells) - MAX_CELLS:,} cells more"
        cells.append(Shown("text", None, preformatted(left), []))
    return cells


def show(cell: NotebookNode, marks: Marks, room: Room) -> Shown:
    """One cell."""
    name, kind = grade_id(cell), kind_of(cell)
    if cell.cell_type != "code":
        html = room.for_source(
            cell.source, markdown if cell.cell_type == "markdown" else preformatted
        )
        return Shown(kind, name, html, [], marks.points.get(str(name)), words(name, marks))
    source = without_hidden_tests(cell.source) if kind == "check" else cell.source
    outputs = [it for output in cell.outputs if room.text > 0 for it in put_out(output, kind, room)]
    points = marks.points.get(str(name)) if is_grade(cell) else None
    html = room.for_source(source.strip("\n"), code)
    return Shown(kind, name, html, outputs, points, words(name, marks))


def kind_of(cell: NotebookNode) -> Kind:
    """Whose the cell is, and what for."""
    if is_solution(cell):
        return "answer"
    if is_grade(cell):
        return "check"
    if cell.cell_type != "code":
        return "text"
    return "course" if is_locked(cell) else "own"


def words(name: str | None, marks: Marks) -> Markup | None:
    """The comment on a solution cell: a reason is text, a person's words are markdown."""
    comment = marks.comments.get(str(name))
    if comment is None:
        return None
    if comment.by_person:
        return markdown(comment.text)
    reason = comment.text.removeprefix(f"{name}: ")
    return Markup("<p>{}</p>").format(plain(reason, MAX_REASON))


def without_hidden_tests(source: str) -> str:
    """A check's source as it was released."""
    cell = NotebookNode(source=source)
    ClearHiddenTests()._remove_hidden_test_region(cell)
    return cell.source


def put_out(output: NotebookNode, kind: Kind, room: Room) -> Iterator[Output]:
    """What the page shows of one output."""
    if output.output_type == "stream":
        yield Output("text", room.for_text(output.text))
    elif output.output_type == "error":
        yield Output("error", room.for_text(error_text(output, kind)))
    else:
        yield from displayed(output.get("data", {}), kind, room)


def error_text(error: NotebookNode, kind: Kind) -> str:
    """An error in full where the code is the learner's; a check's traceback quotes its source."""
    if kind != "check":
        return "\n".join(map(str, error.traceback)) or f"{error.ename}: {error.evalue}"
    if error.ename == "CheckFailed":
        return str(error.evalue)
    return f"{error.ename}: {error.evalue}".removesuffix(": ")


def displayed(data: dict[str, Any], kind: Kind, room: Room) -> Iterator[Output]:
    """A picture if it is one, else its text; of HTML only the pictures that checks draw."""
    words, image = str(data.get("text/plain", "")), png(data.get("image/png"))
    images = figures(data.get("text/html")) if kind == "check" else []
    if image:
        images.append((image, words))
    if images and all(room.for_image(address) for address, _ in images):
        for address, alt in images:
            yield Output("image", address, plain(alt, 500))
    elif words:
        yield Output("text", room.for_text(words))
