"""Boxes open, end, and say why; nothing of them is left."""

import contextlib
import os
import signal
import subprocess
import textwrap
import time
from dataclasses import replace

import pytest
from box_talk import AS_ROOT, HERE, LABTOOLS, SMALL, STAND_IN, python, run

from labtools.grading.sandbox import Boxes, BoxFailed, SandboxMissing

# a box sees of /tmp what is its own, and the way to the course if that lies there
COURSE_IN_TMP = list(LABTOOLS.parts[2:3]) if LABTOOLS.is_relative_to("/tmp") else []
WITHOUT = ["", "cgroup", "nested", "cgroup,nested"]
SPIN = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'while 1: pass', '{}'])"


def processes_with(word):
    """The numbers of the processes that have the word in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            if word.encode() in file.read().split(b"\0") and int(pid) != os.getpid():
                found.append(int(pid))
    return found


def eventually(true, seconds=20):
    """Wait until it is true, and say whether it came so far."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.fixture(scope="module")
def boxes():
    with Boxes(SMALL, **STAND_IN) as boxes:
        yield boxes


@pytest.fixture(params=WITHOUT)
def each_kind(request, monkeypatch):
    """Boxes with abilities missing."""
    monkeypatch.setenv("LABTOOLS_WITHOUT", request.param)
    with Boxes(SMALL, **STAND_IN) as boxes:
        assert boxes.mode == ("cold" if "nested" in request.param else "warm")
        assert "cgroup" not in request.param or boxes.cgroup == "none"
        yield boxes


def test_a_box_runs_code_and_is_asked_again(boxes):
    with boxes.open() as box:
        assert run(box, "x = 3; print(x)") == ["3\n", ""]
        assert run(box, "print(x + 4)") == ["7\n", ""]
        assert run(box, "1 / 0") == ["", "ZeroDivisionError: division by zero"]
        assert box.alive()
        assert box.why() is None
    assert not box.alive()


def test_boxes_that_are_open_at_once_share_nothing(boxes):
    with boxes.open() as one, boxes.open() as other:
        assert run(one, "open('/tmp/note', 'w').write('x'); import torch_of_mine") != ["", ""]
        look = "import os; print(sorted(os.listdir('/tmp')))"
        assert run(other, look) == [f"{COURSE_IN_TMP}\n", ""]
        assert run(one, look) == [f"{sorted(['note', *COURSE_IN_TMP])}\n", ""]
        users = [run(box, "import os; print(os.getuid())")[0] for box in (one, other)]
        assert (users[0] != users[1]) == AS_ROOT


def test_boxes_that_are_open_at_once_cannot_meet(boxes):
    meet = "import socket; s = socket.socket(socket.AF_UNIX); s.{}('\\0meeting'); s.listen"
    with boxes.open() as one, boxes.open() as other:
        assert run(one, meet.format("bind") + "()") == ["", ""]
        assert "ConnectionRefusedError" in run(other, meet.format("connect"))[1]


def test_forked_children_open_boxes_too(boxes):
    def ask():
        with boxes.open() as box:
            return run(box, "print(6 * 7)") == ["42\n", ""]

    children = []
    for _ in range(3):
        if (pid := os.fork()) == 0:
            try:
                os._exit(0 if ask() else 1)
            finally:
                os._exit(2)
        children.append(pid)
    assert ask()
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
    assert ask()


def test_limits_can_be_given_for_one_box(each_kind):
    with each_kind.open(replace(SMALL, open_files=20, tmp_mb=3)) as box:
        large = "open('/tmp/x', 'wb').write(bytes(4 << 20))"
        assert "No space left" in run(box, large)[1]
        many = "import os\nwhile True: os.open('/dev/null', 0)"
        assert "Too many open files" in run(box, many)[1]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os; os._exit(3)", "ended its own process (exit status 3)"),
        ("import ctypes; ctypes.string_at(0)", "crashed (SIGSEGV)"),
        ("import os; os._exit(0)", None),
    ],
)
def test_the_end_of_a_box_is_explained(boxes, source, why):
    with boxes.open() as box:
        assert run(box, source) is None
        assert box.why() == why  # at once
        assert not box.alive()
    assert box.why() == why


def test_a_box_counts_what_it_uses(each_kind):
    with each_kind.open() as box:
        before = box.cpu_seconds(), box.peak_mb()
        assert before[0] < 1
        run(box, SPIN.format("spinning") + "; held = bytearray(50 << 20)")
        assert eventually(lambda: box.cpu_seconds() > before[0] + 0.3)
        assert 45 < box.peak_mb() - before[1] < 100
    assert box.cpu_seconds() > before[0] + 0.3  # also when it has ended


HOLD_MUCH = {
    "in programs": """
        import subprocess, sys
        code = "import time; x = bytearray(60 << 20); time.sleep(60)"
        for _ in range(9):
            subprocess.Popen([sys.executable, "-c", code])
    """,
    "in copies of what was shared": """
        import os, time
        shared = bytearray(60 << 20)
        for _ in range(9):
            if os.fork() == 0:
                shared[:: 4096] = bytes(len(shared) // 4096)
                time.sleep(60)
    """,
    "in maps": """
        import mmap, os, time
        for _ in range(9):
            if os.fork() == 0:
                mapped = mmap.mmap(-1, 60 << 20)
                mapped[:] = bytes(len(mapped))
                time.sleep(60)
    """,
}


@pytest.mark.parametrize("how", HOLD_MUCH)
def test_memory_is_counted_over_all_processes(each_kind, how):
    with each_kind.open() as box:
        run(box, textwrap.dedent(HOLD_MUCH[how]))
        assert eventually(lambda: box.why() == "out of memory")


def test_nothing_of_a_box_is_left(each_kind, request):
    word = f"spinning-{os.getpid()}-{time.monotonic_ns()}"
    away = (
        f"import os\nif os.fork() == 0:\n    os.setsid()\n    {SPIN.format(word)}\n    os._exit(0)"
    )
    with each_kind.open() as box:
        run(box, away)
        assert eventually(lambda: processes_with(word))
    assert eventually(lambda: not processes_with(word), 5)


@pytest.mark.parametrize("user", ["root", "ordinary"] if AS_ROOT else ["ordinary"])
@pytest.mark.parametrize("unsafe", [False, True])
def test_nothing_is_left_when_the_opener_is_killed(user, unsafe):
    word = f"spinning-{os.getpid()}-{time.monotonic_ns()}"
    command, environment = python(user, HERE / "open_and_wait.py", word, unsafe)
    opener = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    with opener:
        said = opener.stdout.readline()
        # the opener's own command line, and the process in the box
        started = eventually(lambda: len(processes_with(word)) == 2, 5)
        opener.send_signal(signal.SIGKILL)
    assert (said, started) == ("open\n", True)
    assert eventually(lambda: not processes_with(word))


def test_unsafe_boxes_have_limits_all_the_same():
    with Boxes(SMALL, unsafe=True, **STAND_IN) as boxes:
        assert boxes.mode == "unsafe"
        with boxes.open() as box:
            assert "MemoryError" in run(box, "x = bytearray(1 << 30)")[1]
            folder = run(box, "import os; print(os.getcwd())")[0].strip()
            assert os.path.isdir(folder)
        assert eventually(lambda: not os.path.exists(folder))


def test_without_bubblewrap_there_are_instructions(monkeypatch):
    monkeypatch.setenv("LABTOOLS_WITHOUT", "bwrap")
    with pytest.raises(SandboxMissing, match=r"apt install bubblewrap(.|\n)*--unsafe"):
        Boxes(SMALL, **STAND_IN).ready()


def test_a_warm_process_that_fails_says_how():
    with pytest.raises(BoxFailed, match="No module named 'nowhere'"):
        Boxes(SMALL, serve="nowhere:serve").ready()


def test_the_collected_control_groups_are_removed(boxes):
    if boxes.cgroup == "none":
        return
    with boxes.open():
        groups = [path for folder in boxes._parent.folders.values() for path in mine(folder)]
        assert groups
    assert not [path for folder in boxes._parent.folders.values() for path in mine(folder)]


def mine(folder):
    return list(folder.glob(f"labtools-{os.getpid()}-*"))


def test_a_folder_in_tmp_is_seen_although_tmp_is_private(tmp_path):
    tmp_path.chmod(0o755)  # for the user that root becomes
    (tmp_path / "late.py").write_text("WORD = 'seen'")
    serve = STAND_IN | {"visible": [*STAND_IN["visible"], tmp_path]}
    with Boxes(SMALL, **serve) as boxes, boxes.open() as box:
        assert run(box, "import late; print(late.WORD)") == ["seen\n", ""]
        assert "Read-only file system" in run(box, f"open({str(tmp_path / 'x')!r}, 'w')")[1]


def test_a_file_in_tmp_is_seen_and_does_not_make_boxes_cold(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "note.txt").write_text("seen")  # as pyvenv.cfg of a course that lies in /tmp
    serve = STAND_IN | {"visible": [*STAND_IN["visible"], tmp_path / "note.txt"]}
    with Boxes(SMALL, **serve) as boxes, boxes.open() as box:
        assert (boxes.mode, boxes.cold_because) == ("warm", "")
        assert run(box, f"print(open({str(tmp_path / 'note.txt')!r}).read())") == ["seen\n", ""]
