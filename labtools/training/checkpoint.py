"""A training run on disk: written whole or not at all, and refused where it does not fit."""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from labtools.training.history import History

FORMAT = "labtools.training 1"


@dataclass
class Checkpoint:
    """A run after some of its steps.

    Attributes:
        settings: What must be the same for the run to go on.
        model: The model's state.
        trained: The names of the parameters that are trained.
        optimizer: The optimizer's state.
        history: What the run did so far.
        rng: The state of the random generators.
        last_batch: A digest of the last batch used, "" before the first.
        complete: Whether the run is over.
    """

    settings: dict[str, Any]
    model: dict[str, Any]
    trained: list[str]
    optimizer: dict[str, Any]
    history: dict[str, Any]
    rng: dict[str, Tensor]
    last_batch: str
    complete: bool

    def refuse_another(self, settings: Mapping[str, Any], model: nn.Module) -> None:
        """Check that this is a checkpoint of the same run.

        Raises:
            ValueError: It is of another model or of other settings; the message names the first
                difference: what the call expects, and what came from the file.
        """
        here = {**settings, **_layout(model.state_dict()), "trained": trained(model)}
        there = {**self.settings, **_layout(self.model), "trained": self.trained}
        for name in [*here, *there]:
            expected, got = (run.get(name, "nothing") for run in (here, there))
            if expected != got:
                raise ValueError(
                    f"checkpoint: expected a run with {name} = {expected}, got one with {name} = "
                    f"{got}. Give the arguments of that run, or another path"
                )

    @property
    def steps(self) -> int:
        """The number of steps made."""
        return len(self.history["losses"])

    def restored_history(self) -> History:
        """The history, its columns as lists again."""
        return History(**{k: v if k == "seconds" else v.tolist() for k, v in self.history.items()})


def columns(history: History) -> dict[str, Any]:
    """The history with its columns as tensors (n,) float64, which are small on disk."""
    return {
        k: v if k == "seconds" else torch.tensor(v, dtype=torch.float64)
        for k, v in vars(history).items()
    }


def trained(model: nn.Module) -> list[str]:
    """The names of the parameters that are trained."""
    return [name for name, p in model.named_parameters() if p.requires_grad]


def path_of(checkpoint: str | os.PathLike[str]) -> Path:
    """The path, checked before there is anything to lose.

    Raises:
        TypeError: Not a path.
        ValueError: A directory, or in a directory that does not exist.
    """
    if not isinstance(checkpoint, str | os.PathLike):
        raise TypeError(f"checkpoint: expected a path, got {type(checkpoint).__name__}")
    path = Path(checkpoint)
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"checkpoint: expected a file in a directory that exists, got {path}")
    return path


def write(checkpoint: Checkpoint, path: Path) -> None:
    """Write beside ``path``, then rename: at every moment ``path`` is whole, the old or the new."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        torch.save({"format": FORMAT, **vars(checkpoint)}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def read(path: Path) -> Checkpoint:
    """The checkpoint at ``path``, its tensors on the CPU. No code in the file is run.

    Raises:
        ValueError: Damaged, or not written by ``fit``. The file is left as it is.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()  # torch.load does not compare the checksums
        if damaged:
            raise ValueError(f"the checksum of {damaged} is wrong")
        content = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
        return Checkpoint(**content)
    except Exception as error:
        raise ValueError(
            f"checkpoint: expected a file written by fit, got {path}, which is damaged or "
            f"something else ({type(error).__name__}: {error}). It was left as it is; move it "
            "away to start anew"
        ) from error


def _layout(state: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
        for name, value in state.items()
        if isinstance(value, Tensor)
    }
