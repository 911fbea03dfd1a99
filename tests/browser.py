"""Find a Chromium for the tests, or install one: `python tests/browser.py`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of a Chromium that is installed; None leaves the choice to Playwright."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Install a Chromium: the system's own package where we may, else Playwright's."""
    if find():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-yq", "--no-install-recommends", "chromium"], check=False, **quiet)
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)


if __name__ == "__main__":
    install()
