"""What a process may see and do, in layers, each used where the machine allows it.

Standard library only, Python 3.9 to 3.14: it runs in the fork server, in whatever interpreter a runtime names.
With user namespaces an instance has a file system, a process table and a /tmp of its own; nothing here makes a
jail of it, it keeps accidents from reaching the machine.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

# <linux/sched.h>, <sys/mount.h>, <linux/mount.h>, <linux/prctl.h>, <linux/securebits.h>
NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
#: <linux/sockios.h>, <linux/if.h>: up, loopback, running
SIOCSIFFLAGS, LOOPBACK_UP = 0x8914, 0x49
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE, SYS_MOUNT_SETATTR = -100, 0x8000, 442
ATTR_RDONLY, ATTR_NOSUID = 0x1, 0x2
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 28, 36, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
#: root inside gets no capability back by running a program; none of it can be undone
SECURE_BITS = 0b11101111
CAPABILITY_VERSION = 0x20080522

#: of the machine, read-only: what programs of any language look for
ETC_FOLDERS = ("alternatives", "ca-certificates", "fonts", "ld.so.conf.d", "pki", "ssl")
ETC_FILES = (
    "group", "host.conf", "hostname", "hosts", "ld.so.cache", "ld.so.conf", "localtime", "mime.types",
    "nsswitch.conf", "os-release", "passwd", "protocols", "resolv.conf", "services", "timezone",
)  # fmt: skip
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
FOLDERS = (
    "code/lib",
    "dev/shm",
    "etc",
    "home",
    "mnt",
    "opt/lib",
    "proc",
    "run",
    "sys",
    "tmp",
    "usr",
    "var/tmp",
)
#: empty and writable for each instance, beside /code
WRITABLE = {"tmp": "/tmp", "vartmp": "/var/tmp", "run": "/run", "home": "/home", "shm": "/dev/shm"}
#: what root of the machine may write there, it may in a namespace too: the kernel's settings, its devices
PROC_READ_ONLY = ("acpi", "asound", "bus", "fs", "irq", "scsi", "sys", "sysrq-trigger")
#: processes and threads of an instance, and the numbers that the kernel does not give out twice
MOST_PIDS = 1024 + 300
#: ours inside: our programs; where code comes from and what is written goes to, gone before a function's code runs
OURS = "/.fc"

_libc = ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def fork() -> int:
    """Of a process with one thread, for one that runs none of a function's code: what Python does after a fork, so
    that threads and random numbers begin anew, writes to half a megabyte, which every instance would then have twice.
    """
    child: int = ctypes.PyDLL(None, use_errno=True).fork()
    if child < 0:
        _done(1, "fork")
    return child


def unshare(flags: int) -> None:
    _done(_libc.unshare(flags), "unshare")


def rejoin(namespace: int, flags: int) -> None:
    _done(_libc.setns(namespace, flags), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    texts = [text.encode() or None for text in (source, target, kind)]
    _done(_libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}")


def unmount(target: str) -> None:
    _done(_libc.umount2(target.encode(), MNT_DETACH), f"unmount {target}")


def read_only(target: str) -> None:
    """The mount and all below it; what else was set on them stays."""
    _set_attributes(target, ATTR_RDONLY | ATTR_NOSUID, AT_RECURSIVE)


def _set_attributes(target: str, attributes: int, flags: int) -> None:
    packed = struct.pack("QQQQ", attributes, 0, 0, 0)
    call = (SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), flags, packed, len(packed))
    _done(_libc.syscall(*call), f"read-only {target}")


def prctl(option: int, value: int, more: int = 0) -> None:
    _done(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), 0, 0), f"prctl {option}")


# ---------------------------------------------------------------- once for each fork server


def enter(root: str, code: str, shown: list[str], program: list[str]) -> None:
    """Runs ``program`` in namespaces of its own and below ``root``, an empty folder, and ends with it.

    It is process 1 of a new process table: when it ends, however it does, everything in there is killed.
    ``code`` holds the folders of all functions; ``shown`` are folders that stay where they are, read-only. The
    program gets one more argument, for ``approve``. Raises OSError where the machine does not allow it; nothing
    has changed then but that a child ended.
    """
    # a child tries: who is in half a set of namespaces does not come out again
    told, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        with open(told) as pipe:
            failure = pipe.read()
        if not failure:
            _end_like(child)
        os.waitpid(child, 0)
        number, _, what = failure.partition(" ")
        raise OSError(int(number), os.strerror(int(number)), what)
    try:
        os.close(told)
        _unshare_all()
        prctl(PR_SET_PDEATHSIG, 9)
        _build(root, code, shown)
        child = os.fork()
        if child:
            os.close(tell)
            _end_like(child)
        prctl(PR_SET_PDEATHSIG, 9)
        # while the old one can be seen: a process table is only given to who sees one already
        mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV)
        os.chdir(root)
        _pivot()
        _keep_capabilities()
        os.set_inheritable(tell, True)
        os.execv(program[0], [*program, str(tell)])
    except OSError as error:
        _refuse(tell, error)


def approve(tell: int) -> None:
    """The program of ``enter`` says that all is well, after it made an instance; else it ends, and enter raises."""
    try:
        _try()
    except OSError as error:
        _refuse(tell, error)
    os.close(tell)


def _refuse(tell: int, error: OSError) -> NoReturn:
    os.write(tell, f"{error.errno or errno.EPERM} {error.filename}".encode())
    os._exit(1)


def _keep_capabilities() -> None:
    """Those of these namespaces, for the program that is run next: only root would have them again."""
    header, held = struct.pack("Ii", CAPABILITY_VERSION, 0), ctypes.create_string_buffer(24)
    _done(_libc.capget(header, held), "capget")
    words = list(struct.unpack("6I", held.raw))
    words[2], words[5] = words[1], words[4]  # inheritable: what is permitted
    _done(_libc.capset(header, struct.pack("6I", *words)), "capset")
    for number in range(64):
        if words[1 + 3 * (number // 32)] >> number % 32 & 1:
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number)


def _end_like(child: int) -> NoReturn:
    _, status = os.waitpid(child, 0)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _unshare_all() -> None:
    user, group = os.getuid(), os.getgid()
    unshare(NEWUSER | NEWNS | NEWPID)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


def _build(root: str, code: str, shown: list[str]) -> None:
    """The file system of all instances: the machine's programs, and empty folders."""
    mount("tmpfs", root, "tmpfs", MS_NOSUID, "size=16m,mode=755")
    for name in (*FOLDERS, *(f"{OURS[1:]}/{name}" for name in ("bin", "code", "nothing", "own"))):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    os.chmod(f"{root}/var/tmp", 0o1777)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink("/" + name):
            os.symlink(os.readlink("/" + name), f"{root}/{name}")
        elif os.path.isdir("/" + name):
            _show("/" + name, root)
    for name in ETC_FILES:
        if os.path.isfile("/etc/" + name):
            shutil.copyfile("/etc/" + name, f"{root}/etc/{name}")
    for path in ("/usr", "/sys/devices/system", *(f"/etc/{name}" for name in ETC_FOLDERS), *shown):
        if os.path.isdir(path) and not path.startswith("/usr/"):
            _show(path, root)
    for name in DEVICES:
        if os.path.exists("/dev/" + name):
            open(f"{root}/dev/{name}", "w").close()
            mount(f"/dev/{name}", f"{root}/dev/{name}", flags=MS_BIND)
    for name, target in LINKS.items():
        os.symlink(target, f"{root}/dev/{name}")
    mount(code, f"{root}{OURS}/code", flags=MS_BIND | MS_REC)
    mount(os.path.dirname(os.path.abspath(__file__)), f"{root}{OURS}/bin", flags=MS_BIND)
    read_only(f"{root}{OURS}/bin")
    # what it covers in every instance is nobody's to write to, either
    nothing = f"{root}{OURS}/nothing"
    mount(nothing, nothing, flags=MS_BIND)
    read_only(nothing)


def renew(name: str, handle: int) -> None:
    """A file of /etc, for every instance, from one that is open: the machine's own has changed."""
    with open(handle, "rb") as source, open(f"/etc/{name}.new", "wb") as copy:
        shutil.copyfileobj(source, copy)
    os.replace(f"/etc/{name}.new", f"/etc/{name}")


def etc() -> list[str]:
    """What of /etc is shown."""
    return [f"/etc/{name}" for name in (*ETC_FOLDERS, *ETC_FILES)]


def devices() -> list[str]:
    return [f"/dev/{name}" for name in DEVICES]


def _show(path: str, root: str) -> None:
    os.makedirs(root + path, exist_ok=True)
    mount(path, root + path, flags=MS_BIND | MS_REC)
    read_only(root + path)


def _pivot() -> None:
    """The current folder becomes the root; the old one is gone."""
    # both names the same: the old root comes to lie on the new one, and is taken off (pivot_root(2))
    number = {"x86_64": 155, "aarch64": 41}.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, "pivot_root of this machine is not known")
    _done(_libc.syscall(number, b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def _try() -> None:
    """Whether an instance can be made at all: better found out now than at every call."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    unshare(NEWPID)
    child = os.fork()
    if not child:
        try:
            inside("", 1)
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    rejoin(own, NEWPID)
    os.close(own)
    number = os.WEXITSTATUS(status)
    if number:
        raise OSError(number, os.strerror(number), "instance")


def no_internet() -> int:
    """A network that is only loopback, as a descriptor. To make one takes milliseconds, to join it microseconds."""
    ours, theirs = socket.socketpair()
    # a child makes it: who leaves the network of the machine does not come back
    child = os.fork()
    if not child:
        try:
            unshare(NEWNET)
            with socket.socket() as sock:
                fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", LOOPBACK_UP))
            socket.send_fds(theirs, [b"0"], [os.open("/proc/self/ns/net", os.O_RDONLY)])
        except OSError as error:
            theirs.send(str(error.errno or errno.EPERM).encode())
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        said, handles, _, _ = socket.recv_fds(ours, 16, 1)
    os.waitpid(child, 0)
    if not handles:
        number = int(said or errno.EPERM)
        raise OSError(number, os.strerror(number), "network")
    return handles[0]


# ---------------------------------------------------------------- once for each instance


def inside(files: str, disk_mb: int, layers: Sequence[str] = ()) -> None:
    """Gives this process, the first of a new process table, a file system of its own.

    ``files`` is the function's folder below the one of ``enter``, ``layers`` are those of its layers; what is written
    anywhere goes to memory and counts against ``disk_mb`` together.
    """
    unshare(NEWNS | NEWIPC)
    own = OURS + "/own"
    mount("tmpfs", own, "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk_mb}m,mode=755")
    for name in ("code", "code.work", "opt", "opt.work", *WRITABLE):
        os.mkdir(f"{own}/{name}")
        os.chmod(f"{own}/{name}", 0o1777)
    _writable([f"{OURS}/code/{files}"], "/code", own + "/code")
    _lay(layers, own + "/opt")
    for name, target in WRITABLE.items():
        mount(f"{own}/{name}", target, flags=MS_BIND)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    _limit_pids()
    for name in PROC_READ_ONLY:
        if os.path.exists(f"/proc/{name}"):
            mount(f"/proc/{name}", f"/proc/{name}", flags=MS_BIND | MS_REC)
            read_only(f"/proc/{name}")
    # covered, not unmounted: the kernel would wait until all cores have noticed
    for hidden in (own, OURS + "/code"):
        mount(OURS + "/nothing", hidden, flags=MS_BIND)
    _lock_root()


def _lay(layers: Sequence[str], upper: str) -> None:
    """The layers at /opt, the first on top; an interpreter that lives below /opt stays where it is."""
    kept = {path: os.open(path, os.O_PATH) for path in _mounted_below_opt()}
    if layers:
        _writable([f"{OURS}/code/{layer}" for layer in layers], "/opt", upper)
    else:
        mount(upper, "/opt", flags=MS_BIND)
    for path, handle in kept.items():
        os.makedirs(path, exist_ok=True)
        mount(f"/proc/self/fd/{handle}", path, flags=MS_BIND | MS_REC)
        os.close(handle)


def _mounted_below_opt() -> list[str]:
    if os.listdir("/opt") == ["lib"]:
        return []  # nothing is shown there, as on most machines
    with open("/proc/self/mountinfo") as file:
        places = [line.split()[4] for line in file]
    return [path for path in places if path.startswith("/opt/")]


def _limit_pids() -> None:
    """A limit that holds between two looks of the watchdog; before Linux 6.14 it would be the whole machine's."""
    if tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 14):
        try:
            with open("/proc/sys/kernel/pid_max", "w") as file:
                file.write(str(MOST_PIDS))
        except OSError:
            pass


def _writable(below: list[str], target: str, upper: str) -> None:
    """The folders, the first on top, at ``target``; what is written there goes to ``upper``."""
    # the kernel would try its own attributes first, which are root's, and say so in its log each time
    layers = f"userxattr,lowerdir={':'.join(below)},upperdir={upper},workdir={upper}.work"
    mount("overlay", target, "overlay", MS_NOSUID, layers)


def _lock_root() -> None:
    _set_attributes("/", ATTR_RDONLY | ATTR_NOSUID, 0)


def drop() -> None:
    """Nothing this process or its children start can gain a right it does not have."""
    prctl(PR_SET_SECUREBITS, SECURE_BITS)
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    _done(_libc.capset(header, bytes(24)), "capset")
