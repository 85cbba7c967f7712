"""Boxes: processes in which a learner's code runs, and nothing that it does reaches further."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from ..box.enclosing import Mode
from ..limits import Limits
from . import abilities, cgroups
from .opened import Box, open_box
from .starting import NestedMissing, Zygote

COURSE_CELLS = "labtools.grading.box.zygote:course_cells"
UNWARMED_CELLS = "labtools.grading.box.zygote:unwarmed_cells"
TRIES = 2  # a machine that is short of something for a moment shall not be slow for a whole class


class Boxes:
    """Opens boxes. A context manager; or ``start``, do something else, ``ready``, ``close``.

    Boxes are forked from one warm process inside bubblewrap; where the machine does not let such
    a process make namespaces, each box is a bubblewrap of its own, seconds slower. Any number may
    be open at once, opened by this process or by children that it forks once it is ``ready``.

    Args:
        limits: Limits of each box.
        unsafe: bool, no walls at all, only limits.
        serve: ``module:function`` that is called in the warm process before boxes are forked, and
            returns what is called with each box's socket; what serves cells if not given.
        visible: folders that are seen inside and are on Python's path, beyond what Python needs.

    The thread that starts it must live as long as it does: the kernel ends what a thread started.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        unsafe: bool = False,
        serve: str | None = None,
        visible: Iterable[Path] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.serve = serve or (UNWARMED_CELLS if abilities.hidden("warmth") else COURSE_CELLS)
        self.visible = [Path(path).resolve() for path in visible]
        self._owner = os.getpid()
        self._zygote: Zygote | None = None
        self._parent: cgroups.Parent | None = None
        self._wanted = Mode.UNSAFE if unsafe else Mode.WARM
        self._mode: Mode | None = None
        self.cold_because = ""  # why a warm process could not be had
        self.seccomp_lacking = ""  # why there is no filter of system calls

    @property
    def mode(self) -> str:
        """ "warm", "cold" or "unsafe"; waits until that is known."""
        self.ready()
        assert self._mode is not None
        return self._mode.value

    @property
    def cgroup(self) -> str:
        """Which control groups count: "v1", "v2", or "none": each process is limited by itself."""
        return self._parent.version if self._parent else "none"

    def start(self) -> None:
        """Start the warm process, and do not wait for it. Raises SandboxMissing."""
        self._owner = os.getpid()
        self._parent = cgroups.find_parent()
        if self._parent:
            self._parent.sweep()
        self._zygote = self._new_zygote(self._wanted, self.limits)

    def ready(self) -> None:
        """Wait until boxes can be opened.

        Raises:
            SandboxMissing: bubblewrap does not work here.
            BoxFailed: the warm process ended before it was warm.
        """
        if self._mode is not None:
            return
        if self._zygote is None:
            self.start()
        for _ in range(TRIES):
            if self._got_warm():
                return
        self._mode = Mode.COLD

    def _got_warm(self) -> bool:
        if self._zygote is None:
            self._zygote = self._new_zygote(self._wanted, self.limits)
        try:
            self._zygote.ready()
            self._mode = self._wanted
        except NestedMissing as problem:
            self.cold_because = str(problem)
        finally:
            self.seccomp_lacking = self._zygote.lacking
            if self._mode is None:
                self._zygote.close()
                self._zygote = None
        return self._mode is not None

    def open(self, limits: Limits | None = None) -> Box:
        """A new box, with these limits or those that all have.

        Raises:
            BoxFailed: it could not be opened.
        """
        self.ready()
        limits = limits or self.limits
        if self._mode is not Mode.COLD:
            assert self._zygote is not None
            return open_box(self._zygote, limits, self._parent, owned=False)
        zygote = self._new_zygote(Mode.COLD, limits)
        try:
            zygote.ready()
            return open_box(zygote, limits, self._parent, owned=True)
        except BaseException:
            zygote.close()
            raise

    def close(self) -> None:
        """End the warm process, and with it every box; nothing in a forked child."""
        if self._zygote and self._owner == os.getpid():
            self._zygote.close()
            self._zygote, self._mode = None, None
            if self._parent:
                self._parent.sweep()

    def _new_zygote(self, mode: Mode, limits: Limits) -> Zygote:
        return Zygote(mode, limits, self.serve, self.visible)

    def __enter__(self) -> Self:
        try:
            self.ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
