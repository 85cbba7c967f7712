"""A chapter runs again when its cells change, or when labtools does; chapters run side by side.

The cache of outputs knows the cells only; so each state of labtools gets a cache of its own.
MyST-NB runs a page when it reads it, one after the other; here what is not in the cache is put
there first.
"""

import hashlib
import logging
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from myst_nb.core.read import is_myst_markdown_notebook

NOT_IN_THE_BOOK = ("grading/", "checks/ch")  # what no page imports


def labtools_digest(root: Path) -> str:
    """A name for the state of the modules that a chapter can import."""
    digest = hashlib.sha256()
    for path in sorted((root / "labtools").rglob("*.py")):
        name = path.relative_to(root / "labtools").as_posix()
        if not name.startswith(NOT_IN_THE_BOOK):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def choose_cache(app, config):
    cache = Path(app.outdir).parent / ".jupyter_cache" / labtools_digest(Path(app.srcdir))
    config.nb_execution_cache_path = str(cache)


def run_side_by_side(app, env, docnames):
    """Run the pages to be read that are not in the cache, as many at once as there are cores.

    One that fails is left out of the cache: MyST-NB runs it again, and says what is wrong.
    """
    paths = [str(Path(env.doc2path(name)).resolve()) for name in docnames]
    pages = [p for p in paths if is_myst_markdown_notebook(Path(p).read_text("utf8"))]
    cache = get_cache(app.config.nb_execution_cache_path)
    records = [
        cache.add_nb_to_project(page, read_data={"name": "myst_nb_md", "type": "plugin"})
        for page in pages
    ]
    if waiting := [it.pk for it in cache.list_unexecuted(filter_pks=[it.pk for it in records])]:
        logger = logging.Logger("pages", logging.WARNING)  # else every process says good-bye
        executor = load_executor("local-parallel", cache, logger)
        executor.run_and_cache(filter_pks=waiting, timeout=app.config.nb_execution_timeout)


def setup(app):
    app.connect("config-inited", choose_cache, priority=100)  # before MyST-NB reads it
    app.connect("env-before-read-docs", run_side_by_side)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
