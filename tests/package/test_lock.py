"""Locks as PEP 751 has them: read, whoever wrote them, and written always the same way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import compatible_tags, cpython_tags

from fc_magic.errors import FcError, PackageError
from fc_magic.package import lock as locks
from fc_magic.package import platforms, toml
from fc_magic.package.chosen import choose, differences
from fc_magic.package.lock import File, Lock, Package, parse, spell
from fc_magic.package.store import MOST, Store
from fc_magic.package.wanted import gather

NAME = "pylock.api.toml"
DIGEST = "ab" * 32
HEAD = 'lock-version = "1.0"\ncreated-by = "x"\n'
WHEEL = f'{{ url = "https://x/own-1.0-py3-none-any.whl", hashes = {{ sha256 = "{DIGEST}" }} }}'
PACKAGE = f'[[packages]]\nname = "own"\nversion = "1.0"\nwheels = [{WHEEL}]\n'
P310 = platforms.of("python3.10")

NAMES = st.sampled_from(["a", "own", "shop", "x-y", "z9"])
DIGESTS = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def files(draw: st.DrawFn, name: str) -> File:
    where = draw(
        st.sampled_from(["https://x/{}", "https://x/a%20b/{}?c=d", "", "https://x/other-1-py3-none-any.whl"])
    )
    file = f"{name}-1.0-py3-none-any.whl"
    path = "" if where else f"../dist/{file}"
    return File(file, {"sha256": draw(DIGESTS)}, where.format(file), path, draw(st.integers(0, 2**40)))


@st.composite
def written(draw: st.DrawFn) -> Lock:
    names = sorted(draw(st.sets(NAMES, max_size=4)))
    packages = tuple(
        Package(
            name,
            "1.0",
            wheels=(draw(files(name)),),
            needs=tuple(other for other in names if other < name),
            direct=draw(st.booleans()),
        )
        for name in names
    )
    said = {"requirements": draw(st.lists(TEXTS, max_size=3)), "options": draw(st.lists(TEXTS, max_size=2))}
    return Lock(packages, "==3.10.*", ("os_name == 'posix'",), said=said, runtime="python3.10", system="any")


@given(written())
def test_what_is_written_is_read(lock: Lock) -> None:
    """A lock is the same after it was written and read, and its text after that."""
    found = parse(spell(lock, "api", "renew"), NAME)
    assert found == lock
    assert spell(found, "api", "renew") == spell(lock, "api", "renew")


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**60), 2**60) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    )
)
def test_values_of_toml(value: object) -> None:
    """What is written is what is read, with any sign in a text or a key."""
    assert toml.loads(f"x = {toml.value(value)}\n") == {"x": value}


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text ends in another error than ours."""
    for whole in (
        text,
        f"{HEAD}{text}",
        f"{HEAD}[[packages]]\n{text}",
        f'{HEAD}{PACKAGE}marker = "{text}"\n',
    ):
        try:
            lock = parse(whole, NAME)
            differences(
                lock, gather(["own>=1; sys_platform != 'win32'", "spare ; sys_platform ~= 'x'"]), P310
            )
            choose(lock, P310, NAME)
        except FcError:
            continue


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_version_and_marker(version: str, marker: str) -> None:
    """Whatever a lock has in the place of a version or a marker, it is read or refused."""
    text = (
        f'{HEAD}[[packages]]\nname = "own"\nversion = {toml.value(version)}\nmarker = {toml.value(marker)}\n'
    )
    try:
        lock = parse(f"{text}wheels = [{WHEEL}]\n", NAME)
        differences(lock, gather(["own>=1"]), P310)
        choose(lock, P310, NAME)
    except PackageError:
        return


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "is not TOML"),
        ('created-by = "x"\n', "has no lock-version"),
        ('lock-version = "2.0"\ncreated-by = "x"\npackages = []\n', "lock-version is 2.0"),
        ('lock-version = "1.0"\npackages = []\n', "has no created-by"),
        (HEAD, "has no packages"),
        (f"{HEAD}packages = 3\n", "packages of the file is no list"),
        (f"{HEAD}packages = [3]\n", "is no list of tables"),
        (f'{HEAD}[[packages]]\nversion = "1"\n', "has no name"),
        (PACKAGE.join([HEAD, ""]).replace("sha256", "md5"), "no hash that counts"),
        (PACKAGE.join([HEAD, ""]).replace(DIGEST, "../../etc"), "no hash that counts"),
        (PACKAGE.join([HEAD, ""]).replace("url", "uri"), "has neither url nor path"),
        (PACKAGE.join([HEAD, ""]).replace("own-1.0-py3-none-any.whl", "own.exe"), "is no name of a wheel"),
    ],
)
def test_what_is_no_lock(text: str, said: str) -> None:
    """The error says what is wrong where."""
    with pytest.raises(PackageError, match=said) as caught:
        parse(text, NAME)
    assert NAME in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{HEAD}requires-python = ">=3.12"\n{PACKAGE}', "is for Python >=3.12, not for python3.10"),
        (f"{HEAD}environments = [\"sys_platform == 'win32'\"]\n{PACKAGE}", "is not for python3.10"),
        (f"{HEAD}{PACKAGE}{PACKAGE}", "has own twice"),
        (f'{HEAD}{PACKAGE}requires-python = "<3.10"\n', "own 1.0 in .* is for Python <3.10"),
        (f'{HEAD}{PACKAGE}marker = "nonsense"\n', "a marker that says nothing"),
        (f'{HEAD}requires-python = "nonsense"\n{PACKAGE}', "requires-python that says nothing"),
        (f'{HEAD}[[packages]]\nname = "own"\nvcs = {{ type = "git" }}\n', "own is a repository"),
        (f'{HEAD}[[packages]]\nname = "own"\nversion = "1"\nsdist = {{}}\n', "own 1 is source"),
        (f'{HEAD}[[packages]]\nname = "own"\n', "own is nothing"),
        (
            f"{HEAD}{PACKAGE}".replace("py3-none-any", "cp312-cp312-manylinux_2_31_x86_64"),
            "own 1.0 has no wheel for python3.10 .*; there are cp312",
        ),
    ],
)
def test_a_lock_that_is_not_for_it(text: str, said: str) -> None:
    """Another Python, another system, no wheel: by name, and what to do."""
    with pytest.raises(PackageError, match=said) as caught:
        choose(parse(text, NAME), P310, NAME)
    assert caught.value.hint


def test_markers_choose() -> None:
    """Of two entries of a name the one that is true is taken, and nothing that is for others."""
    other = PACKAGE.replace("1.0", "2.0")
    extra = PACKAGE.replace("own", "spare")
    text = (
        f"{HEAD}extras = ['more']\ndependency-groups = ['dev', 'usual']\ndefault-groups = ['usual']\n"
        f"{PACKAGE}marker = \"python_version < '3.12'\"\n{other}marker = \"python_version >= '3.12'\"\n"
        f"{extra}marker = \"'more' in extras or 'dev' in dependency_groups\"\n"
        f"{extra.replace('spare', 'used')}marker = \"'usual' in dependency_groups\"\n"
    )
    lock = parse(text, NAME)
    assert [(c.package.name, c.version) for c in choose(lock, P310, NAME)] == [
        ("own", "1.0"),
        ("used", "1.0"),
    ]
    assert choose(lock, platforms.of("python3.12"), NAME)[0].version == "2.0"


def test_the_best_wheel() -> None:
    """Of several wheels that would do the most specific one is taken."""
    tags = (
        "py3-none-any",
        "cp38-abi3-manylinux_2_17_x86_64",
        "cp310-cp310-manylinux_2_28_x86_64",
        "cp312-cp312-any",
    )
    rows = ", ".join(WHEEL.replace("py3-none-any", tag) for tag in tags)
    lock = parse(f'{HEAD}[[packages]]\nname = "own"\nwheels = [{rows}]\n', NAME)
    assert choose(lock, P310, NAME)[0].file.name == f"own-1.0-{tags[2]}.whl"
    assert choose(lock, platforms.of("python3.9"), NAME)[0].file.name == f"own-1.0-{tags[1]}.whl"


@pytest.mark.parametrize("runtime", platforms.PLATFORMS)
def test_tags(runtime: str) -> None:
    """The tags of a platform are those that packaging has for it, in the same order."""
    platform = platforms.of(runtime)
    systems = [
        tag.removeprefix(f"py3{platform.minor}-none-")
        for tag in platform.tags
        if tag.startswith(f"py3{platform.minor}-none-")
    ]
    systems = [system for system in systems if system != "any"]
    python = (3, platform.minor)
    wanted = [
        *cpython_tags(python, [f"cp3{platform.minor}"], systems),
        *compatible_tags(python, f"cp3{platform.minor}", systems),
    ]
    assert list(platform.tags) == list(dict.fromkeys(map(str, wanted)))
    assert f"manylinux_2_{platform.glibc}_x86_64" in systems[0]


def test_runtimes_that_would_do() -> None:
    """Which runtimes take a wheel."""
    assert platforms.that_run(["py3-none-any"]) == ["python3.9", "python3.10", "python3.12"]
    assert platforms.that_run(["cp310-cp310-manylinux_2_28_x86_64"]) == ["python3.10"]
    assert platforms.that_run(["cp39-abi3-manylinux_2_30_x86_64"]) == ["python3.12"]
    assert platforms.that_run(["cp313-cp313-manylinux_2_17_x86_64", "cp310-cp310-win_amd64"]) == []


@pytest.mark.parametrize(
    ("said", "python"),
    [
        (["python3.12 app.py"], "3.12"),
        (["/var/fc/lang/python3.10/bin:/usr/bin"], "3.10"),
        (["acs:fc:cn-hangzhou:official:layers/Python312/versions/1"], "3.12"),
        (["#!/usr/bin/env python3.12", "python3.12"], "3.12"),
        (["python3 app.py"], ""),
        (["python3.12", "python3.10"], ""),
        ([], ""),
    ],
)
def test_python_of_a_custom_runtime(said: list[str], python: str) -> None:
    """It is read where it is named, and never guessed."""
    if python:
        assert platforms.of("custom.debian11", said).python == python
        return
    with pytest.raises(FcError, match=r"which Python runs on custom.debian11 is not known"):
        platforms.of("custom.debian11", said)


def test_written_whole(tmp_path: Path) -> None:
    """A lock that cannot be written leaves nothing."""
    locks.write(tmp_path / NAME, "x")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    with pytest.raises(PackageError, match=f"{NAME} cannot be written"):
        locks.write(tmp_path / "none" / NAME, "x")


def test_the_cache_has_a_bound(tmp_path: Path) -> None:
    """The wheels that were not used for longest go first, and what nobody goes on with."""
    import hashlib
    import os

    store = Store(tmp_path)
    made = []
    for n in range(3):
        raw = bytes([n]) * 100
        file = File(f"own{n}-1-py3-none-any.whl", {"sha256": hashlib.sha256(raw).hexdigest()}, "https://x")
        with store.adding(file) as (out, keep):
            out.write(raw)
            os.utime(keep().with_name("verified"), (1000 + n, 1000 + n))
        made.append(file)
    (store.folder / ".part-x").write_text("half")
    os.utime(store.folder / ".part-x", (1000, 1000))
    store.tidy(MOST)
    assert not (store.folder / ".part-x").exists()
    assert store.find(made[0])  # a use counts
    store.tidy(250)
    assert [bool(store.find(file)) for file in made] == [True, False, True]
    assert len(list(store.folder.iterdir())) == 2


def test_nothing_heavy_while_nothing_changes() -> None:
    """What asks for nothing reads neither packaging nor TOML: a cell without libraries is not slowed down."""
    import subprocess

    code = (
        "import sys; from fc_magic.notebook import dependencies; from fc_magic.notebook.build import Asked;"
        "assert not dependencies.of(Asked('x', 'def handler(e, c): return 1')).wheels;"
        "print([m for m in ('packaging.requirements', 'ssl', 'urllib.request') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
