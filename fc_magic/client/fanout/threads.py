"""Calls side by side to any endpoint: a thread for each, over the session that all else goes by, with its proxies,
certificates and keys."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from fc_magic.client import adapter, fc3
from fc_magic.client.answers import Answer
from fc_magic.client.fanout.job import Came, Job, Kind
from fc_magic.client.session import Session
from fc_magic.errors import FcError


class Threads:
    """A :class:`Sender` of ``most`` calls at once."""

    def __init__(self, session: Session, kind: Kind, most: int) -> None:
        self._session, self._kind = session, kind
        self._pool = ThreadPoolExecutor(most, "fc-magic-map")
        self._came: SimpleQueue[Came | None] = SimpleQueue()
        self._lock = threading.Lock()
        #: which thread carries a job; 0 before one does
        self._busy: dict[Job, int] = {}

    def send(self, job: Job) -> None:
        self._busy[job] = 0
        self._pool.submit(self._carry, job)

    def _carry(self, job: Job) -> None:
        mine = threading.get_ident()
        adapter.forget(mine)
        with self._lock:
            if job not in self._busy:
                return
            self._busy[job] = mine
        job.began = time.perf_counter()
        answer = self._answer(job)
        job.ended = time.perf_counter()
        with self._lock:
            adapter.forget(mine)
            dropped = self._busy.pop(job, None) is None
        if not dropped:
            self._came.put((job, answer))

    def _answer(self, job: Job) -> Answer | FcError:
        name, qualifier, with_log, limit_s = self._kind
        try:
            reply = fc3.call(self._session, name, job.body, limit_s, qualifier, with_log, once=True)
        except FcError as error:
            return error
        except Exception as error:  # noqa: BLE001 - who waits for the job has to hear of it
            return FcError(f"{type(error).__name__}: {error}")
        head = "".join(f"\r\n{name}: {value}" for name, value in reply.headers.items())
        return Answer(200, head.encode("latin-1", "replace"), reply.body)

    def came(self, timeout: float | None) -> Sequence[Came]:
        found = []
        with contextlib.suppress(Empty):
            one = self._came.get(timeout=timeout)
            while True:
                if one is not None:
                    found.append(one)
                one = self._came.get_nowait()
        return found

    def meanwhile(self, make: Callable[[], Job | None]) -> Job | None:
        return make()  # each thread reads its own

    def drop(self, job: Job) -> None:
        with self._lock:
            thread = self._busy.pop(job, 0)
            if thread:
                adapter.cut(thread)

    def wake(self) -> None:
        self._came.put(None)

    def close(self) -> None:
        for job in list(self._busy):
            self.drop(job)
        self._pool.shutdown(wait=False, cancel_futures=True)
