"""Connections that want nothing, finish never or take nothing must not keep a scrape from its answer."""
import contextlib
import pathlib
import resource
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import daemon
from processes import eventually

HALF_OPEN = 1000
PATIENCE = 1.0  # seconds for a scrape
# A machine that other work holds up takes that long without any crowd: then so many times what it took so.
SLOWED = 3

TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


def config(folder: pathlib.Path, web: str, address: str = "127.0.0.1"):
    def make(port: int) -> str:
        text = daemon.fast_config(folder, port, "  host: {enabled: true}\n")
        return text.replace(f'web: {{listen_address: "127.0.0.1:{port}"}}',
                            f'web: {{listen_address: "{address}:{port}"{web}}}')
    return make


class TlsDaemon(daemon.Daemon):
    """Speaks TLS with a certificate that it signs itself."""

    def await_http(self, url: str, patience: float = 60) -> None:
        eventually("the daemon answers through TLS", lambda: exchange(self.port, tls=True)[0] == 200, patience)


def exchange(port: int, path: str = "/-/healthy", host: str = "127.0.0.1", tls: bool = False,
             timeout: float = 10) -> tuple[int, bytes]:
    """Status and answer of one GET, by hand: nothing is retried or reused."""
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(socket.create_connection((host, port), timeout=timeout))
        if tls:
            peer = stack.enter_context(TRUSTING.wrap_socket(peer))
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while part := peer.recv(1 << 16):
            answer += part
    return int(answer.split(b" ", 2)[1]), answer


def client_hello() -> bytes:
    """What a TLS client says first; then it says no more."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = TRUSTING.wrap_bio(incoming, outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        hello.do_handshake()
    return outgoing.read()


class Crowd:
    """HALF_OPEN connections that began with `bytes` and are never complete; from `addresses` of loopback.

    `drip`: each sends another byte every second. Those that the daemon closed stay closed.
    """

    def __init__(self, port: int, first: bytes, addresses: int = 1, drip: bool = False):
        self.members = []
        for i in range(HALF_OPEN):
            source = (f"127.0.1.{1 + i % addresses}" if addresses > 1 else "127.0.0.1", 0)
            member = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=source)
            with contextlib.suppress(OSError):
                member.sendall(first)
            self.members.append(member)
        self.stopped = threading.Event()
        self.dripping = threading.Thread(target=self._drip, daemon=True) if drip else None
        if self.dripping:
            self.dripping.start()

    def _drip(self) -> None:
        while not self.stopped.wait(1):
            for member in self.members:
                with contextlib.suppress(OSError):
                    member.sendall(b"x")

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.stopped.set()
        if self.dripping:
            self.dripping.join()
        for member in self.members:
            member.close()


class ConnectionsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < HALF_OPEN + 200:
            self.skipTest(f"{hard} descriptors are too few for {HALF_OPEN} connections")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, HALF_OPEN + 200), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def start(self, make, kind=daemon.Daemon):
        started = kind(self.folder, make)
        self.addCleanup(started.kill)
        return started

    def start_tls(self) -> TlsDaemon:
        self.certify("a")
        (self.folder / "web.yml").write_text("tls_server_config: {cert_file: a.crt, key_file: a.key}\n")
        return self.start(config(self.folder, f', config_file: "{self.folder}/web.yml"'), TlsDaemon)

    def certify(self, name: str) -> None:
        if not shutil.which("openssl"):
            self.skipTest("no openssl here to make a certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2", "-subj", f"/CN={name}"],
                       cwd=self.folder, check=True, capture_output=True)

    def slowest_scrape(self, port: int, tls: bool = False) -> float:
        slowest = 0.0
        for _ in range(5):
            begun = time.monotonic()
            status, _ = exchange(port, "/metrics", tls=tls)
            slowest = max(slowest, time.monotonic() - begun)
            self.assertEqual(status, 200)
        return slowest

    def scraper(self, port: int, tls: bool = False):
        """A function that scrapes, in time. Made before the crowd comes: it measures without one first."""
        alone = self.slowest_scrape(port, tls)
        limit = max(PATIENCE, SLOWED * alone)

        def scrape() -> None:
            slowest = self.slowest_scrape(port, tls)
            print(f"{self.id()}: slowest of 5 scrapes {slowest * 1000:.0f} ms, alone {alone * 1000:.0f} ms, "
                  f"limit {limit * 1000:.0f} ms")
            self.assertLess(slowest, limit)
        return scrape

    def test_idle_connections(self) -> None:
        server = self.start(config(self.folder, ""))
        scrape = self.scraper(server.port)
        with Crowd(server.port, b""):
            scrape()

    def test_dripping_heads_from_many_addresses(self) -> None:
        server = self.start(config(self.folder, ""))
        scrape = self.scraper(server.port)
        with Crowd(server.port, b"GET /metrics HTTP/1.1\r\nX: ", addresses=50, drip=True):
            scrape()
            time.sleep(1.5)  # a drip from each, while we scrape again
            scrape()

    def test_tls_handshakes_that_stop(self) -> None:
        server = self.start_tls()
        scrape = self.scraper(server.port, tls=True)
        with Crowd(server.port, client_hello()):
            scrape()

    def test_too_few_descriptors(self) -> None:
        server = self.start(config(self.folder, ""))
        own = len(list(pathlib.Path(f"/proc/{server.pid}/fd").iterdir()))
        hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (own + 30, hard))
        scrape = self.scraper(server.port)
        with Crowd(server.port, b"GET /", addresses=50):
            scrape()
        self.assertEqual(server.log.read_text().count("no file descriptor left"), 1)

    def test_slow_readers(self) -> None:
        server = self.start(config(self.folder, ", max_connections: 4"))
        scrape = self.scraper(server.port)
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                reader = stack.enter_context(socket.socket())
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                reader.connect(("127.0.0.1", server.port))
                reader.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            scrape()

    def test_a_late_request_is_told(self) -> None:
        server = self.start(config(self.folder, ""))
        with socket.create_connection(("127.0.0.1", server.port), timeout=15) as late:
            begun = time.monotonic()
            late.sendall(b"GET / HTTP/1.1\r\n")
            self.assertTrue(late.recv(1 << 16).startswith(b"HTTP/1.1 408 "))
            self.assertAlmostEqual(time.monotonic() - begun, 10, delta=2)

    def test_stops_at_once(self) -> None:
        server = self.start(config(self.folder, ""))
        with Crowd(server.port, b"GET /"):
            begun = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begun, 3)

    def test_ipv6(self) -> None:
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError as error:
                self.skipTest(f"no IPv6 here: {error}")
        server = self.start(config(self.folder, "", address=""))  # both families
        self.assertEqual(exchange(server.port, host="::1")[0], 200)
        self.assertEqual(exchange(server.port, host="127.0.0.1")[0], 200)

    def test_a_renewed_certificate(self) -> None:
        server = self.start_tls()
        def served() -> bytes:
            return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))
        first = served()
        self.certify("b")
        (self.folder / "b.key").replace(self.folder / "a.key")  # does not belong to a.crt
        eventually("the broken pair is logged", lambda: served() == first and
                   "cannot be used; the old one stays" in server.log.read_text())
        (self.folder / "b.crt").replace(self.folder / "a.crt")
        eventually("the new certificate is served", lambda: served() != first)

    def test_curl(self) -> None:
        if not shutil.which("curl"):
            self.skipTest("no curl here")
        server = self.start_tls()
        base = f"https://127.0.0.1:{server.port}"

        def curl(*arguments: str) -> str:
            done = subprocess.run(["curl", "-sk", "--max-time", "10", "-o", str(self.folder / "out"), "-w",
                                   "%{http_code}", *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, arguments)
            return done.stdout
        body = self.folder / "body"
        body.write_bytes(b" " * 50_000)  # so much that curl waits for 100 Continue
        large = self.folder / "large"
        large.write_bytes(b" " * 5_000_000)
        self.assertEqual(curl(base + "/metrics"), "200")
        self.assertEqual(curl("-I", base + "/metrics"), "200")
        self.assertEqual(curl("-I", base + "/-/healthy"), "200")
        begun = time.monotonic()
        self.assertEqual(curl("-H", "Expect: 100-continue", "--expect100-timeout", "8", "--data-binary", f"@{body}",
                              base + "/run"), "400")
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(curl("-H", "Transfer-Encoding: chunked", "--data-binary", f"@{body}", base + "/run"), "400")
        self.assertEqual(curl("--data-binary", f"@{large}", base + "/run"), "413")
        self.assertEqual(curl("-H", "Expect:", "--data-binary", f"@{large}", base + "/run"), "413")
        self.assertEqual(curl(f"http://127.0.0.1:{server.port}/"), "400")
