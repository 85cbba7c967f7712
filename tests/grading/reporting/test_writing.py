"""The page, JSON and CSV of a class."""

import csv
import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from labtools.grading.reporting import (
    KINDS,
    Answer,
    Question,
    Results,
    Student,
    items,
    mistakes,
    write_report,
)
from labtools.grading.reporting.analysis import Bin
from labtools.grading.reporting.drawing import histogram_svg
from labtools.grading.reporting.spreadsheet import cell

NASTY = "<script>alert(1)</script> \"'& ${7*7} {{7*7}}"
SECTION = "“The shift” in the chapter “Sums”: https://example.org/book/sums.html#shift"


def wrong(text):
    return Answer(0, True, f"add: {text}", "nasty", text, SECTION)


@pytest.fixture
def results(tmp_path):
    page = tmp_path / "feed back" / "ada #1" / "ex.html"
    students = (
        Student("ada #1", "Ada", "L", answers={"add": Answer(2), "big_sum": Answer(3.5)},
                feedback=page, cpu_seconds=1.25),
        Student("ben", answers={"add": wrong(NASTY), "big_sum": Answer(3.5)}, penalty=1),
        Student("cem", answers={"add": Answer(0, False, "not attempted"), "big_sum": Answer(0)},
                by_hand=True),
        Student(NASTY, fault=f"out of {NASTY}"),
    )  # fmt: skip
    questions = Question("add", 2), Question("big_sum", 3.5)
    return Results("ex", questions, students, absent=("zoe",))


class Reader(HTMLParser):
    """Elements, attributes and text of a page; fails where an element is not closed."""

    EMPTY = ("meta", "br", "img", "wbr", "rect")

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text = [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture
def page(results, tmp_path):
    write_report(results, tmp_path / "reports" / "ex.html", "html")
    return Reader((tmp_path / "reports" / "ex.html").read_text())


def test_the_page_runs_and_fetches_nothing(page):
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "img"}
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    policy = next(it["content"] for it in page.all("meta") if it.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_text_is_text(page):
    assert page.text.count(NASTY) >= 3  # a mistake, a student, a fault
    assert NASTY in [attrs.get("title", "")[5:] for attrs in page.all("td")]


def test_a_name_leads_to_its_feedback(page, results, tmp_path):
    (link,) = [it["href"] for it in page.all("a") if "href" in it and "://" not in it["href"]]
    assert "#" not in link
    target = (tmp_path / "reports" / unquote(link)).resolve()
    assert target == results.students[0].feedback.resolve()


def test_the_section_is_a_link_where_it_is_an_address(page):
    assert "https://example.org/book/sums.html#shift" in [it.get("href") for it in page.all("a")]


def test_what_the_page_says(page):
    words = " ".join(page.text.split())
    assert "3 graded: mean 2.67, median 2.5 of 5.5 points" in words
    assert "Nothing handed in by 1: zoe" in words
    assert "1 without a grade, through no fault of theirs" in words
    assert "Over the 3 who tried at least one question: so few that chance" in words
    assert "Graded without a sandbox" not in words


def test_the_chart_says_its_counts(page):
    (chart,) = page.all("svg")
    assert chart["role"] == "img"
    assert chart["aria-label"] == "Students by points. 0 points: 1, 2 points: 1, 5 points: 1."


def test_an_unsafe_run_is_marked(results, tmp_path):
    unsafe = Results(results.assignment, results.questions, results.students, unsafe=True)
    write_report(unsafe, tmp_path / "ex.html", "html")
    assert "Graded without a sandbox" in (tmp_path / "ex.html").read_text()
    write_report(unsafe, tmp_path / "ex.json", "json")
    assert json.loads((tmp_path / "ex.json").read_text())["unsafe"] is True


def test_a_question_that_nobody_gets_is_pointed_at(tmp_path):
    students = tuple(Student(f"s{i}", answers={"add": wrong("hm")}) for i in range(5))
    write_report(Results("ex", (Question("add", 2),), students), tmp_path / "ex.html", "html")
    assert "Look at the question itself" in (tmp_path / "ex.html").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_of_nobody(kind, tmp_path):
    write_report(Results("ex", (), ()), tmp_path / "ex", kind)
    assert (tmp_path / "ex").stat().st_size > 0


def test_json_holds_everything(results, tmp_path):
    write_report(results, tmp_path / "ex.json", "json")
    read = json.loads((tmp_path / "ex.json").read_text())
    assert [it["score"] for it in read["students"]] == [5.5, 2.5, 0, None]
    assert read["students"][1]["answers"]["add"]["title"] == NASTY
    assert read["students"][0]["feedback"] == str(Path("feed back", "ada #1", "ex.html"))
    assert [it["difficulty"] for it in read["items"]] == [it.difficulty for it in items(results)]
    assert (
        [it["students"] for it in read["mistakes"]]
        == [["ben"]]
        == [list(it.students) for it in mistakes(results)]
    )


def test_csv_has_a_line_for_each_student(results, tmp_path):
    write_report(results, tmp_path / "ex.csv", "csv")
    with open(tmp_path / "ex.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [it["score"] for it in lines] == ["5.5", "2.5", "0", ""]
    assert [it["big_sum"] for it in lines] == ["3.5", "3.5", "0", ""]
    assert [it["add: reason"] for it in lines] == ["", f"add: {NASTY}", "not attempted", ""]
    assert lines[1]["late_penalty"] == "1"
    assert lines[3]["no_grade"].startswith("out of")


def test_half_of_a_surrogate_pair_is_no_obstacle(tmp_path):
    student = Student("\ud800", answers={"add": wrong("\udc00")})
    for kind in KINDS:
        write_report(Results("ex", (Question("add", 2),), (student,)), tmp_path / kind, kind)
        (tmp_path / kind).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_computes_nothing(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "add: =1", "1", "é"])
def test_other_text_stays_as_it_is(text):
    assert cell(text) == text


def test_an_unknown_kind(results, tmp_path):
    with pytest.raises(ValueError, match="kind: expected one of html, json, csv, got 'pdf'"):
        write_report(results, tmp_path / "ex", "pdf")


def test_the_highest_bar_fills_the_chart():
    heights = [
        float(attrs["height"])
        for tag, attrs in Reader(histogram_svg([Bin(0, 1, 4), Bin(2, 3, 8)])).elements
        if tag == "rect"
    ]
    assert heights[1] == 2 * heights[0] > 0
