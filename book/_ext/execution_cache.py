"""A chapter runs again when its cells change, or when labtools does.

The cache of outputs knows the cells only; so each state of labtools gets a cache of its own.
"""

import hashlib
from pathlib import Path

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


def setup(app):
    app.connect("config-inited", choose_cache, priority=100)  # before MyST-NB reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
