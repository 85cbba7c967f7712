"""What a cell shows, in the form in which a notebook keeps it."""

import base64
import io
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

MOST_SHOWN = 1_000_000  # characters of one cell's streams and data
CUT = "\n… the rest of what this cell showed is left out\n"

Output = dict[str, Any]
"""An output as nbformat 4 has it."""


class Recorder:
    """Collects the outputs of one cell at a time, in order."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Forget what was recorded, as at the beginning of a cell."""
        self._outputs: list[Output] = []
        self._shown: dict[str, Output] = {}  # by display_id
        self._left, self._clearing = MOST_SHOWN, False

    def outputs(self) -> list[Output]:
        """What was recorded since ``start``: list of dict."""
        for output in self._outputs:
            if isinstance(output.get("text"), list):
                output["text"] = "".join(output["text"])
        return self._outputs

    def text(self, name: str, text: str) -> None:
        """What was written to stdout or stderr."""
        if not (text := self._allowed(text)):
            return
        last = self._outputs[-1] if self._outputs and not self._clearing else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self._add({"output_type": "stream", "name": name, "text": [text]})

    def data(
        self,
        kind: str,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        display_id: str | None = None,
    ) -> None:
        """What was displayed (``display_data``) or is a cell's value (``execute_result``)."""
        data = {mime: _as_text(value) for mime, value in data.items()}
        size = sum(len(value) for value in data.values() if isinstance(value, str))
        if size > self._left:
            self.text("stdout", " " * (self._left + 1))  # says that something is left out
            return
        self._left -= size
        output: Output = {"output_type": kind, "data": data, "metadata": metadata or {}}
        if kind == "execute_result":
            output["execution_count"] = None
        if display_id is not None:
            self._shown[display_id] = output
        self._add(output)

    def update(self, display_id: str | None, data: dict[str, Any]) -> None:
        """Something displayed before shows something else now."""
        if display_id in self._shown:
            self._shown[display_id]["data"] = {mime: _as_text(x) for mime, x in data.items()}

    def error(self, name: str, message: str, traceback: list[str]) -> None:
        """An error that ended the cell."""
        output = {"output_type": "error", "ename": name, "evalue": message, "traceback": traceback}
        self._add(output)

    def clear(self, wait: bool = False) -> None:
        """Forget what the cell has shown, at once or when there is something else to show."""
        self._clearing = wait
        if not wait:
            self._outputs.clear()

    def _add(self, output: Output) -> None:
        if self._clearing:
            self.clear()
        self._outputs.append(output)

    def _allowed(self, text: str) -> str:
        """As much of ``text`` as there is still room for."""
        if self._left < 0:
            return ""
        room, self._left = self._left, self._left - len(text)
        return text if self._left >= 0 else text[:room].rstrip(" ") + CUT


def _as_text(value: Any) -> Any:
    return base64.encodebytes(value).decode() if isinstance(value, bytes) else value


class Stream(io.TextIOBase):
    """A stdout or stderr that records what is written."""

    encoding = "utf-8"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Record ``text``; TypeError if it is none."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.text(self._name, text)
        return len(text)

    def close(self) -> None:
        """Nothing: it stays open for the next cell."""


class Publisher(DisplayPublisher):
    """Records what is displayed; ``recorder`` is set by who makes it."""

    recorder: Recorder

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: object = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **kwargs: Any,
    ) -> None:
        """Record a display, or the update of one."""
        display_id = (transient or {}).get("display_id")
        if update:
            self.recorder.update(display_id, data)
        else:
            self.recorder.data("display_data", data, metadata, display_id)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what the cell has shown."""
        self.recorder.clear(wait)


class Hook(DisplayHook):
    """Records a cell's value; ``recorder`` is set by who makes it."""

    recorder: Recorder

    def write_output_prompt(self) -> None:
        """Nothing: the notebook has numbers of its own."""

    def write_format_data(  # type: ignore[no-untyped-def]
        self, format_dict, md_dict=None
    ) -> None:
        """Record the value."""
        self.recorder.data("execute_result", format_dict, md_dict)

    def log_output(self, format_dict: dict[str, Any]) -> None:
        """Nothing: there is no history."""

    def finish_displayhook(self) -> None:
        """Nothing to flush."""
        self._is_active = False
