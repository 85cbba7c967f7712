"""The command line that shuts a process in with bubblewrap: what it sees, and what it is told.

It sees the system's programs and libraries, Python with its packages, and labtools without what
judges the answers; no home, no course, no gradebook, no network, no other process.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..box.warming import HAS_ORACLES
from ..limits import MB, Limits

SYSTEM = "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"
# what the loader, the clock, fonts and certificates need, and nothing that names users or hosts
ETC = "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "fonts"
CPUS = "/sys/devices/system/cpu"  # torch counts them
LABTOOLS = Path(__file__).resolve().parents[2]
PARTS = "bin", "lib", "lib64", "share", "etc/fonts", "pyvenv.cfg"  # of where Python is installed
# nbgrader's exchange, with submissions, and its configuration, which may hold a password
COVERED = [f"{at}/{x}" for at in ("/usr", "/usr/local") for x in ("share/nbgrader", "etc/jupyter")]
WITHIN = "box", "running", "wire"  # the parts of labtools.grading that a box runs
PACKAGES = "site-packages", "dist-packages"
WARM_TMP_MB = 64  # of the process that boxes are forked from

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",
    "USER": "learner",
    "LOGNAME": "learner",
    "PYTHONHASHSEED": "0",  # the same order of every set in every run
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "IPYTHONDIR": "/tmp/ipython",
    "TORCHINDUCTOR_CACHE_DIR": "/tmp/torchinductor",
}


def walls(program: str, limits: Limits, paths: Iterable[Path], tmp_mb: int) -> list[str]:
    """The part of the command before the program that is run inside."""
    # as number 1 of its processes, so that there is no process of bubblewrap's to be misused
    command = [program, "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "box"]
    if os.geteuid() != 0:
        command += ["--unshare-user"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    # /tmp before all that may be bound under it
    command += [*_room("/tmp", tmp_mb), "--proc", "/proc", "--dev", "/dev"]
    command += [*_room("/dev/shm", limits.tmp_mb), "--tmpfs", "/dev/pts", *_read_only(paths)]
    command += ["--remount-ro", "/dev/pts"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    return command


def python(arguments: Sequence[str]) -> list[str]:
    """The part of the command that runs ``labtools.grading.box.zygote`` inside."""
    paths = [str(path) for path in (*_package_folders(), LABTOOLS.parent)]
    boot = (
        f"import sys; sys.path += [p for p in {paths!r} if p not in sys.path];"
        "from labtools.grading.box.zygote import main; main()"
    )
    # not the user's packages, nor what lies in the current folder
    return [sys.executable, "-s", "-P", "-c", boot, *arguments]


def _room(folder: str, megabytes: int) -> list[str]:
    return ["--size", str(megabytes * MB), "--perms", "1777", "--tmpfs", folder]


def seen(visible: Iterable[Path] = ()) -> list[Path]:
    """What is bound from outside beyond the system's folders; none of it inside of another."""
    needed = [*(Path("/etc", name) for name in ETC), Path(CPUS), *_python(), *visible]
    there = {path.absolute() for path in needed if path.exists()}
    outside = {path for path in there if not _inside(path, map(Path, SYSTEM))}
    return sorted(path for path in outside if not _inside(path, outside - {path}))


def _read_only(paths: Iterable[Path]) -> Iterator[str]:
    """Arguments for all that is seen inside."""
    for name in SYSTEM:
        if os.path.islink(name):
            yield from ("--symlink", os.readlink(name), name)
        elif os.path.isdir(name):
            yield from ("--ro-bind", name, name)
    for name in filter(os.path.isdir, COVERED):
        yield from ("--perms", "0555", "--tmpfs", name, "--remount-ro", name)
    made = {Path("/"), Path("/tmp"), Path("/dev"), Path("/proc")}
    for path in paths:
        # bubblewrap by itself would make the folders above for its own user alone
        for parent in reversed([parent for parent in path.parents if parent not in made]):
            made.add(parent)
            yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", str(path), str(path))
    for folder in LABTOOLS / "checks", LABTOOLS / "grading":
        yield from ("--size", str(MB), "--perms", "0755", "--tmpfs", str(folder))
        for path in harmless(folder):
            yield from ("--ro-bind", str(path), str(path))
        yield from ("--remount-ro", str(folder))


def _inside(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _python() -> set[Path]:
    """Where Python, its packages and labtools lie."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    prefixes.add(Path(sys.executable).resolve().parents[1])
    # not all of a prefix, which may be somebody's home
    parts = {prefix / name for prefix in prefixes for name in PARTS}
    return parts | {LABTOOLS, *_package_folders()}


def unreadable(paths: Iterable[Path]) -> Path | None:
    """A folder that only its owner may read, so that the user whom root becomes cannot."""
    if os.geteuid() != 0:
        return None
    inside = [path for path in _package_folders() if _inside(path, paths)]
    wanted = stat.S_IROTH | stat.S_IXOTH
    folders = (path for path in (*paths, *inside) if path.is_dir())
    return next((path for path in folders if path.stat().st_mode & wanted != wanted), None)


def _package_folders() -> list[Path]:
    return [Path(path) for path in sys.path if Path(path).name in PACKAGES and Path(path).is_dir()]


def harmless(folder: Path) -> list[Path]:
    """What of a folder of labtools may be seen inside.

    Of ``checks``, nothing that answers are compared with; of ``grading``, what a box runs.
    """
    # not __pycache__: a compiled module is as good as its source
    parts = [path for path in folder.iterdir() if path.suffix == ".py" or path.name in WITHIN]
    if folder.name == "checks":
        parts = [x for x in parts if not HAS_ORACLES.match(f"labtools.checks.{x.stem}")]
    return sorted(parts)
