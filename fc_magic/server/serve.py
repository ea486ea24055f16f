"""``fc-magic serve``: one process, one data folder, until SIGTERM or until no kernel uses it any more."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fc_magic.errors import ServerStartFailed
from fc_magic.server import keys
from fc_magic.server.data_folder import INFO, LOCK, LOG, OBJECTS, OBJECTS_PORT, PORT, READY
from fc_magic.server.database import opened as database_of

if TYPE_CHECKING:
    from fc_magic.server.app import Parts
    from fc_magic.server.identity import Identity
    from fc_magic.server.opening import Opening

#: of the data folder; what is in a folder of it is as private as that folder
PRIVATE = ("fc.sqlite*", keys.FILE, "code", "root", "instances", "objects*", LOCK, INFO, PORT, LOG)
#: how long requests in flight may go on after SIGTERM
GRACE_S = 3
#: so many more objects than before are looked through; one call makes some hundred, and nearly all go by themselves
YOUNG_OBJECTS = 20_000
#: how often the server looks whether a kernel is still there
LOOK_S = 5.0
#: before a server listens: requests that it takes although the one before may have seen them
SIGNED_BEFORE_S = 1
#: the account a local Function Compute plays unless it is told another
ACCOUNT_ID = "1234567890123456"


@dataclass(frozen=True)
class Options:
    """What ``fc-magic serve`` was told. ``idle_stop``: seconds after the last kernel, 0 = never; ``instance_wait``:
    how long a call may wait for an instance; ``instance_idle``: how long one is kept that nobody calls;
    ``start_limit``: seconds until the program of a custom runtime must listen."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    object_port: int = 0
    region: str = "cn-hangzhou"
    account_id: str = ACCOUNT_ID
    access_key_id: str = ""
    access_key_secret: str = field(default="", repr=False)
    idle_stop: float = 0.0
    instances: int = 100
    #: 0: nine tenths of all
    instances_per_function: int = 0
    instance_wait: float = 30.0
    instance_idle: float = 300.0
    start_limit: float = 120.0


def serve(options: Options) -> int:
    """Serves until told to stop; returns the exit status. Raises ServerStartFailed."""
    with _private(), _only_one(options.data):
        # who signed in vain tries again, and the second of a date may have begun before
        since = int(time.time()) - SIGNED_BEFORE_S if (options.data / keys.FILE).exists() else 0
        sock = _listen(options.host, options.port, options.data / PORT, "--port")
        try:
            objects = _listen(options.host, options.object_port, options.data / OBJECTS_PORT, "--object-port")
        except ServerStartFailed:
            sock.close()
            raise
        own = keys.load(options.data)
        try:
            _run(options, sock, objects, own, since)
        finally:
            (options.data / INFO).unlink(missing_ok=True)
    return 0


def _run(options: Options, sock: socket.socket, objects: socket.socket, own: keys.Keys, since: float) -> None:
    _hurry()
    import uvicorn

    from fc_magic.server import connections, ending, heads
    from fc_magic.server.identity import Identity
    from fc_magic.server.opening import Opening
    from fc_magic.server.worker import priority

    url = _url(sock)
    identity = Identity(options.region, options.account_id, own.role, _url(objects))
    with _usable(options.data):
        database = database_of(options.data)
    opening = Opening(lambda: _parts(options, own, identity, url, since, database), objects.getsockname()[1])
    priority.prompt()
    config = uvicorn.Config(
        # both listen from now on; the object store itself is opened when somebody asks for it
        opening,
        interface="asgi3",
        http=connections.protocol(heads.protocol(), opening, sock.getsockname()[1]),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=600,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = ending.Server(config)

    async def main() -> None:
        # what is done beside the loop must not push it aside: it has to answer
        beside = ThreadPoolExecutor(thread_name_prefix="beside", initializer=priority.patient)
        asyncio.get_running_loop().set_default_executor(beside)
        serving = asyncio.create_task(server.serve([sock, objects]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.001)
        if server.started:
            _announce(options, own, identity, url)
            opened = asyncio.create_task(_open(opening, server))
            watching = asyncio.create_task(_stop_when_idle(server, opening, options.idle_stop))
            await serving
            watching.cancel()
            with _usable(options.data):
                await opened
        await serving

    # uvicorn ends by raising the signal again: here that must be an ordinary end. One that comes before uvicorn
    # listens for it counts too
    signal.signal(signal.SIGTERM, server.handle_exit)
    signal.signal(signal.SIGINT, server.handle_exit)
    _loop_run(main())


@contextlib.contextmanager
def _usable(data: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise ServerStartFailed(
            f"the data folder {data} cannot be used: {error}",
            hint="name another one with --data DIR, or move what is in the way",
        ) from error


def _parts(
    options: Options, own: keys.Keys, identity: Identity, url: str, since: float, database: sqlite3.Connection
) -> Parts:
    from fc_magic.server import app, routes
    from fc_magic.server.worker.pool import Limits

    limits = Limits(
        options.instances,
        options.instance_wait,
        options.instance_idle,
        options.instances_per_function,
        options.start_limit,
    )
    given = {options.access_key_id: options.access_key_secret}
    hosts = tuple(dict.fromkeys((*routes.LOOPBACK, options.host.lower())))
    return app.build(options.data, own, given, identity, lambda: url, hosts, limits, since, database)


async def _open(opening: Opening, server: Any) -> None:
    try:
        await opening.begin_to_open()
    except BaseException:
        server.should_exit = True
        raise
    _spare_the_collector()


def _hurry() -> None:
    """What is imported stays, so that nothing need be looked for in it until the server is ready. For plugins of its
    own pydantic would read the metadata of every package that is installed."""
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _spare_the_collector() -> None:
    """What is there now stays: it need not be looked through again and again while calls wait. Some hundred objects
    of it nobody needs any more: to look for those once takes longer than to import a tenth of all modules."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()


def _loop_run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _stop_when_idle(server: Any, opening: Opening, idle_stop: float) -> None:
    while idle_stop:
        await asyncio.sleep(min(LOOK_S, idle_stop / 2))
        if opening.parts and opening.parts.leases.idle_s() >= idle_stop:
            logging.getLogger("fc_magic.server").info("no kernel for %g s: stopping", idle_stop)
            server.should_exit = True
            return


def _announce(options: Options, own: keys.Keys, identity: Identity, url: str) -> None:
    info = {
        "url": url,
        "objects_url": identity.objects_url,
        "pid": os.getpid(),
        "region": options.region,
        "account_id": options.account_id,
        "role": identity.role,
        "access_key_id": own.access_key_id,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    keys.write_private(options.data / INFO, info)
    print(f"{OBJECTS} {identity.objects_url}\n{READY} {url}", flush=True)


# ---------------------------------------------------------------- one server a folder


@contextlib.contextmanager
def _private() -> Iterator[None]:
    """Whatever is written meanwhile is for its user alone: environment variables of functions are secrets too."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _close_to_others(data: Path) -> None:
    """What is there already may have been written otherwise, or copied. The folder itself may be anybody's."""
    for pattern in PRIVATE:
        for path in data.glob(pattern):
            path.chmod(path.stat().st_mode & 0o700)


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Holds the folder's lock, which the system lets go however this process ends."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = open(data / LOCK, "a+")  # noqa: SIM115 - held until the process ends
        _close_to_others(data)
    except OSError as error:
        raise ServerStartFailed(
            f"the data folder {data} cannot be written: {error.strerror}",
            hint="name another one with --data DIR, or FC_MAGIC_HOME",
        ) from error
    with lock:
        if not _lock(lock):
            raise ServerStartFailed(_running(data), hint="use it, or name another folder with --data DIR")
        (data / INFO).unlink(missing_ok=True)
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _lock(file: IO[str]) -> bool:
    """Tries for a moment: whoever looks whether the lock is free holds it for some microseconds."""
    for _ in range(20):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.01)
    return False


def _running(data: Path) -> str:
    import json

    try:
        info = json.loads((data / INFO).read_text())
        return f"Function Compute runs already at {info['url']} (process {info['pid']}) for the data folder {data}"
    except (OSError, ValueError, KeyError):
        return f"another Function Compute is starting for the data folder {data}"


def _listen(host: str, port: int, remembered: Path, option: str) -> socket.socket:
    """A listening socket: at ``port``, or for 0 where it was last time, else at a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named because asyncio sets TCP_NODELAY only on sockets that say it
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if port or not _bound(sock, host, remembered):
            sock.bind((host, port))
    except (OSError, OverflowError, UnicodeError) as error:
        sock.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ServerStartFailed(
            f"cannot listen on {host} port {port}: {reason}", hint=f"{option} 0 takes a free one"
        ) from error
    sock.listen(256)
    with contextlib.suppress(OSError):
        remembered.write_text(str(sock.getsockname()[1]))
    return sock


def _bound(sock: socket.socket, host: str, remembered: Path) -> bool:
    """Whether the port of last time is still free."""
    try:
        sock.bind((host, int(remembered.read_text())))
    except (OSError, OverflowError, ValueError):
        return False
    return True


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
