"""What a learner wrote, printed or drew, made safe to show: escaped, sanitised, capped."""

import base64
import binascii
import io
import re
from functools import cache, lru_cache
from html.parser import HTMLParser

from bleach.sanitizer import Cleaner
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from labtools.grading.plain import plain

MAX_TEXT = 20_000  # characters of one text
MAX_RENDERED = 5_000  # beyond it code and markdown are shown as written: rendering takes n²
MAX_IMAGE = 2**21  # bytes
MAX_SIDE = 5_000  # pixels

TAGS = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "br", "hr", "pre", "blockquote"}
    | {"a", "abbr", "b", "code", "del", "em", "i", "kbd", "q", "s", "samp", "small", "strong"}
    | {"sub", "sup", "u", "var", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary"}
    | {"table", "thead", "tbody", "tfoot", "tr", "th", "td"}
)
CLASSES = re.compile(r"highlight|[a-z]{1,2}[0-9]?")  # Pygments'; others mean something elsewhere
PROTOCOLS = frozenset({"http", "https", "mailto"})

LABTOOLS_FIGURE = '<figure class="labtools-figure">'
SVG = "data:image/svg+xml;base64,"


@lru_cache(maxsize=512)  # most of a class's markdown and code is the course's own
def markdown(source: str) -> Markup:
    """Markdown as HTML without anything that a browser would run or fetch.

    What is rendered is sanitised, not what is written: markdown can make what neither has.
    """
    if len(source) > MAX_RENDERED:
        return preformatted(source)
    try:
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
        return Markup(
            cleaner().clean(MarkdownWithMath(renderer=renderer).render(plain(source, MAX_TEXT)))
        )
    except Exception:  # a thousand brackets in each other, say
        return preformatted(source)


def sanitised(source: str) -> Markup:
    """`markdown`, as the filter `markdown2html` of nbconvert's that formgrader should use.

    Formulas stay as they were written: MathJax would make a link of `\\href{javascript:…}`.
    """
    return Markup('<div class="tex2jax_ignore mathjax_ignore">{}</div>').format(markdown(source))


@cache
def cleaner() -> Cleaner:
    """Bleach's cleaner of rendered markdown."""
    return Cleaner(tags=TAGS, attributes=allowed, protocols=PROTOCOLS, strip=False)


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether an element may have an attribute; called by bleach."""
    if name == "class":
        return tag in ("div", "span") and CLASSES.fullmatch(value) is not None
    if name == "href":
        return tag == "a" and re.match(r"(https?:|mailto:|#)", value) is not None
    return tag == "a" and name == "title"


def preformatted(text: str) -> Markup:
    """Text as it is."""
    return Markup("<pre>{}</pre>").format(plain(text, MAX_TEXT))


@lru_cache(maxsize=512)
def code(source: str) -> Markup:
    """Python with its words coloured; of many blank lines two."""
    if len(source) > MAX_RENDERED:
        return preformatted(source)
    return Markup(highlight(few_blank_lines(plain(source, MAX_TEXT)), lexer(), formatter()))


def few_blank_lines(text: str) -> str:
    """At most two in a row: Pygments takes n² for them."""
    lines = [line.rstrip() for line in text.split("\n")]
    pairs = zip(lines, ["", "", *lines], ["", *lines], strict=False)
    return "\n".join(line for line, *before in pairs if line or any(before))


@cache
def lexer() -> PythonLexer:
    """Python's; the text is not changed."""
    return PythonLexer(stripnl=False, ensurenl=False)


@cache
def formatter() -> HtmlFormatter:
    """Pygments' classes, coloured by the page's style."""
    return HtmlFormatter(wrapcode=True)


def png(data: object) -> str | None:
    """The address of a PNG in the page; None if `data` (base64) is none, or is too large."""
    if not isinstance(data, str) or len(data) > MAX_IMAGE * 4 / 3:
        return None
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if max(image.size) > MAX_SIDE:
                return None
            image.verify()
    except (binascii.Error, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None  # SyntaxError is what PIL calls a broken chunk
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def figures(html: object) -> list[tuple[str, str]]:
    """The images, as (address, alternative text), of a figure that `labtools.plots` made.

    The figure itself takes its colours from the page, but an image runs no scripts and fetches
    nothing (SVG 2, “secure static mode”).
    """
    if not isinstance(html, str) or LABTOOLS_FIGURE not in html or len(html) > MAX_IMAGE:
        return []
    reader = ImageReader()
    reader.feed(html)
    return reader.images


class ImageReader(HTMLParser):
    """Collects the SVG images of an HTML fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        its = dict(attrs)
        source = its.get("src") or ""
        if tag == "img" and re.fullmatch(rf"{re.escape(SVG)}[A-Za-z0-9+/=]+", source):
            self.images.append((source, its.get("alt") or ""))
