"""The functions that are written into a slice when its values need them: they read files, and make objects.

They stand among a notebook's names, so each takes what it needs by an import of its own. Python 3.6 can run them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fc_magic.slicing.values.written import FOLDER


class Loader(NamedTuple):
    text: str
    note: str
    needs: tuple[str, ...] = ()


LOADERS: Mapping[str, Loader] = {
    "_fc_file": Loader(
        f'''def _fc_file(name):
    """The bytes of a value that is a file beside this code."""
    import pathlib

    return (pathlib.Path(__file__).parent / "{FOLDER}" / name).read_bytes()
''',
        "reads a value that is a file",
    ),
    "_fc_json": Loader(
        '''def _fc_json(name):
    """A value in JSON. Types that JSON lacks stand there by their name: {"tuple": [1, 2]}."""
    import builtins
    import json

    types = {
        "tuple": builtins.tuple,
        "set": builtins.set,
        "frozenset": builtins.frozenset,
        "dict": builtins.dict,
        "complex": lambda parts: builtins.complex(*parts),
        "int": lambda digits: builtins.int(digits, 16),
        "bytes": lambda text: text.encode("latin-1"),
        "str": lambda text: builtins.bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    }

    def typed(found):
        if builtins.len(found) == 1:
            ((name, value),) = found.items()
            if name in types:
                return types[name](value)
        return found

    return json.loads(_fc_file(name).decode("ascii"), object_hook=typed)
''',
        "reads a value in JSON",
        ("_fc_file",),
    ),
}


def needed(names: Iterable[str]) -> dict[str, Loader]:
    """These and what they need, in the order of the table."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(LOADERS[name].needs)
    return {name: loader for name, loader in LOADERS.items() if name in wanted}
