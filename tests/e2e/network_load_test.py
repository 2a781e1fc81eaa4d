"""A load over a veth pair into a namespace of the test's own, as node_exporter counts it: a learned verdict."""
import os
import socket
import subprocess
import threading
import unittest

import scenario
from processes import Process, eventually

HERE, THERE = "192.0.2.1", "192.0.2.2"  # TEST-NET-1: nobody's
PORT = 9000
BYTES_PER_SECOND = 8_000_000
SECONDS = 120

# Runs in the other namespace: sends back what it gets.
ECHO = f"""
import socket
server = socket.create_server(("{THERE}", {PORT}))
peer, _ = server.accept()
while data := peer.recv(1 << 16):
    peer.sendall(data)
"""


class NetworkLoad(scenario.Scenario):
    main_features = {"network_rx", "network_tx"}

    def prepare(self) -> None:
        if os.environ.get("AIOPS_NETNS") != "1":
            raise unittest.SkipTest("no network namespace can be made here; run as root, or allow user namespaces")
        self.other = self.own(Process("namespace", self.folder, "unshare", "--net", "sleep", "600"))
        self._run("ip", "link", "add", "load0", "type", "veth", "peer", "name", "load1")
        # The child may not have unshared yet: moving into one's own namespace would move nothing.
        eventually("the other namespace", lambda: os.readlink(f"/proc/{self.other.pid}/ns/net")
                   != os.readlink("/proc/self/ns/net"))
        self._run("ip", "link", "set", "load1", "netns", str(self.other.pid))
        self._run("ip", "addr", "add", f"{HERE}/30", "dev", "load0")
        self._run("ip", "link", "set", "load0", "up")
        self._there("ip", "addr", "add", f"{THERE}/30", "dev", "load1")
        self._there("ip", "link", "set", "load1", "up")
        self.own(Process("echo", self.folder, *self._enter(), "python3", "-c", ECHO))
        self.stopped = threading.Event()
        self.stack.callback(self.stopped.set)

    def _enter(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.other.pid}/ns/net"]

    def _there(self, *command: str) -> None:
        self._run(*self._enter(), *command)

    @staticmethod
    def _run(*command: str) -> None:
        subprocess.run(command, check=True)

    def _load(self) -> None:
        chunk = b"\0" * (BYTES_PER_SECOND // 50)
        with socket.create_connection((THERE, PORT), timeout=10) as peer:
            for _ in range(50 * SECONDS):
                if self.stopped.wait(1 / 50):
                    return
                peer.sendall(chunk)
                got = 0
                while got < len(chunk):
                    got += len(peer.recv(1 << 16))

    def fault(self) -> None:
        threading.Thread(target=self._load, daemon=True).start()

    def repair(self) -> None:
        self.stopped.set()
