"""labtools stands on its own: it needs no nbgrader, no Jupyter and nothing of Hugging Face."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys

REFUSED = ("nbgrader", "nbformat", "nbclient", "nbconvert", "IPython", "ipykernel", "traitlets",
           "jupyter_client", "jupyterlab", "jupyter_core", "transformers", "tokenizers")

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"refused: {name}", name=name)

sys.meta_path.insert(0, Refuse())
import labtools
names = [m.name for m in pkgutil.walk_packages(labtools.__path__, "labtools.")
         if not m.name.startswith("labtools.grading")]
for name in names:
    importlib.import_module(name)
print(*names)
"""


def test_it_is_imported_without_jupyter_nbgrader_and_hugging_face():
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    imported = done.stdout.split()
    for part in ("sources", "corpora", "model", "training", "checks.engine", "plots"):
        assert f"labtools.{part}" in imported


def test_the_wheel_holds_every_module_and_says_that_it_is_typed(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "labtools", source / "labtools", ignore=shutil.ignore_patterns("__py*"))
    shutil.copy(ROOT / "pyproject.toml", source)
    build = "import setuptools.build_meta, sys; setuptools.build_meta.build_wheel(sys.argv[1])"
    command = [sys.executable, "-W", "ignore", "-c", build, str(tmp_path)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    there = {str(f.relative_to(source)) for f in (source / "labtools").rglob("*") if f.is_file()}
    assert "labtools/py.typed" in there
    assert there <= set(zipfile.ZipFile(wheel).namelist())
