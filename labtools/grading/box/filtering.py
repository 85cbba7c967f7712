"""Which system calls a learner's code may make: seccomp, the wall behind the other walls.

What is refused is what no answer needs and what flaws of the kernel were often reached by. The
namespaces, the user and the limits hold without it.
"""

import errno
import importlib
import socket
from typing import Any

from . import kernel

REFUSED = """
    mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick
    mount_setattr swapon swapoff mknod mknodat name_to_handle_at open_by_handle_at fanotify_init
    quotactl quotactl_fd unshare setns ptrace process_vm_readv process_vm_writev process_madvise
    pidfd_getfd kcmp bpf perf_event_open userfaultfd lookup_dcookie
    add_key request_key keyctl io_uring_setup io_uring_enter io_uring_register
    kexec_load kexec_file_load init_module finit_module delete_module
    memfd_create memfd_secret shmget shmat shmctl msgget msgsnd msgrcv msgctl
    mbind set_mempolicy migrate_pages move_pages
    personality modify_ldt iopl ioperm uselib vhangup acct syslog reboot
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
"""
IOCTLS = 0x5412, 0x541C  # TIOCSTI and TIOCLINUX type into the terminal


def library() -> Any:
    """The module pyseccomp; ImportError if it or libseccomp is not there."""
    try:
        return importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError, OSError) as problem:  # the latter two: no libseccomp
        raise ImportError(str(problem)) from problem


def make_filter() -> Any:
    """A filter, to be ``load()``ed in the process that is to be held. Raises ImportError."""
    seccomp = library()
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    for name in REFUSED.split():
        if _known(seccomp, name):
            made.add_rule(refuse, name)
    for flag in kernel.NEW_NAMESPACE.values():
        if flag != kernel.NEW_NAMESPACE["time"]:  # for clone these bits are the signal's number
            made.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    for request in IOCTLS:
        made.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    made.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    if _known(seccomp, "clone3"):  # its flags cannot be seen; the C library then calls clone
        made.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    return made


def _known(seccomp: Any, name: str) -> bool:
    try:
        return seccomp.resolve_syscall(seccomp.system_arch(), name) != -1
    except (ValueError, OSError):
        return False
