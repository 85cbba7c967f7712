"""Run a submission for `nbgrader autograde`, with the machinery of `labtools grade`."""

import atexit
import json
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Integer, default
from traitlets.config import Config

from .limits import Limits
from .outputs import first_error
from .release import Resources, released_notebook
from .running.warm import Grader
from .unsafe import asked_unsafe

__all__ = ["Execute", "GraderFault", "first_error", "limits_of"]

_graders: dict[tuple[Limits, bool], Grader] = {}


class GraderFault(RuntimeError):
    """A notebook could not be run, and the submission is not to blame: it gets no grade."""


class Execute(NbGraderPreprocessor):
    """Runs the learner's cells in a sandbox and the grade cells where no learner's code can be.

    Raises SandboxMissing where there is no sandbox, unless `unsafe` is set.
    """

    timeout = Integer(60, min=1, help="Seconds that a cell may compute.").tag(config=True)
    memory = Integer(
        Limits.memory_mb, min=1, help="MB that a submission may use, beyond what all share."
    ).tag(config=True)
    limits = Dict(help="Other limits by name, see `labtools.grading.limits`.").tag(config=True)
    unsafe = Bool(help="Run without a sandbox, on submissions you trust.").tag(config=True)
    seed = Integer(
        None, allow_none=True, help="Of the checks' inputs; not given: the gradebook's."
    ).tag(config=True)

    @default("unsafe")
    def _unsafe(self) -> bool:
        return asked_unsafe()

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The rebuilt notebook `nb`, run.

        Raises:
            GraderFault: it could not be run, which is no fault of the submission.
            SandboxMissing: this machine cannot keep a learner's code in.
        """
        task = {
            "notebook": nb,
            "template": released_notebook(self, resources),
            "seed": self.run_seed(resources),
        }
        result = json.loads(grader(self.all_limits(), self.unsafe).grade(json.dumps(task).encode()))
        if result["fault"]:
            raise GraderFault(result["fault"])
        return from_dict(result["notebook"]), resources

    def all_limits(self) -> Limits:
        """What the traits say."""
        named = {"cell_seconds": self.timeout, "memory_mb": self.memory}
        return Limits.from_config(named | self.limits)

    def run_seed(self, resources: Resources) -> int:
        """The seed of the checks' inputs: the same for a whole class."""
        if self.seed is not None:
            return self.seed
        from .classroom.opening import run_seed

        ids: dict[str, Any] = resources["nbgrader"]
        return run_seed(ids["db_url"], ids["assignment"])


def limits_of(config: Config) -> Limits:
    """The limits that a course's configuration sets for `Execute`."""
    return Execute(config=config).all_limits()


def grader(limits: Limits, unsafe: bool) -> Grader:
    """This process's Grader for these limits."""
    key = limits, unsafe
    if key not in _graders:
        _graders[key] = Grader(limits, unsafe)
        atexit.register(_graders[key].close)
    return _graders[key]
