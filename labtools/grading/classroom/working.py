"""What a worker does: bytes in, bytes out. Imported by workers, so it imports little."""

import atexit
import functools
import hashlib
import json
import platform
import threading
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from ..limits import Limits
from ..running.warm import Grader

_graders: dict[bytes, Grader] = {}
_lock = threading.Lock()


class OtherVersion(Exception):
    """A worker whose labtools is not the coordinator's: it would grade by other checks."""


def setting(limits: Limits, unsafe: bool) -> bytes:
    """What a worker's Grader is made with; includes the version of labtools it must have."""
    return json.dumps(
        {"limits": asdict(limits), "unsafe": unsafe, "version": version()}, sort_keys=True
    ).encode()


def perform(setting: bytes, task: bytes) -> bytes:
    """The result of a task, by this process's Grader. Raises what `Grader.grade` raises."""
    return grader(setting).grade(task)


def warm_up(setting: bytes) -> None:
    """Start this process's Grader."""
    grader(setting).start()


def grader(setting: bytes) -> Grader:
    """This process's Grader; made by the first thread that asks.

    Raises:
        OtherVersion: this worker's labtools is not the coordinator's.
    """
    with _lock:
        if setting not in _graders:
            wanted = json.loads(setting)
            if wanted["version"] != version():
                raise OtherVersion(
                    f"the worker on {platform.node()} has another version of labtools or torch: "
                    "install the same and start it again"
                )
            _graders[setting] = Grader(Limits(**wanted["limits"]), unsafe=wanted["unsafe"])
        return _graders[setting]


@atexit.register
def close() -> None:
    """End this process's Graders."""
    with _lock:
        while _graders:
            _graders.popitem()[1].close()


@functools.cache
def version() -> str:
    """Changes with anything that a grade may depend on: labtools' sources, torch, Python."""
    folder = Path(__file__).parents[2]
    digest = hashlib.sha256(f"{platform.python_version()} {metadata.version('torch')}".encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
