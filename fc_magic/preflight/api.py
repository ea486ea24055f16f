"""Names of the standard library that the runtime's Python does not have yet, or no more: those that people use."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from fc_magic.preflight.finding import Finding
from fc_magic.preflight.flow import ABSENT, MISSING, When
from fc_magic.preflight.view import Module

Version = tuple[int, int]
_TYPING_310 = "Concatenate ParamSpec ParamSpecArgs ParamSpecKwargs TypeAlias TypeGuard is_typeddict"
_TYPING_311 = """
    LiteralString Never NotRequired Required Self TypeVarTuple Unpack assert_never assert_type clear_overloads
    dataclass_transform get_overloads reveal_type
"""
_ABC = """
    Awaitable Callable Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView
    MutableMapping MutableSequence MutableSet Sequence Set Sized ValuesView
"""


def _rows(module: str, names: str, version: Version) -> dict[str, Version]:
    return {f"{module}.{name}": version for name in names.split()}


#: dotted name -> the first version that has it
SINCE: Mapping[str, Version] = {
    **_rows("typing", _TYPING_310, (3, 10)),
    **_rows("types", "EllipsisType NoneType NotImplementedType UnionType", (3, 10)),
    **_rows("statistics", "correlation covariance linear_regression", (3, 10)),
    **_rows("dataclasses", "KW_ONLY", (3, 10)),
    **_rows("inspect", "get_annotations", (3, 10)),
    **_rows("itertools", "pairwise", (3, 10)),
    **_rows("contextlib", "aclosing", (3, 10)),
    **_rows("sys", "orig_argv stdlib_module_names", (3, 10)),
    **_rows("importlib.metadata", "packages_distributions", (3, 10)),
    **_rows("typing", _TYPING_311, (3, 11)),
    **_rows("datetime", "UTC", (3, 11)),
    **_rows("enum", "FlagBoundary ReprEnum StrEnum global_enum member nonmember verify", (3, 11)),
    **_rows("asyncio", "Barrier Runner TaskGroup timeout timeout_at", (3, 11)),
    **_rows("contextlib", "chdir", (3, 11)),
    **_rows("hashlib", "file_digest", (3, 11)),
    **_rows("math", "cbrt exp2", (3, 11)),
    **_rows("operator", "call", (3, 11)),
    **_rows("logging", "getLevelNamesMapping", (3, 11)),
    **_rows("sys", "exception", (3, 11)),
    **_rows("typing", "TypeAliasType override", (3, 12)),
    **_rows("collections.abc", "Buffer", (3, 12)),
    **_rows("itertools", "batched", (3, 12)),
    **_rows("calendar", "Day Month", (3, 12)),
    **_rows("math", "sumprod", (3, 12)),
    **_rows("random", "binomialvariate", (3, 12)),
    **_rows("types", "get_original_bases", (3, 12)),
    **_rows("asyncio", "eager_task_factory", (3, 12)),
    **_rows("sys", "monitoring", (3, 12)),
    **_rows("typing", "NoDefault ReadOnly TypeIs get_protocol_members is_protocol", (3, 13)),
    **_rows("warnings", "deprecated", (3, 13)),
    **_rows("copy", "replace", (3, 13)),
    **_rows("math", "fma", (3, 13)),
    **_rows("os", "process_cpu_count", (3, 13)),
    **_rows("queue", "ShutDown", (3, 13)),
    **_rows("statistics", "kde kde_random", (3, 13)),
    **_rows("uuid", "uuid6 uuid7 uuid8", (3, 14)),
    **_rows("functools", "Placeholder", (3, 14)),
}
#: dotted name -> the first version without it
UNTIL: Mapping[str, Version] = {
    **_rows("fractions", "gcd", (3, 9)),
    **_rows("base64", "decodestring encodestring", (3, 9)),
    **_rows("time", "clock", (3, 8)),
    **_rows("collections", _ABC, (3, 10)),
    **_rows("asyncio", "coroutine", (3, 11)),
    **_rows("inspect", "formatargspec getargspec", (3, 11)),
    **_rows("configparser", "SafeConfigParser", (3, 12)),
    **_rows("locale", "format", (3, 12)),
    **_rows("pkgutil", "ImpImporter ImpLoader", (3, 12)),
    **_rows("ssl", "match_hostname wrap_socket", (3, 12)),
}
#: callable, argument -> the first version that has it
ARGUMENTS: Mapping[tuple[str, str], Version] = {
    ("zip", "strict"): (3, 10),
    ("dataclasses.dataclass", "kw_only"): (3, 10),
    ("dataclasses.dataclass", "slots"): (3, 10),
    ("dataclasses.field", "kw_only"): (3, 10),
    **{(f"bisect.{name}", "key"): (3, 10) for name in ("bisect", "bisect_left", "bisect_right", "insort")},
    ("asyncio.Runner", "loop_factory"): (3, 11),
    ("statistics.fmean", "weights"): (3, 11),
    ("asyncio.run", "loop_factory"): (3, 12),
    ("shutil.rmtree", "onexc"): (3, 12),
    ("statistics.correlation", "method"): (3, 12),
    ("tempfile.NamedTemporaryFile", "delete_on_close"): (3, 12),
    ("itertools.batched", "strict"): (3, 13),
    ("map", "strict"): (3, 14),
}


def examine(module: Module) -> Iterator[Finding]:
    version = module.view.version
    if version is None:
        return
    flow = module.flow
    for one in flow.imports:
        said = _said(f"{one.module}.{one.name}", version) if one.name and not one.level else ""
        if said and not one.when.expects(MISSING):
            yield _import(module, one.module, one.name, one.line, one.when, said)
    aliases = {alias.partition(".")[0] for alias in flow.aliases.values()}
    for node, when in flow.attributes:
        name = flow.dotted(node)
        said = _said(name, version) if name.partition(".")[0] in aliases else ""
        if said and not when.expects(ABSENT):
            yield _use(module, node.lineno, said, f"AttributeError: {node.attr}")
    for call, when in flow.calls:
        yield from _arguments(module, call, when, version)


def _said(name: str, version: Version) -> str:
    since, until = SINCE.get(name, (0, 0)), UNTIL.get(name, (99, 0))
    if since > version:
        return f"{name} came with Python {since[0]}.{since[1]}"
    return f"{name} is gone since Python {until[0]}.{until[1]}" if until <= version else ""


def _import(module: Module, base: str, name: str, line: int, when: When, said: str) -> Finding:
    there = f"cannot import name '{name}' from '{base}'"
    if when.late or module.late or not when.sure:
        return _use(module, line, said, f"ImportError: {there}")
    return Finding("missing-name", module.place(line), said, f"ImportModuleError: {there}", _hint(said))


def _arguments(module: Module, call: ast.Call, when: When, version: Version) -> Iterator[Finding]:
    if not call.keywords or when.expects(ABSENT):
        return
    name = module.flow.dotted(call.func)
    for keyword in call.keywords:
        since = ARGUMENTS.get((name, keyword.arg or ""))
        if since and since > version:
            said = f"{name}({keyword.arg}=…) came with Python {since[0]}.{since[1]}"
            yield _use(module, call.lineno, said, f"TypeError: unexpected keyword argument '{keyword.arg}'")


def _use(module: Module, line: int, said: str, there: str) -> Finding:
    return Finding("newer-api", module.place(line), said, there, _hint(said))


def _hint(said: str) -> str:
    version = said.rpartition(" ")[2]
    if "gone" in said:
        return ""
    return {
        "3.10": "--runtime python3.10",
        "3.11": "--runtime python3.12",
        "3.12": "--runtime python3.12",
    }.get(version, "")
