"""What code in a box may try. Each source prints "held", or what it got hold of."""

from string import Template

# names of the outside that `sources` puts into the text: secret (a readable file outside), pid,
# port and abstract (where something outside listens), mb and processes (the limits)
PREAMBLE = """
import ctypes, errno, mmap, os, resource, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def refused(number, *args):
    ctypes.set_errno(0)
    return libc.syscall(number, *args) == -1 and ctypes.get_errno() == errno.EPERM
def tell(*found):
    found = [x for x in found if x]
    print(found if found else "held")
"""

ANY_MACHINE = {
    "reads what belongs to others": """
        paths = ["$secret", "$course/solutions", "$course/exercises", "$course/tests/exercises",
                 "$course/.git", "$course/nbgrader_config.py", "/etc/passwd", "/etc/shadow",
                 "/home", "/var", "/run", "/boot", "/sys/fs", "/sys/kernel"]
        tell(*[x for x in paths if os.path.exists(x)])
    """,
    "reads the oracles": """
        import labtools
        found = []
        for folder, _, files in os.walk(os.path.dirname(labtools.__file__)):
            found += [x for x in (*folder.split("/"), *files) if x.startswith(("ch0", "losses"))]
        tell(*found)
    """,
    "reads what grades": """
        found = []
        for folder in ("classroom", "reporting", "feedback", "sandbox", "remote"):
            found.append(os.path.exists(f"$course/labtools/grading/{folder}") and folder)
        tell(*found)
    """,
    "reads the environment": """
        found = [x for x in os.environ if "SECRET" in x]
        for pid in os.listdir("/proc"):
            try:
                found += [pid] * (b"SECRET" in open(f"/proc/{pid}/environ", "rb").read())
            except OSError:
                pass
        tell(*found)
    """,
    "writes where others read": """
        found = []
        for folder, inner, files in os.walk("/"):
            if folder.count("/") > 3 or folder.startswith(("/tmp", "/dev/shm", "/proc")):
                inner.clear()
            elif os.access(folder, os.W_OK):
                found.append(folder)
        tell(*found)
    """,
    "has privileges": """
        header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        libc.capget(header, data)
        tell(os.getuid() == 0 and "root", any(data) and "capabilities", *os.getgroups()[1:],
             libc.prctl(39, 0, 0, 0, 0) != 1 and "may gain privileges")
    """,
    "becomes somebody else": """
        found = []
        for become in (os.setuid, os.seteuid, os.setgid):
            try:
                become(0)
                found.append(become.__name__)
            except OSError:
                pass
        for command in (["su", "-c", "id -u"], ["mount", "-t", "tmpfs", "none", "/tmp"]):
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
            found.append(done.returncode == 0 and command[0])
        tell(*found)
    """,
    "keeps other files open": """
        def opened(number):
            try:
                return os.fstat(number) is not None
            except OSError:
                return False
        numbers = [x for x in range(3, 4096) if opened(x)]
        tell(len(numbers) != 1 and numbers, *[os.path.samestat(os.fstat(x), os.stat("/dev/null"))
             is False and x for x in (0, 1, 2)])
    """,
    "kills a process outside": """
        found = []
        for pid in ($pid, $parent):
            try:
                os.kill(pid, signal.SIGKILL)
                found.append(pid)
            except OSError:
                pass
        tell(*found)
    """,
    "reads the memory of another process": """
        found = []
        others = [x for x in range(1, 100) if x != os.getpid() and libc.kill(x, 0) == 0]
        for pid in others:
            found.append(libc.ptrace(16, pid, 0, 0) == 0 and f"ptrace {pid}")
            try:
                open(f"/proc/{pid}/mem", "r+b").close()
                found.append(f"mem {pid}")
            except OSError:
                pass
        tell(*found)
    """,
    "raises its limits": """
        found = []
        for name in ("AS", "DATA", "FSIZE", "NOFILE", "NPROC", "CPU", "CORE"):
            kind = getattr(resource, "RLIMIT_" + name)
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                found.append(name)
            except (ValueError, OSError):
                pass
        tell(*found)
    """,
    "reaches the network": """
        found = []
        for family, address in ((socket.AF_INET, ("127.0.0.1", $port)),
                                (socket.AF_INET, ("192.0.2.1", 53)),
                                (socket.AF_UNIX, "\\0$abstract")):
            try:
                with socket.socket(family) as sock:
                    sock.settimeout(1)
                    sock.connect(address)
                    found.append(address)
            except OSError:
                pass
        for family in (socket.AF_PACKET, socket.AF_INET):
            try:
                socket.socket(family, socket.SOCK_RAW).close()
                found.append(family)
            except OSError:
                pass
        tell(*found)
    """,
    "mounts": """
        tell(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 and "tmpfs",
             libc.umount2(b"/proc", 2) == 0 and "umount",
             libc.mount(None, b"/", None, 32 | 4096, None) == 0 and "remount",
             libc.chroot(b"/tmp") == 0 and "chroot")
    """,
    "is root in a namespace of its own": """
        # a child that gets there must find the same walls
        if (pid := os.fork()) == 0:
            got = []
            if libc.unshare(0x10000000 | 0x20000) == 0:
                got = [name for name in (b"/proc", b"/dev/pts", b"/tmp", b"/usr")
                       if libc.umount2(name, 2) == 0]
                got += [libc.mount(None, b"/usr", None, 32 | 4096, None) == 0]
            os._exit(sum(map(bool, got)))
        tell(os.waitpid(pid, 0)[1])
    """,
    "forks without end": """
        children = []
        try:
            while len(children) < 4 * $processes:
                pid = os.fork()
                if pid == 0:
                    time.sleep(60)
                    os._exit(0)
                children.append(pid)
        except OSError:
            pass
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        tell(len(children) >= $processes and len(children), len(children) < 2 and "none at all")
    """,
    "starts threads without end": """
        stop, threads = threading.Event(), []
        try:
            while len(threads) < 4 * $processes:
                threads.append(threading.Thread(target=stop.wait, daemon=True))
                threads[-1].start()
        except RuntimeError:
            threads.pop()
        stop.set()
        for thread in threads:
            thread.join()
        tell(len(threads) >= $processes and len(threads))
    """,
    "takes memory without end": """
        held = []
        try:
            while len(held) < 4 * $mb:
                held.append(b"x" * (1 << 20))
        except MemoryError:
            pass
        got = len(held)
        held.clear()
        tell(got >= 2 * $mb and got)
    """,
    "fills the disk": """
        found = []
        for folder in ("/tmp", "/dev/shm"):
            written = 0
            for number in range(200):
                try:
                    with open(f"{folder}/{number}", "wb") as file:
                        for _ in range(4 * $mb):
                            file.write(bytes(1 << 20))
                            written += 1
                except OSError:
                    if number > 40:
                        break
            for number in range(200):
                if os.path.exists(f"{folder}/{number}"):
                    os.unlink(f"{folder}/{number}")
            found.append(written > 2 * $mb and (folder, written))
        tell(*found)
    """,
    "writes one large file": """
        try:
            with open("/tmp/large", "wb") as file:
                file.truncate(1 << 33)
            print(os.path.getsize("/tmp/large"))
        except OSError:
            tell()
    """,
    "opens files without end": """
        files = []
        try:
            while len(files) < 5000:
                files.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        for number in files:
            os.close(number)
        tell(len(files) >= 5000 and len(files))
    """,
    "leaves something for the next": """
        places = ["/tmp/left", "/dev/shm/left", os.path.expanduser("~/.ipython/startup/left.py"),
                  os.path.expanduser("~/.config/left")]
        found = [x for x in places if os.path.exists(x)]
        for place in places:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            open(place, "w").close()
        tell(*found)
    """,
}
AGAIN = "leaves something for the next"  # what came before it left the same

# x86_64's numbers; with seccomp alone
REFUSED_CALLS = {
    "calls what no answer needs": """
        calls = {"unshare": (272, 0x10000000), "setns": (308, 0, 0), "bpf": (321, 0, 0, 0),
                 "ptrace": (101, 0, 0, 0, 0), "io_uring_setup": (425, 1, 0), "keyctl": (250, 0, 0),
                 "userfaultfd": (323, 0), "perf_event_open": (298, 0, 0, -1, -1, 0),
                 "memfd_create": (319, b"x", 0), "personality": (135, 0x0040000),
                 "shmget": (29, 0, 4096, 0o1600), "process_vm_readv": (310, 1, 0, 0, 0, 0, 0)}
        tell(*[name for name, call in calls.items() if not refused(*call)])
    """,
    "opens other sockets": """
        found = []
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 40):
            try:
                socket.socket(family, socket.SOCK_DGRAM).close()
                found.append(family)
            except PermissionError:
                pass
        socket.socketpair()[0].close()
        tell(*found)
    """,
}


def sources(attacks, **outside):
    """The sources by name, with what they need to know of the outside."""
    from textwrap import dedent

    return {name: PREAMBLE + dedent(Template(x).substitute(outside)) for name, x in attacks.items()}
