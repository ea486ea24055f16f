"""Calls side by side to a server of this machine: kept connections and one selector, no thread for each.

What is the same in all requests of one function is written and signed beforehand; a call is then a signature, a
write and a read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode, urlsplit

from fc_magic.client.answers import Reader
from fc_magic.client.fanout.job import Came, Job, Kind
from fc_magic.client.fanout.reading import Reading
from fc_magic.client.loopback import READ
from fc_magic.client.session import Session
from fc_magic.client.target import Target
from fc_magic.errors import ConnectionFailed, FcError
from fc_magic.wire import fc3, signature

#: between two looks for calls that take longer than they may
LOOK_S = 1.0
#: how long a look for kept connections that ended holds: the next event may take its time
SWEPT_S = 0.01


class Written:
    """Requests of one kind to one target, as they go out."""

    def __init__(self, target: Target, kind: Kind) -> None:
        self.target = target
        where = urlsplit(target.endpoint)
        self.address = where.hostname or "", where.port or 80
        path = where.path + fc3.functions_path(kind.name) + "/invocations"
        query = {"qualifier": kind.qualifier} if kind.qualifier else {}
        key = target.credentials
        same = {"host": where.netloc, "x-acs-action": "InvokeFunction", "x-acs-version": fc3.VERSION}
        if kind.with_log:
            same["x-fc-log-type"] = "Tail"
        if key.security_token:
            same["x-acs-accesskey-id"], same["x-acs-security-token"] = key.access_key_id, key.security_token
        self._alike = signature.Alike(
            "POST", path, list(query.items()), same, key.access_key_id, key.access_key_secret
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in same.items())
        self._head = f"POST {path}{'?' + urlencode(query) if query else ''} HTTP/1.1\r\n{lines}x-acs-date: "
        # a nonce has to be one that nobody else has, and no secret
        self._own, self._count = os.urandom(12).hex(), 0
        self._second, self._date = 0, ""

    def request(self, body: bytes) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
        self._count += 1
        nonce = f"{self._own}{self._count:08x}"
        payload = hashlib.sha256(body).hexdigest()
        claim = self._alike.sign(payload, self._date, nonce)
        head = (
            f"{self._head}{self._date}\r\nx-acs-signature-nonce: {nonce}\r\nx-acs-content-sha256: {payload}\r\n"
            f"authorization: {claim}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode("latin-1") + body


class Lane:
    """One connection, and the job that it carries. ``unsent`` is what the other side did not take yet."""

    __slots__ = ("job", "reader", "sock", "unsent")

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.reader = sock, Reader()
        self.job: Job | None = None
        self.unsent = memoryview(b"")


class Lanes:
    """A :class:`Sender` over as many connections as there are calls at once."""

    def __init__(self, session: Session, kind: Kind) -> None:
        self._session, self._kind = session, kind
        self._written: Written | None = None
        self._selector = selectors.DefaultSelector()
        self._idle: list[Lane] = []
        self._busy: dict[Job, Lane] = {}
        #: what is to be given with the next ``came``
        self._there: list[Came] = []
        self._looked = time.perf_counter()
        self._reading = Reading(self)
        #: when it was looked for kept connections that ended; 0 if answers came since
        self._swept = 0.0
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)

    # ------------------------------------------------------------ out

    def send(self, job: Job) -> None:
        job.began = time.perf_counter()
        try:
            lane, written = self._lane(job.began)
        except FcError as error:
            self._there.append((job, error))
            return
        request = written.request(job.body)
        try:
            sent = lane.sock.send(request)
        except BlockingIOError:
            sent = 0
        except OSError as error:  # nothing of it went out
            self._close(lane)
            self._there.append((job, self._refused(error)))
            return
        lane.job, self._busy[job] = job, lane
        if sent < len(request):
            lane.unsent = memoryview(request)[sent:]
            self._selector.modify(lane.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, lane)

    def _lane(self, now: float) -> tuple[Lane, Written]:
        """One that goes on, and the requests for it: what ended while nobody looked is left."""
        written = self._current()
        if self._idle and now - self._swept > SWEPT_S:
            self._swept = now
            self._sweep()
        return (self._idle.pop(), written) if self._idle else self._connected(written)

    def _sweep(self) -> None:
        """One look for all calls that are sent together: a look for each takes as long as a signature."""
        for key, _ in self._selector.select(0):
            lane: Lane | None = key.data
            if lane is not None and lane.job is None:
                self._close(lane)

    def _current(self) -> Written:
        """The requests for the target as it is now: its key may be another."""
        target = self._session.target
        if self._written is None or self._written.target is not target:
            if self._written and self._written.target.endpoint != target.endpoint:
                self._leave_idle()
            self._written = Written(target, self._kind)
        return self._written

    def _connected(self, written: Written) -> tuple[Lane, Written]:
        try:
            return self._connect(written), written
        except OSError as error:
            again = isinstance(error, ConnectionRefusedError) and self._session.found_anew()
            if not again:
                raise self._refused(error) from error
        try:
            written = self._current()
            return self._connect(written), written
        except OSError as error:
            raise self._refused(error) from error

    def _connect(self, written: Written) -> Lane:
        sock = socket.create_connection(written.address, self._session.settings.connect_timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        lane = Lane(sock)
        self._selector.register(sock, selectors.EVENT_READ, lane)
        return lane

    def _refused(self, error: OSError) -> ConnectionFailed:
        target = self._session.target
        return ConnectionFailed(
            f"{target.endpoint} takes no connection: {error.strerror or error}", hint=target.when_gone
        )

    # ------------------------------------------------------------ in

    @property
    def is_busy(self) -> bool:
        return bool(self._busy)

    def came(self, timeout: float | None) -> Sequence[Came]:
        self.read(0.0 if self._there else LOOK_S if timeout is None else min(timeout, LOOK_S))
        found, self._there = self._there, []
        return found

    def read(self, wait: float) -> None:
        """Takes in what comes, for the next ``came``."""
        self._swept = 0.0
        for key, ready in self._selector.select(wait):
            lane: Lane | None = key.data
            if lane is None:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(4096)
                continue
            if ready & selectors.EVENT_WRITE:
                self._send_rest(lane)
            if ready & selectors.EVENT_READ and (one := self._heard(lane)):
                self._there.append(one)
        now = time.perf_counter()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self._there += self._overdue(now)

    def _heard(self, lane: Lane) -> Came | None:
        try:
            piece = lane.sock.recv(READ)
        except BlockingIOError:
            return None
        except OSError as error:
            self._broken(lane, error)
            return None
        job = lane.job
        if job is None:  # the end of a connection that was kept, or what nobody asked for
            self._close(lane)
            return None
        try:
            answer = lane.reader.feed(piece)
        except ValueError as error:
            self._broken(lane, error)
            return None
        if answer is None:
            return None
        del self._busy[job]
        job.ended = time.perf_counter()
        if answer.kept and not lane.unsent:
            lane.job = None
            self._idle.append(lane)
        else:
            self._close(lane)
        return job, answer

    def _send_rest(self, lane: Lane) -> None:
        try:
            lane.unsent = lane.unsent[lane.sock.send(lane.unsent) :]
        except BlockingIOError:
            return
        except OSError:  # who refuses a body need not read it, and has answered all the same
            lane.unsent = memoryview(b"")
        if not lane.unsent:
            self._selector.modify(lane.sock, selectors.EVENT_READ, lane)

    def _broken(self, lane: Lane, error: Exception) -> None:
        job = lane.job
        self._close(lane)
        if job is None:
            return
        del self._busy[job]
        reason = getattr(error, "strerror", None) or error
        self._there.append((job, self._lost(f"broke the connection before its answer was whole: {reason}")))

    def _lost(self, what: str) -> ConnectionFailed:
        target = self._session.target
        failed = ConnectionFailed(f"{target.endpoint} {what}", hint=target.when_gone)
        failed.maybe_done = True
        return failed

    def _overdue(self, now: float) -> list[Came]:
        limit = self._kind.limit_s
        late = [job for job in self._busy if now - job.began > limit]
        for job in late:
            self.drop(job)
        return [(job, self._lost(f"gave no answer within {limit:g} s")) for job in late]

    def meanwhile(self, make: Callable[[], Job | None]) -> Job | None:
        return self._reading.meanwhile(make)

    # ------------------------------------------------------------ ends

    def drop(self, job: Job) -> None:
        lane = self._busy.pop(job, None)
        if lane:
            self._close(lane)

    def wake(self) -> None:
        with contextlib.suppress(OSError):  # it is full, so it wakes, or closed
            self._waker.send(b".")

    def close(self) -> None:
        self._reading.close()
        for lane in self._busy.values():
            self._close(lane)
        self._busy.clear()
        self._leave_idle()
        self._selector.close()
        self._woken.close()
        self._waker.close()

    def _leave_idle(self) -> None:
        while self._idle:
            self._close(self._idle[-1])

    def _close(self, lane: Lane) -> None:
        if lane in self._idle:
            self._idle.remove(lane)
        self._selector.unregister(lane.sock)
        lane.sock.close()
