"""Private processes for the end-to-end tests: found by tests/tools/peers, on ports of the moment, ended with the test.

Nothing here knows what is tested. Standard library only.
"""
import ctypes
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("AIOPS_BUILD", ROOT / "build" / "dev"))
PATIENCE = float(os.environ.get("AIOPS_TEST_PATIENCE", "60"))  # seconds until a test gives a wait up
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def tool(*command: str) -> str:
    """What a tool of tests/tools prints; skips the test with the tool's reason when it exits 3."""
    done = subprocess.run([str(ROOT / "tests" / "tools" / command[0]), *command[1:]], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stdout.strip()
    if done.returncode == 3:
        raise unittest.SkipTest(said.removeprefix("skipped: "))
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} exited {done.returncode}: {done.stderr.strip()}")
    return said


def peer(name: str) -> str:
    return tool("peers", name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(what: str, probe, patience: float = PATIENCE, pause: float = 0.2):
    """The first true value of probe(); AssertionError with the last value when patience ends."""
    end = time.monotonic() + patience
    last = None
    while time.monotonic() < end:
        try:
            last = probe()
        except (OSError, http.client.HTTPException, ValueError) as error:
            last = error
        if last and not isinstance(last, Exception):
            return last
        time.sleep(pause)
    raise AssertionError(f"{what}: not within {patience:.0f} s; last seen: {last!r}")


def get(url: str, headers: dict | None = None) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
        return answer.read().decode()


def get_json(url: str):
    return json.loads(get(url))


def post(url: str, body: str = "") -> tuple[int, dict]:
    """Status and JSON of the answer, whatever the status."""
    request = urllib.request.Request(url, data=body.encode(), method="POST",
                                     headers={"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


class Process:
    """A child that dies with the test. `log` is a file with all that it wrote."""

    death = signal.SIGKILL  # how it dies

    def __init__(self, name: str, folder: pathlib.Path, *command: object, env: dict | None = None):
        self.name = name
        self.log = folder / f"{name}.log"
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(
                [str(part) for part in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder,
                env={**os.environ, **(env or {})},
                preexec_fn=lambda: _libc.prctl(_PR_SET_PDEATHSIG, self.death))

    @property
    def pid(self) -> int:
        return self.child.pid

    def running(self) -> bool:
        return self.child.poll() is None

    def stop(self, patience: float = 15) -> int:
        """Asks it to end and returns its exit code; a process that does not obey is killed and fails the test."""
        if self.running():
            self.child.terminate()
        try:
            return self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {patience:.0f} s of SIGTERM") from None

    def kill(self) -> None:
        if self.running():
            self.child.send_signal(self.death)
        self.child.wait()

    def tail(self, lines: int = 25) -> str:
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"    {self.name}: {line}" for line in text)

    def await_http(self, url: str, patience: float = PATIENCE) -> None:
        def answers():
            if not self.running():
                raise AssertionError(f"{self.name} ended by itself\n{self.tail()}")
            return get(url) or True
        eventually(f"{self.name} answers at {url}", answers, patience)
