"""Which command was asked for."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

COMMANDS = {
    "check": ("labtools.commands.check", "run the visible checks of a notebook"),
    "progress": ("labtools.commands.progress", "a table over all exercises"),
    "reset": ("labtools.commands.reset", "bring a stub back; keeps a copy of the work"),
    "grade": ("labtools.grading.command", "grade a class"),
    "doctor": ("labtools.grading.doctor", "what this machine can and cannot do"),
}
INSTALL = "pip install -r requirements.txt, in the course's folder"
INTERRUPTED = 130  # as a shell says it of a program that Ctrl-C ended
UNHEARD = 141  # and of one whose reader went away, as `head` does


class CommandError(Exception):
    """A command cannot do what was asked; the message says what was expected and what there is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status, 2 if it could not be run at all."""
    words = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old terminal has no ✓
    try:
        return obey(words)
    except BrokenPipeError:
        # what is left in the buffer goes nowhere, in place of an error when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "labtools"):
            raise  # a fault of ours
        return refuse(f"this needs {missing}, which is not installed: {INSTALL}")
    except CommandError as error:
        return refuse(str(error))
    except KeyboardInterrupt:
        print("\nlabtools: interrupted", file=sys.stderr)
        return INTERRUPTED


def obey(words: Sequence[str]) -> int:
    """Run the command in ``words``; its exit status."""
    try:
        args = parser(words).parse_args(words)
        return int(args.run(args))
    finally:
        sys.stdout.flush()  # while a reader that is gone can still be told from a fault


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The arguments of all commands, of which only the one in ``words`` is imported."""
    it = argparse.ArgumentParser(
        prog="labtools",
        description="Checks, progress and a fresh start for learners; grading for a class.",
        epilog="`labtools COMMAND --help` says what a command takes.",
    )
    it.add_argument("--version", action="version", version=f"labtools {version('labtools')}")
    commands = it.add_subparsers(metavar="COMMAND", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        if name == asked:
            imported = importlib.import_module(module)
            command.description = (imported.__doc__ or text).replace("`", "")
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            imported.add_arguments(command)
            command.set_defaults(run=imported.run)
    return it


def refuse(why: str) -> int:
    """Say why a command is not run; its exit status."""
    print(f"labtools: {why}", file=sys.stderr)
    return 2
