"""A class that lives -> the text that makes it again: its statement, and what was added, changed or removed later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from inspect import getattr_static
from typing import Any

from fc_magic.slicing import decorated, functions, replaced
from fc_magic.slicing.attributes import parts
from fc_magic.slicing.class_body import Body
from fc_magic.slicing.history import Statement, bindings
from fc_magic.slicing.made_by_call import by_call
from fc_magic.slicing.pieces import CannotGo, Piece, Writing
from fc_magic.slicing.proof import futures

_UNKNOWN = "no cell that was executed has its class statement as it is now"
_INSIDE = "its class statement is inside of a function or of another class"


def define(name: str, cls: type, writing: Writing) -> Piece:
    """The piece that binds ``name`` to a class of the notebook. Raises CannotGo."""
    if "." in cls.__qualname__:
        raise CannotGo(_INSIDE)
    best = _of_cells(cls, writing)
    if best is None:
        made = by_call(name, cls, writing)
        if made is None:
            raise CannotGo(_UNKNOWN)
        return made
    return _piece(name, best, writing)


def _of_cells(cls: type, writing: Writing) -> Body | None:
    """The statement that made a class, with the class: surely, or the only one that can have been it."""
    own, similar = list[Body](), list[Body]()
    for statement in _statements(cls, writing):
        if isinstance(statement.node, ast.ClassDef):
            body = Body(cls, statement, writing)
            if body.is_whole():
                return body
            if body.is_it():
                own.append(body)
            elif body.is_similar():
                similar.append(body)
    return own[0] if own else _only(similar, cls, writing)


def _only(similar: list[Body], cls: type, writing: Writing) -> Body | None:
    """Of statements, the last one first, none of which is proved by a method."""
    found = [body for body in similar if body.fits()] or similar
    texts = {ast.dump(body.node): body for body in reversed(found)}
    if len(texts) < 2:
        return found[0] if found else None
    last = next(writing.history.binding(cls.__name__), None)
    if writing.namespace.get(cls.__name__) is cls and last and last.node is found[0].node:
        return found[0]
    places = " and ".join(dict.fromkeys(body.cell.place for body in texts.values()))
    raise CannotGo(f"{places} have different class statements that may be its own")


def _statements(cls: type, writing: Writing) -> Iterator[Statement]:
    """The statements that may have made a class: of cells, and of the texts that its methods say they are from."""
    yield from writing.history.binding(cls.__name__)
    seen = {id(cell) for cell in writing.history.cells}
    for function in (f for value in vars(cls).values() for f in parts(value)):
        cell = writing.history.files.get(function.__code__.co_filename)
        if cell is not None and id(cell) not in seen:
            seen.add(id(cell))
            for node in reversed(bindings(cell.source).get(cls.__name__, [])):
                yield Statement(cell, node)


def _bases(cls: type, node: ast.ClassDef, scope: dict[str, Any]) -> None:
    """Raises CannotGo if the statement, where its names mean what they do now, would make another class."""
    for base in node.bases:
        named = base.value if isinstance(base, ast.Subscript) else base
        if not isinstance(named, ast.Name | ast.Attribute):
            continue  # such as a namedtuple that is made in the head of the class
        known = functions.named(named, scope)
        if isinstance(known, type):
            # one further up would do without what is between
            if known not in cls.__bases__:
                raise CannotGo(f"its base {ast.unparse(base)} is another class now")
        elif getattr_static(known, "__mro_entries__", None) is None:
            raise CannotGo(f"its base {ast.unparse(base)} is no class now")


def _piece(name: str, body: Body, writing: Writing) -> Piece:
    """The class statement with the differences."""
    cls = body.cls
    statement, node = body.statement, body.node
    scope = dict(writing.namespace)
    _bases(cls, node, scope)
    ours = [d for d in node.decorator_list if not decorated.of_library(d, scope)]
    if ours and len(ours) < len(node.decorator_list):
        raise CannotGo("it has decorators of a library and of this notebook")
    # what a decorator of the notebook did to the class is seen in the class
    first = node.lineno if ours else statement.line
    text = functions.edited(statement.cell, node, body.evaluated(name), first)
    for function in body.functions:
        writing.futures.update(futures(function.__code__))
    writing.replacing |= {id(function): function for function in replaced.replacing(body)}
    before = {writing.spell(each.function, f"{name}.{each.key}"): each for each in replaced.originals(body)}
    text = replaced.bare(text, first, [d for each in before.values() for d in each.decorators])
    more, late = list[str](), list[str]()
    for is_data, text_of in body.differences(name):
        (late if is_data else more).append(text_of)
    if node.name != name:
        if body.has_private_names:
            raise CannotGo(f"its private names are those of {node.name}, which is another class now")
        text = text.replace(f"class {node.name}", f"class {name}", 1)
        more.insert(0, f"{name}.__name__ = {name}.__qualname__ = {node.name!r}\n")
    if node.col_offset:
        text, first = f"if True:\n{text}", first - 1
    text += "".join(f"{kept} = {name}.__dict__[{each.key!r}]\n" for kept, each in before.items())
    names = (name, *(kept for kept in before if kept))
    piece = Piece(names, text, "definition", statement.cell, first, more=tuple(more), late=tuple(late))
    writing.replaced |= {id(each.function): piece for each in before.values()}
    return piece
