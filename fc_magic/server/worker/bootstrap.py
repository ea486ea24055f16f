"""What runs inside a Python instance: reads calls from a socket, runs the handler, answers there.

Standard library only, no module of ours, Python 3.9 to 3.13: it is run by whatever interpreter the runtime
names, as ``python -I -S -X utf8 -u bootstrap.py SOCKET LIFELINE`` (two descriptors). stdout and stderr are the function's log.

A frame, both ways: two big-endian uint32 (header size, payload size), a JSON header, the payload. The first
frame is ``init``; then one ``initialize`` or ``invoke`` at a time. End of file means: end.
"""

import builtins
import datetime
import decimal
import faulthandler
import importlib
import json
import logging
import os
import signal
import struct
import sys
import time
import traceback

CONTROL, LIFELINE = (int(number) for number in sys.argv[1:3])
HEAD = struct.Struct(">II")
FORMAT = "%(asctime)s.%(msecs)03dZ {} [%(levelname)s] %(message)s"

#: what differs between the Python runtimes; 3.12's serialiser is not documented, so its row is a guess
FLAVOURS = {
    "python3.12": {"indent": None, "sort_keys": False, "small_context": True},
    "": {"indent": 4, "sort_keys": True, "small_context": False},
}


class LoadError(Exception):
    """The handler cannot be had: its payload is ready, with a flat stack as Function Compute writes it."""

    def __init__(self, kind, message, stack):
        super().__init__(message)
        self.payload = {"errorMessage": message, "errorType": kind, "stackTrace": stack}


# ---------------------------------------------------------------- frames


def read_exactly(size):
    parts = []
    while size:
        part = os.read(CONTROL, min(size, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_frame():
    header, payload = HEAD.unpack(read_exactly(HEAD.size))
    return json.loads(read_exactly(header)), read_exactly(payload)


def write_frame(header, payload=b""):
    head = json.dumps(header).encode()
    data = memoryview(HEAD.pack(len(head), len(payload)) + head + payload)
    while data:
        data = data[os.write(CONTROL, data) :]


# ---------------------------------------------------------------- the context object


class Record:
    def __init__(self, **values):
        self.__dict__.update(values)

    def to_json(self):
        return json.dumps(self, default=lambda o: getattr(o, "__dict__", str(o)))


class Credentials(Record):
    def __repr__(self):
        return "Credentials(access_key_id=%r)" % self.access_key_id


class FunctionMeta(Record):
    pass


class FCContext(Record):
    """What a handler gets as its second argument."""

    def getLogger(self):
        return self._logger

    def to_json(self):
        return json.dumps(
            {k: v for k, v in self.__dict__.items() if k not in ("_logger", "logger", "credentials")},
            default=lambda o: o.__dict__,
        )


def make_context(init, call):
    request_id, log = call["request_id"], init["log"]
    function = {
        "name": init["function"],
        "handler": init["handler"],
        "memory": init["memory"],
        "timeout": init["timeout"],
    }
    common = {"request_id": request_id, "region": init["region"], "account_id": init["account_id"]}
    logger = request_logger(request_id)
    if init["flavour"]["small_context"]:
        meta = FunctionMeta(version_id=init["version"], qualifier=call["qualifier"], **function)
        return FCContext(
            function=meta, logger=logger, _logger=logger, log_project=log[0], log_store=log[1], **common
        )
    key, secret, token = init["credentials"]
    credentials = Credentials(
        access_key_id=key, access_key_secret=secret, security_token=token,
        accessKeyId=key, accessKeySecret=secret, securityToken=token,
    )  # fmt: skip
    service = Record(
        name="", log_project=log[0], log_store=log[1], qualifier=call["qualifier"], version_id=init["version"]
    )
    tracing = Record(span_context="", jaeger_endpoint="", span_baggages={})
    return FCContext(
        requestId=request_id, credentials=credentials, function=FunctionMeta(**function), service=service,
        tracing=tracing, retry_count=call.get("retry_count", 0), _logger=logger, **common,
    )  # fmt: skip


def request_logger(request_id):
    handler = logging.getLogger().handlers[0]
    handler.setFormatter(logging.Formatter(FORMAT.format(request_id), "%Y-%m-%dT%H:%M:%S"))
    return logging.getLogger()


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    root = logging.getLogger()
    root.handlers[:] = [logging.StreamHandler(Stdout())]
    root.setLevel(os.environ.get("FC_SERVER_LOG_LEVEL", "INFO"))


class Stdout:
    """The standard output of the moment, so that a redirected one is honoured."""

    def write(self, text):
        sys.stdout.write(text)

    def flush(self):
        sys.stdout.flush()


# ---------------------------------------------------------------- the handler


def load(name, code, cache={}):  # noqa: B006 - a resolved handler is kept, as Function Compute does
    if name in cache:
        return cache[name]
    module_name, dot, attribute = name.rpartition(".")
    if not (dot and module_name and attribute):
        raise LoadError("InvalidHandleName", "Invalid handler '%s'" % name, [])
    module = load_module(module_name, code)
    try:
        cache[name] = getattr(module, attribute)
    except AttributeError as error:
        message = "Handler '%s' is missing on module '%s'" % (attribute, module_name)
        raise LoadError("HandlerNotFound", message, [str(error)]) from None
    return cache[name]


def load_module(name, code):
    dotted = name.replace("/", ".")
    path = os.path.join(code, *dotted.split("."))
    try:
        if not (os.path.exists(path + ".py") or os.path.isdir(path)):
            # a library of this name is not the entry file
            raise ModuleNotFoundError("No module named '%s'" % dotted)
        return importlib.import_module(dotted)
    except ImportError as error:
        last = "%s: %s" % (type(error).__name__, error)
        raise LoadError("ImportModuleError", "Unable to import module '%s'" % name, [last]) from None
    except SyntaxError as error:
        where = 'File "%s"' % seen(error.filename or "")
        text = (error.text or "").rstrip()
        stack = [where, "line %s" % error.lineno, text, "%s: %s" % (type(error).__name__, error.msg)]
        raise LoadError("UserCodeSyntaxError", "Syntax error in module '%s'" % name, stack) from None
    except Exception as error:
        last = traceback.format_exception_only(type(error), error)[-1].strip()
        place = ["%s, line %s" % (seen(f.filename), f.lineno) for f in user_frames(error)[-1:]]
        raise LoadError("UserCodeError", "Module initialization error: '%s'" % error, [*place, last]) from None


def user_frames(error):
    frames = traceback.extract_tb(error.__traceback__)
    return [f for f in frames if f.filename != __file__ and not f.filename.startswith("<frozen importlib")]


def seen(path):
    """The path as the function's author knows it: below /code."""
    return "/code" + path[len(CODE) :] if CODE and path.startswith(CODE + os.sep) else path


CODE = ""


def failure(error):
    """The payload of an exception: four texts a frame, our own frames left out."""
    frames = [
        ['File "%s"' % seen(f.filename), "line %s" % f.lineno, "in %s" % f.name, f.line or ""]
        for f in user_frames(error)
    ]
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames}


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def to_bytes(value, flavour):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    text = json.dumps(value, default=plain, indent=flavour["indent"], sort_keys=flavour["sort_keys"])
    return text.encode()


# ---------------------------------------------------------------- one call


def say(text):
    flush()
    try:
        os.write(1, text.encode() + b"\n")
    except OSError:
        pass  # the function closed its stdout


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass  # the function closed or replaced it; there is nothing left to flush


def call(init, frame, event):
    """Runs one initialize or invoke and returns (answer header, payload)."""
    kind = "Initialize" if frame["kind"] == "initialize" else "Invoke"
    request_id = frame["request_id"]
    say("FC %s Start RequestId: %s" % (kind, request_id))
    answer, payload = attempt(init, frame, event)
    ended = ", Error: Unhandled function error" if answer["error_type"] else ""
    say("FC %s End RequestId: %s%s" % (kind, request_id, ended))
    answer["memory_kb"] = peak_memory_kb()
    return answer, payload


def attempt(init, frame, event):
    context = make_context(init, frame)
    try:
        handler = load(frame["handler"], CODE)
        value = handler(context) if frame["kind"] == "initialize" else handler(event, context)
        return {"error_type": ""}, to_bytes(value, init["flavour"])
    except LoadError as error:
        context.getLogger().error(str(error.payload))
        return failed(error.payload)
    except Exception as error:
        payload = failure(error)
        context.getLogger().error(json.dumps(payload))
        return failed(payload)


def failed(payload):
    return {"error_type": "UnhandledInvocationError"}, json.dumps(payload, indent=4).encode()


def peak_memory_kb():
    try:
        # ru_maxrss would count the memory of the process that started this one
        with open("/proc/self/status", "rb") as status:
            text = status.read()
        return int(text[text.index(b"VmHWM:") + 6 :].split(None, 1)[0])
    except (OSError, ValueError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


# ---------------------------------------------------------------- start


def die_with_the_server():
    """The lifeline is a pipe whose other end only the server holds: when it closes, however the server
    ended, the kernel kills this process group, even in the middle of a C call."""
    try:
        import fcntl

        signal_of = getattr(fcntl, "F_SETSIG", 10)
        if sys.platform != "linux":
            raise OSError("no F_SETSIG here")
        fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(LIFELINE, signal_of, int(signal.SIGKILL))
        fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        import _thread

        _thread.start_new_thread(watch_lifeline, ())


def watch_lifeline():
    os.read(LIFELINE, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def set_up(init):
    global CODE
    CODE = init["code"]
    os.environ.clear()
    os.environ.update(init["environment"])
    time.tzset()
    os.chdir(CODE)
    search = [CODE, *init["path"], *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    sys.path[:0] = [p for p in dict.fromkeys(search) if p]
    sys.argv = [""]
    # -S leaves these out; ordinary code may call them
    builtins.exit = builtins.quit = sys.exit
    init["flavour"] = FLAVOURS.get(init["runtime"], FLAVOURS[""])
    set_up_logging()
    faulthandler.register(signal.SIGTERM, file=sys.__stdout__, all_threads=True)


def main():
    os.set_inheritable(CONTROL, False)
    os.set_inheritable(LIFELINE, False)
    die_with_the_server()
    init, _ = read_frame()
    set_up(init)
    say("FunctionCompute python3 runtime inited.")
    write_frame({"kind": "ready", "version": list(sys.version_info[:3])})
    while True:
        frame, event = read_frame()
        write_frame(*call(init, frame, event))


if __name__ == "__main__":
    main()
