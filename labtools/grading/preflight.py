"""What is looked at before a submission is opened: what kind of file it is, its size, its time."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc
from traitlets import Enum, Float
from traitlets.config import Configurable

LINK = "{name} is a link to another file, so it was not opened. Hand in the file itself."
NO_FILE = "{name} is not a file, so it was not opened. Hand in a notebook."
TOO_LARGE = (
    "{name} has {mb:.0f} MB, so it was not opened: at most {most:g} MB are. "
    "Clear its outputs, save it and hand it in again."
)
OPENED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Neither through a link, nor waiting for the other end of a pipe."""

SLIP = 1000  # bytes of a short text


class Refused(Exception):
    """A file that is not opened; the message is the reason, in words for the learner."""


class Preflight(Configurable):
    """Opens the files of a submission, and none that it only points to."""

    max_mb = Float(10, help="Larger notebooks are not opened, in MB.").tag(config=True)
    received = Enum(
        ("file", "timestamp.txt"),
        default_value="file",
        help="What says when a submission came: the time of its file, which the server wrote, "
        "or the timestamp.txt in it, which the learner could have written.",
    ).tag(config=True)

    def read(self, path: Path) -> bytes:
        """The bytes of the file at `path`; Refused if it is no file, a link or too large."""
        try:
            descriptor = os.open(path, OPENED)
        except OSError as error:
            said = LINK if path.is_symlink() else "{name} cannot be opened ({why})."
            raise Refused(said.format(name=path.name, why=error.strerror)) from error
        try:
            self._check(path.name, os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(self._most)
        finally:
            os.close(descriptor)

    def refusal(self, folder: Path, names: list[str]) -> str | None:
        """Why none of the files `names` in `folder` can be opened; None if all can be."""
        if folder.is_symlink():
            return LINK.format(name="The folder handed in")
        try:
            for name in names:
                if os.path.lexists(folder / name):
                    self._check(name, (folder / name).lstat())
        except Refused as refused:
            return str(refused)
        return None

    def time_of(self, folder: Path) -> datetime | None:
        """When the submission in `folder` came: naive, in UTC, as nbgrader keeps it.

        None if there is no notebook in it that can be looked at.
        """
        if self.received == "timestamp.txt" and (stated := stated_time(folder / "timestamp.txt")):
            return stated
        try:
            times = [path.lstat().st_mtime for path in folder.glob("*.ipynb")]
        except OSError:
            return None
        return utc(max(times)) if times else None

    @property
    def _most(self) -> int:
        return int(self.max_mb * 1e6)

    def _check(self, name: str, status: os.stat_result) -> None:
        if stat.S_ISLNK(status.st_mode):
            raise Refused(LINK.format(name=name))
        if not stat.S_ISREG(status.st_mode):
            raise Refused(NO_FILE.format(name=name))
        if status.st_size > self._most:
            raise Refused(TOO_LARGE.format(name=name, mb=status.st_size / 1e6, most=self.max_mb))


def utc(seconds: float) -> datetime | None:
    """A file's time as a naive datetime in UTC; None if it is beyond what a datetime holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (OSError, ValueError, OverflowError):
        return None


def stated_time(path: Path) -> datetime | None:
    """The time in a submission's timestamp.txt; None if there is none that can be read."""
    try:
        return parse_utc(short_text(path))
    except (ValueError, OverflowError):
        return None


def short_text(path: Path) -> str:
    """The beginning of a text; empty if `path` is a link, no file, or cannot be read."""
    try:
        with open(os.open(path, OPENED), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(SLIP).decode(errors="replace").strip()
    except OSError:
        pass
    return ""
