"""The built book needs no network: no page, script or style loads anything from another host."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from executed_equations import chapters

LOADED_BY = {  # tag: attributes that make a browser load something
    **dict.fromkeys(("script", "iframe", "embed", "track", "input"), ("src",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    **dict.fromkeys(("video", "audio"), ("src", "poster")),
    **dict.fromkeys(("use", "image"), ("href", "xlink:href")),
    "object": ("data",),
}
LOADING_LINKS = {"stylesheet", "preload", "modulepreload", "icon", "manifest", "prefetch"}
REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s;]+)""", re.IGNORECASE)
IN_SCRIPT = re.compile(r"""(?:\bimport|\bfrom|\bfetch)\s*\(?\s*["'`]((?:https?:)?//[^"'`]+)""")


class Loads(HTMLParser):
    """Collects what a page loads from another host; links that a reader may follow are fine."""

    def __init__(self) -> None:
        super().__init__()
        self.remote: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.inside = tag if tag in ("style", "script") else ""
        names = LOADED_BY.get(tag, ())
        if tag == "link" and LOADING_LINKS & set(attributes.get("rel", "").lower().split()):
            names = ("href",)
        loaded = [part for name in names for part in attributes.get(name, "").split(",")]
        self.remote += [f"<{tag}> {url.strip()}" for url in loaded if REMOTE.match(url)]
        self.remote += IN_STYLE.findall(attributes.get("style", ""))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        patterns = {"style": IN_STYLE, "script": IN_SCRIPT}
        if self.inside:
            self.remote += patterns[self.inside].findall(data)


def remote_loads(html: str) -> list[str]:
    page = Loads()
    page.feed(html)
    page.close()
    return page.remote


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script async src="//cdn.example/x.js"></script>',
        '<script type="module">import "https://cdn.example/x.js"</script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link rel="shortcut icon" href="https://cdn.example/x.ico">',
        '<link href="https://cdn.example/f.woff2" rel="preload" as="font">',
        '<img alt="" src="HTTPS://cdn.example/x.png"/>',
        '<img alt="" srcset="x.png 1x, https://cdn.example/x.png 2x">',
        '<iframe src="https://cdn.example"></iframe>',
        "<style>@import '//fonts.example/css';</style>",
        "<style>p { background: url(https://cdn.example/x.png) }</style>",
        '<p style="background: url(https://cdn.example/x.png)">',
        '<svg><use xlink:href="https://cdn.example/x.svg#a"/></svg>',
    ],
)
def test_a_remote_load_is_found(html):
    assert len(remote_loads(html)) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://arxiv.org/abs/1706.03762">paper</a>',
        '<link rel="canonical" href="https://example.org/">',
        '<script src="../_static/x.js"></script>',
        "<p>url(https://cdn.example/x.png)</p>",
        "<style>p { background: url(data:image/png;base64,xx//yy) }</style>",
    ],
)
def test_a_link_is_no_load(html):
    assert remote_loads(html) == []


def pages_of(book: Path) -> list[Path]:
    """The pages that a reader can come to, without the theme's templates."""
    found = sorted(page for page in book.rglob("*.html") if "_static" not in page.parts)
    assert len(found) > 4
    return found


def test_pages_load_from_their_own_host_only(built_book):
    pages = pages_of(built_book)
    found = {page.name: remote_loads(page.read_text(encoding="utf8")) for page in pages}
    assert {name: urls for name, urls in found.items() if urls} == {}


def test_styles_load_from_their_own_host_only(built_book):
    styles = sorted(built_book.rglob("*.css"))
    assert len(styles) > 4
    found = {style.name: IN_STYLE.findall(style.read_text(encoding="utf8")) for style in styles}
    assert {name: urls for name, urls in found.items() if urls} == {}


def test_what_pages_load_is_there(built_book):
    missing = []
    for page in pages_of(built_book):
        html = page.read_text(encoding="utf8")
        for url in re.findall(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"#?]+)', html):
            local = not REMOTE.match(url) and not url.startswith("data:")
            missing += [f"{page.name}: {url}"] * (local and not (page.parent / url).exists())
    assert missing == []


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no chromium to open the book with")
    return found


def open_without_network(url: str, folder: Path) -> tuple[str, list[str]]:
    """The page as the browser shows it, and what the page asked other hosts for."""
    log = folder / "net.json"
    command = f"""
        {chromium()} --headless --no-sandbox --disable-gpu --no-first-run --disable-sync
        --disable-background-networking --disable-component-update --virtual-time-budget=20000
        --host-resolver-rules=MAP_*_~NOTFOUND --user-data-dir={folder}/profile
        --log-net-log={log} --dump-dom {url}
    """
    arguments = [part.replace("MAP_*_", "MAP * ") for part in command.split()]
    shown = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True)
    return shown.stdout, asked_for(json.loads(log.read_text()))


def asked_for(log: dict) -> list[str]:
    """Requests by a page; those that Chromium makes for itself have no origin."""
    start = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    started = [event.get("params", {}) for event in log["events"] if event["type"] == start]
    return [
        request["url"]
        for request in started
        if request.get("url", "").startswith("http") and request["initiator"] != "not an origin"
    ]


def test_a_request_to_another_host_is_seen(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<script src="https://cdn.example/x.js"></script><p>text</p>')
    assert open_without_network(page.as_uri(), tmp_path)[1] == ["https://cdn.example/x.js"]


PAGES = chapters(Path(__file__).parents[2])


@pytest.mark.parametrize("page", PAGES)
def test_page_reads_without_a_network(built_book, page, tmp_path):
    file = built_book / f"{page}.html"
    shown, asked = open_without_network(file.as_uri(), tmp_path)
    assert asked == []
    equations = len(re.findall(r'class="[^"]*\bmath notranslate', file.read_text("utf8")))
    assert shown.count("<mjx-container") == equations
    assert not re.findall(r"<mjx-merror|data-mjx-error=\"[^\"]*", shown)
