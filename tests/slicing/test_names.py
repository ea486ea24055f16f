"""Which names a text needs, when, and which it binds."""

from __future__ import annotations

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.slicing.names import Names, analyse


def own(names: Names) -> tuple[set[str], set[str], set[str], set[str]]:
    """now, later, bound, maybe; without what builtins have."""
    ignored = set(vars(builtins))
    return (
        set(names.now) - ignored,
        set(names.later) - ignored,
        set(names.bound),
        set(names.maybe),
    )


TABLE = {
    # text: now, later, bound, maybe
    "x = y": ("y", "", "x", ""),
    "x = 1\ny = x": ("", "", "x y", ""),
    "x += 1": ("x", "", "x", ""),
    "del x": ("x", "", "", "x"),
    "x = 1\ndel x\ndef f(): return x": ("", "x", "f", "x"),
    "def f(a, b=B, *c, d: D = E, **k) -> F: return a, b, c, d, k, g": ("B D E F", "g", "f", ""),
    "def f(): return f() + h()\ndef h(): return f()": ("", "", "f h", ""),
    "@deco(1)\ndef f(): pass": ("deco", "", "f", ""),
    "class A(B, metaclass=M):\n x = X\n y = x\n def m(self): return x, super()": ("B M X", "x", "A", ""),
    "class A:\n x = x": ("x", "", "A", ""),
    "class A:\n n = 3\n s = [n for n in range(n)]\n t = [n for i in range(n)]": ("n", "", "A", ""),
    "class A:\n def f(self): return __p, self.__q": ("", "_A__p", "A", ""),
    "def f():\n class A:\n  y = y\n  def g(self): return y, z": ("", "y z", "f", ""),
    "[i + j for i in a if k]": ("a j k", "", "", ""),
    "[(lambda: i + v) for i in a]": ("a", "v", "", ""),
    "x = {k: v for k, v in p.items()}": ("p", "", "x", ""),
    "f = lambda n: n * f(n - 1) + m": ("", "m", "f", ""),
    "if (n := g()): pass\nn": ("g", "", "n", ""),
    "[(w := i) for i in a]\nw": ("a", "", "w", ""),
    "for i in a: t = i\nprint(i, t)": ("a i t", "", "", "i t"),
    "if c: x = 1\nelse: x = 2\nx": ("c", "", "x", ""),
    "if c: x = 1\nx": ("c x", "", "", "x"),
    "try:\n import json\nexcept ImportError:\n json = None\njson": ("", "", "json", ""),
    "try:\n x = f()\nexcept E as e:\n raise\nx": ("f E", "", "x", "e"),
    "try:\n x = 1\nfinally:\n y = 2": ("", "", "x y", ""),
    "with open(p) as f: t = f.read()\nt": ("p", "", "f t", ""),
    "while True:\n x = 1\n break\nx": ("x", "", "", "x"),
    "import a.b.c, d as e\nfrom m import n as o": ("", "", "a e o", ""),
    "def f():\n import a\n return a, b": ("", "b", "f", ""),
    "def f():\n global g\n g = 1": ("", "", "f", "g"),
    "def f():\n global g\n g += 1": ("", "g", "f", "g"),
    "def f():\n x = 1\n def g():\n  nonlocal x\n  x += y\n return g": ("", "y", "f", ""),
    "def f():\n def g(): return h()\n def h(): return 1\n return g": ("", "", "f", ""),
    "def f(x):\n x: T = 1\n return x": ("", "", "f", ""),
    "x: T = 1\ny: U": ("T U", "", "x", ""),
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n import q": ("", "", "TYPE_CHECKING", ""),
    "match c:\n case [a, *r]: pass\n case P(x=0) as p: pass\n case {'k': v, **m}: pass": (
        "c P",
        "",
        "",
        "a r p v m",
    ),
    "eval('x + 1')": ("x", "", "", ""),
    "exec('y = x')\ny": ("x", "", "y", ""),
    "def f(): return eval('x')": ("", "x", "f", ""),
    "def f(x): return eval('x')": ("", "", "f", ""),
    "def f(): return globals()['x'], globals().get('y')": ("", "x y", "f", ""),
    "def f(x): return globals()['x']": ("", "x", "f", ""),
    "globals()['x'] = 1\nx": ("", "", "x", ""),
    "if 'm' not in globals(): m = 1": ("m", "", "", "m"),
    "def f(d, lo): return d.query('a > @lo and b < @hi')": ("", "hi", "f", ""),
    "print(f'{a!r:>{w}}')": ("a w", "", "", ""),
    "async def f():\n async with a as b, c: pass\n return [x async for x in y]": ("", "a c y", "f", ""),
    "x = yy if zz else 1": ("yy zz", "", "x", ""),
    "a.b.c = d[e:f]": ("a d e f", "", "", ""),
}


@pytest.mark.parametrize("text", TABLE)
def test_names(text: str) -> None:
    """Needed at once, needed in a call, surely bound, perhaps bound."""
    assert own(analyse(text)) == tuple(set(words.split()) for words in TABLE[text])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("def f(t): return eval(t)", "eval of a text"),
        ("exec(code)", "exec of a text"),
        ("x = globals()", "globals()"),
        ("def f(n): return globals()[n]", "globals()"),
        ("print('%(x)s' % locals())", "locals()"),
        ("import __main__", "__main__"),
        ("import sys\nsys.modules['__main__'].x", "__main__"),
        ("import sys\nsys._getframe()", "_getframe"),
        ("f.__globals__['x']", "__globals__"),
    ],
)
def test_opaque(text: str, what: str) -> None:
    """A place that can reach any name is told with its line."""
    found = analyse(text).opaque
    assert [what in each.what for each in found] == [True]
    assert found[0].line == text.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return locals()",
        "vars(o)",
        "eval(t, {'x': 1})",
        "globals()['x']",
        "globals().get('x')",
        "'x' in globals()",
    ],
)
def test_followed(text: str) -> None:
    """What names its name is not opaque."""
    assert not analyse(text).opaque


def test_annotations_that_are_texts() -> None:
    """They need nothing while the text runs, and who reads them looks their names up."""
    text = "from __future__ import annotations\ndef f(a: A) -> 'B[C]': pass\nx: D = 1"
    found = analyse(text)
    assert (set(found.now), set(found.hinted)) == (set(), {"A", "B", "C", "D"})
    assert set(analyse("def f() -> 'B[C]': pass").hinted) == {"B", "C"}
    assert set(analyse("def f(a: A): pass", frozenset({"annotations"})).hinted) == {"A"}


def test_names_that_may_be_missing() -> None:
    """Code that catches NameError, or asks, expects that a name may be missing."""
    assert analyse("try: spam\nexcept NameError: pass").guarded == {"spam"}
    assert analyse("if 'm' in globals(): pass").guarded == {"m"}
    assert not analyse("try: spam\nexcept ValueError: pass").guarded


def test_lines() -> None:
    """Every name has the line of its first use; stars have theirs."""
    found = analyse("\na\ndef f():\n  return b\nb\nfrom m import *\n")
    assert (found.now, found.later, found.stars) == ({"a": 2, "b": 5}, {"b": 4}, (("m", 6),))
    assert list(found.needed.items()) == [("a", 2), ("b", 4)]


NAMES = st.sampled_from("abcdef")
EXPRESSIONS = st.recursive(
    NAMES | st.just("1"),
    lambda inner: (
        st.builds("({} + {})".format, inner, inner)
        | st.builds("[{} for {} in ({},)]".format, inner, NAMES, inner)
        | st.builds("(lambda {}: {})".format, NAMES, inner)
    ),
    max_leaves=5,
)
STATEMENTS = st.builds("{} = {}".format, NAMES, EXPRESSIONS) | st.builds(
    "{} += {}".format, NAMES, EXPRESSIONS
)


@given(st.lists(STATEMENTS, min_size=1, max_size=6))
def test_the_same_as_python_itself(lines: list[str]) -> None:
    """With the names that are needed at once a text runs; without any of them it does not."""
    source = "\n".join(lines)
    needed = set(analyse(source).now)

    class Anything:
        def __add__(self, other: object) -> object:
            return self

        __radd__ = __add__

        def __iter__(self) -> object:
            return iter((self,))

    def run(names: set[str]) -> str:
        try:
            exec(source, {name: Anything() for name in names})
        except NameError as error:
            return str(error.name)
        except TypeError:
            return ""
        return ""

    assert not run(needed)
    for name in needed:
        assert run(needed - {name}) in {name, ""}
