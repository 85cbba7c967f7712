"""The notebook's own cells are tampered with; the answers in it count as if they were not."""

from copy import deepcopy

from build_class import solution_cells
from nbformat.v4 import new_markdown_cell, new_raw_cell
from source_cells import cell as course_cell
from suite_entries import ONE_WRONG, RIGHT, WRONG, entries


def graded(nb):
    """The cells that test."""
    return [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def each_graded(change):
    """The notebook, after `change` of every cell that tests."""

    def then(nb):
        for cell in graded(nb):
            change(cell)
        return nb

    return then


def numbered(**fields):
    """A change of nbgrader's metadata."""
    return lambda cell: cell.metadata.nbgrader.update(fields)


attempt = entries("B", "points raised")
attempt("b_points_100", "100 points a test", **ONE_WRONG, then=each_graded(numbered(points=100)))
attempt("b_points_text", "points are a text", **ONE_WRONG, then=each_graded(numbered(points="9")))
attempt(
    "b_points_nan",
    "points are not a number",
    **ONE_WRONG,
    then=each_graded(numbered(points=float("nan"))),
)
attempt("b_points_negative", "or negative", **ONE_WRONG, then=each_graded(numbered(points=-7)))


def answers_worth_points(nb):
    """Solution cells are graded by hand, for as many points."""
    for cell in solution_cells(nb).values():
        cell.metadata.nbgrader.update(grade=True, points=50)
    return nb


attempt("b_points_by_hand", "answers are to be graded too", **ONE_WRONG, then=answers_worth_points)

attempt = entries("B", "tests edited")


def edited(cell):
    """The test says that all is well."""
    cell.source = "print('all is well')"


def defining(cell):
    """The test first puts the answer right."""
    cell.source = f"{RIGHT['tiny']['scale']}\n\n\n{cell.source}"


attempt("b_tests_edited", "tests pass", **ONE_WRONG, then=each_graded(edited))
attempt(
    "b_tests_defining", "tests define the right answer", **ONE_WRONG, then=each_graded(defining)
)
attempt(
    "b_tests_setup",
    "the set-up defines the right answer, and the failure as nothing",
    **ONE_WRONG,
    then=lambda nb: setup_replaced(
        nb,
        RIGHT["tiny"]["scale"]
        + """\


CheckFailed = print""",
    ),
)


def setup_replaced(nb, source):
    """The notebook with another set-up."""
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "setup":
            cell.source = source
    return nb


attempt = entries("B", "tests deleted")


def without(keep):
    """The notebook without the cells that `keep` does not keep."""

    def then(nb):
        nb.cells = [cell for cell in nb.cells if keep(cell.metadata.get("nbgrader", {}))]
        return nb

    return then


attempt("b_deleted_tests", "no tests", **ONE_WRONG, then=without(lambda it: not it.get("grade")))
attempt(
    "b_deleted_all_but", "answers only", **ONE_WRONG, then=without(lambda it: it.get("solution"))
)
attempt(
    "b_deleted_one",
    "no test of the wrong answer",
    **ONE_WRONG,
    then=without(lambda it: it.get("grade_id") != "test_scale"),
)

attempt = entries("B", "tests ungraded")
attempt("b_ungraded", "tests do not count", **ONE_WRONG, then=each_graded(numbered(grade=False)))
attempt(
    "b_ungraded_task",
    "tests are tasks",
    **ONE_WRONG,
    then=each_graded(numbered(task=True, grade=False, locked=False)),
)
attempt("b_ungraded_open", "not locked", **ONE_WRONG, then=each_graded(numbered(locked=False)))

attempt = entries("B", "tests renamed")


def swapped(nb):
    """The notebook, in which two tests have each other's name."""
    one, two, *_ = graded(nb)
    one, two = one.metadata.nbgrader, two.metadata.nbgrader
    one.grade_id, two.grade_id = two.grade_id, one.grade_id
    return nb


attempt("b_renamed_swapped", "two tests swap names", **ONE_WRONG, then=swapped)
attempt(
    "b_renamed_alike",
    "all tests are one",
    **ONE_WRONG,
    then=each_graded(numbered(grade_id="test_add")),
)
attempt(
    "b_renamed_oddly",
    "names that are paths, markup and no text",
    **ONE_WRONG,
    then=lambda nb: oddly_named(nb),
)


def oddly_named(nb):
    """The notebook, whose tests have names that nobody expects."""
    odd = ["../../gradebook", "<script>alert(1)</script>", ["test", {"scale": None}], "test_add"]
    for cell, name in zip(graded(nb), odd, strict=True):
        cell.metadata.nbgrader.grade_id = name
    return nb


attempt = entries("B", "tests reordered")


def reordered(key):
    """The notebook with its cells in another order."""

    def then(nb):
        nb.cells.sort(key=key)
        return nb

    return then


attempt(
    "b_reordered_first",
    "tests come first",
    **ONE_WRONG,
    then=reordered(lambda cell: not cell.metadata.get("nbgrader", {}).get("grade")),
)
attempt(
    "b_reordered_reversed",
    "all is upside down",
    **ONE_WRONG,
    then=lambda nb: nb.update(cells=nb.cells[::-1]) or nb,
)
attempt(
    "b_reordered_by_text",
    "cells are sorted by their text",
    **ONE_WRONG,
    then=reordered(lambda cell: cell.source),
)

attempt = entries("B", "tests turned into text")


def retyped(new_cell, which=graded):
    """The notebook, in which the tests are cells of another kind."""

    def then(nb):
        chosen = [id(cell) for cell in which(nb)]
        nb.cells = [
            new_cell(cell.source, metadata=cell.metadata) if id(cell) in chosen else cell
            for cell in nb.cells
        ]
        return nb

    return then


attempt("b_text_markdown", "tests are text", **ONE_WRONG, then=retyped(new_markdown_cell))
attempt("b_text_raw", "tests are raw", **ONE_WRONG, then=retyped(new_raw_cell))
attempt(
    "b_text_answers",
    "the answers are text: an innocent slip",
    **ONE_WRONG,
    then=retyped(new_markdown_cell, which=lambda nb: [*solution_cells(nb).values()]),
)

attempt = entries("B", "solution flags moved")
attempt(
    "b_flags_tests", "tests are answers", **ONE_WRONG, then=each_graded(numbered(solution=True))
)


def flags_exchanged(nb):
    """The notebook, whose answers are locked and whose other cells are answers."""
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            meta.update(solution=not meta.solution, locked=not meta.locked, grade=not meta.grade)
    return nb


attempt("b_flags_exchanged", "all flags are turned", **ONE_WRONG, then=flags_exchanged)


def answer_named_as_test(nb):
    """The notebook, whose wrong answer goes by the name of its test, and the test by its name."""
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
    cells["scale"].source += """\



CheckFailed = print"""
    cells["test_scale"].source, cells["test_scale"].metadata.nbgrader.grade_id = "3.0", "scale"
    return nb


attempt("b_flags_names", "a test goes by an answer's name", **ONE_WRONG, then=answer_named_as_test)

attempt = entries("B", "duplicated cells")


def copied(times, which):
    """The notebook with copies of cells at its end."""

    def then(nb):
        nb.cells += [deepcopy(cell) for _ in range(times) for cell in which(nb)]
        return nb

    return then


attempt("b_copies_tests", "each test is there four times", **ONE_WRONG, then=copied(3, graded))
attempt(
    "b_copies_all",
    "all is there twice",
    **ONE_WRONG,
    then=copied(1, lambda nb: [*nb.cells]),
    noted=dict.fromkeys(("add", "twice", "evens"), "there 2 times"),
)


def answered_twice(nb):
    """The notebook with a wrong answer, and after it the right one in a copy of the cell."""
    cell = deepcopy(solution_cells(nb)["scale"])
    cell.source = RIGHT["tiny"]["scale"]
    nb.cells.insert(nb.cells.index(solution_cells(nb)["scale"]) + 1, cell)
    return nb


attempt(
    "b_copies_better",
    "a second answer is the right one",
    answers={"scale": WRONG["scale"]},
    noted={"scale": "there 2 times"},
    then=answered_twice,
)

attempt = entries("B", "metadata stripped")


def stripped(nb):
    """The notebook without metadata: its answers are known by what they define."""
    for cell in nb.cells:
        cell.metadata = {}
    nb.metadata = {}
    return nb


ELSEWHERE = dict.fromkeys(("add", "twice", "evens"), "not defined in its own cell")
attempt("b_stripped_all", "no metadata", **ONE_WRONG, noted=ELSEWHERE, then=stripped)


def half_stripped(nb):
    """The notebook without nbgrader's metadata of tests, and with odd metadata of answers."""
    for cell in graded(nb):
        cell.metadata.pop("nbgrader")
    for cell in solution_cells(nb).values():
        cell.metadata.nbgrader = {"grade_id": cell.metadata.nbgrader.grade_id, "schema_version": 3}
    return nb


attempt("b_stripped_half", "metadata of answers only", **ONE_WRONG, then=half_stripped)


def odd_metadata(nb):
    """The notebook, whose metadata is of other types."""
    nb.metadata["kernelspec"], nb.metadata["language_info"] = 3, ["python"]
    for cell in graded(nb):
        cell.metadata = {"nbgrader": "no", "tags": 7}
    return nb


attempt("b_stripped_oddly", "metadata of other types", **ONE_WRONG, then=odd_metadata)

attempt = entries("B", "unknown schema")
for name, version in {"future": 99, "none": None, "text": "three", "old": 0}.items():
    attempt(
        f"b_schema_{name}",
        f"nbgrader's schema is {version!r}",
        **ONE_WRONG,
        then=each_graded(numbered(schema_version=version)),
    )

attempt = entries("B", "other kernel named")


def kernel(**fields):
    """The notebook, which asks for another kernel."""

    def then(nb):
        nb.metadata["kernelspec"] = {"display_name": "Other", "name": "other", **fields}
        nb.metadata["language_info"] = {"name": fields.get("language", "python")}
        return nb

    return then


attempt("b_kernel_r", "that of another language", **ONE_WRONG, then=kernel(name="ir", language="R"))
attempt("b_kernel_path", "a path", **ONE_WRONG, then=kernel(name="../../../@MARK@/kernel"))
attempt("b_kernel_none", "none", **ONE_WRONG, then=lambda nb: nb.metadata.clear() or nb)

attempt = entries("B", "tests added")


def with_bonus(nb):
    """The notebook, in which a cell of the learner's own says that it is a test, with points."""
    nb.cells.append(course_cell("30.0", "test_bonus", points=30))
    return nb


attempt("b_own_cells_as_tests", "a test of one's own", **ONE_WRONG, then=with_bonus)
