"""The page that is handed back: what it says, and what it must not do."""

import base64
import html
import io

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)
from page_attacks import ATTACKS, FIGURE
from pages_read import dangers
from PIL import Image

from labtools.grading.feedback import FeedbackExporter, Marks, page
from labtools.grading.feedback.cells import MAX_CELLS, MAX_SOURCE
from labtools.grading.feedback.marks import Comment
from labtools.grading.feedback.showing import MAX_SIDE, MAX_TEXT, png, sanitised

CHECK = """\
check(add)
### BEGIN HIDDEN TESTS
secret = 42
### END HIDDEN TESTS"""
SECTION = "“The shift” in the chapter “Sums”: https://example.org/sums.html#shift"


def graded(name, source="", outputs=(), **what):
    flags = {"grade": False, "solution": False, "locked": False, "task": False, **what}
    metadata = {"nbgrader": {**flags, "grade_id": name, "schema_version": 3}}
    return new_code_cell(source, metadata=metadata, outputs=list(outputs))


def answer(source="def add(): ...", outputs=()):
    return graded("add", source, outputs, solution=True)


def check(outputs=(), source=CHECK):
    return graded("test_add", source, outputs, grade=True, locked=True, points=2)


def text(words):
    return new_output("stream", name="stdout", text=words)


def error(name, words, traceback=("in the source: secret",)):
    return new_output("error", ename=name, evalue=words, traceback=list(traceback))


def display(**data):
    return new_output("display_data", data={k.replace("_", "/"): v for k, v in data.items()})


def made(*cells, points=0, comment=None, by_person=False, penalty=0, told=None):
    nb = new_notebook(metadata={"labtools": told or {}})
    nb.cells = list(cells)
    comments = {"add": Comment(comment, by_person)} if comment else {}
    return page(nb, Marks({"test_add": (points, 2)}, comments, penalty), "ex")


def words(page):
    return " ".join(BeautifulSoup(page, "html.parser").main.get_text().split())


def png_of(width=2, height=3):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(attack):
    everything = display(
        text_plain=attack, text_html=attack, text_markdown=attack, text_latex=attack,
        image_png=attack, image_jpeg=attack, application_javascript=attack,
    )  # fmt: skip
    figure = display(text_html=FIGURE.format(attack), text_plain=attack)
    outputs = [text(attack), error(attack, attack, [attack]), everything, figure]
    made_ = made(
        *(new_markdown_cell(attack), new_raw_cell(attack), new_code_cell(attack, outputs=outputs)),
        *(answer(attack, outputs), check(outputs), graded("course", attack, outputs, locked=True)),
        comment=attack,
        told={"diagnoses": {"add": {"title": attack, "section": attack}}},
    )
    assert dangers(made_) == []
    by_person = made(answer(), check(), comment=attack, by_person=True)
    assert dangers(by_person) == []


def test_a_script_is_shown_as_it_was_written():
    source = "<script>alert('x')</script> & {{ 7 * 7 }}"
    shown = words(made(new_code_cell(source, outputs=[text(source)])))
    assert shown.count(source) == 2


def test_hidden_tests_and_what_quotes_them_are_out():
    failure = error("AssertionError", "not 5", ["assert add() == secret"])
    shown = made(answer(), check([failure]))
    assert "check(add)" in words(shown)
    assert "AssertionError: not 5" in shown
    assert "secret" not in shown
    assert "HIDDEN TESTS" not in shown


def test_a_learner_may_write_of_hidden_tests():
    own = new_code_cell("### BEGIN HIDDEN TESTS")
    assert "BEGIN HIDDEN TESTS" in made(own, answer("### BEGIN HIDDEN TESTS\n1"), check())


def test_a_diagnosis_is_there_in_full():
    shown = made(answer(), check([error("CheckFailed", "add: shifted\n\n■ ·")]))
    assert "add: shifted\n\n■ ·" in shown
    assert "CheckFailed" not in shown


def test_an_error_of_the_learner_s_own_is_there_in_full():
    shown = made(answer("1 / 0", [error("ZeroDivisionError", "by 0", ["line 1", "\x1b[1mhm"])]))
    assert "line 1\nhm" in shown
    assert "ZeroDivisionError: by 0" in made(answer("", [error("ZeroDivisionError", "by 0", [])]))


def test_the_summary():
    told = {"diagnoses": {"add": {"section": SECTION}}}
    shown = made(answer(), check(), points=0.5, comment="add: shifted", penalty=0.25, told=told)
    table = BeautifulSoup(shown, "html.parser").table
    cells = [" ".join(cell.get_text(" ").split()) for cell in table.tbody.find_all(["th", "td"])]
    assert cells == ["add", "0.5 of 2", f"shifted Look up: {SECTION}"]
    assert table.tbody.a["href"] == "#test_add"
    assert [it["href"] for it in table.find_all("a")][1] == "https://example.org/sums.html#shift"
    assert "0.25 of 2 points , with 0.25 taken off" in words(shown)


def test_full_marks_have_nothing_to_look_up():
    told = {"diagnoses": {"add": {"section": SECTION}}}
    assert "Look up" not in made(answer(), check(), points=2, told=told)


def test_a_reason_is_text_and_a_person_s_words_are_markdown():
    assert "<em>" not in made(answer(), check(), comment="*well* done")
    assert "<em>well</em> done" in made(answer(), check(), comment="*well* done", by_person=True)


def test_a_picture_of_the_check_is_there():
    shown = made(answer(), check([display(text_html=FIGURE.format("one cell differs"))]))
    (image,) = BeautifulSoup(shown, "html.parser").find_all("img")
    assert image["alt"] == "one cell differs"


def test_only_a_check_draws_figures():
    figure = display(text_html=FIGURE.format("mine"), text_plain="words")
    shown = made(answer("", [figure]))
    assert "<img" not in shown
    assert "words" in shown


def test_a_png_is_shown():
    shown = made(new_code_cell(outputs=[display(image_png=png_of(), text_plain="a plot")]))
    (image,) = BeautifulSoup(shown, "html.parser").find_all("img")
    assert (image["alt"], image["src"]) == ("a plot", f"data:image/png;base64,{png_of()}")


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "é",
        "<svg/>",
        base64.b64encode(b"GIF89a").decode(),
        png_of()[:-8],
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"<svg>" * 9).decode(),
        png_of(MAX_SIDE + 1, 1),
        "A" * 2**22,
    ],
)
def test_what_is_no_png_is_none(data):
    assert png(data) is None


def test_much_is_cut():
    long = "x" * (3 * MAX_TEXT)
    cell = new_code_cell("(" * 4000, outputs=[text(long), text("hm")])
    shown = made(*[cell] * (2 * MAX_CELLS), check())
    assert len(shown) < 1_000_000 + 50 * MAX_SOURCE
    assert f"and {3 * MAX_TEXT - MAX_TEXT:,} characters more" in shown
    assert f"and {MAX_CELLS + 1:,} cells more" in shown


def test_many_blank_lines_are_few():
    shown = made(new_code_cell("a = 1" + "\n \t" * 1000 + "\nb = 2"))
    source = BeautifulSoup(shown, "html.parser").select_one(".highlight").get_text()
    assert source.strip("\n") == "a = 1\n\n\nb = 2"


def test_many_pictures_are_cut():
    noise = Image.effect_noise((1000, 1000), 99)
    file = io.BytesIO()
    noise.save(file, "PNG")
    picture = display(image_png=base64.b64encode(file.getvalue()).decode(), text_plain="noise")
    shown = made(new_code_cell(outputs=[picture] * 9))
    assert 1 <= shown.count("<img") < 9
    assert len(shown) < 6e6


def test_the_notebook_is_not_changed():
    nb = new_notebook(cells=[answer(), check([error("CheckFailed", "hm")])])
    before = html.escape(str(nb))
    page(nb, Marks({"test_add": (0, 2)}, {}), "ex")
    assert html.escape(str(nb)) == before


def test_formgrader_s_filter_typesets_and_runs_nothing():
    shown = sanitised("# a\n\n<b>b</b> $\\href{javascript:1}{x}$ <script>1</script>")
    assert shown.startswith('<div class="tex2jax_ignore mathjax_ignore"><h1>a</h1>')
    assert "<b>b</b>" in shown
    assert "<script" not in shown


def test_the_exporter_makes_the_same_page():
    nb = new_notebook(cells=[answer(), check()])
    marks = Marks({"test_add": (2, 2)}, {"add": Comment("fine", False)}, 0)
    resources = {"marks": marks, "nbgrader": {"notebook": "ex"}}
    made_, resources = FeedbackExporter().from_notebook_node(nb, resources)
    assert made_ == page(nb, marks, "ex")
    assert resources["output_extension"] == ".html"
