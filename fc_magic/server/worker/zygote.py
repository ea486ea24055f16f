"""The fork server of one interpreter: single-threaded, preloaded, forks an instance in milliseconds.

Standard library only, Python 3.9 to 3.14; run as ``python -I … zygote.py SOCKET ROOT CODE SHOWN python -I …``.
SOCKET is a descriptor: one packet in for an instance to start, one packet out about it, in the same order. What
follows runs this file once more, below ROOT in namespaces of its own, where these are allowed; SHOWN are folders of
the machine that are seen there too.
A function's own code and its layers are imported after the fork, never here.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    from fc_magic.server.worker import bootstrap, guard, landlock, notify, ports, priority, sandbox
else:
    # neighbours, found by their folder: to this interpreter we are no package
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import bootstrap

#: what is there before a function's code in every instance, forked or not
BASE = frozenset(sys.modules) - {"bootstrap"}

if not TYPE_CHECKING:
    import guard
    import landlock
    import notify
    import ports
    import priority
    import sandbox

    del sys.path[0]

import atexit  # noqa: E402 - what bootstrap needs comes first, see BASE
import contextlib  # noqa: E402
import gc  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
import types  # noqa: E402

PACKET = 1 << 20
#: folders that stay where they are, for instances to read: this interpreter's, and what a runtime needs beside it
SHOWN = {sys.prefix, sys.base_prefix, sys.exec_prefix}
#: a function may have files of these names
NEIGHBOURS = {"bootstrap", "guard", "landlock", "notify", "ports", "priority", "sandbox"}
#: Function Compute's own limit of open files
OPEN_FILES = 100_000
#: what was imported beforehand, by the first part of its name
IMPORTED: dict[str, set[str]] = {}
#: what many functions import anyway
PRELOADED = (
    "argparse", "base64", "concurrent.futures", "contextlib", "csv", "dataclasses", "enum", "hashlib", "hmac",
    "http.client", "io", "itertools", "math", "pathlib", "random", "re", "shutil", "ssl", "string", "subprocess",
    "tempfile", "threading", "typing", "urllib.error", "urllib.parse", "urllib.request", "uuid",
)  # fmt: skip


class Zygote:
    """Waits for packets. ``reason`` says why instances get no namespaces of their own; nothing if they do."""

    def __init__(self, sock: socket.socket, reason: str) -> None:
        self.sock, self.reason = sock, reason
        #: the network of instances without internet, once one asks for it
        self.quiet = -1
        self.own = -1 if reason else os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def isolated(self) -> bool:
        return self.own >= 0

    def off(self) -> dict[str, str]:
        """Of each layer why it is not there; nothing if it is."""
        landlock_off = "not needed with namespaces" if self.isolated else landlock.missing()
        return {"namespaces": self.reason, "landlock": landlock_off, "process limit": notify.possible()}

    def serve(self) -> None:
        """Until the server is gone; in namespaces of their own the instances are gone then too."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, bury)
        if not self.isolated:
            sandbox.prctl(sandbox.PR_SET_CHILD_SUBREAPER, 1)
        off = self.off()
        in_turn = off["process limit"] or ports.unavailable()
        note_imported()
        self.say({"isolated": self.isolated, "reason": self.reason, "off": off, "in_turn": in_turn})
        for name in PRELOADED:
            # whoever waits for an instance comes first
            while select.select([self.sock], [], [], 0)[0]:
                self.hear()
            with contextlib.suppress(Exception):  # an interpreter may have been built without ssl
                __import__(name)
            note_imported()
        gc.collect()
        gc.freeze()  # a collection must not touch, and so copy, what all instances share
        while True:
            self.hear()

    def hear(self) -> None:
        packet, descriptors, _, _ = socket.recv_fds(self.sock, PACKET, 3 + len(sandbox.ETC_FILES))
        if not packet:
            sys.exit()
        asked = json.loads(packet)
        for name, handle in zip(asked["etc"], descriptors[3:]):  # noqa: B905 - Python 3.9 knows no strict
            with contextlib.suppress(OSError):  # then they keep what they had
                sandbox.renew(name, handle)
        self.start(asked, descriptors[:3])

    def start(self, asked: dict[str, Any], descriptors: Sequence[int]) -> None:
        """Forks. ``descriptors``: the control socket, where the log goes, the lifeline."""
        # who ends at once must not be buried before there is a handle of it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        try:
            if self.isolated and has_own_network(asked) and self.quiet < 0:
                self.quiet = sandbox.no_internet()
            if self.isolated:
                sandbox.unshare(sandbox.NEWPID)
            first = sandbox.fork()
            if not first:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
                self.sock.close()
                if self.isolated:
                    os.close(self.own)
                run_first(asked, descriptors, self.isolated, self.quiet)
            handle = os.pidfd_open(first)
            self.say({}, [handle])
            os.close(handle)
        except OSError as error:
            self.say({"error": str(error)})
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            if self.isolated:
                sandbox.rejoin(self.own, sandbox.NEWPID)
            for descriptor in descriptors:
                os.close(descriptor)

    def say(self, what: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        socket.send_fds(self.sock, [json.dumps(what).encode()], list(descriptors))


def bury(*_: object) -> None:
    """Takes in what ended; as process 1 that is also whatever lost its parent."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


# ---------------------------------------------------------------- after the fork


def run_first(asked: dict[str, Any], descriptors: Sequence[int], isolated: bool, quiet: int) -> NoReturn:
    """The first process of an instance: prepares what it sees, starts it, takes in orphans, ends with it.

    When it is process 1 of a process table, its end is the end of everything in there.
    """
    try:
        # who was called before must not wait for who is started
        priority.patient()
        control, log, lifeline = descriptors
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        for descriptor in (null, log):
            os.close(descriptor)
        if isolated and has_own_network(asked):
            sandbox.rejoin(quiet, sandbox.NEWNET)
        if quiet >= 0:
            os.close(quiet)
        if isolated:
            sandbox.inside(asked["files"], asked["disk_mb"], asked["layers"])
        else:
            sandbox.prctl(sandbox.PR_SET_PDEATHSIG, signal.SIGHUP)
            sandbox.prctl(sandbox.PR_SET_CHILD_SUBREAPER, 1)
            if asked["private"]:
                landlock.copy(asked["original"], asked["private"])
        start(asked, control, lifeline, isolated)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the server reads it in the log
        os.write(2, f"the instance could not be prepared: {error!r}\n".encode())
    os._exit(1)


def start(asked: dict[str, Any], control: int, lifeline: int, isolated: bool) -> NoReturn:
    """Starts what runs the function's code, and answers what it asks.

    A program of the function's own does not know ``control``: there the first process says what becomes of it.
    """
    end = Ending(isolated, lifeline, asked["too_many"], ports.lines(control) if asked["program"] else None)
    count = guard.in_table if isolated else guard.below
    answers = dict(guard.Guard(asked["tasks"], count, end.too_many).answers)
    if asked["moved"]:
        answers.update(ports.Ports(asked["moved"], ports.lines(control)).answers)
    if not (asked["internet"] or (isolated and has_own_network(asked))):
        answers["connect"] = ports.only_here(answers.get("connect"))
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        ours.close()
        confine(asked, isolated, lambda: notify.hand_over(theirs, answers))
        run = run_program if asked["program"] else run_instance
        run(asked, control, lifeline)
    theirs.close()
    if not asked["program"]:
        os.close(control)
    priority.prompt()
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(child, signal.SIGKILL))
    notify.serve(notify.take(ours), answers, lambda: end.bury(child))


def has_own_network(asked: dict[str, Any]) -> bool:
    """Without internet; but calls reach a program of the function's own by the network of the machine."""
    return not (asked["internet"] or asked["program"])


class Ending:
    """How an instance ends: with its child, or because there are too many."""

    def __init__(
        self, isolated: bool, lifeline: int, too_many: str, say: Callable[[dict[str, Any]], None] | None
    ) -> None:
        self.isolated, self.lifeline, self._too_many, self.say = isolated, lifeline, too_many, say

    def bury(self, child: int) -> None:
        """Takes in what ended; if the child is among them this process ends too."""
        with contextlib.suppress(ChildProcessError):
            while True:
                ended, status, used = os.wait4(-1, os.WNOHANG)
                if ended == child:
                    if self.say:
                        self.say({"ended": status})
                    elif why := said_of(status):
                        os.write(2, why.encode())
                    with contextlib.suppress(OSError):  # the server asks only when a call did not end well
                        os.write(self.lifeline, str(used.ru_maxrss).encode())
                    self._end(0)
                if not ended:
                    return

    def too_many(self) -> NoReturn:
        if select.select([], [2], [], 0)[1]:
            os.write(2, self._too_many.encode())
        self._end(1)

    def _end(self, status: int) -> NoReturn:
        if not self.isolated:
            end_orphans()
        os._exit(status)


def said_of(status: int) -> str:
    """A line for the log of how a process ended that nobody ended: Function Compute says no more than that it did."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP) or not status:
        return ""
    if number:
        return f"The process was ended by signal {number} ({signal.strsignal(number)})\n"
    return f"The process ended with exit status {os.WEXITSTATUS(status)}\n"


def end_orphans() -> None:
    """Whatever lost its parent in here has become a child of this process."""
    with contextlib.suppress(ChildProcessError):
        while True:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                for child in file.read().split():
                    os.kill(int(child), signal.SIGKILL)
            os.waitpid(-1, 0)


def confine(asked: dict[str, Any], isolated: bool, ask_first: Callable[[], None]) -> None:
    """What is true of every process that runs a function's code. ``ask_first``: from then on it asks, see notify."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if isolated:
        sandbox.drop()
    else:
        sandbox.prctl(sandbox.PR_SET_PDEATHSIG, signal.SIGKILL)
    sandbox.prctl(sandbox.PR_SET_NO_NEW_PRIVS, 1)
    ask_first()
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_CORE, 0)
    if asked["private"]:
        restrict(asked["private"], asked["read"], asked["disk_mb"])
    os.umask(0o022)  # as in a region; the server's own files are for its user alone
    os.chdir(asked["code"])
    priority.prompt()


def run_program(asked: dict[str, Any], control: int, lifeline: int) -> NoReturn:
    try:
        for descriptor in (control, lifeline):
            os.set_inheritable(descriptor, False)
        # what Python ignores for itself is no program's business
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execvpe(asked["command"][0], asked["command"], asked["environment"])
    except OSError as error:
        ports.lines(control)({"failed": error.errno})
    finally:
        os._exit(126)


def run_instance(asked: dict[str, Any], control: int, lifeline: int) -> NoReturn:
    try:
        gc.unfreeze()
        if asked["command"]:
            for descriptor in (control, lifeline):
                os.set_inheritable(descriptor, True)
            words = [*asked["command"], str(control), str(lifeline)]
            os.execve(words[0], words, asked["environment"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        # a child that multiprocessing spawns would load this file as the function's main module
        sys.modules["__main__"] = types.ModuleType("__main__")
        forget_shadowed([asked["code"], *asked["search"]])
        os._exit(end_as_a_program(lambda: bootstrap.main(control, lifeline)))
    finally:
        os._exit(1)


def restrict(own: str, more: Sequence[str], disk_mb: int) -> None:
    """To what one with a file system of its own would see; a single file cannot fill the machine's /tmp either."""
    read = [*landlock.PROGRAMS, *landlock.MACHINE, *sandbox.etc(), *SHOWN, *more, os.path.dirname(__file__)]
    landlock.restrict(read, sandbox.devices(), [own, *landlock.SHARED])
    limit(resource.RLIMIT_FSIZE, disk_mb << 20)


def note_imported() -> None:
    """An instance that went through all modules itself would write to each name, and so copy its page of memory."""
    for name in set(sys.modules) - BASE:
        IMPORTED.setdefault(name.partition(".")[0], set()).add(name)


def forget_shadowed(folders: Sequence[str]) -> None:
    """What was imported beforehand is no reason for a function not to find its own or a layer's file of that name."""
    own = set(NEIGHBOURS)
    for folder in folders:
        with contextlib.suppress(OSError):  # a layer need not have it
            own |= {name.partition(".")[0] for name in os.listdir(folder)}
    for top in own:
        for name in IMPORTED.get(top, ()):
            sys.modules.pop(name, None)


def end_as_a_program(main: Callable[[], object]) -> int:
    """What the interpreter does at the end of a program; the fork server's own end is not ours to run into."""
    status = 1
    try:
        main()
    except SystemExit as end:
        status = end.code & 255 if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - a KeyboardInterrupt of the function's own, say
        sys.excepthook(*sys.exc_info())
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    bootstrap.flush()
    return status


def limit(what: int, wanted: int) -> None:
    _, most = resource.getrlimit(what)
    given = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
    resource.setrlimit(what, (given, given))


def main(number: str, *where: str) -> None:
    reason = ""
    if len(where) == 1:  # inside, see below
        sandbox.approve(int(where[0]))
    else:
        root, code, shown, *python = where
        os.set_inheritable(int(number), True)
        # run anew: the loader of libraries remembers which folders it did not find, and /code is there only now
        program = [*python, f"{sandbox.OURS}/bin/{os.path.basename(__file__)}", number]
        try:
            SHOWN.update(filter(None, shown.split(os.pathsep)))
            sandbox.enter(root, code, sorted(SHOWN), program)
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}"
        os.set_inheritable(int(number), False)
    Zygote(socket.socket(fileno=int(number)), reason).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
