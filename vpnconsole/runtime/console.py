"""One standard output for several processes: each line carries its process's name.

The product never waits for whoever reads its output: lines not taken in time are dropped, and counted.
"""

import os
import queue
import threading
import time
from typing import IO

KEPT_LINES = 2000


class Console:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[str] = queue.Queue(KEPT_LINES)
        self._dropped = 0
        threading.Thread(target=self._write_all, name="console", daemon=True).start()

    def say(self, line: str) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def follow(self, name: str, output: IO[bytes]) -> None:
        """Repeat every line of `output` under `name`, until it ends."""
        threading.Thread(target=self._repeat, args=(name, output), name=f"{name} output", daemon=True).start()

    def flush(self, seconds: float = 1.0) -> None:
        """Wait until all lines are written, at most `seconds`."""
        deadline = time.monotonic() + seconds
        while self._lines.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _repeat(self, name: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self.say(f"{name:<6} | {line.decode(errors='replace').rstrip()}")

    def _write_all(self) -> None:
        while True:
            line = self._lines.get()
            if self._dropped:
                line = f"({self._dropped} lines dropped: nobody read them)\n{line}"
                self._dropped = 0
            self._write(line)
            self._lines.task_done()

    def _write(self, line: str) -> None:
        try:
            os.write(self._descriptor, f"{line}\n".encode())
        except OSError:  # the reader is gone; the product goes on
            return
