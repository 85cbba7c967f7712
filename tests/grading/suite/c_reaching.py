"""Out of the box: to the gradebook, the solutions, start-up files, the network, other processes.

What is found is printed, returned and put into an error, so that nothing of it is lost on the way:
what must not be found has a secret in it, and no secret may come out.
"""

from suite_entries import WRONG, entries

SAYING = """\
{body}


def add(a, b):
    text = found()
    print(text)
    raise ValueError(text)"""


def telling(body):
    """Fields of an entry whose `found()` says what it has found, in a cell and in a call."""
    source = SAYING.format(
        body=body
        + """\



print(found())"""
    )
    return {"answers": {"add": source}, "lost": {"add": "."}}


def doing(body, **fields):
    """Fields of an entry that does something, in a cell and in a call, and answers rightly."""
    inside = body.replace("\n", "\n    ")
    source = (
        """\
import contextlib


def do():
    """
        + inside
        + """\



def add(a, b):
    with contextlib.suppress(Exception):
        do()
    return a + b"""
    )
    first = (
        """\
import contextlib

with contextlib.suppress(Exception):
    """
        + inside
    )
    return {"answers": {"add": source}, "first": first, **fields}


attempt = entries("C", "gradebook read or written")

PLACES = "places = ['@COURSE@', '@HOME@', '/', '..', '../..', '../../..', '../../../..']"

attempt(
    "c_gradebook_raised",
    "everybody gets 297 points, wherever a gradebook is",
    **doing(
        f"import glob, sqlite3\n{PLACES}\nfor place in places:\n"
        "    here, below = (f'{place}/{deep}gradebook.db' for deep in ('', '*/'))\n"
        "    for path in [*glob.glob(here), *glob.glob(below)]:\n"
        "        with sqlite3.connect(path, timeout=0.2) as db:\n"
        "            db.execute('update grade set manual_score = 297, auto_score = 297')"
    ),
)
attempt(
    "c_gradebook_deleted",
    "it is deleted, and put in the place of",
    **doing(
        """\
import pathlib
for path in ('@COURSE@/gradebook.db', '@COURSE@/out/gradebook.db'):
    pathlib.Path(path).write_bytes(b'@MARK@')
    pathlib.Path(path).unlink()"""
    ),
)
attempt(
    "c_gradebook_locked",
    "it is locked for good",
    **doing(
        """\
import sqlite3
db = sqlite3.connect('@COURSE@/gradebook.db', timeout=0.2)
db.execute('begin exclusive')"""
    ),
)
attempt(
    "c_gradebook_read",
    "hidden tests are read from it",
    **telling(
        """\
import sqlite3


def found():
    try:
        db = sqlite3.connect('file:@COURSE@/gradebook.db?mode=ro', uri=True)
        return str(db.execute('select source from source_cell').fetchall())
    except Exception as error:
        return repr(error)"""
    ),
)
attempt(
    "c_gradebook_nbgrader",
    "nbgrader's own library is asked for it",
    **doing(
        """\
from nbgrader.api import Gradebook
with Gradebook('sqlite:///@COURSE@/gradebook.db') as book:
    for it in book.db.query(__import__('nbgrader.api').api.Grade):
        it.manual_score = 297
    book.db.commit()"""
    ),
)

attempt = entries("C", "source read")

attempt(
    "c_source_walked",
    "the whole disk is searched for solutions and secrets",
    **telling(
        """\
import os, time


def found():
    text, end = '', time.monotonic() + 2
    for folder, folders, files in os.walk('/'):
        folders[:] = [f for f in folders if f not in ('proc', 'sys', 'usr', 'dev')]
        for file in files:
            if file.endswith(('.ipynb', '.db', 'secret.txt')):
                try:
                    text += open(os.path.join(folder, file), 'rb').read()[:9999].decode(
                        errors='replace')
                except OSError:
                    pass
        if time.monotonic() > end:
            break
    return text or 'nothing'"""
    ),
)
attempt(
    "c_source_known",
    "the files whose names are known are read",
    **telling(
        """\
import os


def found():
    text = repr(os.listdir('.')) + repr(os.listdir('/'))
    for path in ('../../source/tiny/tiny.ipynb', '@COURSE@/solutions/tiny/tiny.ipynb',
                 '@COURSE@/exercises/tiny/tiny.ipynb', '@HOME@/secret.txt',
                 '@COURSE@/submitted', '@COURSE@/nbgrader_config.py', '/etc/shadow',
                 '@ROOT@/solutions/ch03_clm/ch03_clm.ipynb'):
        try:
            text += open(path).read()
        except OSError as error:
            text += repr(error)
    return text"""
    ),
)
attempt(
    "c_source_processes",
    "other processes are looked into: their environment, files, folders and memory",
    **telling(
        """\
import glob, os


def found():
    text = repr(dict(os.environ))
    for folder in glob.glob('/proc/[0-9]*'):
        for name in ('environ', 'cmdline', 'cwd/nbgrader_config.py',
                     'root@HOME@/secret.txt', 'root@COURSE@/solutions/tiny/tiny.ipynb'):
            try:
                text += open(f'{folder}/{name}', errors='replace').read()
            except OSError:
                pass
        for fd in glob.glob(f'{folder}/fd/*'):
            try:
                text += os.readlink(fd) + ' '
            except OSError:
                pass
    return text"""
    ),
)
attempt(
    "c_source_descriptors",
    "whatever is open is read",
    risked=("scale", "twice", "evens"),
    **telling(
        """\
import os


def found():
    text = ''
    for fd in range(3, 256):
        try:
            os.set_blocking(fd, False)
            os.lseek(fd, 0, 0)
            text += repr(os.read(fd, 99999))
        except OSError:
            pass
    return text or 'nothing'"""
    ),
)
attempt(
    "c_source_mounted",
    "what hides them is unmounted, or left behind",
    **telling(
        """\
import ctypes, os, subprocess

libc = ctypes.CDLL(None, use_errno=True)


def found():
    text = ''
    for flags in (0x10000000, 0x10020000, 0x00020000):
        text += str(libc.unshare(flags))
    for place in (b'/tmp', b'/proc', b'/', b'/home', b'/root'):
        text += str(libc.umount2(place, 2))
    text += str(libc.mount(b'proc', b'/tmp', b'proc', 0, None))
    for call in (lambda: os.setuid(0), lambda: os.chroot('/tmp'),
                 lambda: os.chdir('../' * 40)):
        try:
            call()
        except OSError as error:
            text += repr(error)
    done = subprocess.run('id; mount; ls @HOME@ @COURSE@; cat @HOME@/secret.txt',
                          shell=True, capture_output=True, text=True)
    return text + done.stdout + done.stderr"""
    ),
)

attempt = entries("C", "start-up files")

attempt(
    "c_startup_ipython",
    "files that every shell of the teacher's runs",
    **doing(
        """\
import pathlib
for home in ('@HOME@', str(pathlib.Path.home()), '/root', '/tmp'):
    for name in ('.ipython/profile_default/startup/00-@MARK@.py',
                 '.ipython/profile_default/ipython_config.py', '.profile', '.bashrc',
                 '.jupyter/nbgrader_config.py', '.config/matplotlib/matplotlibrc'):
        try:
            path = pathlib.Path(home, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('# @MARK@\\nraise SystemExit')
        except OSError:
            pass"""
    ),
)
attempt(
    "c_startup_python",
    "files that every Python runs",
    **doing(
        """\
import pathlib, site, sys
for folder in [*site.getsitepackages(), site.getusersitepackages(), *sys.path, sys.prefix]:
    for name in ('@MARK@.pth', 'sitecustomize.py', 'usercustomize.py', '@MARK@.py'):
        try:
            pathlib.Path(folder or '.', name).write_text('import @MARK@')
        except OSError:
            pass"""
    ),
)
attempt(
    "c_startup_library",
    "the grader's own library and the libraries that it uses",
    **doing(
        """\
import pathlib, sys
for module in [*sys.modules.values()]:
    name = getattr(module, '__file__', None)
    if name and ('labtools' in name or 'nbgrader' in name or 'IPython' in name):
        try:
            with open(name, 'a') as file:
                file.write('\\n# @MARK@')
        except OSError:
            pass"""
    ),
)

attempt = entries("C", "network")

attempt(
    "c_network_tcp",
    "a server on this machine is spoken to",
    **doing(
        """\
import socket
for host in ('127.0.0.1', 'localhost', '::1', '0.0.0.0'):
    try:
        socket.create_connection((host, @PORT@), timeout=0.3).send(b'hello')
    except OSError:
        pass"""
    ),
)
attempt(
    "c_network_udp",
    "by datagrams, and by raw packets",
    **doing(
        """\
import socket
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    try:
        socket.socket(socket.AF_INET, kind).sendto(b'hello', ('127.0.0.1', @PORT@))
    except OSError:
        pass"""
    ),
)
attempt(
    "c_network_unix",
    "by the abstract sockets of this machine, and by a shell's",
    **doing(
        """\
import socket, subprocess
with socket.socket(socket.AF_UNIX) as it:
    it.settimeout(0.3)
    try:
        it.connect('\\0@MARK@')
        it.send(b'hello')
    except OSError:
        pass
subprocess.run(['bash', '-c', 'echo hello > /dev/tcp/127.0.0.1/@PORT@'],
               capture_output=True, timeout=2)"""
    ),
)

attempt = entries("C", "a local torch.py")

attempt(
    "c_local_modules",
    "modules under the names of others, where Python looks first",
    **doing(
        """\
import pathlib
for name in ('torch', 'json', 'labtools', 'IPython', 'nbformat'):
    pathlib.Path(f'{name}.py').write_text('raise SystemExit("@MARK@")')"""
    ),
)
attempt(
    "c_local_path",
    "the path on which modules are looked for, and what finds them",
    answers={"scale": WRONG["scale"]},
    lost={"scale": "^scale: "},
    first="""\
import os, sys

os.environ['PYTHONPATH'] = '/tmp'
sys.path[:] = ['/tmp']
sys.meta_path.insert(0, None)
sys.meta_path.clear()
sys.path_hooks.clear()""",
)
attempt(
    "c_local_replaced",
    "modules that are loaded already are replaced",
    answers={"scale": WRONG["scale"]},
    lost={"scale": "scale|stopped"},
    risked=("add", "twice", "evens"),
    first="""\
import sys, types

for name in ('torch', 'json', 'socket', 'struct', 'os', 'pickle'):
    sys.modules[name] = types.SimpleNamespace(allclose=lambda *a: True)""",
)

attempt = entries("C", "a pickle that executes")

PICKLE = """\
class Bomb({base}):
    def __reduce__(self):
        return exec, ("open('@HOME@/@MARK@-pickle', 'w'); import os; os._exit(3)",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __deepcopy__ = lambda self, memo: exec("open('@HOME@/@MARK@-copy', 'w')")
"""

attempt(
    "c_pickle_returned",
    "the function returns one",
    answers={
        "add": PICKLE.format(base="object")
        + """\


def add(a, b):
    return Bomb()"""
    },
    lost={"add": "."},
)
attempt(
    "c_pickle_raised",
    "it raises one, with one in it",
    answers={
        "add": PICKLE.format(base="Exception")
        + """\


def add(a, b):
    raise Bomb(Bomb())"""
    },
    lost={"add": "Bomb|Exception"},
)
attempt(
    "c_pickle_handed_over",
    "it hands one to the function that it is given, and hides one in a tensor",
    answers={
        "twice": PICKLE.format(base="object")
        + """\


def twice(f, x):
    try:
        f(Bomb())
        f([Bomb()])
        f(x=Bomb())
    except Exception:
        pass
    return f(f(x))""",
        "scale": PICKLE.format(base="object")
        + """\


def scale(x, factor):
    y = x * factor
    y.bomb = Bomb()
    y.__dict__['other'] = Bomb()
    return y""",
    },
)
attempt(
    "c_pickle_saved",
    "bytes of one come back, and a file of one is left behind",
    answers={
        "add": PICKLE.format(base="object")
        + """\


import pickle, torch


def add(a, b):
    torch.save(Bomb(), '/tmp/@MARK@-saved.pt')
    return pickle.dumps(Bomb())"""
    },
    lost={"add": "."},
)
