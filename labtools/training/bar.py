"""A progress bar that behaves in a notebook, a terminal and a log."""

import sys

from tqdm import tqdm


def progress(total: int, title: str, initial: int = 0) -> tqdm:
    """A progress bar for ``total`` steps, of which ``initial`` are done.

    A notebook gets one line of text that is replaced in place and stays as plain text in the saved
    file; a terminal gets tqdm's bar; a log gets a line for every tenth of the work. Nothing is
    written to stderr.
    """
    bar = _NotebookBar if _in_notebook() else tqdm if sys.stdout.isatty() else _LogBar
    return bar(total=total, initial=initial, desc=title, file=sys.stdout, mininterval=0.5)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class _NotebookBar(tqdm):
    """tqdm's text in a display that is updated in place: no widget, so it also reads offline."""

    disable: bool

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        from IPython.display import display

        bundle = {"text/plain": str(self) if msg is None else msg}
        if getattr(self, "handle", None) is None:
            self.handle = display(bundle, raw=True, display_id=True)
        elif bundle["text/plain"]:
            self.handle.update(bundle, raw=True)

    def close(self) -> None:
        if not self.disable:
            self.display()
            self.disable = True
            self._decr_instances(self)


class _LogBar(tqdm):
    """One line for every tenth of the work, and for its end wherever that is."""

    disable: bool

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        tenth = 10 * self.n // max(1, self.total)
        if tenth > getattr(self, "shown", -1):
            self._line(tenth)

    def close(self) -> None:
        if not self.disable:
            if self.n != self.at:
                self._line(10)
            self.disable = True
            self._decr_instances(self)

    def _line(self, tenth: int) -> None:
        self.shown, self.at = tenth, self.n
        self.fp.write(f"{self}\n")
        self.fp.flush()
