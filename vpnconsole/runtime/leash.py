"""A child on a leash: it ends with its parent, even if the parent is killed and can't say goodbye.

Run as a script (`leash.py PARENT WATCH COMMAND…`) it ties itself and turns into the command, which keeps the
tie. On Linux the kernel holds the leash. Elsewhere a forked watcher waits for the end of a pipe that only the
parent keeps open, then kills the process group.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
HELD_BY_KERNEL = sys.platform.startswith("linux")


def tie_to_parent(parent: int, ending: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send `ending` to this process when `parent`, the process that forked it, ends.

    The tie survives exec. Does nothing where the kernel is not Linux.
    """
    if not HELD_BY_KERNEL:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before the tie was made
        os.kill(os.getpid(), ending)


def watch(pipe: int) -> None:
    """Fork a watcher that kills this process group at the end of `pipe`; for the group's leader to call."""
    if os.fork() != 0:
        os.close(pipe)
        return
    while os.read(pipe, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    parent, pipe, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    if pipe >= 0:
        watch(pipe)
    else:
        tie_to_parent(parent)
    os.execvp(command[0], command)  # noqa: S606 - the command is the supervisor's own


if __name__ == "__main__":
    main(sys.argv[1:])
