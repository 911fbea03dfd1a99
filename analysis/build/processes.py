"""How the build's processes end: the one that kernels are forked from imports this first.

`multiprocessing`'s forkserver notices that its build is gone only between two forks, and
not at all while it is importing.
"""

import ctypes
import gc
import os
import signal
import sys

BUILD = "BOOK_BUILD"
"""Environment variable: the process number of the build that this process works for."""
DIE_WITH_PARENT = 1
"""Linux's prctl option PR_SET_PDEATHSIG."""


def end_with_parent(parent: int) -> None:
    """Let this process be killed as soon as `parent`, whose child it is, has ended."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def spare_parsers() -> None:
    """Let jsonschema be imported, with nbformat, without a check of IRIs that no notebook needs.

    That check builds 39 parsers as it is imported: over a second, half of what a page takes. Kernels have it as ever.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # so Python takes it as not installed


def leave(code: int) -> None:
    """End this process now: its work is on disk, and taking apart all it loaded takes half a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if BUILD in os.environ:
    end_with_parent(int(os.environ.pop(BUILD)))
    gc.disable()  # all that is imported here stays; kernels look for garbage again
PID = os.getpid()
