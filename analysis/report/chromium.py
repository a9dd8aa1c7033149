"""A Chromium of the system as printer: found, started for one page without any network, stopped when it hangs."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import InputError

VARIABLE = "KREISBLICK_CHROMIUM"
"""Environment variable that names another browser than the one found."""
OLDEST = 131
"""First version that prints page numbers and running titles from a page's own style."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge")
_MACOS = ("Chromium", "Google Chrome", "Microsoft Edge")
_WINDOWS = (r"Chromium\Application\chrome.exe", r"Google\Chrome\Application\chrome.exe",
            r"Microsoft\Edge\Application\msedge.exe")  # fmt: skip
_OPTIONS = (
    "--headless",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
    # no network
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=direct://",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    # nothing of the user's, nothing of the machine's
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",
    "--use-mock-keychain",
)


class PrintError(Exception):
    """A page could not be printed; the text says why in one sentence."""


@dataclass(frozen=True)
class Chromium:
    """A browser's file, and its processes that run for us."""

    path: str
    running: set = field(default_factory=set)

    def pdf(self, page: Path, folder: Path, timeout: float) -> bytes:
        """Print one page; intermediate files go to `folder`, which the caller removes.

        Raises
        ------
        PrintError
            The browser does not start, fails, writes nothing or takes longer than `timeout` seconds.
        """
        out = folder / "seite.pdf"
        command = [self.path, *_OPTIONS, f"--user-data-dir={folder / 'profil'}", f"--print-to-pdf={out}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium starts as root in no other way
        with (folder / "meldungen").open("wb") as messages:
            try:
                process = subprocess.Popen(
                    [*command, page.as_uri()],
                    stdin=subprocess.DEVNULL,
                    stdout=messages,
                    stderr=messages,
                    cwd=folder,
                    start_new_session=True,
                )
            except OSError as error:
                raise PrintError(f"{self.path} does not start ({error.strerror})") from None
            self.running.add(process)
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                raise PrintError(f"the limit of {timeout:g} s was reached") from None
            finally:
                _kill(process)
                self.running.discard(process)
        if status:
            raise PrintError(f"Chromium ended with status {status}")
        if not out.is_file():
            raise PrintError("Chromium wrote nothing")
        return out.read_bytes()

    def stop(self) -> None:
        """End every process that still runs for us."""
        for process in list(self.running):
            _kill(process)


def find() -> Chromium:
    """Chromium, Chrome or Edge of this system, or the one that KREISBLICK_CHROMIUM names.

    Raises
    ------
    InputError
        There is none, it does not start, or it is older than `OLDEST`.
    """
    named = os.environ.get(VARIABLE)
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, _candidates())), None)
    if path is None and named:
        raise InputError(f"{VARIABLE} names {named!r}, which is no program; expected the file of a Chromium")
    if path is None:
        raise InputError(
            "there is no Chromium to print with: install Chromium, Google Chrome or Microsoft Edge "
            f"(Debian, Ubuntu: `apt install chromium`), or name its file in the environment variable {VARIABLE}"
        )
    if os.name != "nt":  # there `--version` opens a window
        _check_version(path)
    return Chromium(path)


def _candidates() -> list[str]:
    applications = [f"{home}/Applications/{name}.app/Contents/MacOS/{name}" for home in ("", Path.home())
                    for name in _MACOS]  # fmt: skip
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    return [*_NAMES, *applications, *(rf"{folder}\{name}" for folder in folders if folder for name in _WINDOWS)]


def _check_version(path: str) -> None:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise InputError(f"{path}: does not say its version; expected a Chromium ({VARIABLE} names another)") from None
    said = done.stdout.decode(errors="replace").strip()
    version = re.search(r"\b(\d+)\.\d+\.\d+\.\d+", said)
    if version is None:
        raise InputError(f"{path}: says {said[:60]!r} for its version; expected a Chromium ({VARIABLE} names another)")
    if int(version[1]) < OLDEST:
        raise InputError(
            f"{path}: version {version[1]} prints no page numbers; expected {OLDEST} or newer "
            f"({VARIABLE} names another)"
        )


def _kill(process: subprocess.Popen) -> None:
    """End a process with all that it started; a group whose leader has ended may still hold others."""
    try:
        if os.name == "nt":
            if process.poll() is None:
                subprocess.run(
                    ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False, timeout=30
                )
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
