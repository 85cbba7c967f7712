"""The docstring of a package names what is in it."""

import importlib
import pkgutil

import pytest


@pytest.mark.parametrize("name", ["", ".classroom", ".reporting", ".feedback"])
def test_every_module_has_a_line(name):
    package = importlib.import_module(f"labtools.grading{name}")
    modules = {it.name for it in pkgutil.iter_modules(package.__path__)} - {"__main__"}
    named = {line.split()[0] for line in package.__doc__.splitlines() if line}
    assert modules <= named
