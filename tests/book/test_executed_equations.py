"""The marks and the page of tests, on a book of two pages."""

import subprocess
import sys

import pytest
from executed_equations import every_equation_test

CHAPTER = """
# Chapter

$$
1 + 1 = 2
$$ (eq-sum)

{more}
"""
PAGE = """
# Tests

```{executed-equations}
```
"""
TESTS = '''
import pytest

@pytest.mark.parametrize("one", [1])
def test_eq_sum(one):
    """One and one."""
    assert one + one == 2

def test_other():
    pass
'''
MORE_TESTS = """
def test_eq_more():
    assert 2 + 2 == 4
"""
CONF = """
extensions = ["myst_parser", "executed_equations"]
myst_enable_extensions = ["dollarmath"]
"""


@pytest.fixture
def build(root, tmp_path):
    def build(more: str = "", keep: bool = False) -> tuple[int, str]:
        files = {
            "conf.py": f"import sys\nsys.path.insert(0, {str(root / 'book/_ext')!r})\n{CONF}",
            "_toc.yml": "root: index\nchapters:\n- file: chapter\n- file: book/equations\n",
            "index.md": "# Book\n\n```{toctree}\nchapter\nbook/equations\n```\n",
            "chapter.md": CHAPTER.format(more=more),
            "book/equations.md": PAGE,
            "tests/book/test_equations.py": TESTS,
        }
        for name, text in [] if keep else files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        command = [sys.executable, "-m", "sphinx", "-qnW", "--keep-going", "-b", "html"]
        done = subprocess.run([*command, ".", "out"], cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stderr

    return build


def test_mark_leads_to_the_test_and_back(build, tmp_path):
    assert build() == (0, "")
    chapter = (tmp_path / "out/chapter.html").read_text()
    page = (tmp_path / "out/book/equations.html").read_text()
    assert 'href="book/equations.html#test-eq-sum"' in chapter
    assert chapter.index("#test-eq-sum") > chapter.index("1 + 1 = 2")
    assert 'id="test-eq-sum"' in page
    assert 'href="../chapter.html#equation-eq-sum"' in page


def test_source_is_shown_whole_and_highlighted(build, tmp_path):
    build()
    page = (tmp_path / "out/book/equations.html").read_text()
    assert "parametrize" in page
    assert "One and one." in page
    assert '<span class="k">assert</span>' in page
    assert "test_other" not in page


def test_tests_stand_under_the_title_of_their_chapter(build, tmp_path):
    build()
    page = (tmp_path / "out/book/equations.html").read_text()
    assert page.index("<h2>Chapter<") < page.index("One and one.")


def test_equation_without_a_test_fails_the_build(build):
    code, messages = build("$$\n2 + 2 = 4\n$$ (eq-missing)\n")
    assert code != 0
    assert "equation eq-missing needs test_eq_missing" in messages
    assert "eq-sum" not in messages


def test_first_label_of_a_chapter_reaches_the_page_of_tests(build, tmp_path):
    page, chapter = tmp_path / "out/book/equations.html", tmp_path / "chapter.md"
    build()
    labelled = chapter.read_text()
    chapter.write_text("# Chapter\n\nNo equation.\n")
    build(keep=True)
    assert "test-eq-sum" not in page.read_text()
    chapter.write_text(labelled)
    build(keep=True)
    assert 'id="test-eq-sum"' in page.read_text()


def test_tests_may_be_in_several_files(build, tmp_path):
    more = "$$\n2 + 2 = 4\n$$ (eq-more)\n"
    code, messages = build(more)
    assert code != 0
    assert "needs test_eq_more in tests/book/test_equations*.py" in messages
    (tmp_path / "tests/book/test_equations_more.py").write_text(MORE_TESTS)
    assert build(more, keep=True) == (0, "")
    chapter = (tmp_path / "out/chapter.html").read_text()
    page = (tmp_path / "out/book/equations.html").read_text()
    assert 'href="book/equations.html#test-eq-more"' in chapter
    entry = page[page.index('id="test-eq-more"') :]
    assert "tests/book/test_equations_more.py" in entry
    assert '<span class="k">assert</span>' in entry


def test_a_test_is_in_one_file_only(root):
    labels = [label for label, _ in every_equation_test(root)]
    assert labels
    assert not sorted({label for label in labels if labels.count(label) > 1})


def test_equation_without_a_label_needs_no_test(build):
    assert build("$$\nx\n$$\n") == (0, "")
