"""What is asked for becomes verified wheels, by way of the lock beside the notebook."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import toml
from fc_magic.package.fetch import fetch
from fc_magic.package.lock import File
from fc_magic.package.resolve import uv
from fc_magic.package.store import Store
from fc_magic.package.transport import Transport
from fc_magic.package.workplace import Step
from fc_magic.server.worker import runtimes
from tests.package.conftest import LOCK, Ask, versions
from tests.package.wheelhouse import PASSWORD, USER, Index, put, serving, wheel


def test_wheels_with_what_they_need(index: Index, ask: Ask, notebook: Path) -> None:
    """Everything that a requirement needs comes with it, with who needs it; the lock is written."""
    index.add("shop", needs=("cart>=2", "glue; python_version<'3.10'"))
    index.add("cart", "1.0")
    index.add("cart", "2.0", needs=("shelf",))
    index.add("shelf")
    index.add("glue")
    found = ask("shop")
    assert [(w.name, w.version, w.why) for w in found.wheels] == [
        ("cart", "2.0", "shop"),
        ("shelf", "1.0", "cart"),
        ("shop", "1.0", ""),
    ]
    assert found.written == notebook / LOCK
    assert all(w.path.read_bytes() == index.files[w.path.name] for w in found.wheels)
    assert versions(ask("shop", runtime="python3.9"))["glue"] == "1.0"


def test_extras(index: Index, ask: Ask) -> None:
    """An extra brings what it needs, and that has its reason."""
    index.add("shop", needs=("cart; extra == 'more'",))
    index.add("cart")
    assert versions(ask("shop")) == {"shop": "1.0"}
    assert [(w.name, w.why) for w in ask("shop[more]").wheels] == [("cart", "shop"), ("shop", "")]


def test_nothing_changed(index: Index, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then neither uv nor the index is asked, and what comes out is the same."""
    index.add("shop", needs=("cart",))
    index.add("cart")
    first = ask("shop")
    asked = len(index.asked)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    second = ask("shop")
    assert second.wheels == first.wheels
    assert second.written is None
    assert len(index.asked) == asked


def test_offline_with_everything_cached(index: Index, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock alone suffices for wheels that are here, in another notebook too."""
    index.add("shop")
    first = ask("shop")
    for note in (first.wheels[0].path.parents[2] / "locks").iterdir():
        note.unlink()
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    assert ask("shop").wheels == first.wheels


def test_the_lock_holds_what_was_found(index: Index, ask: Ask, notebook: Path, steps: list[Step]) -> None:
    """Newer versions come with --upgrade alone; another requirement leaves the versions of the others."""
    index.add("shop", "1.0")
    index.add("cart", "1.0")
    ask("shop")
    index.add("shop", "2.0")
    assert versions(ask("shop")) == {"shop": "1.0"}
    assert versions(ask("shop", "cart")) == {"shop": "1.0", "cart": "1.0"}
    assert versions(ask("shop", "cart", upgrade=True)) == {"shop": "2.0", "cart": "1.0"}
    assert versions(ask("shop>1")) == {"shop": "2.0"}
    assert "cart" not in (notebook / LOCK).read_text()
    notes = [step.note for step in steps if step.note]
    assert notes == [
        f"{LOCK} written",
        f"{LOCK} written: + cart",
        f"{LOCK} written: shop 1.0 → 2.0",
        f"{LOCK} written: - cart",
    ]


def test_the_same_lock_everywhere(index: Index, ask: Ask, notebook: Path, tmp_path: Path) -> None:
    """Its text depends on what is asked for alone: not on the order, the folder or the day."""
    index.add("shop", needs=("cart",))
    index.add("cart")
    ask("shop cart")
    first = (notebook / LOCK).read_text()
    (notebook / LOCK).unlink()
    ask("cart", "shop")
    assert (notebook / LOCK).read_text() == first
    assert str(tmp_path) not in first
    assert "%%fcdeploy api --upgrade" in first


def test_locked(index: Index, ask: Ask, notebook: Path) -> None:
    """--locked takes the lock as it is, and says what differs from what is asked for."""
    index.add("shop")
    index.add("cart")
    with pytest.raises(PackageError, match=f"there is no {LOCK}"):
        ask("shop", locked=True)
    first = ask("shop")
    text = (notebook / LOCK).read_text()
    assert ask("shop", locked=True).wheels == first.wheels
    with pytest.raises(PackageError, match="is not what is asked for") as caught:
        ask("shop>=1", "cart", runtime="python3.12", locked=True)
    said = str(caught.value)
    for words in ("requirement cart", "requirement shop>=1", "requirement shop  ", "runtime python3.12"):
        assert words in said
    with pytest.raises(PackageError, match="is not what is asked for"):
        ask(locked=True)
    with pytest.raises(UsageError, match="--upgrade"):
        ask("shop", locked=True, upgrade=True)
    assert (notebook / LOCK).read_text() == text


def test_another_tool_wrote_the_lock(index: Index, ask: Ask, notebook: Path) -> None:
    """A lock of another tool that has what is asked for is used, and else never overwritten unasked."""
    file = index.add("shop", "1.0")
    index.add("shop", "2.0")
    digest = next(w.sha256 for w in ask("shop==1.0").wheels)
    url = index.url.replace("/simple", f"/files/{file}")
    theirs = (
        'lock-version = "1.0"\ncreated-by = "pip"\n\n[[packages]]\nname = "Shop"\nversion = "1.0"\n'
        f'[[packages.wheels]]\nname = "{file}"\nurl = "{url}"\nhashes = {{sha256 = "{digest}"}}\n'
    )
    (notebook / LOCK).write_text(theirs)
    for asked in ((), ("shop",), ("shop<2",)):
        assert versions(ask(*asked, locked=True)) == {"shop": "1.0"}
    with pytest.raises(PackageError, match="of another tool") as caught:
        ask("shop>=2")
    assert "has 1.0 in the lock" in str(caught.value)
    assert (notebook / LOCK).read_text() == theirs
    assert versions(ask("shop>=2", upgrade=True)) == {"shop": "2.0"}


def test_a_lock_as_the_requirements(index: Index, ask: Ask, notebook: Path) -> None:
    """--requirements pylock.toml is everything, and stays what it is."""
    index.add("shop")
    ask("shop")
    (notebook / LOCK).rename(notebook / "pylock.toml")
    text = (notebook / "pylock.toml").read_text()
    assert versions(ask("pylock.toml")) == {"shop": "1.0"}
    assert not (notebook / LOCK).exists()
    assert (notebook / "pylock.toml").read_text() == text
    with pytest.raises(UsageError, match="stands alone"):
        ask("pylock.toml", "cart")


def test_an_edited_lock(index: Index, ask: Ask, notebook: Path) -> None:
    """A person may choose another version in it; a version that was not asked for, or a gap, is found."""
    index.add("shop", "1.0", needs=("cart",))
    index.add("shop", "1.1", needs=("cart",))
    index.add("cart")
    ask("shop==1.*")
    text = (notebook / LOCK).read_text()
    old, new = (hashed(index, f"shop-{version}-py3-none-any.whl") for version in ("1.1", "1.0"))
    edited = text.replace("shop-1.1", "shop-1.0").replace('"1.1"', '"1.0"').replace(old, new)
    size = len(index.files["shop-1.1-py3-none-any.whl"])
    (notebook / LOCK).write_text(edited.replace(f"size = {size}", "size = 1"))
    assert versions(ask("shop==1.*", locked=True))["shop"] == "1.0"
    blocks = text.split("\n\n")
    (notebook / LOCK).write_text("\n\n".join(block for block in blocks if 'name = "cart"\nv' not in block))
    with pytest.raises(PackageError, match="not what is asked for") as caught:
        ask("shop==1.*", locked=True)
    assert "needed by shop" in str(caught.value)


def hashed(index: Index, file: str) -> str:
    import hashlib

    return hashlib.sha256(index.files[file]).hexdigest()


# ---------------------------------------------------------------- what cannot be had


@pytest.mark.parametrize(
    ("tag", "wanted", "said", "hint"),
    [
        ("cp312-cp312-manylinux_2_31_x86_64", "own", "own 1.0 has no wheel for python3.10", "python3.12"),
        ("cp310-cp310-manylinux_2_34_x86_64", "own", "manylinux_2_34_x86_64", "no runtime can have own"),
        ("cp310-cp310-macosx_11_0_arm64", "own==1.0", "there are cp310-cp310-macosx", "no runtime"),
        ("py3-none-any", "own==2", "no version of own==2", '--requirements "own==1.0", the newest'),
        (
            "py3-none-any",
            "own[more]>=2,<3",
            "only own",
            '--requirements "own==1.0", the newest for python3.10',
        ),
        ("cp312-cp312-linux_x86_64", "own==2", "no version of own==2", "check the name"),
        ("py3-none-any", "yaml", "yaml was not found", "--requirements PyYAML instead"),
        ("py3-none-any", "another", "another was not found", "check the name"),
        ("py3-none-any", "own>>2", "own>>2 .--requirements. is no requirement", "pandas"),
    ],
)
def test_what_cannot_be_had(index: Index, ask: Ask, tag: str, wanted: str, said: str, hint: str) -> None:
    """No wheel, no version, no such name, no requirement: the error names it, and what to do."""
    index.add("own", tag=tag)
    with pytest.raises(PackageError, match=said) as caught:
        ask(wanted)
    assert hint in caught.value.hint


@pytest.mark.parametrize("wanted", [("shop",), ("own", "shop")])
def test_version_that_another_needs(index: Index, ask: Ask, wanted: tuple[str, ...]) -> None:
    """What there is of a library that another one needs newer is no way out."""
    index.add("shop", needs=("own>=9",))
    index.add("own", "1.0")
    with pytest.raises(PackageError, match=r"only own==1.0 is available") as caught:
        ask(*wanted)
    assert caught.value.hint == "leave out a version, or allow more of them"


@pytest.mark.parametrize("is_html", [False, True])
def test_a_missing_wheel(index: Index, ask: Ask, is_html: bool) -> None:
    """The error has the tags that exist, the runtimes that would do, the newest version that has one."""
    index.is_html = is_html
    index.add("shop", needs=("own==3.0",))
    index.add("own", "3.0", tag="cp312-cp312-manylinux_2_31_x86_64")
    index.add("own", "2.0", tag="cp310-cp310-manylinux_2_17_x86_64")
    index.yanked.add(index.add("own", "2.5"))
    with pytest.raises(PackageError) as caught:
        ask("shop")
    assert "own 3.0 has no wheel for python3.10 (Python 3.10, x86_64-manylinux_2_28)" in caught.value.message
    assert "there are cp312-cp312-manylinux_2_31_x86_64" in caught.value.message
    assert "shop needs it" in caught.value.message
    assert caught.value.hint == '--runtime python3.12; --requirements "own==2.0", the newest for python3.10'


@pytest.mark.parametrize("is_html", [False, True])
def test_for_another_python(index: Index, ask: Ask, is_html: bool) -> None:
    """A wheel for every system, but not for the runtime's Python."""
    index.is_html = is_html
    index.add("own", "3.0", python=">=3.12")
    index.add("own", "2.0", python=">=3.9")
    with pytest.raises(PackageError) as caught:
        ask("own>=3")
    assert caught.value.message == (
        "own 3.0 has no wheel for python3.10 (Python 3.10, x86_64-manylinux_2_28); it is for Python >=3.12"
    )
    assert caught.value.hint == '--runtime python3.12; --requirements "own==2.0", the newest for python3.10'
    assert versions(ask("own")) == {"own": "2.0"}


def test_only_source(index: Index, ask: Ask, notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution without any wheel; one that is built beside the notebook is found there."""
    index.files["own-1.0.tar.gz"] = b"source"
    with pytest.raises(PackageError, match=r"only source \(own-1.0.tar.gz\)") as caught:
        ask("own")
    assert "pip wheel --no-deps own==1.0 -w dist, then UV_FIND_LINKS=dist" in caught.value.hint
    put(notebook / "dist", "own")
    monkeypatch.setenv("UV_FIND_LINKS", "dist")
    assert versions(ask("own")) == {"own": "1.0"}
    index.files["sklearn-1.0.tar.gz"] = b"source"
    with pytest.raises(PackageError) as caught:
        ask("sklearn")
    assert caught.value.hint == "--requirements scikit-learn instead"


def test_versions_that_do_not_go_together(index: Index, ask: Ask) -> None:
    """The error says where each was asked for."""
    index.add("own", "1.0")
    index.add("own", "2.0")
    with pytest.raises(PackageError) as caught:
        ask("own==1.0", cell="# requires: own==2.0\n")
    assert "own==1.0 is of --requirements, own==2.0 is of line 1 of the cell" in caught.value.message


def test_yanked(index: Index, ask: Ask) -> None:
    """A version that was taken back is not chosen."""
    index.add("own", "1.0")
    index.yanked.add(index.add("own", "2.0"))
    assert versions(ask("own")) == {"own": "1.0"}


def test_a_failure_leaves_the_lock(index: Index, ask: Ask, notebook: Path) -> None:
    """What cannot be had changes nothing."""
    index.add("own")
    ask("own")
    text = (notebook / LOCK).read_text()
    with pytest.raises(PackageError):
        ask("own", "another")
    assert (notebook / LOCK).read_text() == text
    assert os.listdir(notebook) == [LOCK]


# ---------------------------------------------------------------- fetching


def test_other_bytes_than_the_index_promised(index: Index, ask: Ask, tmp_path: Path) -> None:
    """A wheel that is not what its hash says is refused and not kept."""
    file = index.add("own")
    index.instead[file] = wheel("own", more="evil")[1]
    with pytest.raises(PackageError, match=r"own-1.0-py3-none-any.whl from 127.0.0.1:\d+ is not the file"):
        ask("own")
    assert index.fetched.count(file) == 1
    assert files_below(tmp_path / "cache") == []


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_it_breaks_off(index: Index, ask: Ask, tmp_path: Path) -> None:
    """An answer that ends too soon is asked for again, a few times."""
    file = index.add("own")
    index.broken[file] = 2
    assert versions(ask("own")) == {"own": "1.0"}
    assert index.fetched.count(file) == 3
    file = index.add("other")
    index.broken[file] = 99
    with pytest.raises(PackageError, match=r"other-1.0-py3-none-any.whl was not fetched.*broke off"):
        ask("other")
    assert not any(".part" in name for name in files_below(tmp_path / "cache"))


def test_login(index: Index, ask: Ask, notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user and the password of an index are sent to it, and stand nowhere."""
    index.needs_login = True
    index.add("own")
    with pytest.raises(PackageError):
        ask("own")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.with_login)
    assert versions(ask("own")) == {"own": "1.0"}
    assert PASSWORD not in (notebook / LOCK).read_text()
    (notebook / LOCK).unlink()
    listed = notebook / "requirements.txt"
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    listed.write_text(f"--index-url {index.with_login}\nown\n")
    assert versions(ask("requirements.txt")) == {"own": "1.0"}
    assert PASSWORD not in (notebook / LOCK).read_text()


def test_login_of_netrc(index: Index, ask: Ask, tmp_path: Path) -> None:
    """So does one of ~/.netrc."""
    index.needs_login = True
    index.add("own")
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    (tmp_path / "netrc").chmod(0o600)
    assert versions(ask("own")) == {"own": "1.0"}


def test_a_login_stays_with_its_host(index: Index, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that sends us elsewhere for a wheel does not send its login along."""
    file = index.add("own")
    index.needs_login = True
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.with_login)
    with serving() as elsewhere:
        elsewhere.files[file] = index.files[file]
        index.moved = elsewhere.url.removesuffix("/simple")
        assert versions(ask("own")) == {"own": "1.0"}
        assert elsewhere.fetched == [file]
        assert elsewhere.logins == {""}


def test_no_answer_in_time(index: Index, notebook: Path, tmp_path: Path) -> None:
    """A wheel that stops on its way is asked for again, and at last given up."""
    file = index.add("own")
    index.goes_on.clear()
    wanted = File(file, {"sha256": hashed(index, file)}, index.url.replace("/simple", f"/files/{file}"))
    with pytest.raises(
        PackageError, match=r"own-1.0-py3-none-any.whl was not fetched from .*: no answer in time"
    ):
        fetch([wanted], Store(tmp_path / "cache"), notebook, Transport(timeout=0.1))
    assert index.fetched == [file] * 3
    assert files_below(tmp_path / "cache") == []


def test_passwords_are_not_shown(index: Index, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is named with a password and cannot be reached is named without."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://{USER}:{PASSWORD}@127.0.0.1:9/simple")
    with pytest.raises(PackageError) as caught:
        ask("own")
    assert PASSWORD not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_damaged_in_the_cache(index: Index, ask: Ask) -> None:
    """A wheel that was changed or removed since is fetched again."""
    file = index.add("own")
    path = ask("own").wheels[0].path
    path.write_bytes(b"x" * len(index.files[file]))
    assert ask("own").wheels[0].path.read_bytes() == index.files[file]
    path.unlink()
    assert ask("own").wheels[0].path.read_bytes() == index.files[file]
    os.utime(path, (2, 2))  # touched, and the same
    assert ask("own").wheels[0].path == path
    assert index.fetched.count(file) == 3


def test_two_at_once(index: Index, ask: Ask, tmp_path: Path) -> None:
    """Two notebooks that fetch the same wheels at once both have them, once."""
    for n in range(12):
        index.add(f"own{n}")
    names = [f"own{n}" for n in range(12)]
    found: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: found.append(versions(ask(*names)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert found == [dict.fromkeys(sorted(names), "1.0")] * 2
    assert len(list((tmp_path / "cache" / "wheels").rglob("*.whl"))) == 12
    assert not any(".part" in name for name in files_below(tmp_path / "cache"))


def test_progress(index: Index, ask: Ask, steps: list[Step]) -> None:
    """What is told: the names as a person asked for them, then how much of how much, then that it is over."""
    index.add("shop", needs=("cart", "aisle"), size=100_000)
    index.add("cart")
    index.add("aisle")
    ask("shop")
    assert steps[0] == Step("shop", "resolving")
    size = sum(len(raw) for raw in index.files.values())
    fetching = [step for step in steps if step.doing == "fetching"]
    assert {(step.what, step.size) for step in fetching} == {("shop, aisle and 1 more", size)}
    assert [step.done for step in fetching] == sorted(step.done for step in fetching)
    assert steps[-1] == Step("shop, aisle and 1 more", "", size, size, f"{LOCK} written")


def test_several_at_once_and_not_too_many(index: Index, notebook: Path, tmp_path: Path) -> None:
    """Eight wheels come at the same time, the others when one of those is there."""
    wanted = []
    for n in range(12):
        file = index.add(f"own{n}")
        url = index.url.replace("/simple", f"/files/{file}")
        wanted.append(File(file, {"sha256": hashed(index, file)}, url))
    index.goes_on.clear()

    def told(done: int, size: int) -> None:
        if not index.goes_on.is_set():
            assert all(index.stopped.acquire(timeout=20) for _ in range(8))
            assert not index.stopped.acquire(timeout=0.3)
            index.goes_on.set()

    found = fetch(wanted, Store(tmp_path / "cache"), notebook, Transport(), told)
    assert {file.name for file in found} == set(index.files)


def test_interrupted_in_the_middle(
    index: Index, ask: Ask, notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who interrupts gets the prompt back at once; no lock, no half wheel and no thread is left."""
    index.add("shop", size=3_000_000)
    index.add("cart", size=3_000_000)
    index.goes_on.clear()
    steps: list[Step] = []

    class Impatient(list[Step]):
        def append(self, step: Step) -> None:
            steps.append(step)
            if step.doing == "fetching" and index.in_the_middle.wait(10):
                raise KeyboardInterrupt

    from fc_magic.package import dependencies, platforms
    from fc_magic.package.wanted import gather
    from fc_magic.package.workplace import Workplace

    with pytest.raises(KeyboardInterrupt):
        dependencies.of(
            gather(["shop cart"], "", notebook),
            platforms.of("python3.10"),
            Workplace(tmp_path / "cache", Impatient().append),
            dependencies.How(notebook / LOCK, notebook),
        )
    assert files_below(notebook) == []
    assert files_below(tmp_path / "cache") == []
    index.goes_on.set()
    assert [t.name for t in threading.enumerate() if t.daemon and "_work" in t.name] == []
    assert versions(ask("shop cart")) == {"shop": "1.0", "cart": "1.0"}


# ---------------------------------------------------------------- wheels of this machine, URLs


def test_a_wheel_of_this_machine(index: Index, ask: Ask, notebook: Path, tmp_path: Path) -> None:
    """A wheel by its path, with what it needs; a new build of it is noticed."""
    index.add("cart")
    path = put(notebook / "dist", "shop", needs=("cart",))
    text = f"./dist/{path.name}"
    assert versions(ask(text)) == {"cart": "1.0", "shop": "1.0"}
    lock = (notebook / LOCK).read_text()
    assert f'path = "dist/{path.name}"' in lock
    assert str(tmp_path) not in lock
    put(notebook / "dist", "shop", needs=("cart",), other="built again")
    with pytest.raises(PackageError, match="not what is asked for"):
        ask(text, locked=True)
    assert ask(text).wheels[1].path.read_bytes() == path.read_bytes()
    with pytest.raises(UsageError, match="there is no such file"):
        ask("./dist/none-1.0-py3-none-any.whl")


def test_a_folder_of_wheels(
    index: Index, ask: Ask, notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UV_FIND_LINKS, or --find-links of a file, and a path of this machine is in no lock."""
    put(tmp_path / "wheels", "shop")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    assert versions(ask("shop")) == {"shop": "1.0"}
    assert str(tmp_path) not in (notebook / LOCK).read_text()
    monkeypatch.delenv("UV_FIND_LINKS")
    (notebook / LOCK).unlink()
    (notebook / "req.in").write_text("--find-links ../wheels\nshop\n")
    assert versions(ask("req.in")) == {"shop": "1.0"}
    assert str(tmp_path) not in (notebook / LOCK).read_text()


def test_a_url(index: Index, ask: Ask, notebook: Path) -> None:
    """A wheel by its URL; a password in it is used and stands nowhere."""
    index.needs_login = True
    file = index.add("shop")
    url = index.with_login.replace("/simple", f"/files/{file}")
    for text in (f"shop @ {url}", url):
        assert versions(ask(text)) == {"shop": "1.0"}
        assert PASSWORD not in (notebook / LOCK).read_text()
        assert versions(ask(text, locked=True)) == {"shop": "1.0"}
        (notebook / LOCK).unlink()


def test_a_signed_url(index: Index, ask: Ask, notebook: Path, tmp_path: Path) -> None:
    """What signs it is not in the lock, and is sent all the same, by a new signature too."""
    file = index.add("own")
    url = f"own @ {index.url.replace('/simple', '')}/files/{file}"
    first = ask(f"{url}?Expires=9&Signature=TopSecret")
    assert "TopSecret" not in (notebook / LOCK).read_text()
    shutil.rmtree(tmp_path / "cache")
    index.asked.clear()
    assert ask(f"{url}?Expires=9&Signature=Another").wheels == first.wheels
    assert index.asked == [f"/files/{file}?Expires=9&Signature=Another"]


def test_a_lock_reads_no_environment(
    index: Index, ask: Ask, notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote a lock gets nothing of this machine by a URL in it."""
    index.add("own")
    ask("own")
    monkeypatch.setenv("MY_KEY", "TopSecret")
    lock = notebook / "pylock.theirs.toml"
    lock.write_text((notebook / LOCK).read_text().replace("://", "://me:${MY_KEY}@"))
    shutil.rmtree(tmp_path / "cache")
    index.logins.clear()
    ask(lock.name)
    (sent,) = index.logins - {""}
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"me:${MY_KEY}"


def test_a_wheel_that_is_not_what_its_lock_says(ask: Ask, notebook: Path) -> None:
    """A file of this machine is verified as one of an index is."""
    name = "own-1-py3-none-any.whl"
    (notebook / name).write_bytes(b"another")
    (notebook / "pylock.mine.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "own"\nversion = "1"\n'
        f'wheels = [{{ path = "{name}", hashes = {{ sha256 = "{"0" * 64}" }} }}]\n'
    )
    with pytest.raises(PackageError, match="from this machine is not the file that was locked"):
        ask("pylock.mine.toml")


def test_an_empty_lock_that_a_person_names(ask: Ask, notebook: Path) -> None:
    """It is no lock, and is not written over."""
    (notebook / "pylock.mine.toml").touch()
    with pytest.raises(PackageError, match=r"pylock\.mine\.toml is not a lock that can be used"):
        ask("pylock.mine.toml")
    assert (notebook / "pylock.mine.toml").read_bytes() == b""


def test_hashes_of_a_file(index: Index, ask: Ask, notebook: Path) -> None:
    """A --hash of a requirements file is kept to."""
    good = hashed(index, index.add("shop"))
    (notebook / "requirements.txt").write_text(f"shop==1.0 \\\n    --hash=sha256:{good}\n")
    assert versions(ask("requirements.txt")) == {"shop": "1.0"}
    (notebook / "requirements.txt").write_text(f"shop==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(PackageError, match="not what its --hash says"):
        ask("requirements.txt")


def test_constraints(index: Index, ask: Ask, notebook: Path) -> None:
    """-c of a file limits versions, and brings nothing."""
    index.add("shop", "1.0")
    index.add("shop", "2.0")
    index.add("cart")
    (notebook / "limits.txt").write_text("shop<2\ncart==1.0\n")
    (notebook / "requirements.txt").write_text("-c limits.txt\nshop\n")
    assert versions(ask("requirements.txt")) == {"shop": "1.0"}
    (notebook / "limits.txt").write_text("shop>=2\n")
    with pytest.raises(PackageError, match="not what is asked for"):
        ask("requirements.txt", locked=True)
    assert versions(ask("requirements.txt")) == {"shop": "2.0"}


def test_the_python_of_the_cell(index: Index, ask: Ask) -> None:
    """What the cell says of its Python must be true of the runtime."""
    index.add("shop")
    block = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["shop"]\n# ///\n'
    with pytest.raises(UsageError, match=r"the cell is for Python >=3.11") as caught:
        ask(cell=block)
    assert caught.value.hint == "--runtime python3.12"
    assert versions(ask(cell=block, runtime="python3.12")) == {"shop": "1.0"}


def test_nothing_for_this_python(ask: Ask, index: Index, notebook: Path) -> None:
    """A requirement that is for another Python alone brings nothing, and locks that."""
    index.add("shop")
    assert ask("shop; python_version<'3.10'").wheels == ()
    assert "packages = []" in (notebook / LOCK).read_text()
    assert ask("shop; python_version<'3.10'", locked=True).wheels == ()


# ---------------------------------------------------------------- other tools


def test_our_lock_is_everybodys(index: Index, ask: Ask, notebook: Path) -> None:
    """uv installs from it where that Python is, and packaging finds nothing wrong in it."""
    index.add("shop", needs=("cart",))
    index.add("cart")
    path = put(notebook / "dist", "own", needs=("cart",))
    ask("shop", f"dist/{path.name}", cell="# requires: cart<2\n")
    pylock = pytest.importorskip("packaging.pylock")
    read = pylock.Pylock.from_dict(toml.loads((notebook / LOCK).read_text()))
    assert [str(package.name) for package in read.packages] == ["cart", "own", "shop"]
    python = runtimes.find("python3.10")
    if python.version != (3, 10):
        pytest.skip("no Python 3.10 is here")
    target = notebook / "installed"
    words = ("pip", "install", "--quiet", "--python", python.command[0], "--target", str(target), "-r", LOCK)
    subprocess.run([uv(), *words], cwd=notebook, check=True, capture_output=True)
    assert {"cart", "own", "shop"} <= set(os.listdir(target))


def test_the_lock_of_uv(index: Index, ask: Ask, notebook: Path) -> None:
    """What uv writes for all systems at once is used for this one."""
    index.add("shop", needs=("cart; sys_platform == 'linux'", "glue; sys_platform == 'win32'"))
    index.add("glue")
    for tag in (
        "cp310-cp310-manylinux_2_28_x86_64",
        "cp310-cp310-macosx_11_0_arm64",
        "cp312-cp312-win_amd64",
    ):
        index.add("cart", tag=tag)
    words = (
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.10",
        "--format",
        "pylock.toml",
    )
    subprocess.run(
        [uv(), *words, "-o", LOCK, "-"], input=b"shop\n", cwd=notebook, check=True, capture_output=True
    )
    text = (notebook / LOCK).read_text()
    assert "glue" in text
    found = ask("shop", locked=True)
    assert [(w.name, w.why) for w in found.wheels] == [("cart", "shop"), ("shop", "")]
    assert "manylinux_2_28" in found.wheels[0].path.name
    assert (notebook / LOCK).read_text() == text
    with pytest.raises(PackageError, match=r"cart 1.0 has no wheel for python3.12") as caught:
        ask("shop", locked=True, runtime="python3.12")
    assert caught.value.hint == "--runtime python3.10"


def test_a_lock_with_a_gap(index: Index, ask: Ask, notebook: Path) -> None:
    """What the lock of another tool leaves out is said, each time; it may be meant."""
    index.add("shop", needs=("cart", "more; extra == 'more'"))
    index.add("cart")
    index.add("more")
    ask("shop")
    blocks = (notebook / LOCK).read_text().partition("[tool.fc-magic]")[0].split("\n\n")
    kept = [block for block in blocks if 'name = "cart"\nversion' not in block]
    text = "\n\n".join(kept).replace('dependencies = [\n    { name = "cart" },\n]\n', "")
    (notebook / LOCK).write_text(text)
    for _ in range(2):
        found = ask("shop")
        assert versions(found) == {"shop": "1.0"}
        assert found.warnings == (f"shop needs cart, which {LOCK} has not",)
    assert ask("shop[more]").warnings == (f"shop needs cart, more, which {LOCK} has not",)


def test_the_real_index(ask: Ask, notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small distributions of the index that everybody uses, over TLS."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    found = ask("idna==3.7 six==1.17.0")
    assert versions(found) == {"idna": "3.7", "six": "1.17.0"}
    assert found.wheels[1].sha256 == "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"
