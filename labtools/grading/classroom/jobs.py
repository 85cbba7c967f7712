"""One notebook of one submission: what to grade, and what a worker needs for it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ..preflight import Preflight
from .scheduling import Job


@dataclass(frozen=True)
class Exercise:
    """What is the same for every submission of an assignment.

    Attributes:
        assignment: its name.
        templates: dict of notebook name to NotebookNode, from `template.templates`.
        seed: int.
        setting: bytes from `working.setting`.
    """

    assignment: str
    templates: dict[str, NotebookNode]
    seed: int
    setting: bytes

    def jobs(self, student: str, folder: Path, preflight: Preflight) -> Iterator[Job]:
        """One Job for each of the assignment's notebooks that is there.

        Raises:
            Refused: `preflight` does not open a file.
        """
        received = preflight.time_of(folder)
        for name in self.templates:
            path = folder / f"{name}.ipynb"
            if path.exists():
                yield self._job(student, name, preflight.read(path), received)

    def _job(self, student: str, name: str, raw: bytes, received: datetime | None) -> Job:
        template = self.templates[name]
        task = {"template": template, "seed": self.seed, "limits": self._limits}
        depends = [raw, encoded(task), self.setting, str(received).encode()]
        task = {**task, "student": student, "submission": base64.b64encode(raw).decode()}
        return Job(self.assignment, student, name, received, fingerprint(depends), encoded(task))

    @property
    def _limits(self) -> Any:
        return json.loads(self.setting)["limits"]


def encoded(value: Any) -> bytes:
    """JSON, the same for the same value."""
    return json.dumps(value, sort_keys=True).encode()


def fingerprint(parts: list[bytes]) -> str:
    """64 hex digits that change with any of the parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
