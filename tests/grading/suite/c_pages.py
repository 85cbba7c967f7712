"""Whatever is shown of a submission is looked at in somebody's browser."""

from suite_entries import RIGHT, entries

SCRIPT = "<script>document.title = 'owned'; fetch('http://127.0.0.1:@PORT@/')</script>"
IMAGE = "<img src=x onerror=\\\"document.title = 'owned'\\\">"

attempt = entries("C", "script in the output")

SHOW = """\
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

script = "SCRIPT"


def show():
    display(HTML(script), Markdown(script), Latex(script))
    display(Javascript('document.title = "owned"'))
    display(SVG(data=f'<svg xmlns="http://www.w3.org/2000/svg">{script.partition("<img")[0]}</svg>'))
    display(
        {
            'text/html': script,
            'application/javascript': 'alert(1)',
            'application/vnd.jupyter.widget-view+json': {'model_id': script},
            'image/svg+xml': script,
            'text/latex': script,
            'image/png': script,
        },
        raw=True,
    )


show()


def add(a, b):
    show()
    return a + b"""

RAISE = """\
script = "SCRIPT"


def add(a, b):
    print(script, '\\x1b]8;;javascript:alert(1)\\x07link\\x1b[0m')
    raise type(script, (Exception,), {})('</pre></textarea>' + script)"""

attempt(
    "c_script_shown",
    "as HTML, JavaScript, SVG, Markdown and LaTeX, in a cell and in a call",
    answers={"add": SHOW.replace("SCRIPT", SCRIPT + IMAGE)},
)
attempt(
    "c_script_error",
    "in an error, in its name and in what is printed",
    answers={"add": RAISE.replace("SCRIPT", SCRIPT + IMAGE)},
    lost={"add": "."},
)


def with_text(nb):
    """The notebook with cells of text, and outputs in the file, that have scripts in them."""
    from nbformat.v4 import new_markdown_cell, new_output

    for source in (
        SCRIPT + IMAGE.replace("\\", ""),
        '[link](javascript:alert(1)) ![x](x"onerror="alert(1))',
        "<iframe srcdoc='<script>parent.document.title = 1</script>'></iframe>",
        "<svg><style><img src=x onerror=alert(1)></style></svg><base href=//127.0.0.1:@PORT@/>",
        "<form action='http://127.0.0.1:@PORT@/'><input name=x autofocus onfocus=alert(1)></form>",
        "$\\href{javascript:alert(1)}{x}$ <math><mtext></form><form><mglyph><style></math>",
        "<meta http-equiv=refresh content='0;url=http://127.0.0.1:@PORT@/'>",
        "<link rel=stylesheet href=http://127.0.0.1:@PORT@/a.css><object data=//127.0.0.1:@PORT@>",
    ):
        nb.cells.append(new_markdown_cell(source))
        nb.cells[-1]["attachments"] = {"x.svg": {"image/svg+xml": SCRIPT}}
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", data={"text/html": SCRIPT})]
    nb.metadata["title"] = nb.metadata["authors"] = f"</title>{SCRIPT}"
    return nb


attempt("c_script_text", "in the text, in the file's outputs and metadata", then=with_text)
attempt(
    "c_script_source",
    "in the code, in a comment, in a name that a check will quote",
    answers={
        "add": f"# </pre></code>{SCRIPT}\n{RIGHT['tiny']['add']}",
        "scale": 'def scale(x, factor):\n    raise ValueError("](javascript:alert(1)) <b>`*_$")',
    },
    lost={"scale": "ValueError"},
)
