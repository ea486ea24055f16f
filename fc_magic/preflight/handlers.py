"""The handler and the initializer: whether they are there, and can be called as Function Compute calls them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from fc_magic.preflight.finding import Finding, Place
from fc_magic.preflight.view import Module, View, path_of

Def = ast.FunctionDef | ast.AsyncFunctionDef
_WSGI = ["environ", "start_response"]
#: what makes a web application -> the command that serves it
_SERVED = "--runtime custom.debian12 --entrypoint 'python3 app.py'"
_ASGI = "--runtime custom.debian12 --entrypoint 'python3 -m uvicorn app:app --host 0.0.0.0 --port 9000'"
_APPLICATIONS = {
    "flask.Flask": _SERVED,
    "bottle.Bottle": _SERVED,
    "falcon.App": _SERVED,
    "dash.Dash": _SERVED,
    "django.core.wsgi.get_wsgi_application": _SERVED,
    "fastapi.FastAPI": _ASGI,
    "starlette.applications.Starlette": _ASGI,
}
_EVENT, _CONTEXT = ("event", "context"), ("context",)
RETURNS = "return {'statusCode': 200, 'body': …} from def handler(event, context)"


def absent(view: View) -> Iterator[Finding]:
    """The file that the handler names is not in the package."""
    files = view.contents.files
    if not view.version or not files or not view.entry or view.entry in files or _brought(view):
        return
    stem = view.handler.rpartition(".")[0]
    there = f"ImportModuleError: Unable to import module '{stem}': No module named '{stem}'"
    yield Finding(
        "handler-not-found",
        Place(),
        f"the package has no {view.entry} for {view.handler}",
        there,
        _other(view),
    )


def _brought(view: View) -> bool:
    stem = view.handler.rpartition(".")[0]
    folder = stem.replace(".", "/")
    others = (f"{folder}/__init__.py", f"{folder}.pyc")
    return view.layers or stem in view.modules or any(path in view.contents.files for path in others)


def _other(view: View) -> str:
    """A file that has a function of the name, or the folder that holds everything."""
    name = view.handler.rpartition(".")[2]
    define = f"def {name}(".encode()
    own = sorted(path for path in view.contents.files if path.endswith(".py") and path not in view.vendored)
    for path in own:
        if define in view.contents.files[path]:
            return f"--handler {path.removesuffix('.py')}.{name}"
    return f"--handler {own[0].removesuffix('.py')}.FUNCTION" if own else ""


def examine(view: View, entry: Module) -> Iterator[Finding]:
    if not view.version:
        return
    yield from _hook(entry, view.handler.rpartition(".")[2], _EVENT)
    other = view.initializer
    if other not in ("", view.handler) and path_of(other) == view.entry:
        yield from _hook(entry, other.rpartition(".")[2], _CONTEXT)


def _hook(entry: Module, name: str, given: Sequence[str]) -> Iterator[Finding]:
    bound = _bindings(entry, name)
    if not bound:
        yield from _unbound(entry, name)
        return
    last = bound[-1]
    if _may_be_another(entry, name, last):
        return
    if isinstance(last, Def):
        yield from _definition(entry, last, given)
    elif isinstance(last, ast.Assign | ast.AnnAssign) and isinstance(last.value, ast.Lambda):
        yield from _called(entry, last.value, name, last.lineno, given)
    elif isinstance(last, ast.Assign | ast.AnnAssign) and isinstance(last.value, ast.Call):
        yield from _made(entry, last.value, name, last.lineno)


def _bindings(entry: Module, name: str) -> list[ast.stmt]:
    """The statements at the top level that surely bind a name, in their order."""
    found: list[ast.stmt] = []
    for node in entry.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = {node.name}
        elif isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign):
            names = {node.target.id} if isinstance(node.target, ast.Name) and node.value else set()
        else:
            names = set()
        if name in names:
            found.append(node)
    return found


def _may_be_another(entry: Module, name: str, last: ast.stmt) -> bool:
    """Whether something below may bind the name again: an import, a branch, several targets."""
    todo: list[ast.AST] = [node for node in entry.tree.body if node.lineno > last.lineno]
    while todo:
        node = todo.pop()
        if _binds(node, name) and not entry.flow.is_dead(getattr(node, "lineno", last.lineno)):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)
    return False


def _unbound(entry: Module, name: str) -> Iterator[Finding]:
    """Nothing surely binds it: only where it is plain that nothing else does either, it is missing."""
    places = [getattr(node, "lineno", 1) for node in entry.nodes if _binds(node, name)]
    if any(not entry.flow.is_dead(line) for line in places) or _has_star(entry):
        return
    if entry.names.opaque or (not places and entry.binds(name)):
        return
    line = places[0] if places else 1
    said = (
        f"{name} is defined only where it does not run" if places else f"{entry.path} does not define {name}"
    )
    module = entry.path.removesuffix(".py")
    there = f"HandlerNotFound: Handler '{name}' is missing on module '{module}'"
    functions = [node.name for node in entry.tree.body if isinstance(node, Def)]
    hint = (
        f"define {name} at the top level"
        if places
        else f"--handler {module}.{(functions or ['FUNCTION'])[0]}"
    )
    yield Finding("handler-not-found", entry.place(line), said, there, hint)


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == name
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _has_star(entry: Module) -> bool:
    return any(one.name == "*" for one in entry.flow.imports)


def _definition(entry: Module, node: Def, given: Sequence[str]) -> Iterator[Finding]:
    if node.decorator_list:
        return  # what it is called with, and what it returns, is the decorator's affair
    place = entry.place(node.lineno)
    if [one.arg for one in node.args.args[:2]] == _WSGI:
        said = f"{node.name} is an HTTP handler of FC 2.0; FC 3.0 calls it with (event, context)"
        yield Finding("handler-wsgi", place, said, "TypeError: 'FCContext' object is not callable", RETURNS)
        return
    yield from _called(entry, node, node.name, node.lineno, given)
    if isinstance(node, ast.AsyncFunctionDef):
        said = f"{node.name} is async, and nobody awaits it"
        there = "TypeError: Object of type coroutine is not JSON serializable"
        yield Finding(
            "handler-async",
            place,
            said,
            there,
            "def handler(event, context): return asyncio.run(main(event))",
        )
    elif _yields(node):
        said = f"{node.name} yields, and nobody iterates over it"
        there = "TypeError: Object of type generator is not JSON serializable"
        yield Finding("handler-generator", place, said, there, "return a list: return list(parts(event))")


def _yields(node: Def) -> bool:
    todo: list[ast.AST] = list(node.body)
    while todo:
        inner = todo.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(inner)
    return False


def _called(
    entry: Module, node: Def | ast.Lambda, name: str, line: int, given: Sequence[str]
) -> Iterator[Finding]:
    """Whether a function can be called with these arguments by their place."""
    there = _refused(node, len(given))
    if there:
        called = f"{name} is called as {name}({', '.join(given)})"
        own = "<lambda>" if isinstance(node, ast.Lambda) else name
        hint = f"def {name}({', '.join(given)}):"
        yield Finding("handler-parameters", entry.place(line), called, f"TypeError: {own}() {there}", hint)


def _refused(node: Def | ast.Lambda, number: int) -> str:
    """What Python says of so many arguments; empty if it takes them."""
    arguments = node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    count, required = len(names), len(names) - len(arguments.defaults)
    if required > number:
        return f"missing {_listed(names[number:required], 'positional')}"
    if count < number and not arguments.vararg:
        takes = f"from {required} to {count}" if arguments.defaults else f"{count}"
        plural = "" if takes == "1" else "s"
        return (
            f"takes {takes} positional argument{plural} but {number} {'was' if number == 1 else 'were'} given"
        )
    by_name = [a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None]
    return f"missing {_listed(by_name, 'keyword-only')}" if by_name else ""


def _listed(names: Sequence[str], kind: str) -> str:
    """``2 required positional arguments: 'a' and 'b'``"""
    *some, last = [repr(name) for name in names]
    several = f"{', '.join(some)}{',' if len(some) > 1 else ''} and {last}" if some else last
    return f"{len(names)} required {kind} argument{'s' if some else ''}: {several}"


def _made(entry: Module, call: ast.Call, name: str, line: int) -> Iterator[Finding]:
    made = entry.flow.dotted(call.func)
    if made in _APPLICATIONS:
        kind = made.rpartition(".")[2]
        said = f"{name} is a {kind} application, and {entry.view.runtime} calls it with (event, context)"
        there = "TypeError: 'FCContext' object is not callable"
        yield Finding("handler-application", entry.place(line), said, there, _APPLICATIONS[made])
