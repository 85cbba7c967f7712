"""What is handed in is no notebook, or lies about itself: a score, and a reason, for everybody."""

import json

import nbformat
from suite_entries import ONE_WRONG, RIGHT, entries

ALL = ("add", "scale", "twice", "evens")
UNREADABLE = {"lost": dict.fromkeys(ALL, "not a readable notebook|read")}
NOT_IN = {"lost": dict.fromkeys(ALL, "is a link|is not a file")}


class Link(str):
    """What a symbolic link points to."""


class Folder:
    """A folder where a file is expected."""


class Pipe:
    """A named pipe, from which nobody reads without waiting."""


def file(content):
    """What is handed in, whatever the answers: `content`, or what it makes of the notebook."""
    return lambda nb: {"tiny.ipynb": content(nb) if callable(content) else content}


def changed(**fields):
    """The file of the notebook with other fields at its top."""

    def text(nb):
        return json.dumps({**json.loads(nbformat.writes(nb)), **fields})

    return file(text)


attempt = entries("B", "bad JSON")
attempt("b_json_cut", "cut off", **UNREADABLE, then=file(lambda nb: nbformat.writes(nb)[:700]))
attempt("b_json_empty", "an empty file", **UNREADABLE, then=file(""))
attempt("b_json_bytes", "bytes of no meaning", **UNREADABLE, then=file(bytes(range(256)) * 40))
attempt("b_json_deep", "lists in lists", **UNREADABLE, then=file("[" * 200_000 + "]" * 200_000))
attempt(
    "b_json_deep_cells",
    "a cell whose metadata is nested deeply",
    **UNREADABLE,
    then=file(
        '{"cells": [{"cell_type": "code", "source": "", "metadata": '
        + '{"a":' * 100_000
        + "1"
        + "}" * 100_000
        + "}]}"
    ),
)
attempt("b_json_null", "nothing but null", **UNREADABLE, then=file("null"))
attempt("b_json_cells", "cells are no list", **UNREADABLE, then=changed(cells={"a": 1}))
attempt(
    "b_json_digits",
    "a number of a million digits",
    **UNREADABLE,
    then=file('{"cells": [], "nbformat": ' + "9" * 10**6 + "}"),
)
attempt(
    "b_json_page",
    "a web page under the name of a notebook",
    **UNREADABLE,
    then=file("<!DOCTYPE html><html><script>alert('@MARK@')</script></html>"),
)
attempt(
    "b_json_marked",
    "a byte order mark before it: some editors write one",
    **ONE_WRONG,
    then=file(lambda nb: b"\xef\xbb\xbf" + nbformat.writes(nb).encode()),
)
attempt(
    "b_json_cells_odd",
    "among the cells are numbers, texts, and cells of unknown kinds",
    **ONE_WRONG,
    then=file(
        lambda nb: json.dumps(
            {
                **json.loads(nbformat.writes(nb)),
                "cells": [
                    3,
                    None,
                    "def add(): pass",
                    [[]],
                    {"cell_type": "code"},
                    {"cell_type": "video", "source": "x", "metadata": {}},
                    {"cell_type": "code", "source": [1, 2], "metadata": None},
                    {"cell_type": "code", "source": "\ud800x = '\0'", "metadata": {}},
                    *json.loads(nbformat.writes(nb))["cells"],
                ],
            }
        )
    ),
)

attempt = entries("B", "unknown format")
attempt("b_format_99", "of the future", **ONE_WRONG, then=changed(nbformat=99, nbformat_minor=99))
attempt("b_format_text", "a text", **ONE_WRONG, then=changed(nbformat="four", metadata=[]))
attempt(
    "b_format_3",
    "of long ago, with its cells in worksheets",
    lost=dict.fromkeys(ALL, "."),
    then=file(
        lambda nb: json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [
                    {
                        "metadata": {},
                        "cells": [
                            {
                                "cell_type": "code",
                                "language": "python",
                                "input": source,
                                "outputs": [],
                                "metadata": {},
                            }
                            for source in RIGHT["tiny"].values()
                        ],
                    }
                ],
            }
        )
    ),
)

attempt = entries("B", "oversize file")
attempt(
    "b_size_text",
    "a comment of 60 MB",
    lost=dict.fromkeys(ALL, "large|big|MB|size"),
    then=file(lambda nb: changed_source(nb, "# " + "x" * 60_000_000)),
)
attempt(
    "b_size_cells",
    "a hundred thousand cells",
    lost=dict.fromkeys(ALL, "large|big|MB|size|cells"),
    then=file(
        lambda nb: (
            '{"cells": ['
            + ",".join(['{"cell_type": "code", "source": "x = 1", "metadata": {}}'] * 100_000)
            + "]}"
        )
    ),
)


def changed_source(nb, source):
    """The text of the notebook, whose first answer has something after it."""
    for cell in nb.cells:
        if cell.source == RIGHT["tiny"]["add"]:
            cell.source += f"\n{source}"
    return nbformat.writes(nb)


attempt = entries("B", "symlink")
attempt("b_link_system", "to a file of the system", **NOT_IN, then=file(Link("/etc/passwd")))
attempt(
    "b_link_secret", "to a file of the teacher's", **NOT_IN, then=file(Link("@HOME@/secret.txt"))
)
attempt(
    "b_link_solution",
    "to the solution",
    **NOT_IN,
    then=file(Link("@COURSE@/solutions/tiny/tiny.ipynb")),
)
attempt("b_link_loop", "to itself", **NOT_IN, then=file(Link("tiny.ipynb")))
attempt("b_link_endless", "to a file without an end", **NOT_IN, then=file(Link("/dev/zero")))
attempt(
    "b_link_beside",
    "beside an honest notebook",
    **ONE_WRONG,
    then=lambda nb: {"tiny.ipynb": nb, "notes.txt": Link("@HOME@/secret.txt")},
)
attempt("b_link_folder", "a folder under the notebook's name", **NOT_IN, then=file(Folder()))
attempt("b_link_pipe", "a named pipe under its name", **NOT_IN, then=file(Pipe()))
attempt(
    "b_link_pipe_beside",
    "a named pipe beside an honest notebook",
    **ONE_WRONG,
    then=lambda nb: {"tiny.ipynb": nb, "data.csv": Pipe()},
)

attempt = entries("B", "forged timestamp")
for name, text in {
    "early": "1970-01-01 00:00:00 UTC",
    "late": "2999-12-31 23:59:59.999999 UTC",
    "words": "yesterday, before the deadline",
    "bytes": b"\xff\xfe\x00\x00" * 9,
    "far": "99999-99-99 99:99 +99:99",
    "empty": "",
}.items():
    attempt(
        f"b_time_{name}",
        f"handed in at {text!r}",
        **ONE_WRONG,
        then=lambda nb, text=text: {"tiny.ipynb": nb, "timestamp.txt": text},
    )
attempt(
    "b_time_link",
    "the timestamp is a link",
    **ONE_WRONG,
    then=lambda nb: {"tiny.ipynb": nb, "timestamp.txt": Link("@HOME@/secret.txt")},
)

attempt = entries("B", "other files")
attempt(
    "b_other_name",
    "another name",
    lost=dict.fromkeys(ALL, "handed in as"),
    then=lambda nb: {"final (2).ipynb": nb},
)
attempt(
    "b_other_nothing", "an empty folder", lost=dict.fromkeys(ALL, "No notebook"), then=lambda nb: {}
)
attempt(
    "b_other_assignment",
    "a notebook that belongs to another assignment comes too",
    **ONE_WRONG,
    then=lambda nb: {"tiny.ipynb": nb, "ch03_clm.ipynb": nb, "gradebook.db": b"SQLite format 3\0"},
)
attempt(
    "b_other_modules",
    "modules of the grader's come with the notebook",
    **ONE_WRONG,
    then=lambda nb: {
        "tiny.ipynb": nb,
        **dict.fromkeys(
            ("torch.py", "json.py", "nbgrader_config.py", "sitecustomize.py", "labtools.py"),
            "open('@HOME@/@MARK@-module', 'w')\nraise SystemExit('a module of the learner')",
        ),
    },
)
