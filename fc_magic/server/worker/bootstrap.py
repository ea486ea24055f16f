"""What runs inside a Python instance: reads calls from a socket, runs the handler, answers there.

Standard library only, no module of ours, Python 3.9 to 3.13: it is run by whatever interpreter the runtime names, as
``python -I -S -X utf8 -u bootstrap.py SOCKET LIFELINE`` (two descriptors). stdout and stderr are the function's log.

A frame, both ways: two big-endian uint32 (header size, payload size), a JSON header, the payload. The first
frame is ``init``; then one ``initialize``, ``invoke`` or ``pre_stop`` at a time. End of file means: end.
"""

from __future__ import annotations

import builtins
import datetime
import decimal
import faulthandler
import importlib
import json
import logging
import os
import resource
import select
import signal
import struct
import sys
import time
import traceback
from importlib.machinery import PathFinder

# mypy reads this name; importing typing would cost every cold start
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: descriptors; set by main(), because a process of multiprocessing imports this file again
CONTROL = LIFELINE = STATUS = -1
#: where the function's files are
CODE = ""
HEAD = struct.Struct(">II")
#: json.loads of a frame's header, without looking for its encoding and for blanks around it
DECODE = json.JSONDecoder().raw_decode
ANSWER = b'{"error_type": "%s", "memory_kb": %d%s}'
FORMAT = "%(asctime)s.%(msecs)03dZ %(request_id)s [%(levelname)s] %(message)s"

#: what differs between the Python runtimes; 3.12's serialiser is not documented, so its row is a guess
FLAVOURS = {
    "python3.12": {"indent": None, "sort_keys": False, "small_context": True},
    "": {"indent": 4, "sort_keys": True, "small_context": False},
}


class LoadError(Exception):
    """The handler cannot be had: its payload is ready, with a flat stack as Function Compute writes it."""

    def __init__(self, kind: str, message: str, stack: list[str]) -> None:
        super().__init__(message)
        self.payload = {"errorMessage": message, "errorType": kind, "stackTrace": stack}


# ---------------------------------------------------------------- frames


class Channel:
    """The socket to the server. What was read beyond one frame is kept for the next."""

    def __init__(self) -> None:
        self._read, self._poll = bytearray(), select.poll()
        self._poll.register(CONTROL, select.POLLIN)

    def read(self) -> tuple[dict[str, Any], bytes]:
        part = b"" if self._read else self._part(65536)
        header, payload = HEAD.unpack_from(part) if len(part) >= HEAD.size else (0, 0)
        middle = HEAD.size + header
        if len(part) == middle + payload:  # nearly always
            return DECODE(part[HEAD.size : middle].decode())[0], part[middle:]
        self._read += part
        self._fill(HEAD.size)
        header, payload = HEAD.unpack_from(self._read)
        middle, end = HEAD.size + header, HEAD.size + header + payload
        self._fill(end)
        with memoryview(self._read) as view:  # a slice of the bytearray would be one more copy of the event
            frame = json.loads(bytes(view[HEAD.size : middle])), bytes(view[middle:end])
        del self._read[:end]
        return frame

    def _fill(self, size: int) -> None:
        while len(self._read) < size:
            # a buffer of what is missing, however much that is, would be one more copy of it
            self._read += self._part(min(max(65536, size - len(self._read)), 1 << 20))

    def _part(self, size: int) -> bytes:
        self._poll.poll()  # a read that waits is also woken when the server takes the last answer
        return os.read(CONTROL, size) or os._exit(0)

    def write(self, head: bytes, payload: bytes = b"") -> None:
        data = HEAD.pack(len(head), len(payload)) + head + payload
        sent = os.write(CONTROL, data)
        while sent < len(data):
            sent += os.write(CONTROL, memoryview(data)[sent:])


# ---------------------------------------------------------------- the context object


class Record:
    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__ = values


class Credentials(Record):
    def __repr__(self) -> str:
        return f"Credentials(access_key_id={vars(self).get('access_key_id')!r})"


class FunctionMeta(Record):
    pass


class FCContext(Record):
    """What a handler gets as its second argument."""

    _logger: logging.Logger

    def getLogger(self) -> logging.Logger:  # noqa: N802 - Function Compute calls it so
        return self._logger

    def to_json(self) -> str:
        shown = {k: v for k, v in vars(self).items() if k not in ("_logger", "logger", "credentials")}
        return json.dumps(shown, default=vars)


def make_context(init: dict[str, Any], call: dict[str, Any]) -> FCContext:
    """Anew for each call, because the function may change all of it."""
    qualifier, logs, function, logger = call["qualifier"], init["logs"], {**init["meta"]}, logging.root
    FORMATTER.request_id = request_id = call["request_id"]
    common = {"request_id": request_id, "region": init["region"], "account_id": init["account_id"]}
    if init["flavour"]["small_context"]:
        meta = FunctionMeta({"version_id": init["version"], "qualifier": qualifier, **function})
        return FCContext({"function": meta, "logger": logger, "_logger": logger, **logs, **common})
    key, secret, token = init["credentials"]
    credentials = {
        "access_key_id": key, "access_key_secret": secret, "security_token": token,
        "accessKeyId": key, "accessKeySecret": secret, "securityToken": token,
    }  # fmt: skip
    return FCContext({
        "requestId": request_id, "credentials": Credentials(credentials), "function": FunctionMeta(function),
        "service": Record({"name": "", "qualifier": qualifier, "version_id": init["version"], **logs}),
        "tracing": Record({"span_context": "", "jaeger_endpoint": "", "span_baggages": {}}),
        "retry_count": call.get("retry_count", 0), "_logger": logger, **common,
    })  # fmt: skip


class RequestIdFormatter(logging.Formatter):
    """Function Compute's line; the id of the request that runs stands in every one."""

    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = self.request_id
        return super().format(record)


FORMATTER = RequestIdFormatter(FORMAT, "%Y-%m-%dT%H:%M:%S")


def set_up_logging() -> None:
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(Stdout())
    handler.setFormatter(FORMATTER)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(os.environ.get("FC_SERVER_LOG_LEVEL", "INFO"))


class Stdout:
    """The standard output of the moment, so that a redirected one is honoured; a closed one does not hide a log."""

    def write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
        except (AttributeError, ValueError, OSError):
            os.write(1, text.encode(errors="replace"))

    def flush(self) -> None:
        flush()


# ---------------------------------------------------------------- the handler

#: a resolved handler is kept, as Function Compute does
HANDLERS: dict[str, Any] = {}


def load(name: str, code: str) -> Any:
    if name in HANDLERS:
        return HANDLERS[name]
    module_name, dot, attribute = name.rpartition(".")
    if not (dot and module_name and attribute):
        raise LoadError("InvalidHandleName", f"Invalid handler '{name}'", [])
    try:
        HANDLERS[name] = getattr(load_module(module_name, code), attribute)
    except AttributeError as error:
        message = f"Handler '{attribute}' is missing on module '{module_name}'"
        raise LoadError("HandlerNotFound", message, [str(error)]) from None
    return HANDLERS[name]


def load_module(name: str, code: str) -> Any:
    dotted = name.replace("/", ".")
    top = dotted.partition(".")[0]
    try:
        if PathFinder.find_spec(top, [code]) is None:
            # a library of this name is not the entry file
            raise ModuleNotFoundError(f"No module named '{top}'")
        forget_library(top, code)
        return importlib.import_module(dotted)
    except ImportError as error:
        last = f"{type(error).__name__}: {error}"
        raise LoadError("ImportModuleError", f"Unable to import module '{name}'", [last]) from None
    except SyntaxError as error:
        stack = ['File "{}"'.format(seen(error.filename or "")), f"line {error.lineno}"]
        stack += [(error.text or "").rstrip(), f"{type(error).__name__}: {error.msg}"]
        raise LoadError("UserCodeSyntaxError", f"Syntax error in module '{name}'", stack) from None
    except Exception as error:  # noqa: BLE001 - whatever the function's module raises
        last = traceback.format_exception_only(type(error), error)[-1].strip()
        place = [f"{seen(f.filename)}, line {f.lineno}" for f in user_frames(error)[-9:]]
        message = f"Module initialization error: '{text_of(error)}'"
        raise LoadError("UserCodeError", message, [*place, last]) from None


def forget_library(name: str, code: str) -> None:
    """A file of the function may have the name of a library that was imported before it: the file is meant."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file and not file.startswith(code + os.sep):
        del sys.modules[name]


def user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    ours = (__file__, importlib.__file__, "<frozen importlib")
    return [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(ours)]


def seen(path: str) -> str:
    """The path as the function's author knows it: below /code."""
    return "/code" + path[len(CODE) :] if CODE and path.startswith(CODE + os.sep) else path


def failure(error: BaseException) -> dict[str, Any]:
    """The payload of an exception: four texts a frame, our own frames left out."""
    frames = [
        [f'File "{seen(f.filename)}"', f"line {f.lineno}", f"in {f.name}", f.line or ""]
        for f in user_frames(error)
    ]
    return {"errorMessage": text_of(error), "errorType": type(error).__name__, "stackTrace": frames}


def text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:  # noqa: BLE001 - an exception of the function's own may not even print
        return f"{type(second).__name__} while printing {type(error).__name__}"


def plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def to_bytes(value: Any, flavour: dict[str, Any]) -> bytes:
    if isinstance(value, (bytes, str)):
        return value if isinstance(value, bytes) else value.encode()
    return json.dumps(value, default=plain, indent=flavour["indent"], sort_keys=flavour["sort_keys"]).encode()


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass  # the function closed or replaced it; there is nothing left to flush


def call(init: dict[str, Any], frame: dict[str, Any], event: bytes) -> tuple[str, bytes, bytes]:
    """Runs one initialize, invoke or pre_stop and returns (error type, payload, what stands behind an error)."""
    context, found = make_context(init, frame), b""
    try:
        handler = load(frame["handler"], CODE)
        value = handler(event, context) if frame["kind"] == "invoke" else handler(context)
        return "", to_bytes(value, init["flavour"]), b""
    except Exception as error:  # noqa: BLE001 - whatever the function raises
        payload = error.payload if isinstance(error, LoadError) else failure(error)
        try:
            context.getLogger().error(str(payload) if isinstance(error, LoadError) else json.dumps(payload))
            found = behind(error)
        except Exception:  # noqa: BLE001, S110 - a log handler of the function's own may fail; the error is answered
            pass
        return "UnhandledInvocationError", json.dumps(payload, indent=4).encode(), found


def behind(error: BaseException) -> bytes:
    """The notes of an exception, then its causes and the members of groups: Function Compute's answer has none."""
    found: list[dict[str, Any]] = []
    queue = [("", error)]
    while queue and len(found) < 6:
        how, e = queue.pop(0)
        notes = list(map(str, getattr(e, "__notes__", ())))
        found.append({**failure(e), "how": how, "notes": notes} if how else {"notes": notes})
        cause = e.__cause__ or (None if e.__suppress_context__ else e.__context__)
        is_group = isinstance(e, getattr(builtins, "BaseExceptionGroup", ()))
        queue[:0] = [("member", one) for one in getattr(e, "exceptions", ()) if is_group]
        queue[:0] = [("cause", cause)] if cause else []
    return b', "behind": ' + json.dumps(found).encode() if len(found) > 1 or found[0]["notes"] else b""


def peak_memory_kb() -> int:
    if STATUS >= 0:
        text = os.pread(STATUS, 8192, 0)
        return int(text[text.index(b"VmHWM:") + 6 :].split(None, 1)[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


def open_status() -> int:
    """Getrusage is faster, but goes on from the program that this process ran before; who was forked ran none."""
    try:
        return os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC) if __name__ == "__main__" else -1
    except OSError:
        return -1


# ---------------------------------------------------------------- start


def die_with_the_server() -> None:
    """When the server's end of the lifeline closes, the kernel kills this group, even in the middle of a C call."""
    try:
        import fcntl

        if sys.platform != "linux":
            raise OSError("no F_SETSIG here")
        fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(LIFELINE, getattr(fcntl, "F_SETSIG", 10), int(signal.SIGKILL))
        fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        import _thread

        def watch() -> None:
            os.read(LIFELINE, 1)
            os.killpg(os.getpgrp(), signal.SIGKILL)

        _thread.start_new_thread(watch, ())


def set_up(init: dict[str, Any]) -> None:
    global CODE, STATUS
    CODE, STATUS = init["code"], open_status()
    own = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = filter(None, dict.fromkeys([CODE, *init["path"], *own]))
    sys.argv = [""]
    vars(builtins).update(exit=sys.exit, quit=sys.exit)  # -S leaves these out; ordinary code may call them
    init["meta"] = {"name": init["function"], **{n: init[n] for n in ("handler", "memory", "timeout")}}
    init["flavour"] = FLAVOURS.get(init["runtime"], FLAVOURS[""])
    set_up_logging()
    faulthandler.register(signal.SIGTERM, file=1, all_threads=True, chain=True)
    os.register_at_fork(after_in_child=be_a_child)


def be_a_child() -> None:
    """A forked process is no instance: it neither answers, nor keeps the socket, nor writes its stack at SIGTERM."""
    global CONTROL
    if CONTROL >= 0:
        os.close(CONTROL)
        CONTROL = -1
        faulthandler.unregister(signal.SIGTERM)


def main(control: int, lifeline: int) -> None:
    global CONTROL, LIFELINE
    CONTROL, LIFELINE = control, lifeline
    for descriptor in (control, lifeline):
        os.set_inheritable(descriptor, False)
    die_with_the_server()
    channel = Channel()
    init, _ = channel.read()
    set_up(init)
    channel.write(json.dumps({"kind": "ready", "version": list(sys.version_info[:3])}).encode())
    while True:
        frame, event = channel.read()
        error_type, payload, found = call(init, frame, event)
        flush()
        if CONTROL < 0:  # the handler forked, and the child returned from it too
            os._exit(0)
        channel.write(ANSWER % (error_type.encode(), peak_memory_kb(), found), payload)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
