"""The README names everything there is and nothing that is not, and what it shows is what happens.

Whatever is checked here by marks and not by words is checked for each language.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

from fc_magic import LocalServer, config, errors
from fc_magic.notebook.line import head, options
from fc_magic.notebook.magics import FcMagics
from fc_magic.preflight import finding
from fc_magic.server import app, keys
from fc_magic.server.data_folder import READY
from fc_magic.server.identity import Identity
from fc_magic.wire.runtimes import KNOWN
from fc_magic.wire.spec import FIELDS
from tests.conftest import KEY_ID, ROLE, SECRET, serving, zipped

ROOT = Path(__file__).parents[1]
ENGLISH = ROOT / "README.md"
#: a translation that is not written yet is an empty file
PAGES = [page for page in (ENGLISH, ROOT / "README.zh-CN.md") if page.read_text().strip()]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


# ---------------------------------------------------------------- reading a page


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, text) of every fenced block."""
    return [(found[1], found[2]) for found in FENCE.finditer(page.read_text())]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def spans(text: str) -> set[str]:
    """What is written as `code`."""
    return {found.replace("\\|", "|") for found in re.findall(r"`([^`\n]+)`", text)}


def tables(page: Path) -> Iterator[list[list[str]]]:
    """The rows of every table, as cells; without head and rule."""
    for found in re.finditer(r"(?:^\|.*\|\n)+", prose(page), re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in found[0].splitlines()]
        yield [[cell.strip() for cell in row] for row in rows[2:]]


def table(page: Path, key: str) -> list[list[str]]:
    """The rows of the table that has ``key`` as code in a first cell."""
    found = [rows for rows in tables(page) if any(key in spans(row[0]) for row in rows)]
    assert len(found) == 1, f"{page.name} has {len(found)} tables with a row for {key}"
    return found[0]


def first_cells(page: Path, key: str) -> set[str]:
    return {span for row in table(page, key) for span in spans(row[0])}


# ---------------------------------------------------------------- everything there is, and nothing that is not


def spellings(field: str) -> set[str]:
    return {f"--{spelled}" for spelled, name in options.names().items() if name == field}


@pages
def test_options(page: Path) -> None:
    """One row for each field of a deployment: its spellings, its name, its default."""
    rows = {row[1].strip("`"): row for row in table(page, "--memory")}
    assert list(rows) == list(FIELDS)
    for name, doc in FIELDS.items():
        assert spans(rows[name][0]) == spellings(name)
        if doc.kind == "int":
            assert rows[name][3] == f"{doc.default} {doc.unit}"


@pytest.mark.parametrize("name", FIELDS)
def test_option_in_the_words_of_the_magic(name: str) -> None:
    """What is allowed and what it means is said as ``%%fcdeploy --help`` says it."""
    row = next(row for row in table(ENGLISH, "--memory") if row[1] == f"`{name}`")
    assert (row[2].replace("\\|", "|"), row[4]) == (FIELDS[name].allowed, FIELDS[name].help)


@pages
def test_options_that_are_no_fields(page: Path) -> None:
    """``--target`` and ``--help`` have rows of their own."""
    assert first_cells(page, "--folder") == {f"--{name}" for name in (*options.EXTRA, *options.FLAGS)}


def magics() -> set[str]:
    return {
        name for name, _, _ in FcMagics(None, lambda settings: pytest.fail("no client is needed")).table()
    }


@pages
def test_magics(page: Path) -> None:
    """Every magic has a row, and every magic that is shown anywhere exists."""
    rows = {
        found for cell in first_cells(page, "%fclist [PREFIX]") for found in re.findall(r"%%?(\w+)", cell)
    }
    assert rows == magics()
    assert set(re.findall(r"%%?(fc\w+)", page.read_text())) == magics()


@pages
def test_settings(page: Path) -> None:
    """Every setting has a row with its variables, the stronger first, and its default."""
    rows = {row[0].strip("`"): row for row in table(page, "access_key_id")}
    assert {name: tuple(re.findall("`([^`]+)`", row[1])) for name, row in rows.items()} == (
        config.environment_names()
    )
    for name, value, _ in config.Settings().rows():
        if value:
            assert value.removesuffix(".0") in spans(rows[name][2])


@pages
def test_environment(page: Path) -> None:
    """Every variable that is named anywhere is one that is read, and each is named."""
    known = {variable for names in config.environment_names().values() for variable in names}
    named = set(re.findall(r"\b(?:FC_MAGIC|FC_CLIENT|ALIBABA_CLOUD)_[A-Z_]+\b", page.read_text()))
    assert named == known | set(config.OTHER_VARIABLES)


@pages
def test_errors(page: Path) -> None:
    """Every code has a row with its status, and the class of that name exists."""
    rows = {row[0].strip("`"): row[1] for row in table(page, "FcError")}
    assert rows == {code: str(kind.status or "–") for code, kind in errors.BY_CODE.items()}
    assert all(getattr(errors, code) is kind for code, kind in errors.BY_CODE.items())


@pages
def test_findings(page: Path) -> None:
    """Every finding of the examination has a row with its level."""
    levels = {"error": "error", "错误": "error", "warning": "warning", "警告": "warning"}
    rows = {row[0].strip("`"): levels[row[1]] for row in table(page, "undefined-name")}
    assert rows == {code: kind.level for code, kind in finding.KINDS.items()}


@pages
def test_routes(page: Path, tmp_path: Path) -> None:
    """Every route of the server is in the table, with its method, and no other."""
    parts = app.build(tmp_path, keys.load(tmp_path), {}, Identity("r", "1", ("", "", "")), lambda: "")
    parts.engine.store.close()
    # how a part of a path is read, as in {path:path}, is not for a person
    routes = {(m, re.sub(r":\w+}", "}", r.path)) for r in parts.routes() for m in r.methods or ()}
    served = {(method, path) for method, path in routes if method != "HEAD"}
    any_path = {(m, path) for m, path in served if path == "/{path}"}
    triggers = {(m, path) for m, path in served if path.startswith("/fn/")}
    rows = table(page, "GET /-/health")
    shown = {tuple(s.split(" ")) for row in rows for s in spans(row[0]) if " " in s}
    assert shown == served - any_path - triggers
    fn = next(row for row in rows if any(s.startswith("/fn/") for s in spans(row[0])))
    assert {(m, path) for m in re.findall(r"\b[A-Z]{3,}\b", fn[1]) for path in spans(fn[0])} >= triggers


def said_by(*command: str, **more: str) -> str:
    """What ``fc-magic …`` prints."""
    environment = {**os.environ, "COLUMNS": "200", **more}
    done = subprocess.run(
        [sys.executable, "-m", "fc_magic", *command],
        capture_output=True,
        text=True,
        env=environment,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pages
def test_command_line(page: Path) -> None:
    """Every command and every option of ``fc-magic`` is named, and no other."""
    help_ = said_by("--help")
    commands = re.findall(r"^    (\S+)", help_.partition("COMMAND\n")[2], re.MULTILINE)
    assert commands
    found = set(re.findall(r"--[a-z-]+", help_))
    for command in commands:
        assert any(f"fc-magic {command}" in text for _, text in blocks(page))
        if command == "deploy":  # its options are the magic's, which have a table of their own
            assert _options(options.usage()) <= _options(said_by(command, "--help"))
            continue
        found |= set(re.findall(r"--[a-z-]+", said_by(command, "--help")))
    assert first_cells(page, "--idle-stop") == found
    for row in table(page, "--idle-stop"):
        named = re.search(rf"{row[0].strip('`')} .*\(default ([^)]+)\)", said_by("serve", "--help"))
        assert not named or named[1] in row[1]


@pages
def test_options_shown_anywhere_exist(page: Path) -> None:
    """No option is shown that nothing takes."""
    ours = {found for cell in table(page, "--idle-stop") for found in spans(cell[0])}
    ours |= {f"--{name}" for name in (*options.names(), *options.EXTRA, *options.FLAGS)}
    magic = {found for _, _, help_ in FcMagics(None, lambda s: None).table() for found in _options(help_())}
    others = {"--option", "--check"}  # an example's name; of ruff
    assert _options(page.read_text()) - ours - magic - others == set()


def _options(text: str) -> set[str]:
    """Whole ones: ``--oss-…`` stands for several."""
    return set(re.findall(r"(?<![-\w])--[a-z][a-z-]*(?![-a-z…])", text))


@pages
def test_make_targets(page: Path) -> None:
    """Every target of the Makefile has a row, ``make help`` lists those for everybody, and make knows each."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert first_cells(page, "make bench") == {f"make {target}" for target in targets}
    shown = {s.split()[1] for s in spans(prose(page)) if re.fullmatch(r"make [a-z-]+( .*)?", s)}
    assert shown == targets


@pages
def test_runtimes(page: Path) -> None:
    """The runtimes the embedded server runs are named as such."""
    from fc_magic.server.worker.runtimes import served

    row = next(row for rows in tables(page) for row in rows if set(served()) <= spans(row[-1]))
    assert spans(row[-1]) & set(KNOWN) == set(served())


# ---------------------------------------------------------------- links


def anchors(page: Path) -> set[str]:
    """The headings of a page as addresses: GitHub's rule."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pages
def test_links(page: Path) -> None:
    """Every link within the project leads to a file, and to a heading if it names one."""
    links = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        there = page if not path else page.parent / path
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


# ---------------------------------------------------------------- what is shown is what happens

#: what differs from run to run
CHANGING = [
    (r"1-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}", "ID"),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"\b\d+(\.\d+)? ms|\b\d+\.\d+ s", "TIME"),
    (r"\d+ (of|/) (\d+) MB", r"MEMORY \1 \2 MB"),
    (r"\d+\.\d+ \d+\.\d+ ID", "TIME MEMORY ID"),
    (r"[^\S\n]+", " "),
]


def steady(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def is_told_by(shown: str, output: str) -> None:
    """Every line that is shown comes, in that order; a machine may add a note."""
    rest = iter(steady(output))
    for line in steady(shown):
        assert line in rest, f"not said, or not in its place: {line!r} in\n{output}"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder of this test; what serves it at the end is stopped."""
    folder = tmp_path / "home"
    yield folder
    found = LocalServer.find(folder)
    if found:
        found.stop()


def run(program: str, home: Path, page: Path) -> str:
    """Runs Python as a reader of the page would, with nothing set but the data folder and their language; returns
    what it prints."""
    language = "en" if page == ENGLISH else "zh"
    told = {"FC_MAGIC_HOME": str(home), "IPYTHONDIR": str(home.parent / "ipython"), "FC_MAGIC_LANG": language}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))}
    done = subprocess.run(
        [sys.executable, "-"],
        input=program,
        capture_output=True,
        text=True,
        cwd=home.parent,
        env={**environment, **told},
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def followed_by_output(page: Path, language: str) -> Iterator[tuple[str, str]]:
    """Each block of a language with the output that is shown for it, if one is."""
    found = [*blocks(page), ("", "")]
    for (kind, text), (next_kind, shown) in itertools.pairwise(found):
        if kind == language:
            yield text, shown if next_kind == "text" else ""


@pages
def test_python_example(page: Path, home: Path) -> None:
    """The example runs as it stands and prints what is shown."""
    examples = list(followed_by_output(page, "python"))
    assert examples
    for program, shown in examples:
        is_told_by(shown, run(program, home, page))


NOTEBOOK = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for cell in json.loads({cells!r}):
    shell.run_cell(cell, store_history=True)
    print("\\f", end="")
"""


@pages
def test_first_cells(page: Path, home: Path) -> None:
    """The cells from loading the extension to deleting the function show what the page says they do."""
    story = list(followed_by_output(page, "ipython"))
    last = next(n for n, (cell, _) in enumerate(story) if cell.startswith("%fcdelete"))
    story = story[: last + 1]
    outputs = run(NOTEBOOK.format(cells=json.dumps([cell for cell, _ in story])), home, page).split("\f")
    for (_, shown), output in zip(story, outputs, strict=False):
        is_told_by(shown, re.sub(r"^Out\[\d+\]: ?", "", output, flags=re.MULTILINE))


@pages
def test_lines_can_be_read(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every %%fcdeploy line is one that the magic understands, whether or not it can be run here."""
    texts = [text for _, text in blocks(page)]
    cells = [text.removeprefix("%%fcdeploy ") for text in texts if text.startswith("%%fcdeploy ")]
    heads = [head.read(line, below) for line, _, below in (cell.partition("\n") for cell in cells)]
    assert sum(bool(above.headers) for above in heads) == 1
    for above in heads:
        options.of_head(above, said=options.ALL)
    lines = re.findall(r"^%fcdeploy (.*)$", "\n".join(texts), re.MULTILINE)
    lines += [s for row in table(page, "--trigger http") for s in spans(row[0])]
    lines += [s for s in spans(prose(page)) if re.match(r"--(env|entrypoint) .", s)]
    assert len(lines) > 5
    monkeypatch.setenv("KEY", "which --env KEY takes its value from")
    for line in lines:
        options.parse(line, said=options.ALL)


# ---------------------------------------------------------------- commands


def makes(words: list[str], folder: Path) -> None:
    target = [word for word in words if "=" not in word]
    done = subprocess.run(["make", "-n", *target], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def installs(words: list[str], folder: Path) -> None:
    """What is installed is this checkout; its extras exist."""
    path, _, extra = words[-1].partition("[")
    assert (ROOT / path / "pyproject.toml").exists()
    known = metadata.metadata("fc-magic").get_all("Provides-Extra") or []
    assert not extra or extra.removesuffix("]") in known


def runs(words: list[str], folder: Path) -> None:
    if words == ["--version"]:
        assert said_by(*words).split() == ["fc-magic", metadata.version("fc-magic")]
    elif words[0] in ("export", "pull"):
        with serving(folder / "data") as server, server.client() as client:
            client.deploy({"name": words[1], "code": zipped("def handler(event, context):\n    return 1\n")})
            keys = {"FC_MAGIC_ACCESS_KEY_ID": KEY_ID, "FC_MAGIC_ACCESS_KEY_SECRET": SECRET}
            place = [str(folder / word) if word.startswith("./") else word for word in words]
            said = said_by(*place, FC_MAGIC_TARGET=server.url, **keys)
            assert said.startswith(("%%fcdeploy report ", str(folder / "project")))
    elif words[0] == "deploy":
        cells = [nbformat.v4.new_code_cell("%%fcdeploy report\ndef handler(event, context):\n    return 1")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / words[1])
        with serving(folder / "data") as server, server.client() as client:
            keys = {"FC_MAGIC_ACCESS_KEY_ID": KEY_ID, "FC_MAGIC_ACCESS_KEY_SECRET": SECRET}
            keys |= {"FC_MAGIC_TARGET": server.url, "FC_MAGIC_ROLE": ROLE}
            assert "report  " in said_by("deploy", str(folder / words[1]), *words[2:], **keys)
            assert [f.name for f in client.list()] == ([] if "--dry-run" in words else ["report"])
    elif words[0] == "target":
        keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "AK", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "TheSecretItself"}
        shown = said_by(*words, FC_MAGIC_CONFIG=os.devnull, **keys)
        assert f"target {words[1]} · https://" in shown
        assert "TheSecretItself" not in shown
    elif words[0] == "stop":
        with serving(folder) as server:
            assert said_by("stop", "--data", str(folder)) == f"stopped {server.url}\n"
    else:
        serves(words, folder)


def serves(words: list[str], folder: Path) -> None:
    """It is ready where it says, in the folder it was told; a free port stands for the one that is shown."""
    command, *rest = ["--port=0" if word.isdigit() else word for word in words if word != "--port"]
    assert command == "serve"
    data = next((Path(b) for a, b in itertools.pairwise(rest) if a == "--data"), Path("home"))
    others = [word for word in rest if word not in ("--data", str(data), f"./{data}")]
    with serving(folder / data, *others) as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
        assert (folder / data / "keys.json").exists()


def sets(words: list[str], folder: Path) -> None:
    known = [variable for names in config.environment_names().values() for variable in names]
    assert all(word.partition("=")[0] in known for word in words)


COMMANDS: dict[str, Callable[[list[str], Path], None]] = {
    "make": makes,
    "pip": installs,
    "fc-magic": runs,
    "export": sets,
}


def commands() -> list[tuple[Path, str]]:
    lines = [
        (page, line)
        for page in PAGES
        for kind, text in blocks(page)
        if kind == "console"
        for line in text.splitlines()
    ]
    assert lines
    return lines


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda v: v if isinstance(v, str) else v.name)
def test_shell_commands(page: Path, line: str, tmp_path: Path) -> None:
    """Every line for a shell does what it is there for."""
    program, *words = shlex.split(line, comments=True)
    COMMANDS[program](words, tmp_path)


@pages
def test_ready_line(page: Path) -> None:
    """The line that says where the server listens is the one it prints."""
    assert any(s.startswith(f"{READY} http://") for s in spans(prose(page)))


@pages
def test_version(page: Path) -> None:
    """The page is about this version."""
    assert metadata.version("fc-magic") in page.read_text()
