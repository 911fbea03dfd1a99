"""Fresh kernels for chapters: forked from one warm process, and watched while they read.

Nine tenths of a chapter's run is starting Python and importing pandas. Here one process
imports what chapters import, once; each kernel is then forked from it, a process of its
own that has seen no other chapter. Python's `multiprocessing` forkserver does the forking,
`jupyter_client`'s kernel provisioner is the door. Where forking isn't to be had the same
kernel starts as an ordinary new process.

A kernel notes every file of the project that it opens, and every folder of data that it
lists, so that the build knows what a chapter's result depends on without being told.
"""

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import source_from_cache
from multiprocessing import forkserver
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from analysis.build import processes

OWN = ["ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "ipykernel.zmqshell", "psutil"]
"""What a kernel imports for itself before its first cell."""
TRACE = "BOOK_TRACE"
"""Environment variable of a kernel: the file in which it notes what it opens."""
NOTES = "BOOK_NOTES"
"""Environment variable of a kernel: the file in which a chapter's code may note lines for the book to settle."""
PROJECT = "BOOK_PROJECT"
"""Environment variable of a kernel: the folder whose files count."""
STEADY = {
    "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYDEVD_DISABLE_FILE_VALIDATION": "1", "PYTHONSTARTUP": "",
}  # fmt: skip
"""What would let one result differ from the next is the same in every kernel."""
ALIVE, AGAIN = 0.5, 0.02
"""Seconds of silence after which a kernel is looked after, or asked again."""
MOMENT, PATIENCE = 0.002, 5.0
"""Seconds between two looks at a forked process, and of all looks together."""
LISTED = "data"
"""Only here does the list of files in a folder count as something that was read."""
ELSEWHERE = {"_build", ".git", ".venv"}
"""Folders of the project that hold nothing a result can depend on."""
_warm = threading.Event()


def can_fork() -> bool:
    """Whether kernels can be forked here safely: on Linux, unless BOOK_FORK=0 asks otherwise."""
    return sys.platform.startswith("linux") and os.environ.get("BOOK_FORK") != "0"


def warm_up(modules: Callable[[], list[str]]) -> None:
    """Start the process that kernels are forked from, importing `modules`, unless it is there; returns at once."""
    if _warm.is_set():
        return
    _warm.set()
    os.environ.update(STEADY)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["analysis.build.processes", "analysis.build.kernels", *OWN, *modules()])
    os.environ[processes.BUILD] = str(os.getpid())
    forkserver.ensure_running()
    del os.environ[processes.BUILD]


class PromptClient(AsyncKernelClient):
    """Talk to a kernel as soon as it listens.

    `jupyter_client` waits out two fifths of a second of silence to be sure; here the kernel
    is asked again until its answer is heard on the channel of outputs too.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when both channels answer; RuntimeError when the kernel dies or takes too long."""
        deadline = time.monotonic() + (timeout or float("inf"))
        request = self.kernel_info()
        while (reply := await self._hear(self.get_shell_msg, request, ALIVE, "kernel_info_reply")) is None:
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")
        self._handle_kernel_info_reply(reply)
        # outputs are subscribed to in their own time, and what is said before is lost
        while await self._hear(self.get_iopub_msg, self.kernel_info(), AGAIN, "status", "idle") is None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel's outputs weren't heard in {timeout} seconds")

    @staticmethod
    async def _hear(channel: Any, request: str, patience: float, kind: str, state: str | None = None) -> dict | None:
        """Read a channel until the answer to a request comes by; None after so many seconds of silence."""
        while True:
            try:
                message = await channel(timeout=patience)
            except Empty:
                return None
            said = message["content"].get("execution_state")
            if (message["parent_header"].get("msg_id"), message["msg_type"], said) == (request, kind, state):
                return message


class BookKernelManager(AsyncKernelManager):
    """Start one chapter's kernel; `trace` is where it notes what it opens in `project`, `notes` where its code may.

    Its connection file and sockets go into `sockets`, a folder with a short path.
    """

    client_factory = PromptClient

    def __init__(self, trace: Path, notes: Path, project: Path, sockets: Path, fork: bool, **options: Any):
        place = {"connection_file": str(sockets / f"{trace.stem}.json")}
        super().__init__(transport="ipc" if os.name == "posix" else "tcp", **place, **options)
        # nobody's own start-up files
        self.environment = STEADY | {
            TRACE: str(trace), NOTES: str(notes), PROJECT: str(project), "IPYTHONDIR": str(sockets / "ipython"),
        }  # fmt: skip
        provisioner = {"kernel_provisioner": {"provisioner_name": "forked"}} if fork else {}
        self._kernel_spec = KernelSpec(
            argv=[sys.executable, "-m", "analysis.build.kernels", "-f", "{connection_file}"],
            display_name="chapter",
            language="python",
            metadata=provisioner,
        )

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # the library wraps it
        environment = {**os.environ, **options.pop("env", {}), **self.environment}
        await super().start_kernel(env=environment, **options)

    @property
    def process(self) -> Any:
        """The kernel's process: anything with `pid` and `kill()`; None before it started."""
        return getattr(self.provisioner, "process", None)


def end(manager: BookKernelManager) -> None:
    """End a chapter's kernel and whatever it started, if it is still there."""
    process = manager.process
    if process is None or process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait(5)


class ForkedProvisioner(LocalProvisioner):
    """Provide a kernel by forking the warm process instead of starting a new one."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        process = ForkedProcess(cmd[cmd.index("-f") + 1], options.get("cwd"), options["env"])
        self.process = process  # type: ignore[assignment]  # has the face of one
        self.pid = process.pid
        self.pgid = self.pid
        # who knocks before the door is there is let in a tenth of a second later
        place = f"{self.connection_info['ip']}-"
        doors = [Path(f"{place}{self.connection_info[port]}") for port in ("shell_port", "iopub_port")]
        await self._until(lambda: all(door.exists() for door in doors) or process.poll() is not None)
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End it now, and wait until it has ended: the manager would look for that ten times a second."""
        await super().kill(restart)
        await self._until(lambda: self.process is None or self.process.poll() is not None)

    @staticmethod
    async def _until(met: Callable[[], bool]) -> None:
        """Wait for a condition that is met in a moment, or give up."""
        deadline = time.monotonic() + PATIENCE
        while not met() and time.monotonic() < deadline:
            await asyncio.sleep(MOMENT)


class ForkedProcess:
    """A forked kernel with the face of `subprocess.Popen` that provisioners expect."""

    stdin = stdout = stderr = None

    def __init__(self, connection_file: str, cwd: str | None, environment: dict[str, str]):
        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_forked, args=(connection_file, cwd, environment), daemon=True)
        self._process.start()
        assert self._process.pid, "a process that was started has a number"
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until it has ended; raise subprocess.TimeoutExpired when that takes too long."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, signum)

    def kill(self) -> None:
        """End it now."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()


def _forked(connection_file: str, cwd: str | None, environment: dict[str, str]) -> None:
    """Become a kernel: what runs in the forked child."""
    gc.freeze()  # what all kernels share isn't searched for garbage, for a page of memory that is touched is copied
    gc.enable()
    os.setsid()
    processes.end_with_parent(processes.PID)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(cwd or ".")
    sys.path[:] = [p for p in sys.path if p not in ("", str(Path.cwd()))]
    # as for an ordinary kernel: it ends when the process it hangs from has ended
    run(["-f", connection_file, f"--IPKernelApp.parent_handle={os.getppid()}"])


def run(arguments: list[str]) -> None:
    """Be a kernel that notes what it opens, until it is told to stop.

    Our own modules are dropped first, so that importing them shows.
    """
    from ipykernel.kernelapp import IPKernelApp

    if TRACE in os.environ:
        project = Path(os.environ[PROJECT])
        for name, module in list(sys.modules.items()):
            if name != "__main__" and _in_project(getattr(module, "__file__", None) or "", project):
                del sys.modules[name]
        watch(Path(os.environ[TRACE]), project)
    # messages of the kernel itself go to the chapter's log, not to the reader's screen
    IPKernelApp.launch_instance(argv=[*arguments, "--log-level=ERROR"])


def watch(trace: Path, project: Path) -> None:
    """Note from now on each file of `project` this process opens to read, a line each in `trace`.

    Names are relative, with slashes. A compiled module counts as its source, and a link as the
    place it stands in. A folder below `project/data` whose files are listed is noted with a
    slash behind it. What a library opens without Python, as pyarrow's own readers do, goes unseen.
    """
    seen: set[str] = set()
    out = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    writing = os.O_WRONLY | os.O_RDWR

    def note(event: str, arguments: tuple) -> None:
        listed = event in ("os.listdir", "os.scandir")
        if not (listed or event == "open"):
            return
        path = arguments[0]
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & writing:
            return
        path = os.path.abspath(os.fsdecode(path)) + "/" * listed
        if path in seen:
            return
        seen.add(path)
        if path.endswith(".pyc"):
            try:
                path = source_from_cache(path)
            except ValueError:
                return
        name = _in_project(path, project)
        if name and (not listed or name == LISTED or name.startswith(f"{LISTED}/")):
            os.write(out, f"{name}{'/' if listed else ''}\n".encode())

    sys.addaudithook(note)


def _in_project(path: str, project: Path) -> str:
    """Name a file of the project relative to it, with slashes; blank for what isn't one."""
    if not path or path.startswith(f"{sys.prefix}{os.sep}"):
        return ""
    for absolute in (os.path.abspath(path), os.path.realpath(path)):
        if absolute.startswith(f"{project}{os.sep}"):
            name = os.path.relpath(absolute, project).replace(os.sep, "/")
            return "" if name.partition("/")[0] in ELSEWHERE else name
    return ""


if __name__ == "__main__":
    run(sys.argv[1:])
