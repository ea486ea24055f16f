"""Arrays of numpy, its scalars, dtypes and random generators. numpy is not imported: who has an array has it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.shape import Filed, Item, Node, Said, Shape
from fc_magic.slicing.values.written import LARGEST, Unwritable

#: numbers of an array that is written as a list
_FEW = 64
#: kinds of dtype that a list of Python's own values says exactly
_LISTED = "biufcUmM"
#: kinds that a file of numpy holds
_KINDS = "biufcSUmMV"
#: the dtypes that numpy finds by itself
_FOUND = ("int64", "float64", "bool", "complex128")
#: numpy's name of a scalar's type, where its own is another one
_SCALARS: Mapping[str, str] = {"b": "bool_", "U": "str_", "S": "bytes_"}


class Columns(list[Any]):
    """Arrays that go into one file."""


def shape(obj: Any, graph: Graph) -> Shape | None:
    kind = type(obj)
    if kind is Columns:
        return _columns(obj, graph)
    if kind.__module__.partition(".")[0] != "numpy" or "numpy" not in sys.modules:
        return None
    numpy: Any = sys.modules["numpy"]
    if kind is numpy.ndarray:
        return _array(obj, graph, numpy)
    if kind is numpy.ma.MaskedArray:
        return _masked(obj, graph, numpy)
    if obj is numpy.ma.masked:
        return Shape(graph.within(numpy, "ma.masked"), [], "", frozen=True)
    if issubclass(kind, numpy.dtype):
        return _dtype(obj, graph, numpy)
    if issubclass(kind, numpy.generic):
        return _scalar(obj, graph, numpy)
    shaper = _RANDOM.get(kind.__name__) if kind.__module__.startswith("numpy.random") else None
    return shaper(obj, graph) if shaper else None


def _array(obj: Any, graph: Graph, numpy: Any) -> Shape:
    _check(obj.dtype, numpy)
    if obj.nbytes > LARGEST:
        raise Unwritable(f"too large: an array of {obj.nbytes:,} bytes, and all files may have {LARGEST:,}")
    if obj.flags.writeable:
        return _objects(obj, graph) if obj.dtype.hasobject else _numbers(obj, graph, numpy)
    items: list[Item] = [(graph.copied(obj.copy(order="K")),)]
    return Shape("_fc_fixed(", items, ")")


def _check(dtype: Any, numpy: Any) -> None:
    """A file says what the dtype is, but for some that are rare."""
    if dtype.char == "O":
        return
    described = (
        numpy.lib.format.dtype_to_descr(dtype) if dtype.kind in _KINDS and not dtype.hasobject else None
    )
    same = None if described is None else numpy.lib.format.descr_to_dtype(described)
    if dtype.metadata or same != dtype or same.isalignedstruct != dtype.isalignedstruct:
        raise Unwritable(f"an array of the dtype {dtype}, which no file of numpy holds as it is")


def _numbers(obj: Any, graph: Graph, numpy: Any) -> Shape:
    contiguous = obj.flags.c_contiguous or not obj.flags.f_contiguous
    if obj.size <= _FEW and obj.dtype.kind in _LISTED and obj.dtype.itemsize <= 1024 and contiguous:
        listed = _listed(obj, graph, numpy)
        if listed:
            return listed
    written = io.BytesIO()
    numpy.save(written, obj, allow_pickle=False)
    return Shape("", [], "", file=Filed("npy", written.getvalue(), "_fc_array({})"))


def _listed(obj: Any, graph: Graph, numpy: Any) -> Shape | None:
    if obj.dtype.char in "gG":
        return None
    dtype = obj.dtype.name if obj.dtype.isnative and obj.dtype.kind != "U" else obj.dtype.str
    if not obj.size:
        items: list[Item] = [(repr(obj.shape),), (f'dtype="{dtype}"',)]
        return Shape(f"{graph.within(numpy, 'empty')}(", items, ")")
    content = obj
    if obj.dtype.kind in "mM":
        unit, count = numpy.datetime_data(obj.dtype)
        if count != 1 or unit == "generic":
            return None
        content = numpy.datetime_as_string(obj) if obj.dtype.kind == "M" else obj.astype("int64")
    items = [(graph.copied(content.tolist()),)]
    if dtype not in _FOUND:
        items.append((f'dtype="{dtype}"',))
    return Shape(f"{graph.within(numpy, 'array')}(", items, ")")


def _objects(obj: Any, graph: Graph) -> Shape:
    """Item by item: numpy would look for a shape inside of them."""
    items: list[Item] = [(repr(obj.shape),), (graph.copied(obj.ravel().tolist()),)]
    return Shape("_fc_objects(", items, ")")


def _columns(obj: Columns, graph: Graph) -> Shape:
    if sum(one.size for one in obj) <= _FEW:
        return Shape("[", [(graph.copied(one),) for one in obj], "]")
    numpy: Any = sys.modules["numpy"]
    total = sum(one.nbytes for one in obj)
    if total > LARGEST:
        raise Unwritable(f"too large: arrays of {total:,} bytes, and all files may have {LARGEST:,}")
    written = io.BytesIO()
    numpy.savez(written, *obj)
    return Shape("", [], "", file=Filed("npz", written.getvalue(), "_fc_arrays({})"))


def _masked(obj: Any, graph: Graph, numpy: Any) -> Shape:
    if obj.dtype.names or vars(obj).get("_optinfo"):
        raise Unwritable("a masked array of records")
    items: list[Item] = [(graph.copied(numpy.array(obj.data)),)]
    if obj.mask is not numpy.ma.nomask:
        items.append(("mask=", graph.copied(numpy.array(obj.mask))))
    if vars(obj)["_fill_value"] is not None:
        items.append(("fill_value=", graph.copied(obj.fill_value)))
    if obj.hardmask:
        items.append(("hard_mask=True",))
    return Shape(f"{graph.within(numpy, 'ma.MaskedArray')}(", items, ")")


def _dtype(obj: Any, graph: Graph, numpy: Any) -> Shape:
    for said in (obj.name, obj.str):
        if not obj.names and not obj.subdtype and numpy.dtype(said) == obj and not obj.metadata:
            return Shape(f"{graph.within(numpy, 'dtype')}(", [(graph.token(said),)], ")", frozen=True)
    _check(obj, numpy)
    described = numpy.lib.format.dtype_to_descr(obj)
    return Shape(f"{graph.within(numpy, 'dtype')}(", [(graph.copied(described),)], ")")


def _scalar(obj: Any, graph: Graph, numpy: Any) -> Shape:
    kind = obj.dtype.kind
    if kind in "mM":
        unit, count = numpy.datetime_data(obj.dtype)
        if count != 1 or unit == "generic":
            raise Unwritable(f"a {obj.dtype} of numpy")
        said = str(obj) if kind == "M" or numpy.isnat(obj) else int(obj.astype("int64"))
        items: list[Item] = [(graph.token(said),), (graph.token(unit),)]
        return Shape(f"{graph.within(numpy, type(obj).__name__)}(", items, ")", frozen=True)
    if kind not in "biufcUS" or obj.dtype.char in "gG":
        raise Unwritable(f"a {type(obj).__name__} of numpy")
    name = graph.within(numpy, _SCALARS.get(kind, obj.dtype.name))
    in_json = Said(name, name, obj.item())
    return Shape(f"{name}(", [(graph.token(obj.item()),)], ")", frozen=True, json=True, said=in_json)


def _generator(obj: Any, graph: Graph) -> Shape:
    return Shape("_fc_generator(", [*_bits(obj.bit_generator, graph)], ")")


def _bits(obj: Any, graph: Graph) -> list[Item]:
    """The name of its algorithm, its state, and what its children will be made of."""
    seed: Any = getattr(obj, "seed_seq", None)
    items: list[Item] = [(graph.token(type(obj).__name__),), (graph.copied(obj.state),)]
    if type(seed).__name__ == "SeedSequence":
        items.append((graph.copied(dict(seed.state)),))
    return items


def _legacy(obj: Any, graph: Graph) -> Shape:
    return Shape("_fc_random_state(", [(graph.copied(obj.get_state(legacy=False)),)], ")")


_RANDOM: Mapping[str, Callable[[Any, Graph], Shape]] = {"Generator": _generator, "RandomState": _legacy}


def refuse_windows(nodes: Iterable[Node]) -> None:
    """Two arrays that are windows on the same memory: there, a change of one would not change the other."""
    numpy: Any = sys.modules.get("numpy")
    windows: dict[int, list[Node]] = {}
    for node in nodes:
        if numpy and type(node.obj) is numpy.ndarray and not node.copied:
            windows.setdefault(id(_owner(node.obj, numpy)), []).append(node)
    for group in windows.values():
        for number, node in enumerate(group):
            if any(_overlap(node.obj, other.obj, numpy) for other in group[:number]):
                node.wrong = "an array that shares its memory with another value; a copy() of it does not"


def _owner(obj: Any, numpy: Any) -> Any:
    while obj.base is not None:
        obj = obj.base
        if not isinstance(obj, numpy.ndarray):
            break
    return obj


def _overlap(one: Any, other: Any, numpy: Any) -> bool:
    if not (one.flags.writeable or other.flags.writeable):
        return False
    try:
        return bool(numpy.shares_memory(one, other, max_work=10_000))
    except RuntimeError:  # it would take too long to know
        return True
