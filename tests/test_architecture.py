"""The house plan as a test: who may import whom, who owns what is outside, and how large a file may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = "fc_magic"

#: room -> the rooms it imports, beside itself; the front door and the command line may import anything
ROOMS = {
    "errors": {"wire"},  # for types only
    "config": {"errors", "origins"},
    "origins": {"errors"},
    "wire": {"errors"},
    "package": {"errors", "config", "wire"},
    "language": set(),
    "slicing": {"errors"},
    "preflight": {"errors", "wire", "package", "slicing"},
    "export": {"errors", "wire", "package"},
    "client": {"errors", "config", "wire", "export"},
    "notebook": {
        *(
            "errors",
            "config",
            "origins",
            "wire",
            "client",
            "package",
            "slicing",
            "preflight",
            "export",
            "language",
        ),
    },
    "server": {"errors", "config", "wire"},
}
FRONT = {"__init__", "__main__", "cli"}

#: the floors of the server, from top to bottom: imports go down, and a name may stand for a folder
SERVER = (
    {"process"},
    {"serve"},
    {"opening"},
    {"app"},
    {"fc3", "v2", "gateway", "express"},
    {"invocations", "passing"},
    {"http", "callers", "triggers"},
    {"engine"},
    {"provision", "once"},
    {"reading"},
    {"layers", "packages", "versions", "beside", "attached", "domains", "concurrency", "warm", "asyncs"},
    {"aliases", "addresses"},
    {
        *("runner", "store", "fetch", "logs", "leases", "objects", "routes", "rules", "served"),
        *("in_use", "instances", "made"),
    },
    {"lines"},
    {"live", "writers", "surroundings", "advice"},
    {"tasks", "stats"},
    {
        *("worker", "unpack", "identity", "keys", "tokens"),
        *("configs", "published", "tables", "facts", "links"),
        *("queue", "attempts", "sleeping", "tallies"),
    },
    {"tags", "grants"},
    {"auth", "connections"},
    {"ending"},
    {"heads"},
    {"nonces", "database", "plain", "request_ids", "data_folder"},
)

#: the floors of the worker
WORKER = (
    {"idle"},
    {"pool", "forkserver"},
    {"lease"},
    {"fleet", "web"},
    {"exchange"},
    {"process"},
    {"watch"},
    {"forked", "launch", "listeners", "commands", "control"},
    {"tree", "limits", "runtimes", "merge", "disk", "connection", "turns", "etc", "frames", "pipes"},
    {"zygote"},
    {"bootstrap", "guard", "landlock", "ports", "priority", "sandbox"},
    {"notify"},
)
#: run by the interpreter of a runtime, where we are no package: the standard library, and neighbours by their file
ALONE: dict[str, set[str]] = {
    "zygote": {"bootstrap", "guard", "landlock", "notify", "ports", "priority", "sandbox"},
    "bootstrap": set(),
    "guard": {"notify"},
    "landlock": set(),
    "notify": set(),
    "ports": {"notify"},
    "priority": set(),
    "sandbox": set(),
}

#: what is not ours, or reaches out of the process -> the rooms that own it
OUTSIDE = {
    "pydantic": {"wire"},
    "pydantic_core": {"wire"},
    "croniter": {"wire"},
    "uv": {"package"},
    "fastcrc": {"wire", "server"},
    "jwt": {"server"},
    "hmac": {"wire", "server"},  # the server's triggers have tokens to compare
    "requests": {"client"},
    "urllib3": {"client"},
    "IPython": {"notebook"},
    "ipywidgets": {"notebook"},
    "nbformat": {"notebook"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "uvloop": {"server"},
    "httptools": {"server"},
    "sqlite3": {"server"},
    # the client's futures can be awaited; a notebook's loop makes way for that of a handler that runs in it
    "asyncio": {"server", "client", "notebook"},
    "socket": {"server", "client"},  # the client's way to a server of this machine
    "subprocess": {"server", "package"},
    "platformdirs": {"config", "origins"},
    "packaging": {"package"},
    "certifi": {"package"},
    "tomli": {"origins", "package"},
    "tomllib": {"origins", "package"},
    "alibabacloud_credentials": {"client"},
    "alibabacloud_oss_v2": {"client"},
    "traitlets": {"notebook"},
    "argparse": {"cli"},
    "yaml": {"export"},
    "pandas": {"client"},  # of whoever asks for a frame
}
MAX_LINES = 400
#: files that a language starts with inside an instance; what they are is said by the table of languages
BOOTSTRAPS = sorted((ROOT / HOUSE / "server" / "worker").glob("bootstrap.*"))


@dataclass(frozen=True)
class Import:
    """One imported module: where, and whether it is only for types or only when a function runs."""

    path: Path
    line: int
    module: str
    for_types: bool
    late: bool

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {name(self.path)} imports {self.module}"


FILES = sorted((ROOT / HOUSE).rglob("*.py"))


def name(path: Path) -> str:
    """A file's name from below the house: ``server.worker.pool``; a folder's own file is ``server.__init__``."""
    return ".".join(path.relative_to(ROOT / HOUSE).with_suffix("").parts)


def room(module: str) -> str:
    return module.partition(".")[0]


MODULES = {name(path).removesuffix(".__init__") for path in FILES} - {"__init__"} | {""}


def imports(path: Path) -> Iterator[Import]:
    yield from _imports(path, ast.parse(path.read_bytes()), False, False)


def _imports(path: Path, node: ast.AST, for_types: bool, late: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for module in dict.fromkeys(_modules(node)):
            yield Import(path, node.lineno, module, for_types, late)
    late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    types = isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"
    for child in ast.iter_child_nodes(node):
        below = types and isinstance(node, ast.If) and child not in node.orelse
        yield from _imports(path, child, for_types or below, late)


def _modules(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """``from fc_magic.server import app`` names the module ``fc_magic.server.app``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = "." * node.level + (node.module or "")
    inside = base.removeprefix(HOUSE).removeprefix(".")
    below = [f"{inside}.{alias.name}".strip(".") for alias in node.names]
    ours = room(base) == HOUSE
    yield from (f"{HOUSE}.{m}" if ours and m in MODULES else base for m in below)


ALL = [found for path in FILES for found in imports(path)]
OURS = [found for found in ALL if room(found.module) == HOUSE]


def inside(found: Import) -> str:
    """The imported module as ``name`` would call it; ``__init__`` is the front door."""
    return found.module.removeprefix(HOUSE).removeprefix(".") or "__init__"


def none(wrong: Iterable[object], rule: str) -> None:
    lines = sorted({str(line) for line in wrong})
    assert not lines, "\n".join([rule, *lines])


def test_every_file_has_a_room() -> None:
    """A new room, or a new file at the front, is put into the table first."""
    none((p for p in FILES if room(name(p)) not in FRONT | set(ROOMS)), "not in ROOMS or FRONT:")
    none({room(r) for r in ROOMS} - {room(name(p)) for p in FILES}, "in ROOMS, but there is no such room:")


@pytest.mark.parametrize("here", ROOMS)
def test_rooms(here: str) -> None:
    """Each room imports only the rooms below it."""
    allowed = ROOMS[here] | {here}
    wrong = [i for i in OURS if room(name(i.path)) == here and room(inside(i)) not in allowed]
    none(wrong, f"{here} may import only {', '.join(sorted(allowed))}:")


def test_errors_know_the_wire_for_types_only() -> None:
    """The tree of exceptions stands alone."""
    none((i for i in OURS if name(i.path) == "errors" and not i.for_types), "errors imports nothing of ours:")


def floor(module: str) -> int:
    return next((n for n, names in enumerate(SERVER) if module.split(".")[1] in names), -1)


def test_floors_of_the_server() -> None:
    """Inside the server imports go down: the engine never calls back up, and the worker knows nobody."""
    files = [p for p in FILES if room(name(p)) == "server" and name(p) != "server.__init__"]
    none((p.relative_to(ROOT) for p in files if floor(name(p)) < 0), "without a floor in SERVER:")
    down = [(i, name(i.path), inside(i)) for i in OURS if i.path in files and inside(i).startswith("server.")]
    wrong = [i for i, a, b in down if floor(a) >= floor(b) and a.split(".")[1] != b.split(".")[1]]
    none(wrong, "imports go down the floors of SERVER:")


def test_floors_of_the_worker() -> None:
    """What the server holds of an instance knows nothing of what runs inside, and imports go down there too."""
    place = "server.worker."
    files = [p for p in FILES if name(p).startswith(place) and not name(p).endswith("__init__")]
    floors = {n: level for level, names in enumerate(WORKER) for n in names}
    none((p.relative_to(ROOT) for p in files if p.stem not in floors), "without a floor in WORKER:")
    down = [(i, i.path.stem, inside(i).removeprefix(place)) for i in OURS if i.path in files]
    inner = [(i, a, b) for i, a, b in down if inside(i).startswith(place)]
    wrong = [i for i, a, b in inner if floors[a] >= floors[b] or (b in ALONE and a not in ALONE)]
    none(wrong, "imports go down the floors of WORKER:")


def test_outside_world() -> None:
    """What is not ours has an owner, and only its owner imports it."""
    known = [i for i in ALL if room(i.module) in OUTSIDE]
    owners = [(i, OUTSIDE[room(i.module)]) for i in known if room(name(i.path)) != "__init__"]
    wrong = [f"{i}: of {', '.join(own)}" for i, own in owners if room(name(i.path)) not in own]
    none(wrong, "only its owner imports what is outside:")
    known_here = {*OUTSIDE, *sys.stdlib_module_names, HOUSE}
    strange = [i for i in ALL if room(i.module) not in known_here | ALONE.get(i.path.stem, set())]
    none(strange, "it has no owner in OUTSIDE:")


@pytest.mark.parametrize("stem", ALONE)
def test_alone(stem: str) -> None:
    """What runs on the side of an instance has the standard library and its neighbours, and nothing else."""
    own = [i for i in ALL if name(i.path) == f"server.worker.{stem}" and not i.for_types]
    assert own
    none(
        (i for i in own if room(i.module) not in sys.stdlib_module_names | ALONE[stem]),
        "may not be imported:",
    )


@pytest.mark.parametrize(
    ("path", "light"),
    [
        ("__init__", {"__future__", "typing"}),
        ("notebook.loading", {"__future__", "collections", "typing", HOUSE}),
        ("notebook.magics", {"__future__", "dataclasses", "collections", "typing", HOUSE}),
    ],
)
def test_front_door_is_light(path: str, light: set[str]) -> None:
    """``%load_ext`` must not be felt: what takes time to import is imported when it is used."""
    at_once = [i for i in ALL if name(i.path) == path and not (i.late or i.for_types)]
    assert at_once
    none((i for i in at_once if room(i.module) not in light), f"at once only {', '.join(sorted(light))}:")


#: all that ``%load_ext`` imports of ours; traitlets is there when IPython is
LOADED = {"__init__", "notebook.__init__", "notebook.completion.__init__"} | {
    f"notebook.{name}"
    for name in ("loading", "completion.completing", "formatters", "unstored", "interrupted", "configurable")
}


def test_load_ext_imports_little() -> None:
    """Nothing that ``%load_ext`` imports has more behind it: 5 ms are all it may take."""
    files = {name(path): path for path in FILES}
    wrong = [
        i
        for i in OURS
        if i.path in {files[known] for known in LOADED} and not (i.late or i.for_types)
        if inside(i) not in LOADED
    ]
    none(wrong, f"at once only {', '.join(sorted(LOADED))}:")
    light = {"__future__", "collections", "typing", "sys", "traitlets", HOUSE}
    foreign = [i for i in ALL if name(i.path) in LOADED and not (i.late or i.for_types)]
    none((i for i in foreign if room(i.module) not in light), f"at once only {', '.join(sorted(light))}:")


def test_no_cycles() -> None:
    """No module needs, however late, one that needs it."""
    graph: dict[str, set[str]] = {name(p).removesuffix(".__init__"): set() for p in FILES}
    for found in OURS:
        if not found.for_types and inside(found) not in ("__init__", name(found.path)):
            graph[name(found.path).removesuffix(".__init__")].add(inside(found))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = error.args[1]
        pairs = set(zip(cycle[1:], cycle, strict=False))
        none((i for i in OURS if (name(i.path), inside(i)) in pairs), f"a cycle: {' <- '.join(cycle)}")
        raise


def test_every_language_has_one_bootstrap_file() -> None:
    """A row of the table is one file beside it, and no such file is without a row."""
    from fc_magic.server.worker.runtimes import LANGUAGES

    own = [language.bootstrap for language in LANGUAGES]
    assert sorted(own) == BOOTSTRAPS
    names = [runtime for language in LANGUAGES for runtime in language.runtimes]
    assert len(names) == len(set(names))


def test_small_files() -> None:
    """A file that cannot be read in one go is two files."""
    long = [(p.relative_to(ROOT), len(p.read_text().splitlines())) for p in {*FILES, *BOOTSTRAPS}]
    none((f"{p}:{n}: has {n} lines" for p, n in long if n > MAX_LINES), f"at most {MAX_LINES} lines a file:")
