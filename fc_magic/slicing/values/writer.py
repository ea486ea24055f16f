"""Values by their names -> statements and files: the graph of their objects, planned, put in order and laid out."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from fc_magic.slicing.values import order
from fc_magic.slicing.values.atoms import quoted
from fc_magic.slicing.values.filed import filed
from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.layout import Layout
from fc_magic.slicing.values.loaders import needed
from fc_magic.slicing.values.plan import Again, Plan
from fc_magic.slicing.values.refusals import refusals
from fc_magic.slicing.values.shape import Node, Shape, Token
from fc_magic.slicing.values.words import described
from fc_magic.slicing.values.written import FOLDER, LARGEST, LONGEST, Statement, Written


class Writer:
    """One slice's values. ``roots``: name -> what the walk found.

    Raises Again when what was planned cannot be done: the node that is why is marked, and the next plan does without.
    """

    def __init__(self, roots: Mapping[str, Token], graph: Graph, taken: AbstractSet[str]) -> None:
        self._roots, self._graph = roots, graph
        nodes = {name: token for name, token in roots.items() if isinstance(token, Node)}
        self.refused = refusals(nodes)
        good = {name: node for name, node in nodes.items() if name not in self.refused}
        self._plan = Plan(good, {*taken, *roots})
        self._layout = Layout(self._elsewhere)
        self._files: dict[str, bytes] = {}
        self._reasons: dict[str, str] = {}
        self._read: dict[Node, str] = {}

    def write(self) -> Written:
        made = [statement for group in self._plan.groups for statement in self._group(group)]
        atoms = [
            Statement(name, f"{name} = {token}\n", "a constant")
            for name, token in self._roots.items()
            if isinstance(token, str)
        ]
        loaders = needed(statement.text for statement in made)
        functions = [Statement(name, one.text, one.note) for name, one in loaders.items()]
        return Written((*functions, *atoms, *made), self._files, self._reasons, self.refused)

    def _group(self, group: list[Node]) -> list[Statement]:
        if order.is_circle(group):
            return [self._circle(group)]
        return [self._single(group[0])] if group[0].names else []

    def _single(self, node: Node) -> Statement:
        filed = node in self._plan.files
        return self._statement(
            [node], f"{node.names[0]} = {self._file(node)}\n" if filed else self._made(node)
        )

    def _circle(self, group: list[Node]) -> Statement:
        """All are there before one is filled; what is asked for its hash is filled first."""
        late = [node for node in group if node in self._plan.late]
        at_once = order.inside(group, self._plan.late)
        assert at_once is not None
        text = "".join(f"{node.names[0]} = {self._layout.empty(node)}\n" for node in late)
        text += "".join(self._made(node) for node in at_once if node.names)
        for hashes in (False, True):
            text += "".join(self._filled(node) for node in late if _shape(node).hashes == hashes)
        return self._statement([*late, *(node for node in at_once if node.names)], text)

    def _filled(self, node: Node) -> str:
        fill = _shape(node).fill
        assert fill is not None
        if not fill.items:
            return ""
        return self._layout.filled(fill.before + node.names[0] + fill.after, fill.items, fill.close)

    def _made(self, node: Node) -> str:
        return self._layout.statement(f"{node.names[0]} = ", node)

    def _statement(self, nodes: list[Node], text: str) -> Statement:
        if len(text) > LONGEST:
            raise Again(nodes[0], f"too large for source, with {len(text):,} characters of it")
        named = next((node for node in nodes if node.names[0] in self._roots), nodes[0])
        aliases = [(name, node.names[0]) for node in nodes for name in node.names[1:]]
        text += "".join(f"{alias} = {name}\n" for alias, name in aliases)
        names = [name for node in nodes for name in node.names if name != named.names[0]]
        return Statement(named.names[0], text, described(named.obj), tuple(names))

    def _elsewhere(self, node: Node) -> str | None:
        if node.names:
            return node.names[0]
        return self._file(node) if node in self._plan.files else None

    def _file(self, node: Node) -> str:
        """The expression that reads it, and the file."""
        if node not in self._read:
            made = filed(node, self._graph.find)
            name = self._file_name(node, made.suffix)
            self._files[f"{FOLDER}/{name}"] = made.data
            self._reasons[f"{FOLDER}/{name}"] = (
                f"{node.names[0] if node.names else node.root}: {described(node.obj)}"
            )
            total = sum(map(len, self._files.values()))
            if total > LARGEST:
                raise Again(
                    node, f"too large: with it, all files have {total:,} bytes, and {LARGEST:,} are allowed"
                )
            self._read[node] = made.expression.format(quoted(name))
        return self._read[node]

    def _file_name(self, node: Node, suffix: str) -> str:
        stem = node.names[0] if node.names else node.root
        stem = stem if stem.isascii() else "value"
        names = (f"{stem}{number or ''}.{suffix}" for number in range(len(self._files) + 1))
        # some file systems know one case only
        used = {path.lower() for path in self._files}
        return next(name for name in names if f"{FOLDER}/{name}".lower() not in used)


def _shape(node: Node) -> Shape:
    assert node.shape is not None
    return node.shape
