"""What runs when a module is loaded, at each cold start inside the first request; and files that are not there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from fc_magic.preflight.finding import Finding
from fc_magic.preflight.flow import ABSENT, When
from fc_magic.preflight.view import Module

_METHODS = "delete get head options patch post put request stream"
_REQUESTS = [f"{library}.{name}" for library in ("requests", "httpx") for name in _METHODS.split()]
_WAITS = "waits"
#: what is called -> what it does at each cold start
_EFFECTS = {
    **dict.fromkeys(_REQUESTS, "asks another service"),
    **dict.fromkeys(("urllib.request.urlopen", "urllib.request.urlretrieve"), "asks another service"),
    **dict.fromkeys(
        ("socket.create_connection", "smtplib.SMTP", "ftplib.FTP"), "connects to another service"
    ),
    **dict.fromkeys(("psycopg2.connect", "pymysql.connect", "MySQLdb.connect"), "connects to a database"),
    "time.sleep": _WAITS,
    **dict.fromkeys(("os.system", "os.popen", "subprocess.run", "subprocess.call"), "starts a program"),
    **dict.fromkeys(
        ("subprocess.check_call", "subprocess.check_output", "subprocess.Popen"), "starts a program"
    ),
    **dict.fromkeys(("matplotlib.pyplot.show", "pylab.show", "cv2.imshow"), "shows what nobody sees"),
    **dict.fromkeys(("webbrowser.open", "turtle.done", "turtle.mainloop"), "shows what nobody sees"),
    **dict.fromkeys(("uvicorn.run", "waitress.serve", "http.server.test"), "serves, and does not return"),
    "asyncio.run": "runs to its end",
}
_INPUT = frozenset({"input", "getpass.getpass"})
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})
_READS = frozenset(
    [
        *(
            "open",
            "io.open",
            "pathlib.Path.open",
            "zipfile.ZipFile",
            "gzip.open",
            "numpy.load",
            "numpy.loadtxt",
        ),
        *(
            f"pandas.read_{kind}"
            for kind in ("csv", "excel", "json", "parquet", "pickle", "feather", "table", "xml")
        ),
        *("PIL.Image.open", "joblib.load", "cv2.imread"),
    ]
)
_FOLDERS = "tmp mnt opt proc sys etc dev usr var run lib lib64"
#: folders that an instance has, or may have mounted
_THERE = tuple(f"/{folder}/" for folder in _FOLDERS.split())
_CODE = "/code/"
_MOVE = "move it into the handler, or into an initializer: --entrypoint index.initialize"


def examine(module: Module) -> Iterator[Finding]:
    for call, when in module.flow.calls:
        name = module.flow.dotted(call.func)
        if name in _INPUT and (module.path == module.view.entry or not when.late):
            said = f"{name}() in {module.path}"
            there = "EOFError: EOF when reading a line"
            yield Finding("asks-for-input", module.place(call.lineno), said, there, "take it from the event")
        elif name in _READS:
            yield from _file(module, call, when)
        elif not when.late and not module.late and not module.view.is_program:
            yield from _at_start(module, call, when, name)
    if not module.late and not module.view.is_program:
        yield from _loops(module)


def _at_start(module: Module, call: ast.Call, when: When, name: str) -> Iterator[Finding]:
    place = module.place(call.lineno)
    if name in _EXITS and not _is_own(module, call):
        there = "Process exited unexpectedly before completing request"
        code = (
            "exits-at-start"
            if when.sure and not when.expects(frozenset({"SystemExit", "BaseException"}))
            else ""
        )
        yield Finding(
            code or "runs-at-start", place, f"{_text(call)} when the module is loaded", there, "remove it"
        )
    elif name in _EFFECTS:
        said = f"{_text(call)} {_EFFECTS[name]} at each cold start, inside the first request"
        yield Finding("runs-at-start", place, said, "", _MOVE)
    elif name.endswith(".run") and _made_by(module, name.removesuffix(".run")) == "flask.Flask":
        said = f"{_text(call)} serves, and does not return"
        yield Finding(
            "runs-at-start", place, said, "", "--runtime custom.debian12 --entrypoint 'python3 app.py'"
        )


def _is_own(module: Module, call: ast.Call) -> bool:
    """A function of the author's own that is called like one of Python's."""
    own = isinstance(call.func, ast.Name) and call.func.id not in module.flow.aliases
    return own and isinstance(call.func, ast.Name) and module.binds(call.func.id)


def _made_by(module: Module, name: str) -> str:
    """What a variable of the module was made by: ``app = Flask(__name__)`` -> flask.Flask"""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name in _targets(node):
            return module.flow.dotted(node.value.func)
    return ""


def _targets(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _loops(module: Module) -> Iterator[Finding]:
    for loop, when in module.flow.loops:
        endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
        if (
            endless
            and not when.late
            and not any(isinstance(node, ast.Break | ast.Raise) for node in ast.walk(loop))
        ):
            said = "a loop without an end, outside of functions"
            yield Finding("runs-at-start", module.place(loop.lineno), said, "Function timed out", _MOVE)


def _file(module: Module, call: ast.Call, when: When) -> Iterator[Finding]:
    """A text that names a file which is read and is not there."""
    first = call.args[0] if call.args else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str) or _writes(call):
        return
    path = first.value
    if _is_there(module, path) or when.expects(ABSENT | {"OSError", "FileNotFoundError", "IOError"}):
        return
    there = f"FileNotFoundError: No such file or directory: '{path}'"
    yield Finding(
        "missing-file", module.place(call.lineno), f"{path} is not in the package", there, f"--file {path}"
    )


def _is_there(module: Module, path: str) -> bool:
    inside = path.removeprefix(_CODE).removeprefix("./")
    if inside in module.view.contents.files or "://" in path or not path or module.view.is_program:
        return True
    return path.startswith(_THERE) or module.view.layers or any(char in path for char in "*\n{")


def _writes(call: ast.Call) -> bool:
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [node.value if isinstance(node, ast.Constant) else "w" for node in given]
    return any(not isinstance(mode, str) or set(mode) & set("wax+") for mode in modes)


def _text(call: ast.Call) -> str:
    text = ast.unparse(call)
    return text if len(text) <= 40 else f"{ast.unparse(call.func)}(…)"
