"""How an expression is laid out: in one line where it fits, otherwise a part a line, and short parts side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fc_magic.slicing.values.atoms import quoted
from fc_magic.slicing.values.shape import Item, Node, Shape, Token

WIDTH = 96
#: parts up to this length stand side by side
_BRIEF = 28
#: characters of a long text in one line
_PIECE = 80

#: the text of a node that stands elsewhere, by its name or in a file; None: it stands here
Elsewhere = Callable[[Node], "str | None"]


class Layout:
    def __init__(self, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere

    def statement(self, before: str, node: Node) -> str:
        """``before`` and the expression that makes the node, and the end of the line."""
        return before + self._node(node, 0, len(before)) + "\n"

    def filled(self, before: str, items: list[Item], close: str) -> str:
        return self._laid(Shape(before, items, close), 0, 0) + "\n"

    def empty(self, node: Node) -> str:
        assert node.shape is not None
        return "".join(self._token(token, 0, 0) for token in node.shape.empty)

    def _token(self, token: Token, indent: int, used: int) -> str:
        if isinstance(token, str):
            return token
        elsewhere = self._elsewhere(token)
        return self._node(token, indent, used) if elsewhere is None else elsewhere

    def _node(self, node: Node, indent: int, used: int) -> str:
        assert node.shape is not None
        if type(node.obj) in (str, bytes) and used + len(node.shape.open) > WIDTH:
            return _pieces(node.obj, indent)
        return self._laid(node.shape, indent, used)

    def _laid(self, shape: Shape, indent: int, used: int) -> str:
        flat = self._flat(shape, WIDTH - used)
        if flat is not None or not shape.items:
            return flat or shape.open + shape.close
        if not shape.open:  # there is nothing that a line could end in
            (item,) = shape.items
            return self._joined_lines(item, indent, used) + shape.close
        pad, deeper = " " * indent, " " * (indent + 4)
        lines = self._side_by_side(shape.items, WIDTH - indent - 4) or self._one_a_line(
            shape.items, indent + 4
        )
        text = "".join(f"{deeper}{line},\n" for line in lines)
        return f"{shape.open}\n{text}{pad}{shape.close.removeprefix(',')}"

    def _one_a_line(self, items: list[Item], indent: int) -> Iterator[str]:
        for item in items:
            yield self._joined_lines(item, indent, indent)

    def _joined_lines(self, item: Item, indent: int, used: int) -> str:
        text = ""
        for token in item:
            last = text.rpartition("\n")[2]
            text += self._token(token, indent, len(last) if "\n" in text else used + len(last))
        return text

    def _side_by_side(self, items: list[Item], room: int) -> list[str]:
        """Lines of several short parts; none if one is not short, or has more than a value."""
        lines: list[str] = []
        for item in items:
            text = self._joined(item, _BRIEF) if len(item) == 1 else None
            if text is None:
                return []
            if lines and len(lines[-1]) + len(text) + 3 <= room:
                lines[-1] += f", {text}"
            else:
                lines.append(text)
        return lines

    def _flat(self, shape: Shape, room: int) -> str | None:
        """In one line, if there is room."""
        room -= len(shape.open) + len(shape.close)
        texts: list[str] = []
        for item in shape.items:
            text = self._joined(item, room)
            if text is None:
                return None
            room -= len(text) + 2
            texts.append(text)
        return f"{shape.open}{', '.join(texts)}{shape.close}" if room >= -2 else None

    def _joined(self, item: Item, room: int) -> str | None:
        text = ""
        for token in item:
            piece: str | None = token if isinstance(token, str) else self._elsewhere(token)
            if piece is None:
                assert isinstance(token, Node)
                assert token.shape is not None
                piece = self._flat(token.shape, room - len(text))
            if piece is None or len(text) + len(piece) > room:
                return None
            text += piece
        return text


def _pieces(value: str | bytes, indent: int) -> str:
    """Literals below each other, which Python joins; lines of the text where it has lines."""
    newline = "\n" if isinstance(value, str) else b"\n"
    texts: list[str] = []
    start = 0
    while start < len(value):
        end = value.find(newline, start, start + _PIECE) + 1 or start + _PIECE  # type: ignore[arg-type]
        piece = value[start:end]
        texts.append(quoted(piece) if isinstance(piece, str) else repr(piece))
        start = end
    pad = " " * indent
    return "(\n" + "".join(f"{pad}    {text}\n" for text in texts) + f"{pad})"
