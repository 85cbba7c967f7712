"""What a box has imported before a learner's code runs, and what it must never import.

Some modules of checks hold right answers: the oracles. They belong to the trusted process
alone. In a box there are stand-ins for them, so that the set-up of a notebook runs there too.
"""

import importlib
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ORACLES = r"ch\d\w*|losses|key_masks|chance|properties|toy_model|toy_seq2seq"
HAS_ORACLES = re.compile(rf"labtools\.checks\.({ORACLES})(\.|$)")
IMPORTED = (
    "babel",
    "labtools.corpora",
    "labtools.definitions",
    "labtools.generation",
    "labtools.model",
    "labtools.plots",
    "labtools.sources",
    "labtools.training",
    "labtools.vocab",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "numpy",
    "torch.nn.functional",
)


def keep_oracles_out() -> None:
    """From now on, modules with oracles are imported as stand-ins."""
    sys.meta_path.insert(0, StandIns())


def warm_up() -> None:
    """Import what the cells of the course need."""
    for name in IMPORTED:
        importlib.import_module(name)
    exercise()


def exercise() -> None:
    """Do once what torch imports, or reads from /proc, when it is first done."""
    import torch

    from labtools.checks.calling import call

    torch.set_num_threads(1)  # threads do not survive a fork
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        x = torch.ones(2, 3, 5, dtype=dtype)
        call(_typical, (x,), refused=frozenset(["flex_attention", exercise.__code__]))


def _typical(x: Any) -> Any:
    """Calls that answers are made of."""
    import torch
    from torch.nn import functional as F

    F.scaled_dot_product_attention(x, x, x)
    logits = (x @ x.mT).requires_grad_()
    loss = F.cross_entropy(logits, torch.zeros(2, 3, dtype=torch.int64)) + logits.exp().sum()
    torch.autograd.grad(loss, logits, torch.ones_like(loss))  # imports more if this is given
    probs = logits.detach().float().softmax(-1).flatten(0, 1)
    return repr(torch.multinomial(probs, 2)), probs.topk(2), probs.sort()


class StandIns(MetaPathFinder):
    """Finds a stand-in for each module of checks that holds right answers."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a stand-in, or None for every other module."""
        return ModuleSpec(name, _Empty(), is_package=True) if HAS_ORACLES.match(name) else None


class _Empty(Loader):
    """Makes a module in which every public name is a ``_Nothing``."""

    def exec_module(self, module: ModuleType) -> None:
        module.__getattr__ = _NOTHING.__getattr__  # type: ignore[method-assign]


class _Nothing:
    """Stands for a check, or for a module of checks: does nothing, and has every attribute."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is checked in a box."""

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("_"):
            raise AttributeError(name)
        return self


_NOTHING = _Nothing()
