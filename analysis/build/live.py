"""Show an edition on this machine and keep it true while someone writes: what is saved is new in the browser.

`watchfiles` notices what is saved, `analysis.build.warm` makes pages in a process of its own, and `starlette` shows
them. A page that somebody looks at is made first, the others after it or when they are asked for, so that none is older
than its sources; an error stands over it until it is mended. Nothing here is published: pages lie in a folder of their
own, and the script that loads them again is put in on the way to the browser.
"""

import asyncio
import contextlib
import json
import mimetypes
import socket
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from analysis import paths
from analysis.build import book, chapters, runs, telling
from analysis.build.kernels import ELSEWHERE
from analysis.files import digest

HOST = "127.0.0.1"
"""This machine alone: an edition may be of people's answers."""
AT_ONCE, QUIET = 6, 700
"""Pages that are written in one go when nobody waits for them, and the milliseconds without a change before that."""
AGAIN = 15
"""Seconds after which a browser is told the same again, so that one that has left is noticed."""
LONGEST, LAST_WORDS = 2**24, 2000
"""Bytes that an answer may have; characters of what a maker said before it died that are shown."""
MAKER = "from analysis.build import warm; warm.main()"
"""Starts a maker; kernels that are forked would import a module that is run as one."""
SCRIPT = Path(__file__).with_name("live.js")
PUT_IN = '<script src="/.live/live.js" data-made="{made}"></script>'
"""What a page in the browser has and a published one hasn't."""
INSTEAD = '<!doctype html>\n<html lang="en">\n<title>Wrong</title>\n<body>\n<pre>{wrong}</pre>\n</body>\n</html>\n'
"""What is shown of a page that can't be made."""
HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"""Nothing is kept by the browser, and no other site may take anything in."""
INDEX = "searchindex.js"
"""Every page loads it, and the one for searching, `search.html`, alone uses it: who asks for that has it made whole."""
FIXED, WITH_PAGES = ("_static/", "_sphinx_design_static/"), ("_images/", "_downloads/", INDEX)
"""Where files lie that stay the same as long as a maker does, and those that are written with a page."""


class View:
    """What is shown: the process that makes it, what came of its last order, and who looks at which page."""

    def __init__(self, edition: dict[str, Any], say: chapters.Say, progress: runs.Progress):
        self.root, self.edition, self.say, self.progress = Path(edition["root"]), edition, say, progress
        self.maker: Process | None = None
        self.now: dict[str, Any] = {"wrong": "The first pages are being made.", "left": 0, "place": "/"}
        self.one, self.news, self.told = asyncio.Lock(), asyncio.Condition(), 0
        self.open: Counter[str] = Counter()
        self.fixed: dict[str, bytes] = {}
        self.address = ""

    # --- making -------------------------------------------------------------------------------

    async def order(self, pages: list[str], changed: list[str] | None = None, more: int = 0) -> None:
        """Have pages made true, and find out what is wrong; an error that ended the maker stays until a change."""
        if self.maker is None:
            if not changed:
                return
            changed = await self._begin()
        answer = await self._ask(changed=changed or [], pages=pages, more=more)
        if "anew" in answer:
            await self.end()
            answer = await self._ask(changed=await self._begin(), pages=pages, more=more)
        if "place" not in answer:
            await self.end()
        self.now |= answer

    async def _begin(self) -> list[str]:
        """Start a maker, for which everything is new."""
        self.fixed.clear()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the maker is there
        command = [sys.executable, "-c", MAKER, json.dumps(self.edition)]
        self.maker = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=self.log, cwd=self.root, limit=LONGEST
        )
        return ["."]

    async def _ask(self, **order: Any) -> dict[str, Any]:
        """Give the maker an order; return its answer, or its last words."""
        assert self.maker and self.maker.stdin and self.maker.stdout, "it was begun"
        self.maker.stdin.write((json.dumps(order) + "\n").encode())
        async for line in self.maker.stdout:
            match json.loads(line):
                case {"say": said}:
                    self.say(said)
                case {"progress": [running, done, of]}:
                    self.progress(running, done, of)
                case answer:
                    return answer
        self.log.seek(0)
        return {"wrong": self.log.read().decode(errors="replace")[-LAST_WORDS:].strip() or "It ended.", "left": 0}

    async def end(self) -> None:
        """End the maker, whatever it is doing, and all that hangs from it."""
        if self.maker:
            with contextlib.suppress(ProcessLookupError):
                self.maker.kill()
            await self.maker.wait()
            self.log.close()
            self.maker = None

    async def watch(self, stop: asyncio.Event) -> None:
        """Have pages made true as their sources change, those that are looked at first; the others meanwhile."""
        missed = {(watchfiles.Change.added, str(self.root))}
        async for found in watchfiles.awatch(
            self.root, watch_filter=self._matters, stop_event=stop, rust_timeout=QUIET, yield_on_timeout=True
        ):
            changed, missed = sorted({self._name(path) for _, path in found | missed}), set()
            if not changed and not self.now["left"]:
                continue
            began, wrong = time.perf_counter(), self.now["wrong"]
            async with self.one:
                looked_at = [page for page, people in self.open.items() if people]
                await self.order(looked_at, changed, 0 if changed else AT_ONCE)
            if changed or wrong != self.now["wrong"] or not self.now["left"]:
                await self._tell("shown" if changed else "whole", time.perf_counter() - began)

    def _name(self, path: str) -> str:
        return Path(path).relative_to(self.root).as_posix()

    def _matters(self, _: watchfiles.Change, path: str) -> bool:
        """Whether pages may depend on a file: on commits too, which they name."""
        name = self._name(path)
        parts = name.split("/")
        made = parts[0] in ELSEWHERE or f"{name}/".startswith(runs.MADE) or name.endswith(book.MADE)
        hidden = any(part.startswith(".") or part.endswith("~") for part in parts)  # what editors and others keep
        return not (made or hidden) or name == ".git/logs/HEAD"

    async def _tell(self, what: str, seconds: float) -> None:
        """Tell who looks and who serves what has become of a change: it is shown, or all pages are."""
        if not self.told:
            record, own = self.now.get("record", {}), self.edition
            about = f", of kind {record['edition']}: wave {record['wave']}, {record['kind']}" if record else ""
            self.say(f"edition   {own['name']} ({own['language']}){about}")
            self.say(f"shown at  {self.address}, on this machine alone; Ctrl-C ends it")
            if self.now.get("private"):
                self.say(
                    "          These are answers of people, for you alone: no other machine can reach this address"
                )
        at_once = f"\n{'whole':<9} 0.0 s" if what == "shown" and not self.now["left"] else ""
        self.say(self.now["wrong"] or f"{what:<9} {seconds:.1f} s{at_once}")
        self.told += 1
        async with self.news:
            self.news.notify_all()

    # --- showing ------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Show a file of the edition as it is now; a page with the script put in."""
        address = _address(request.url.path)
        page = not address.startswith((*FIXED, *WITH_PAGES))
        content = self._content(address) if address == INDEX else self.fixed.get(address)
        if content is None:
            async with self.one:
                if page:
                    await self.order([address])
                content = self._content(address)
            if content and address.startswith(FIXED):
                self.fixed[address] = content
        kind, status = mimetypes.guess_type(address)[0] or "text/plain", 200 if content else 404
        if self.now["wrong"] and page:
            content, kind, status = INSTEAD.format(wrong=escape(self.now["wrong"])).encode(), "text/html", 500
        if content and kind == "text/html":
            before, end, behind = content.rpartition(b"</body>")
            content = before + PUT_IN.format(made=digest(content)).encode() + end + behind
        return Response(content or b"", status, HEADERS, kind)

    def _content(self, address: str) -> bytes | None:
        """Read a file of the edition; None for what isn't one."""
        with contextlib.suppress(OSError):
            if found := StaticFiles(directory=self.now["place"]).lookup_path(address)[0]:
                return Path(found).read_bytes()
        return None

    async def follow(self, request: Request) -> Response:
        """Tell a browser, now and after each change, what is wrong and which page there is."""
        address = _address(request.query_params.get("page", ""))

        async def news() -> AsyncIterator[str]:
            self.open[address] += 1
            try:
                async with self.one:
                    await self.order([address])
                while True:
                    seen, made = self.told, digest(self._content(address) or b"")
                    yield f"retry: 500\ndata: {json.dumps({'wrong': self.now['wrong'], 'made': made})}\n\n"
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(AGAIN), self.news:
                            while self.told == seen:
                                await self.news.wait()
            finally:
                self.open[address] -= 1

        return StreamingResponse(news(), headers=HEADERS, media_type="text/event-stream")

    async def script(self, request: Request) -> Response:
        """Give the script that is put into pages."""
        return Response(SCRIPT.read_bytes(), headers=HEADERS, media_type="text/javascript")


def _address(path: str) -> str:
    """Name the file that is meant by a path."""
    return path.lstrip("/") + "index.html" * (path.endswith("/") or not path)


async def _serve(edition: dict[str, Any], port: int, say: chapters.Say, progress: runs.Progress) -> None:
    view, stop = View(edition, say, progress), asyncio.Event()
    routes = [Route("/.live/news", view.follow), Route("/.live/live.js", view.script), Route("/{path:path}", view.page)]
    # no other name is answered, that another site might give this machine
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app = Starlette(routes=routes, middleware=[hosts])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    with socket.create_server((HOST, port)) as door:
        view.address = f"http://{HOST}:{door.getsockname()[1]}"
        both = [asyncio.create_task(view.watch(stop)), asyncio.create_task(server.serve([door]))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            server.should_exit = True
            await asyncio.gather(*both)
        finally:
            await view.end()


def serve(
    name: str, parameters: dict[str, str], language: str, port: int, root: Path = paths.ROOT,
    opened: bool = False, timeout: int = runs.CELL_TIMEOUT,
) -> None:  # fmt: skip
    """Show an edition of this name in one language until told to stop; OSError when the port isn't to be had."""
    edition = {
        "root": str(root), "name": name, "parameters": parameters, "language": language, "opened": opened,
        "timeout": timeout,
    }  # fmt: skip
    with telling.told() as (say, progress), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(edition, port, say, progress))
