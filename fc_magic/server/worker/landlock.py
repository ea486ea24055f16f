"""Without a file system of its own an instance may still only touch what is its own: Landlock, on the real paths.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance, and in what that starts.
The function's files are a copy, so that no instance changes those of the next one.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import struct

# <linux/landlock.h>, the same numbers on every machine; <linux/fs.h>
CREATE, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE = 1 << 14
#: rights that came with each version; of the later ones only that nobody outside may be signalled
RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE}
SCOPE_SIGNAL, SCOPED_SINCE = 2, 6
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
FICLONE = 0x40049409

#: /tmp is the machine's here: programs write to it by that name
SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt")
MACHINE = ("/proc", "/sys/devices/system")

_libc = ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def version() -> int:
    """Of the kernel. Raises OSError if there is none."""
    return _done(_libc.syscall(CREATE, None, ctypes.c_size_t(0), ASK_VERSION), "landlock")


def missing() -> str:
    """Why it cannot be used; nothing if it can."""
    try:
        return "" if version() > 0 else "landlock: off"
    except OSError as error:
        return f"landlock: {error.strerror}"


def restrict(read: list[str], devices: list[str], write: list[str]) -> None:
    """This process and what it starts may read and run what is in ``read``, and do all in ``write``; no way back.

    Needs no_new_privs. Paths that do not exist are left out. Raises OSError.
    """
    abi = version()
    handled = sum(rights for since, rights in RIGHTS.items() if since <= abi)
    attributes = struct.pack("QQQ", handled, 0, SCOPE_SIGNAL if abi >= SCOPED_SINCE else 0)
    size = 8 if abi < 4 else 16 if abi < SCOPED_SINCE else 24
    ruleset = _done(_libc.syscall(CREATE, attributes, ctypes.c_size_t(size), 0), "landlock")
    try:
        for paths, rights in (
            (read, EXECUTE | READ_FILE | READ_DIR),
            (devices, READ_FILE | WRITE_FILE | TRUNCATE),
            (write, handled),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _done(_libc.syscall(RESTRICT_SELF, ruleset, 0), "landlock")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= OF_FILES
        rule = struct.pack("=Qi", rights, place)
        _done(_libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0), f"landlock {path}")
    finally:
        os.close(place)


def copy(files: str, own: str) -> None:
    """The function's files, to ``own``/code; beside them there is an empty ``own``/tmp."""
    os.makedirs(os.path.join(own, "tmp"), mode=0o700)
    shutil.copytree(files, f"{own}/code", symlinks=True, copy_function=_cloned)


def _cloned(source: str, target: str) -> None:
    """Blocks are shared until one is written, where the file system can do that."""
    try:
        with open(source, "rb") as old, open(target, "wb") as new:
            fcntl.ioctl(new, FICLONE, old.fileno())
        shutil.copystat(source, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        shutil.copy2(source, target)
