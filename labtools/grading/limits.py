"""What a learner's code may use while it is graded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MB = 1 << 20  # bytes


@dataclass(frozen=True)
class Limits:
    """Positive whole numbers. Computing counts, not waiting: a busy machine fails nobody.

    Raises:
        TypeError: a limit is no whole number.
        ValueError: a limit is less than 1.
    """

    cell_seconds: int = 60  # CPU seconds of one cell
    idle_seconds: int = 60  # seconds in which nothing is computed
    box_seconds: int = 3600  # CPU seconds of one process, over all its cells
    memory_mb: int = 1024  # beyond what is shared with the warm process
    tmp_mb: int = 128  # in /tmp, and as much in /dev/shm
    file_mb: int = 64  # one file
    open_files: int = 256
    processes: int = 64  # threads are counted too
    output_kb: int = 256  # one cell's output
    message_mb: int = 256  # one value that is handed out

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if type(value) is not int:
                raise TypeError(f"{name}: expected a whole number, got {value!r}")
            if value < 1:
                raise ValueError(f"{name}: expected 1 or more, got {value}")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Limits from names and numbers; those that are not named keep their defaults.

        Raises:
            ValueError: a name that is no limit.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(config) - set(known)):
            raise ValueError(f"limits: expected some of {', '.join(known)}, got {unknown[0]!r}")
        return cls(**config)
