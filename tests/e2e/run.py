#!/usr/bin/env python3
"""run.py NAME [unittest's arguments]: runs tests/e2e/NAME_test.py in a network namespace of its own.

Its servers' ports are then nobody else's and its traffic cannot leave. Where no namespace can be made, it runs in
this one, and what needs one is skipped. Exits 0 when all passed, 1 when one failed, 3 when all were skipped.

run.py --prepare fetches the peers and starts a container engine where that may be: without a network there is none
to fetch from. run.py --clean ends that engine. ctest calls both.
"""
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parent / "tools"
PEERS = ["prometheus", "promtool", "victoria-metrics", "alertmanager", "node_exporter", "nginx", "podman", "busybox"]
PACKAGES = ["schemathesis", "python-telegram-bot"]
SKIPPED = 3


def prepare() -> int:
    for command in [["peers", name] for name in PEERS] + [["pypi", name] for name in PACKAGES] + [["docker-engine"]]:
        done = subprocess.run([str(TOOLS / command[0]), *command[1:]], text=True, stdout=subprocess.PIPE)
        print(" ".join(command), "->", done.stdout.strip(), flush=True)
        if done.returncode not in (0, SKIPPED):
            return 1
    return 0


def clean() -> int:
    return subprocess.run([str(TOOLS / "docker-engine"), "--stop"]).returncode


def enter_namespace() -> None:
    """Becomes itself again inside one; returns where that cannot be."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if os.environ.get("AIOPS_NETNS") or not shutil.which("unshare") or not shutil.which("ip"):
        return
    for unshare in (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]):
        if subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], stderr=subprocess.DEVNULL).returncode == 0:
            os.environ["AIOPS_NETNS"] = "1"
            # Loopback is no network that is counted: a quiet pair of devices stands for the machine's own.
            command = ('ip link set lo up && ip link add net0 type veth peer name net1 && ip link set net0 up && '
                       'ip link set net1 up && exec "$@"')
            os.execvp(unshare[0], [*unshare, "sh", "-c", command, "sh", sys.executable, *sys.argv])


def main(arguments: list[str]) -> int:
    if arguments == ["--prepare"]:
        return prepare()
    if arguments == ["--clean"]:
        return clean()
    if not arguments or not (HERE / f"{arguments[0]}_test.py").exists():
        print(__doc__, file=sys.stderr)
        return 2
    enter_namespace()
    sys.path[:0] = [str(HERE), str(HERE.parent / "fakes")]
    tests = importlib.import_module(f"{arguments[0]}_test")
    program = unittest.main(tests, argv=[arguments[0], "-v", *arguments[1:]], exit=False)
    result = program.result
    for case, reason in result.skipped:
        print(f"skipped: {case}: {reason}")
    if not result.wasSuccessful() or result.testsRun == 0:
        return 1
    return SKIPPED if len(result.skipped) == result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
