"""Finds the tools of the tests that no Python or npm package brings: a browser and a Java runtime for the HTML checker.

Run by `make install-test`: what is missing is installed with the platform's package manager where that is possible;
else this says what to install, and ends with an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The first is the same Chromium without windows, tabs and profiles: it takes half the time for a page, a third to start.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/usr/lib/chromium/chromium",
)


def find_browser() -> str | None:
    """Return the path of a Chromium: $CHROMIUM, else what is installed."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    on_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return on_path or next((place for place in _PLACES if Path(place).exists()), None)


def find_java() -> str | None:
    """Return the path of a Java runtime that starts; macOS has a `java` that only asks to install one."""
    java = shutil.which("java")
    if java and subprocess.run([java, "-version"], capture_output=True, check=False).returncode == 0:
        return java
    return None


def install(packages: list[str]) -> None:
    """Install Debian packages, where this is Debian or Ubuntu and we may."""
    apt = shutil.which("apt-get")
    if not apt:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if sudo and not shutil.which("sudo"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"installing {' and '.join(packages)} with apt-get", flush=True)
    for command in ([apt, "-qq", "update"], [apt, "-qq", "install", "-y", "--no-install-recommends", *packages]):
        subprocess.run([*sudo, *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Install what is missing; return 1 when something still is."""
    for browser in ("chromium-headless-shell", "chromium"):  # Ubuntu has only the second
        missing = [] if find_browser() else [browser]
        missing += [] if find_java() else ["default-jre-headless"]
        if missing:
            install(missing)
    problems = []
    if not find_browser():
        problems.append("the tests need Chromium or Chrome: install one, or name it in the variable CHROMIUM")
    if not find_java():
        problems.append("the tests need Java for the HTML checker: install a JRE, such as default-jre-headless")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
