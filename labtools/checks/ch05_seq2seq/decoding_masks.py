"""Wrong masks in greedy decoding: of the source, of the target, and across."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from labtools.checks.spec import Rules


@dataclass(frozen=True)
class Call:
    """What the masks of one call of the model are made from."""

    src: Tensor
    tgt_in: Tensor
    pad_id: int

    @property
    def real(self) -> Tensor:
        """(B, 1, 1, S)."""
        return (self.src != self.pad_id)[:, None, None, :]

    @property
    def square(self) -> Tensor:
        """(T, T), all True."""
        T = self.tgt_in.shape[1]
        return torch.ones(T, T, dtype=torch.bool)

    @property
    def causal(self) -> Tensor:
        return self.square.tril()


Mask = Callable[[Call], Any]


def _lower(call: Call, shift: int = 0) -> Tensor:
    """(T, S), as if the source were read step by step."""
    T, S = call.tgt_in.shape[1], call.src.shape[1]
    return torch.ones(T, S, dtype=torch.bool).tril(shift)


def _open(call: Call) -> Tensor:
    return torch.ones(1, 1, 1, 1, dtype=torch.bool)


def _by_source(call: Call) -> Tensor:
    return torch.ones(2 * call.src.shape[1:], dtype=torch.bool).tril()


def _not_0(call: Call) -> Tensor:
    return (call.src != 0)[:, None, None, :]


def _blocked(call: Call) -> Tensor:
    return ~call.real


def _target_real(call: Call) -> Tensor:
    return (call.tgt_in != call.pad_id)[:, None, None, :]


SOURCE: Rules = (
    ("padding-seen", {"in_source": _open, "across": _open}),
    ("encoder-sees-padding", {"in_source": _open}),
    ("decoder-sees-padding", {"across": _open}),
    *(
        (name, knobs)
        for name, mask in (("padding-is-0", _not_0), ("source-inverted", _blocked))
        for knobs in (
            {"in_source": mask, "across": mask},
            {"in_source": mask},
            {"across": mask},
        )
    ),
    ("source-causal", {"in_source": _by_source}),
    ("source-causal", {"in_source": lambda call: call.real & _by_source(call)}),
    ("source-causal", {"across": _lower}),
    ("source-causal", {"across": lambda call: call.real & _lower(call)}),
    ("rows-not-columns", {"in_source": lambda call: call.real.mT}),
    ("rows-not-columns", {"in_source": lambda call: call.real.mT, "across": _open}),
    *(
        ("mask-shape", knobs)
        for flat in (lambda call: call.real[:, 0, 0], lambda call: call.real[:, 0])
        for knobs in ({"in_source": flat, "across": flat}, {"across": flat}, {"in_source": flat})
    ),
    ("cross-from-target", {"across": lambda call: call.causal}),
    ("cross-from-target", {"across": lambda call: call.causal[None, None]}),
    ("cross-from-target", {"across": lambda call: call.square}),
    ("cross-from-target", {"across": _target_real}),
    ("cross-from-target", {"across": lambda call: call.causal & _target_real(call)}),
    ("cross-from-target", {"across": lambda call: call.real.mT}),
)
TARGET: Rules = (
    ("not-causal", {"in_target": _open}),
    ("not-causal", {"in_target": _target_real}),
    ("diagonal-too-many", {"in_target": lambda call: call.square.tril(1)}),
    ("diagonal-blocked", {"in_target": lambda call: call.square.tril(-1)}),
    ("target-inverted", {"in_target": lambda call: call.square.triu()}),
    ("target-inverted", {"in_target": lambda call: call.square.triu(1)}),
    ("target-from-source", {"in_target": lambda call: call.real}),
    (
        "target-from-source",
        {"in_target": lambda call: call.real, "across": lambda call: call.causal},
    ),
    ("pad-blocked", {"in_target": lambda call: call.causal & _target_real(call)}),
)


def _number(mask: str, attribute: str, dtype: torch.dtype) -> tuple[str, dict[str, Any]]:
    return "number-mask", {mask: lambda call: getattr(call, attribute).to(dtype)}


KINDS: Rules = (
    *(
        _number(mask, attribute, dtype)
        for mask, attribute in (("in_source", "real"), ("in_target", "causal"), ("across", "real"))
        for dtype in (torch.float32, torch.int64, torch.int32, torch.uint8)
    ),
    *(("no-mask", {mask: lambda call: None}) for mask in ("in_source", "in_target", "across")),
    ("swapped", {"order": lambda src, tgt, ours, own, across: (tgt, src, ours, own, across)}),
)
MASKS: Rules = (*SOURCE, *TARGET, *KINDS)
