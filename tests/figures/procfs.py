"""What the kernel says of a process: memory, processor time, bytes written. Linux, standard library only."""
import ctypes
import dataclasses
import os
import pathlib
import time

_libc = ctypes.CDLL(None, use_errno=True)
_WRITE_AND_WAIT = 1 | 2 | 4  # SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE, _WAIT_AFTER


@dataclasses.dataclass
class Usage:
    """Bytes and seconds since the process began; `written` is what it made dirty on disks (write_bytes)."""
    rss: int
    peak: int
    anonymous: int
    cpu: float
    written: int
    wchar: int


def _numbers(path: str) -> dict[str, int]:
    fields = (line.split(":", 1) for line in pathlib.Path(path).read_text().splitlines())
    return {key: int(value.split()[0]) for key, value in fields if value.split()[:1] and value.split()[0].isdigit()}


def usage(pid: int) -> Usage:
    status, io = _numbers(f"/proc/{pid}/status"), _numbers(f"/proc/{pid}/io")
    # clock_getcpuclockid(3): nanoseconds of all threads, also of those that have ended.
    cpu = time.clock_gettime((~pid) << 3 | 2)
    return Usage(rss=status["VmRSS"] * 1024, peak=status["VmHWM"] * 1024, anonymous=status["RssAnon"] * 1024,
                 cpu=cpu, written=io["write_bytes"], wchar=io["wchar"])


def write_back(*files: pathlib.Path) -> None:
    """Has the kernel write the files' dirty pages now.

    A page that is changed twice before that counts once, so a process that does a day's work in minutes would look
    too good. Between two real minutes the kernel does it by itself (vm.dirty_expire_centisecs, 30 s).
    """
    for file in files:
        try:
            descriptor = os.open(file, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            if _libc.sync_file_range(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), _WRITE_AND_WAIT) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(file))
        finally:
            os.close(descriptor)
