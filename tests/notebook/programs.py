"""Notebooks that nobody would write by hand: cells of functions, classes, values and what is done to them."""

from __future__ import annotations

from hypothesis import strategies as st

VALUES, FUNCTIONS, CLASSES = ("a", "b", "c"), ("f", "g", "h"), ("C", "D")
NAMES = (*VALUES, *FUNCTIONS, *CLASSES)
#: names that every program has, so that few cells fail
FIRST = """\
from functools import lru_cache, partial, wraps
a, b, c = 1, [2, 3], {"k": 4}
def f(x):
    return x + 1
def g(x, y=5):
    return [x, y]
h = lambda x: (x, a)
class C:
    kind = "first"
    def m(self, x):
        return [self.kind, x]
class D(C):
    pass
def noted(fn):
    cache = {}
    @wraps(fn)
    def inner(x):
        if x not in cache:
            cache[x] = fn(x)
        return cache[x]
    inner.cache = cache
    return inner
def counter(n):
    def more(x):
        nonlocal n
        n += x
        return n
    return more
"""

value, function, klass = st.sampled_from(VALUES), st.sampled_from(FUNCTIONS), st.sampled_from(CLASSES)
name = st.sampled_from(NAMES)
literal = st.sampled_from(
    [
        "0",
        "7",
        "-0.0",
        "'text'",
        "[]",
        "[1, [2]]",
        "{'k': [1]}",
        "(1, 'x')",
        "{3, 4}",
        "None",
        "b'raw'",
        "2.5",
    ]
)


def _made(pattern: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """``pattern`` with what is drawn for each of its names."""
    return st.fixed_dictionaries(parts).map(lambda drawn: pattern.format(**drawn))


plain = st.one_of(literal, value, _made("[{a}, {b}]", a=value, b=value), _made("{{'v': {a}}}", a=value))
inside = st.one_of(
    plain,
    st.just("x"),
    # calls go down, so they come to an end
    _made("({f}(x - 1) if x > 0 else {v})", f=function, v=plain),
    _made("({k}().m(x - 1) if x > 0 else 0)", k=klass),
    _made("{k}.kind", k=klass),
    _made("[{v} for {v} in range(x)]", v=value),
    _made("(lambda y: [y, {v}])(x)", v=value),
    _made("globals()['{v}']", v=value),
)
body = st.one_of(
    _made("return {e}", e=inside),
    _made("return [{e}, {d}]", e=inside, d=inside),
    _made("global {v}\n    {v} = [x, {e}]\n    return {v}", v=value, e=plain),
    _made("{v} = {e}\n    return {v}", v=value, e=literal),
    _made("try:\n        {v}.append(x)\n    except AttributeError:\n        pass\n    return {v}", v=value),
)
statement = st.one_of(
    _made("{v} = {e}", v=value, e=plain),
    _made("{v} = {w}", v=name, w=name),
    _made("{v}.append({e})", v=value, e=plain),
    _made("{v}['k'] = {e}", v=value, e=plain),
    _made("{v} += {e}", v=value, e=literal),
    _made("for {v} in range(3): pass", v=value),
    _made("{v}, {w} = {w}, {v}", v=value, w=value),
    _made("{v} = {f}(2)", v=value, f=function),
    _made("{v} = {k}(); {v}.z = {e}", v=value, k=klass, e=plain),
    _made("{v} = {{'run': {f}, 'own': lambda x: [{w}, x]}}", v=value, f=function, w=value),
    _made("def {f}(x):\n    {b}", f=function, b=body),
    _made("def {f}(x, y={e}, *, z={d}):\n    {b}", f=function, e=plain, d=plain, b=body),
    _made("{f} = lambda x: {e}", f=function, e=inside),
    _made("{f} = lru_cache({n})({g})", f=function, g=function, n=st.sampled_from(["None", "2"])),
    _made("@lru_cache(None)\ndef {f}(x):\n    {b}", f=function, b=body),
    _made("@noted\ndef {f}(x):\n    {b}", f=function, b=body),
    _made("{f} = noted({g})", f=function, g=function),
    _made("{f} = partial({g}, {e})", f=function, g=function, e=literal),
    _made("{f} = counter({n})", f=function, n=st.sampled_from(["0", "10"])),
    _made("{f}.note = {e}", f=function, e=plain),
    _made("{f} = {k}().m", f=function, k=klass),
    _made("{f}(1)", f=function),
    _made(
        "class {k}:\n    kind = {e}\n    def m(self, x):\n        return [{d}, self.kind]",
        k=klass,
        e=plain,
        d=inside,
    ),
    _made("class D(C):\n    def m(self, x):\n        return [super().m(x), {e}]", e=plain),
    _made("{k}.kind = {e}", k=klass, e=plain),
    _made("{k}.m = lambda self, x: {e}", k=klass, e=inside),
    _made("{k}.m = lambda self, x, f={f}: [f(x), self.kind]", k=klass, f=function),
    _made("from math import sqrt as {f}", f=function),
    _made("import math as {v}", v=value),
    _made("del {v}", v=value),
)
cell = st.lists(statement, min_size=1, max_size=3).map("\n".join)
notebooks = st.lists(cell, min_size=1, max_size=6)

#: the end of every program: tells of what it is given in a way that JSON can hold
HANDLER = """\
def told(thing, deep=0):
    kind = type(thing).__name__
    if deep > 6:
        return kind
    if isinstance(thing, (list, tuple)):
        return [kind, *[told(one, deep + 1) for one in thing]]
    if isinstance(thing, dict):
        return [kind, *[[told(k, deep + 1), told(v, deep + 1)] for k, v in thing.items()]]
    if isinstance(thing, (set, frozenset)):
        return [kind, *sorted(repr(told(one, deep + 1)) for one in thing)]
    if callable(thing) and not isinstance(thing, type):
        return [kind, attempt(lambda: thing(2), deep + 1), told(getattr(thing, "note", None), deep + 1)]
    if isinstance(thing, type):
        return [kind, told(getattr(thing, "kind", None), deep + 1), attempt(lambda: thing().m(1), deep + 1)]
    if kind == "module":
        return [kind, thing.__name__]
    if hasattr(thing, "__dict__"):
        return [kind, told(vars(thing), deep + 1)]
    return [kind, repr(thing)]
def attempt(act, deep=0):
    try:
        return told(act(), deep)
    except Exception as error:
        return ["raised", type(error).__name__]
def handler(event, context):
    return [attempt(act) for act in (%s)]
"""


def handler(names: list[str]) -> str:
    return HANDLER % "".join(f"lambda: {name}, " for name in names)
