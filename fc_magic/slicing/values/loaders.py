"""The functions that are written into a slice when its values need them: they read files, and make objects.

They stand among a notebook's names, so each takes what it needs by an import of its own. Python 3.6 can run them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fc_magic.slicing.values.written import FOLDER, OURS

_CALLED = re.compile(rf"\b{OURS}\w+\b")


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
        '''def _fc_json(name, makers=()):
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
    types.update(makers)

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
    "_fc_array": Loader(
        '''def _fc_array(name):
    """An array, from a file."""
    import io

    import numpy

    return numpy.load(io.BytesIO(_fc_file(name)), allow_pickle=False)
''',
        "reads an array",
        ("_fc_file",),
    ),
    "_fc_arrays": Loader(
        '''def _fc_arrays(name):
    """Several arrays, from one file."""
    import io

    import numpy

    with numpy.load(io.BytesIO(_fc_file(name)), allow_pickle=False) as found:
        return [found[key] for key in found.files]
''',
        "reads several arrays",
        ("_fc_file",),
    ),
    "_fc_fixed": Loader(
        '''def _fc_fixed(array):
    """An array that nobody changes."""
    array.flags.writeable = False
    return array
''',
        "protects an array",
    ),
    "_fc_objects": Loader(
        '''def _fc_objects(shape, items):
    """An array of objects, none of which is looked into."""
    import numpy

    made = numpy.empty(shape, dtype="O")
    for place, item in zip(numpy.ndindex(shape), items):
        made[place] = item
    return made
''',
        "makes an array of objects",
    ),
    "_fc_generator": Loader(
        '''def _fc_generator(algorithm, state, *seeds):
    """A generator of random numbers that goes on where the other one was."""
    import numpy.random

    seeds = [numpy.random.SeedSequence(**seed) for seed in seeds]
    made = getattr(numpy.random, algorithm)(*seeds)
    made.state = state
    return numpy.random.Generator(made)
''',
        "makes a generator of random numbers",
    ),
    "_fc_random_state": Loader(
        '''def _fc_random_state(state):
    """A generator of random numbers that goes on where the other one was."""
    import numpy.random

    made = numpy.random.RandomState()
    made.set_state(state)
    return made
''',
        "makes a generator of random numbers",
    ),
    "_fc_frame": Loader(
        '''def _fc_frame(plain, others, index, columns, attrs=None):
    """A table of these arrays; others are by the number of their column."""
    import pandas

    arrays = iter(plain)
    arrays = [others[n] if n in others else next(arrays) for n in range(len(plain) + len(others))]
    made = {n: pandas.Series(array, dtype=array.dtype) for n, array in enumerate(arrays)}
    made = pandas.DataFrame(made, index=None if made else index)
    made.index, made.columns = index, columns
    made.attrs.update(attrs or {})
    return made
''',
        "makes a table",
    ),
    "_fc_series": Loader(
        '''def _fc_series(array, index, name=None, attrs=None):
    """A column of an array, with its type."""
    import pandas

    made = pandas.Series(array, dtype=array.dtype, name=name)
    made.index = index
    made.attrs.update(attrs or {})
    return made
''',
        "makes a column of a table",
    ),
    "_fc_text": Loader(
        '''def _fc_text(storage):
    """The dtype of text in pandas. Before pandas 2.3 that was objects, and without pyarrow it is Python's own."""
    import pandas

    for kept in (storage, "python"):
        try:
            return pandas.StringDtype(kept, na_value=float("nan"))
        except ImportError:
            continue
        except TypeError:
            break
    return pandas.Series([], dtype="object").dtype
''',
        "finds the dtype of text",
    ),
    "_fc_logger": Loader(
        '''def _fc_logger(level, *name):
    """A logger with its level."""
    import logging

    made = logging.getLogger(*name)
    made.setLevel(level)
    return made
''',
        "finds a logger",
    ),
    "_fc_random": Loader(
        '''def _fc_random(state):
    """A generator of random numbers that goes on where the other one was."""
    import random

    made = random.Random()
    made.setstate(state)
    return made
''',
        "makes a generator of random numbers",
    ),
    "_fc_filled": Loader(
        '''def _fc_filled(*made, **attributes):
    """An object with what it holds and its attributes as they were: nothing of its class is called."""
    import builtins
    import collections

    made, content = made[0], made[1:]
    kind = builtins.type(made)
    for items in content:
        if builtins.issubclass(kind, collections.OrderedDict):
            for key in items:
                collections.OrderedDict.__setitem__(made, key, items[key])
        elif builtins.issubclass(kind, builtins.dict):
            builtins.dict.update(made, items)
        elif builtins.issubclass(kind, builtins.set):
            builtins.set.update(made, items)
        elif builtins.issubclass(kind, builtins.list):
            builtins.list.extend(made, items)
        else:
            collections.deque.extend(made, items)
    for name in attributes:
        builtins.object.__setattr__(made, name, attributes[name])
    return made
''',
        "gives an object its attributes",
    ),
    "_fc_made": Loader(
        '''def _fc_made(*kind, **attributes):
    """An object of a class with its attributes as they were, without a call of __init__."""
    import builtins

    return _fc_filled(builtins.object.__new__(*kind), **attributes)
''',
        "makes an object of a class",
        ("_fc_filled",),
    ),
}


def needed(texts: Iterable[str]) -> dict[str, Loader]:
    """Those that these call, and what they need, in the order of the table."""
    wanted: set[str] = set()
    waiting = [name for text in texts for name in _CALLED.findall(text)]
    while waiting:
        name = waiting.pop()
        if name in LOADERS and name not in wanted:
            wanted.add(name)
            waiting.extend(LOADERS[name].needs)
    return {name: loader for name, loader in LOADERS.items() if name in wanted}
