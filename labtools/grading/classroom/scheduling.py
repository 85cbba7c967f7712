"""Tasks over cores and machines, with `dask.distributed`.

Does not import nbgrader, which takes seconds: the workers start meanwhile.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

import dask
from dask.typing import Key
from distributed import Client, Future, LocalCluster, as_completed

from ..sandbox import SandboxMissing
from . import working
from .course import GradingError

ATTEMPTS = 2  # of a task that failed for no fault of the learner's
NOWHERE = "127.0.0.1:0"  # for pages of dask's, of which there are none
SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a task carries a whole notebook
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
PATIENCE = 60  # seconds for the first worker to come


class Stopped(Exception):
    """Grading ended before its end; what is done is in the gradebook."""


@dataclass(frozen=True)
class Job:
    """One notebook to grade.

    Attributes:
        assignment: name.
        student: id.
        notebook: name.
        received: naive datetime in UTC, when it came.
        fingerprint: of all that its grade depends on.
        task: bytes for the worker.
    """

    assignment: str
    student: str
    notebook: str
    received: datetime | None
    fingerprint: str
    task: bytes = field(repr=False)


@dataclass(frozen=True)
class Done:
    """What came of a job.

    Attributes:
        job: the Job.
        result: dict with the notebook that was run.
        fault: why there is no grade; None if there is one.
    """

    job: Job
    result: dict[str, Any]
    fault: str | None


class Workers:
    """The workers of a class; use it as a context manager.

    Args:
        setting: from `working.setting`.
        scheduler: address of a scheduler; None for this machine's cores.
        threads: submissions graded at once on this machine; None for one per core.
    """

    def __init__(
        self, setting: bytes, scheduler: str | None = None, threads: int | None = None
    ) -> None:
        self.setting, self.scheduler = setting, scheduler
        self.threads = threads or len(os.sched_getaffinity(0))

    def __enter__(self) -> "Workers":
        with ExitStack() as stack:
            stack.enter_context(dask.config.set(SETTINGS))
            # what dask leaves unfinished when it closes is no news to whoever grades
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
            self.client = self._connect(stack)
            if self.scheduler is None:
                # not waited for: the coordinator has things to prepare meanwhile
                self.warm = self.client.submit(working.warm_up, self.setting, pure=False)
                stack.callback(working.close)  # before the cluster, which would wait for its tasks
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def _connect(self, stack: ExitStack) -> Client:
        if self.scheduler is None:
            # in this process: a worker's threads only wait for the Grader's processes
            cluster = LocalCluster(
                n_workers=1,
                threads_per_worker=self.threads,
                processes=False,
                memory_limit=0,
                scheduler_kwargs={"dashboard": False, "dashboard_address": NOWHERE},
                worker_dashboard_address=NOWHERE,
                silence_logs=logging.CRITICAL,
            )
            return stack.enter_context(Client(stack.enter_context(cluster)))
        try:
            client = stack.enter_context(Client(self.scheduler, timeout=PATIENCE))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise GradingError(f"no workers at {self.scheduler}: {error}") from error
        return client

    def outcomes(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """What comes of each job, in the order in which they end.

        Jobs are taken as workers come free, so that few are in memory at once.

        Raises:
            GradingError: a worker cannot grade at all.
            Stopped: the scheduler went away.
        """
        waiting, running = iter(jobs), as_completed()
        self._tried: dict[Key, tuple[Job, int]] = {}
        self._fill(waiting, running)
        for future in running:
            job, attempt = self._tried.pop(future.key)
            done = read(job, future)
            if done.fault is not None and attempt < ATTEMPTS:
                self._submit(job, attempt + 1, running)
                continue
            self._fill(waiting, running)
            yield done

    def _fill(self, waiting: Iterator[Job], running: as_completed) -> None:
        """Submit jobs until every thread has one, and another to follow."""
        wanted = 2 * sum(self.client.nthreads().values()) + 1
        while len(self._tried) < wanted and (job := next(waiting, None)) is not None:
            self._submit(job, 1, running)

    def _submit(self, job: Job, attempt: int, running: as_completed) -> None:
        future = self.client.submit(working.perform, self.setting, job.task, pure=False)
        self._tried[future.key] = job, attempt
        running.add(future)


def read(job: Job, future: Future) -> Done:
    """The outcome of a job whose future is done."""
    try:
        result = json.loads(future.result())
    except (SandboxMissing, working.OtherVersion) as error:
        raise GradingError(str(error)) from error
    except CancelledError as error:
        raise Stopped("the scheduler went away") from error
    except Exception as error:  # of the worker, its machine, or the way there
        return Done(job, {}, f"{type(error).__name__}: {error}")
    return Done(job, result, result.get("fault"))
