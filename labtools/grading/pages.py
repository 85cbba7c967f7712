"""Pages that need nothing from elsewhere and run nothing: one head, one style, light and dark."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

TEMPLATES = Path(__file__).with_name("templates")

LIGHT_CODE, DARK_CODE = "xcode", "github-dark"
"""Pygments' styles, chosen for their contrast."""


def render(template: str, **values: Any) -> str:
    """A page of `templates`, UTF-8 text that can be written as it is.

    Every value is escaped unless it is `Markup`.
    """
    text = environment().get_template(template).render(style=style(), policy=policy(), **values)
    return text.encode("utf-8", "replace").decode()


@cache
def environment() -> Environment:
    """Jinja's environment of all pages."""
    it = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    it.filters |= {"number": number, "breakable": breakable}
    it.policies["urlize.rel"] = "noopener noreferrer"
    return it


@cache
def style() -> Markup:
    """The one style sheet, the colours of code included."""
    light, dark = (
        HtmlFormatter(style=name).get_style_defs(".highlight") for name in (LIGHT_CODE, DARK_CODE)
    )
    own = (TEMPLATES / "page.css").read_text()
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{own}")


@cache
def policy() -> str:
    """What a browser may do with a page: show it, with this style and with images in it.

    No script runs and nothing is fetched, whatever came into the page (W3C, Content Security
    Policy Level 3).
    """
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    rules = ["default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:"]
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def number(value: float) -> str:
    """`2`, `2.5`: at most two digits after the point."""
    return f"{round(value, 2):g}" if abs(value) < 1e5 else json.dumps(value)


def breakable(name: str) -> Markup:
    """A function's name that may be broken into lines after its underscores."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))
