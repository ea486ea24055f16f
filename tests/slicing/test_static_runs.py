"""Generated notebooks: what is cut out of the file answers what running all cells answers, or it is refused."""

from __future__ import annotations

import decimal
import warnings
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.errors import SliceRefused
from fc_magic.slicing.static import NotebookCell, slicer

DATA, FUNCTIONS, CLASSES, OBJECTS = ("a", "b", "c", "d"), ("f", "g", "h"), ("P", "Q"), ("o", "p")


def templates(text: str) -> tuple[str, ...]:
    """One between two bars, ⏎ for a new line."""
    return tuple(
        each.strip().replace("⏎", "\n") for line in text.strip().split("\n") for each in line.split("¦")
    )


#: {a} {b} data, {f} {g} functions, {P} {Q} classes, {o} objects, {n} a number
STATEMENTS = templates(
    """
    {a} = [{n}, 2]  ¦  {a} = {n}  ¦  {a} = {{'k': [{n}]}}  ¦  {a} = {b}  ¦  {a} = [{b}, {n}]  ¦  {a} = {b} + {c}
    {a} += [{n}]  ¦  {a} += [*{b}][:9]  ¦  {a} = list({b})  ¦  {a} = {b}[:1]  ¦  {a} = {b}['k']
    {a}, {b} = {b}, {a}  ¦  {a}.append({n})  ¦  {a}.extend(list({b})[:9])  ¦  {a}[0] = {n}  ¦  {a}['k'] = {b}
    {a}['k'].append({n})  ¦  {a}[0].append(1)  ¦  {a} = iter(list({b})[:9])  ¦  next({a})
    {a} = [x for x in {b}]  ¦  {a} = (x for x in list({b})[:9])  ¦  {a} = sorted({b}, key=str)
    for i in list({a})[:9]:⏎    {b}.append(i)  ¦  for i, {a} in enumerate(list({b})):⏎    pass
    if {a}:⏎    {b} = {c}  ¦  [{a} := i for i in {b}]  ¦  del {a}  ¦  print(len({a}), {b})
    {a} = {b} if {c} else {n}  ¦  import math as {a}  ¦  def {f}(x=None):⏎    {a}.append(x)⏎    return {b}
    def {f}(x=None):⏎    global {a}⏎    {a} = [x, {n}]  ¦  def {f}(x={a}):⏎    x.append({n})⏎    return x
    def {f}(x=None):⏎    return {g}(x)  ¦  {f} = {g}  ¦  def {f}(x=None):⏎    return {g}({a})
    def {f}(x=None):⏎    for i in list(x)[:9]:⏎        yield i⏎    {a}.append(1)
    def {f}(x=None):⏎    y = x⏎    y.append({n})  ¦  {f} = lambda x=None: {a}
    {f} = lambda x={a}: x.append({n})
    def make(x):⏎    def inner(y=None):⏎        x.append({n})⏎        return x⏎    return inner⏎{f} = make({a})
    def make(f):⏎    def inner(x=None):⏎        inner.n = getattr(inner, 'n', 0) + 1⏎        return [inner.n, f(x)]⏎
    def deco(f):⏎    def inner(x=None):⏎        {a}.append(1)⏎        return f(x)⏎    return inner⏎
    def deco(f):⏎    seen = {{}}⏎    def inner(x=None):⏎        seen[0] = x⏎        return seen⏎    return inner⏎
    @deco⏎def {f}(x=None):⏎    return {a}  ¦  {f} = deco({g})  ¦  {f} = make({g})  ¦  {f}.n = {a}  ¦  {a} = {f}.n
    {f}()  ¦  {f}({a})  ¦  {a} = {f}({b})  ¦  {a} = {f}()  ¦  {a} = [{f}, {b}]  ¦  {a}[0]({b})  ¦  {a}[0].n = {n}
    {a} = list(map({f}, list({b})[:9]))  ¦  {a} = {{'k': {f}}}  ¦  {a}['k']()  ¦  {f}(x={a})  ¦  {f}(*{a})
    {f} = {a}[0]
    class {P}:⏎    items = {a}⏎    x = None⏎    def add(self, y=1):⏎        self.items.append(y)⏎        return self.x
    class {P}:⏎    n = {n}⏎    def __init__(self, x=None):⏎        {P}.n += 1⏎        self.x = x
    class {P}:⏎    def __init__(self, x=None):⏎        self.x = x⏎    def add(self, y=1):⏎        {a}.append(y)
    class {P}({Q}):⏎    def more(self):⏎        return {a}  ¦  {P}.items = {a}  ¦  {P}.n = {n}
    {a} = {P}.items
    class {P}:⏎    made = []⏎    def __init_subclass__(cls):⏎        cls.made.append(cls.__name__)
    class {P}:⏎    seen = 0⏎    @property⏎    def x(self):⏎        self.seen += 1⏎        return self.seen
    class {P}:⏎    @classmethod⏎    def make(cls, x=None):⏎        cls.last = x⏎        return cls()
    {o} = {P}()  ¦  {o} = {P}({a})  ¦  {o}.add({n})  ¦  {o}.add({a})  ¦  {o}.x = {a}  ¦  {a} = {o}.x
    {o}.x.append({n})  ¦  {a} = {o}.add()  ¦  setattr({o}, 'x', {a})  ¦  {P}.add = {f}  ¦  {o} = {p}
    {a} = [{o}]  ¦  {o} = {P}.make({a})  ¦  {o}.more()  ¦  {P}.more = lambda self: {a}  ¦  {o}.items = {a}
    {o}.f = {f}  ¦  {o}.f()  ¦  {a}.append({o})  ¦  import random⏎random.seed({n})  ¦  {a} = random.random()
    random.shuffle({a})  ¦  {a} = [random.randint(1, 9)]  ¦  import decimal
    decimal.getcontext().prec = {n} + 1  ¦  {a} = str(decimal.Decimal(1) / 3)  ¦  len = {f}  ¦  del len
    def {f}(x=None):⏎    {o}.x = {a}  ¦  def {f}(x=None):⏎    {a}['k'] = {b}
    with open('/dev/null') as {a}:⏎    pass  ¦  def {f}(x=None):⏎    x.x = {n}⏎    return x  ¦  {f}({o})
    {a} = {f}({o})  ¦  {a} = lambda: {b}  ¦  {a}()  ¦  {b} = {a}()  ¦  globals()['{a}'] = {n}
    exec('{a} = {n}')  ¦  {a}.sort(key={f})  ¦  {a} = {{**{b}}}  ¦  {a} = [*{b}]  ¦  {a}.k = {b}
    from functools import partial, reduce⏎{f} = partial({g}, {a})  ¦  {a} = reduce({f}, [{b}, {c}])
    {a}.clear()  ¦  import copy⏎{a} = copy.deepcopy({b})  ¦  {a} = copy.copy({b})  ¦  {a} |= {b}
    {a} = {{'k': {b}, 'o': {o}}}  ¦  match {a}:⏎    case [x, *{b}]:⏎        pass
    try:⏎    {a} = {b}[9]⏎except Exception as {c}:⏎    {a} = {n}  ¦  while {a}:⏎    {b} = {a}.pop()
    {a} = {b} = []  ¦  {a}: list = {b}  ¦  ({a}, *{b}) = {c}  ¦  {a} = f'{{len({b})}}'
    """
)

CELL = """
def seen(thing, depth=0):
    kind = type(thing).__name__
    if depth > 4:
        return kind
    if isinstance(thing, (int, float, str, type(None))):
        return thing
    if isinstance(thing, (list, tuple)):
        return [kind, *(seen(each, depth + 1) for each in thing[:9])]
    if isinstance(thing, dict):
        return {str(k): seen(v, depth + 1) for k, v in list(thing.items())[:9]}
    if hasattr(thing, "__next__"):
        return [kind, *(seen(each, depth + 1) for each, _ in zip(thing, range(9)))]
    inner = getattr(thing, "__dict__", {})
    shown = [(k, v) for k, v in sorted(inner.items()) if not k.startswith("__") and not callable(v)]
    return [kind, {k: seen(v, depth + 1) for k, v in shown}]

def tried(act):
    try:
        return seen(act())
    except RecursionError:
        return "too deep"
    except Exception as error:
        return f"{type(error).__name__}"

def handler(event, context):
    return [%s]
"""
ASKED = templates(
    """
    tried(lambda: {a})  ¦  tried(lambda: {a} is {b})  ¦  tried(lambda: {f}())  ¦  tried(lambda: {f}({a}))
    tried(lambda: {o})  ¦  tried(lambda: {o}.add(3))  ¦  tried(lambda: {P}.items)  ¦  tried(lambda: {o}.x)
    tried(lambda: {P}().add())  ¦  tried(lambda: {f}.n)  ¦  tried(lambda: random.random())
    tried(lambda: str(decimal.Decimal(1) / 7))  ¦  tried(lambda: len([1]))  ¦  tried(lambda: {o}.more())
    """
)


@st.composite
def filled(draw: Any, templates: tuple[str, ...]) -> str:
    names = {
        **dict(zip("abc", draw(st.lists(st.sampled_from(DATA), min_size=3, max_size=3)), strict=True)),
        **dict(zip("fg", draw(st.lists(st.sampled_from(FUNCTIONS), min_size=2, max_size=2)), strict=True)),
        **dict(zip("PQ", draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=2)), strict=True)),
        **dict(zip("op", draw(st.lists(st.sampled_from(OBJECTS), min_size=2, max_size=2)), strict=True)),
    }
    return draw(st.sampled_from(templates)).format(n=draw(st.integers(0, 9)), **names)


def guarded(statement: str) -> str:
    """Whatever fails on the way fails alone, so that all cells run to their end."""
    inner = "\n".join(f"    {line}" for line in statement.split("\n"))
    return f"try:\n{inner}\nexcept Exception:\n    pass"


@st.composite
def notebooks(draw: Any) -> tuple[list[tuple[str, bool]], str]:
    """Statements, each with whether it may fail alone, and a cell."""
    statements = draw(st.lists(st.tuples(filled(STATEMENTS), st.booleans()), min_size=2, max_size=14))
    asked = draw(st.lists(filled(ASKED), min_size=1, max_size=2))
    return statements, CELL % ", ".join(asked)


FIRST = ["a, b, c, d = [1], [2, 3], {'k': []}, 5", "def f(x=None):\n    return x\ng = h = f"]


def cells_of(statements: list[tuple[str, bool]]) -> list[str]:
    """Cells that run to their end."""
    cells = [*FIRST]
    for statement, is_bare in statements:
        cells.append(statement if is_bare and runs([*cells, statement]) else guarded(statement))
    return cells


def runs(cells: list[str]) -> bool:
    try:
        answered("\n".join(cells) + "\ndef handler(event, context): pass")
    except Exception:
        return False
    return True


def answered(source: str) -> Any:
    """What the handler says, in a process whose settings are those of a new one."""
    decimal.setcontext(decimal.Context())
    space: dict[str, Any] = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "cell", "exec", dont_inherit=True), space)
    return space["handler"](None, None)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(notebooks())
def test_the_slice_answers_as_all_cells_do(notebook: tuple[list[tuple[str, bool]], str]) -> None:
    statements, cell = notebook
    cells = cells_of(statements)
    expected = answered("\n".join([*cells, cell]))
    try:
        sliced = slicer([NotebookCell(text, n) for n, text in enumerate(cells, 1)], 99, Path("/nowhere"))(
            cell
        )
    except SliceRefused:
        return
    assert answered(sliced.source) == expected, sliced.source
