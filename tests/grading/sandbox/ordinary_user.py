"""Run a command as an ordinary user, also where the tests run as root and Python lies in /root.

    python ordinary_user.py PATH... -- COMMAND...

The paths are what the command has to read. What root keeps for itself on the way to them is
covered, for this command alone, by folders that everybody may enter.
"""

import os
import sys
from pathlib import Path

from labtools.grading.box import kernel

UID = 60_123


def closed_folders(paths):
    """The outermost folders above the paths that others may not enter."""
    above = {parent for path in paths for parent in path.parents}
    closed = {folder for folder in above if not folder.stat().st_mode & 0o001}
    return [folder for folder in closed if not closed & set(folder.parents)]


def open_the_way(paths):
    kernel.unshare("mount")
    kernel.keep_mounts_private()
    kept = [(path, os.open(path, os.O_PATH)) for path in paths]
    for folder in closed_folders(paths):
        kernel.mount("tmpfs", str(folder), 0, "mode=755")
        for path, descriptor in kept:
            if path.is_relative_to(folder):
                path.mkdir(parents=True, exist_ok=True)
                kernel.bind(f"/proc/self/fd/{descriptor}", str(path))


def main():
    split = sys.argv.index("--")
    open_the_way([Path(path) for path in sys.argv[1:split]])
    os.setgroups([])
    os.setresgid(UID, UID, UID)
    os.setresuid(UID, UID, UID)
    os.execv(sys.argv[split + 1], sys.argv[split + 1 :])


if __name__ == "__main__":
    main()
