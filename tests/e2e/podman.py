"""A Podman of the test's own, with a container of busybox: all that it keeps lies in the test's folder, and it and what
it runs end with the test. A person's Podman is not touched.
"""
import os
import pathlib
import subprocess
import tarfile
import unittest

from docker import RealEngine
from processes import Process, eventually, peer

IMAGE = "localhost/aiops-e2e:latest"
LIBPOD = "/v4.0.0/libpod"  # its own API
CGROUP = f"aiops-e2e-{os.getpid()}"
APPLETS = ("date", "echo", "rm", "sh", "sleep", "test")
UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# Where it would leave traces.
HIDDEN = " && ".join(f"mount -t tmpfs none {folder}" for folder in ("/dev/shm", "/run"))


def _without_groups() -> bool:
    """They are empty soon after the processes in them have died."""
    for name in (f"{CGROUP}/conmon", CGROUP):
        for hierarchy in ("", "*/"):
            for group in pathlib.Path("/sys/fs/cgroup").glob(hierarchy + name):
                group.rmdir()
    return True


def may_run() -> None:
    """Skips the test where containers cannot be had."""
    everybody = pathlib.Path("/proc/self/uid_map").read_text().split() == ["0", "0", str(2**32 - 1)]
    private = subprocess.run([*UNSHARE, "true"], stderr=subprocess.DEVNULL).returncode == 0
    if os.geteuid() != 0 or not everybody or not private:
        raise unittest.SkipTest("a private Podman needs root and namespaces; run the tests as root")


class Podman(Process):
    """Its service, in namespaces: when the first process there dies, all die."""

    def __init__(self, folder: pathlib.Path):
        may_run()
        own = folder / "podman"
        (own / "tmp").mkdir(parents=True)
        self.socket = str(own / "podman.sock")
        super().__init__(
            "podman", folder, *UNSHARE, "sh", "-c", HIDDEN + ' && exec "$@"', "sh",
            peer("podman"), f"--root={own}/root", f"--runroot={own}/run", f"--tmpdir={own}/libpod",
            f"--network-config-dir={own}/net", "--storage-driver=vfs", "--events-backend=file",
            "--cgroup-manager=cgroupfs", "system", "service", "--time=0", f"unix://{self.socket}",
            # No systemd runs here that would call health checks: the test does.
            env={"TMPDIR": str(own / "tmp"), "DISABLE_HC_SYSTEMD": "true"})
        eventually("Podman's socket", self._listens)

    def _listens(self) -> bool:
        if not self.running():
            raise AssertionError(f"Podman ended by itself\n{self.tail()}")
        return os.path.exists(self.socket)

    def kill(self) -> None:
        super().kill()
        eventually("its control groups are gone", _without_groups)


class PodmanEngine(RealEngine):
    kind = "a real Podman"
    host = {"NetworkMode": "none", "CgroupParent": f"/{CGROUP}"}

    def __init__(self, folder: pathlib.Path, *command: str):
        self.folder = folder
        self.service = Podman(folder)
        try:
            super().__init__(self.service.socket, command)
        except BaseException as error:
            self.service.kill()
            if "OCI runtime error" in str(error):
                raise unittest.SkipTest(f"containers cannot run here: {error}; see to runc or crun") from None
            raise

    def _image(self) -> str:
        archive = self.folder / "busybox.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(peer("busybox"), "bin/busybox")
            for applet in APPLETS:
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
        self._ask("POST", f"{LIBPOD}/images/import?reference={IMAGE}", archive.read_bytes())
        return IMAGE

    def check_health(self) -> str:
        return self._ask("GET", f"{LIBPOD}/containers/{self.container}/healthcheck")["Status"]

    def inspect(self) -> dict:
        return self._ask("GET", f"/containers/{self.container}/json")

    def close(self) -> None:
        super().close()
        self.service.kill()
