"""What a browser would make of a page, as far as safety is concerned."""

import re

from bs4 import BeautifulSoup

TAGS = {"html", "head", "meta", "title", "style", "body", "main", "section", "div", "p", "span"}
TAGS |= {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "br",
    "hr",
    "img",
    "a",
    "code",
    "pre",
}
TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "blockquote"}
TAGS |= {"em", "strong", "del", "sub", "sup", "kbd", "wbr"}
ONCE = ("html", "head", "title", "style", "body", "main")
PLAIN = {"class", "id", "alt", "title", "scope", "lang", "charset", "name", "content", "rel"}


def dangers(page):
    """What in the HTML of a page might run or be fetched: list of str, empty if it is safe.

    Tags are looked for wherever they stand, also where a parser would take them for text.
    """
    rules, rest = page.split("</head>", 1)
    found = re.findall(r"<\s*/?\s*([a-zA-Z][^\s/>]*)", rest)
    odd = [f"<{tag}>" for tag in found if tag not in TAGS - {"meta", "style", "title"}]
    odd += [f"{tag} is there twice" for tag in ONCE if len(re.findall(f"<{tag}[\\s>]", page)) != 1]
    odd += ["a meta too many"] * (rules.count("<meta") != 4)
    for element in BeautifulSoup(page, "html.parser").find_all(True):
        for name, value in element.attrs.items():
            if not harmless(element.name, name, value):
                odd.append(f"{element.name} {name}={value!r}")
    return odd


def harmless(tag, name, value):
    """Whether an attribute neither runs nor fetches anything."""
    if name == "href":
        return re.match(r"https?:|mailto:|#", value) is not None
    if name == "src":
        return re.match(r"data:image/(png|svg\+xml);base64,[A-Za-z0-9+/=]*$", value) is not None
    return name in PLAIN or (tag, name) == ("meta", "http-equiv")
