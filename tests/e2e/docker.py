"""Containers for the end-to-end tests: a real engine where one can be had, else a socket that plays recorded answers.

`open_engine` says which it is. Only containers of this module's own names are made, and exactly these removed.
"""
import http.client
import http.server
import json
import os
import pathlib
import socket
import socketserver
import threading
import unittest
import uuid

from processes import ROOT, tool

RECORDED = ROOT / "tests" / "testdata" / "docker" / "engine-20.10"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _stdout(frames: bytes) -> bytes:
    """What a container without a terminal wrote to stdout: each piece has a stream, three zeros and a length before it."""
    out = b""
    while frames:
        stream, length = frames[0], int.from_bytes(frames[4:8], "big")
        out += frames[8:8 + length] if stream == 1 else b""
        frames = frames[8 + length:]
    return out


class RealEngine:
    """An engine's unix socket. Its one container runs `command` and is wanted up (unless-stopped)."""

    kind = "a real engine"
    host: dict = {}  # more of the container's HostConfig
    more: dict = {}  # and of its other settings

    def __init__(self, path: str, command: tuple[str, ...]):
        self.socket = path
        self.container = f"aiops-e2e-{uuid.uuid4().hex[:8]}"
        # Other containers are a person's own: their state says nothing about this test.
        self.ignore = [name for name in self._names() if name != self.container]
        self._ask("POST", f"/containers/create?name={self.container}",
                  {"Image": self._image(), "Cmd": command, "NetworkDisabled": True, **self.more,
                   "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}, **self.host}})
        self.repair()

    def _ask(self, method: str, path: str, body: dict | bytes | None = None):
        """`body`: a tar archive if bytes."""
        kind, sent = ("x-tar", body) if isinstance(body, bytes) else ("json", json.dumps(body))
        connection = _UnixConnection(self.socket)
        try:
            connection.request(method, path, sent if body is not None else None,
                               {"Content-Type": f"application/{kind}"} if body is not None else {})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 400:
                raise AssertionError(f"{method} {path}: {answer.status} {text[:200]!r}")
            if answer.headers.get_content_type() != "application/json":
                return text
            return json.loads(text) if text else None
        finally:
            connection.close()

    def _names(self) -> list[str]:
        return [name.lstrip("/") for container in self._ask("GET", "/containers/json?all=1")
                for name in container["Names"]]

    def _image(self) -> str:
        tags = [tag for image in self._ask("GET", "/images/json") for tag in image.get("RepoTags") or []]
        for tag in tags:
            if tag.startswith("debian:"):
                return tag
        raise unittest.SkipTest("the engine has no image debian:*; pull one")

    def crash(self) -> None:
        """Ends the container as a crash would: nobody asked for it."""
        self._ask("POST", f"/containers/{self.container}/kill?signal=KILL")

    def repair(self) -> None:
        self._ask("POST", f"/containers/{self.container}/start")

    def restart(self) -> None:
        self._ask("POST", f"/containers/{self.container}/restart?t=1")

    def stop(self) -> None:
        self._ask("POST", f"/containers/{self.container}/stop?t=1")

    def log(self) -> list[str]:
        """All that the container wrote to stdout, line by line."""
        return _stdout(self._ask("GET", f"/containers/{self.container}/logs?stdout=1")).decode().splitlines()

    def close(self) -> None:
        self._ask("DELETE", f"/containers/{self.container}?force=1")


class RecordedEngine:
    """Answers as Docker 20.10 did (tests/testdata/docker): a healthy container, and after crash() a dead one too."""

    kind = "recorded answers of Docker 20.10"
    container = "onfail-gave-up"
    ignore: list[str] = []

    def __init__(self, folder: pathlib.Path):
        self.socket = str(folder / "docker.sock")
        self._broken = False
        self._listed = json.loads((RECORDED / "containers.json").read_text())
        self._names = {c["Id"]: c["Names"][0].lstrip("/") for c in self._listed}
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def address_string(self) -> str:
                return "unix"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                status, body = engine.answer(self.path)
                self.send_response(status)
                self.send_header("Api-Version", "1.41")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self._server = Server(self.socket, Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, bytes]:
        path = path.partition("?")[0].removeprefix("/v1.41")
        wanted = {"web-healthy"} | ({self.container} if self._broken else set())
        if path == "/_ping":
            return 200, b"OK"
        if path == "/version":
            return 200, (RECORDED / "version.json").read_bytes()
        if path == "/events":
            return 200, b""
        if path == "/containers/json":
            return 200, json.dumps([c for c in self._listed if self._names[c["Id"]] in wanted]).encode()
        name = self._names.get(path.removeprefix("/containers/").removesuffix("/json"))
        if name in wanted:
            return 200, (RECORDED / f"inspect-{name}.json").read_bytes()
        return 404, b'{"message":"no such container"}'

    def crash(self) -> None:
        self._broken = True

    def repair(self) -> None:
        self._broken = False

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def open_engine_that_runs(*command: str) -> RealEngine:
    """Skips the test where there is no real engine."""
    host = os.environ.get("DOCKER_HOST") or tool("docker-engine")
    if not host.startswith("unix://"):
        raise unittest.SkipTest(f"{host} is no unix socket")
    return RealEngine(host.removeprefix("unix://"), command)


def open_engine(folder: pathlib.Path):
    try:
        engine = open_engine_that_runs("sleep", "3600")
    except unittest.SkipTest as reason:
        engine = RecordedEngine(folder)
        print(f"docker: {engine.kind}, for {reason}", flush=True)
    else:
        print(f"docker: {engine.kind}", flush=True)
    return engine
