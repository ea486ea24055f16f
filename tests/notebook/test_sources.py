"""Where the code of a deployment may come from, and what goes beside it."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path

import pytest

import fc_magic
from fc_magic import errors
from tests.conftest import zipped
from tests.notebook.conftest import Shell
from tests.server.web import Web, whole

OPENS = "%%fcdeploy {name} {line}\ndef handler(event, context):\n    return open(event.decode()).read()\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the notebook, and some of what people have beside one."""
    monkeypatch.chdir(tmp_path)
    for path, text in {
        "data.json": '{"a": 1}',
        "data/one.csv": "1",
        "data/two.csv": "2",
        "data/deep/three.csv": "3",
        "a=b.txt": "equals",
        "pkg/__init__.py": "",
        "pkg/words.py": "HELLO = 'hello'",
        "pkg/__pycache__/words.cpython-310.pyc": "compiled",
        "pkg/run.sh": "#!/bin/sh\necho ran",
        "shop/app.py": "def main(event, context):\n    return 'from the folder'\n",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "pkg/run.sh").chmod(0o755)
    return tmp_path


def names(name: str) -> dict[str, int]:
    """The files of a deployed function, with their modes."""
    with fc_magic.connect() as client, zipfile.ZipFile(io.BytesIO(client.code(name))) as archive:
        return {one.filename: one.external_attr >> 16 & 0o777 for one in archive.infolist()}


# ---------------------------------------------------------------- beside the cell


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("--file data.json", {"data.json"}),
        ("--file ./data.json", {"data.json"}),
        ("--file data.json=inside/name.json", {"inside/name.json"}),
        ("--file data.json=inside/", {"inside/data.json"}),
        ("--file data.json --file data/one.csv", {"data.json", "data/one.csv"}),
        ("--file 'data/*.csv'", {"data/one.csv", "data/two.csv"}),
        ("--file 'data/**/*.csv'", {"data/one.csv", "data/two.csv", "data/deep/three.csv"}),
        ("--file 'data/*.csv=tables/'", {"tables/one.csv", "tables/two.csv"}),
        ("--file a=b.txt", {"a=b.txt"}),
        ("--include data", {"data/one.csv", "data/two.csv", "data/deep/three.csv"}),
        ("--include data/deep=d/e", {"d/e/three.csv"}),
        ("--include pkg/ --file data.json", {"pkg/__init__.py", "pkg/words.py", "pkg/run.sh", "data.json"}),
    ],
)
def test_files_beside_the_cell(shell: Shell, here: Path, line: str, files: set[str]) -> None:
    """A file is where the notebook sees it, or at the place that is said; caches stay behind."""
    assert shell.run(OPENS.format(name="beside", line=line)).success
    assert names("beside").keys() == {"index.py", *files}
    path = sorted(files)[0]
    assert shell.run(f"beside({path!r})").success


def test_what_is_included_can_be_used(shell: Shell, here: Path) -> None:
    """A package is imported, a program runs, a file is read by the name it has in the notebook."""
    cell = (
        "%%fcdeploy uses --include pkg --file data/one.csv\nimport subprocess\nfrom pkg.words import HELLO\n"
        "def handler(event, context):\n"
        "    ran = subprocess.run(['/code/pkg/run.sh'], capture_output=True, text=True).stdout\n"
        "    return [HELLO, ran, open('data/one.csv').read()]\n"
    )
    assert shell.run(cell).success
    assert shell.run("uses()").value == ["hello", "ran\n", "1"]
    assert names("uses")["pkg/run.sh"] == 0o755
    assert names("uses")["data/one.csv"] == 0o644


def test_outside_of_the_folder(shell: Shell, here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is not below the notebook's folder gets its own name."""
    there = tmp_path_factory.mktemp("elsewhere")
    (there / "far.txt").write_text("far")
    assert shell.run(OPENS.format(name="outside", line=f"--file {there}/far.txt --include {there}")).success
    assert names("outside").keys() == {"index.py", "far.txt", f"{there.name}/far.txt"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--file nope.json", "--file nope.json: there is no such file in this folder"),
        ("--file '*.nope'", "--file *.nope: no file is like that in this folder"),
        ("--file data", "--file data: data is a folder\n--include data"),
        (
            "--file 'data/*.csv=one.csv'",
            "these are 2 files, and one.csv is one\n--file 'data/*.csv=one.csv/'",
        ),
        ("--file nope=", "nope= has nothing behind the ="),
        ("--include nope", "--include nope: there is no such folder"),
        ("--include data.json", "--include data.json: data.json is a file\n--file data.json"),
        ("--file data.json=index.py", "index.py would be in the package twice: by the cell and by --file"),
        ("--file data.json=../x", "cannot be a path in a package"),
        ("--file data.json=/x", "cannot be a path in a package"),
        ("--file data.json --zip-file https://example.com/f.zip", "--zip-file is given"),
        ("--include pkg --image-url registry.example.com/a/b:1", "--image-url is given"),
    ],
)
def test_refused(shell: Shell, here: Path, line: str, words: str) -> None:
    """What cannot go into the package is said, and nothing is deployed."""
    ran = shell.run(OPENS.format(name="refused", line=line))
    assert not ran.success
    assert words in str(ran.error)
    assert isinstance(shell.run("%fcinvoke refused").error, errors.FunctionNotFound)


def test_unreadable(shell: Shell, here: Path) -> None:
    """A link that leads nowhere is no file."""
    os.symlink("gone", here / "link.txt")
    assert "there is no such file" in str(shell.run(OPENS.format(name="u", line="--file link.txt")).error)


@pytest.mark.parametrize(
    "path", [".env", "keys/server.pem", ".aliyun/config.json", "id_rsa", "AccessKey.csv"]
)
def test_keys_are_noticed(shell: Shell, here: Path, path: str) -> None:
    """A file of keys is packed because that was asked for, and the card warns; its text is not shown."""
    (here / "some" / path).parent.mkdir(parents=True, exist_ok=True)
    (here / "some" / path).write_text("SECRET=ofTheFile")
    ran = shell.run(OPENS.format(name="keyed", line="--include some"))
    assert ran.success
    assert f"some/{path}: it looks like a file of keys" in " ".join(ran.text.split())
    assert "ofTheFile" not in ran.text


# ---------------------------------------------------------------- instead of the cell


@pytest.mark.parametrize("option", ["--code shop", "--folder shop", "--code shop.zip"])
def test_keys_in_the_code_are_noticed(shell: Shell, here: Path, option: str) -> None:
    """A whole folder has them more often than what is named by itself."""
    (here / "shop" / ".env").write_text("SECRET=ofTheFile")
    text = "def main(event, context):\n    return 1\n"
    (here / "shop.zip").write_bytes(zipped({"app.py": text, ".env": "SECRET=ofTheFile"}))
    ran = shell.run(f"%fcdeploy keyed {option} --handler app.main")
    assert ran.success
    assert " ".join(ran.text.split()).count(".env: it looks like a file of keys") == 1
    assert "ofTheFile" not in ran.text


def test_code_of_a_folder(shell: Shell, here: Path) -> None:
    """--code DIR deploys the folder, also with files beside it."""
    ran = shell.run("%fcdeploy shop --code shop --handler app.main --file data.json")
    assert ran.success, ran.text
    assert names("shop").keys() == {"app.py", "data.json"}
    assert shell.run("shop()").value == "from the folder"


def test_code_of_a_zip(shell: Shell, here: Path) -> None:
    """--code FILE.zip is sent as it is; with files beside it they are in one ZIP."""
    raw = zipped({"app.py": "def main(event, context):\n    return 'from the zip'\n"})
    (here / "app.zip").write_bytes(raw)
    assert shell.run("%fcdeploy packed --code app.zip --handler app.main").success
    with fc_magic.connect() as client:
        assert client.code("packed") == raw
    assert shell.run("%fcdeploy packed --code app.zip --handler app.main --include pkg").success
    assert names("packed").keys() == {"app.py", "pkg/__init__.py", "pkg/words.py", "pkg/run.sh"}
    assert shell.run("packed()").value == "from the zip"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--code nope.zip", "--code nope.zip: there is no such file or folder"),
        ("--code nope/", "--code nope/: there is no such file or folder"),
        ("--code data.json", "is not a readable ZIP"),
        ("--code shop --folder pkg", "there are two sources: --folder, --code"),
    ],
)
def test_no_code(shell: Shell, here: Path, line: str, words: str) -> None:
    """A code source that is not there, or not alone, is refused before anything is sent."""
    assert words in str(shell.run(f"%fcdeploy nocode {line}").error)


@pytest.mark.parametrize("api", ["v2", "fc3"])
@pytest.mark.parametrize("option", ["--code", "--zip-file"])
def test_code_of_a_url(shell: Shell, here: Path, api: str, option: str) -> None:
    """A URL is fetched, whichever dialect is spoken."""
    raw = zipped({"app.py": f"def main(event, context):\n    return {api!r}\n"})
    with Web({"/f.zip": whole(raw)}) as web:
        line = f"{option} {web.url}/f.zip --handler app.main --api {api}"
        ran = shell.run(f"%fcdeploy fetched {line}")
        assert ran.success, ran.error
    assert shell.run("fetched()").value == api


@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_code_of_a_bucket(shell: Shell, here: Path, api: str) -> None:
    """An object of OSS is the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of its texts, at its first import
        warnings.simplefilter("ignore", DeprecationWarning)
        import oss2

    with fc_magic.connect() as client:
        objects = client.objects
    bucket = oss2.Bucket(
        oss2.AuthV4(objects.access_key_id, objects.access_key_secret),
        objects.endpoint,
        "code-b",
        region=objects.region,
    )
    bucket.create_bucket()
    bucket.put_object("f.zip", zipped({"app.py": f"def main(event, context):\n    return {api!r}\n"}))
    ran = shell.run(
        f"%fcdeploy stored --oss-bucket code-b --oss-object-key f.zip --handler app.main --api {api}"
    )
    assert ran.success, ran.error
    assert shell.run("stored()").value == api
    assert "--oss-object-key  is required" in str(
        shell.run("%fcdeploy stored --oss-bucket code-b --handler app.main").error
    )


@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        ("java11", "runs compiled classes\n--code DIR"),
        ("go1", "runs a compiled program\n--code DIR"),
        ("php7.2", "runs PHP"),
        ("custom-container", "runs an image"),
    ],
)
def test_no_cell_of_that_language(shell: Shell, here: Path, runtime: str, words: str) -> None:
    """A runtime that no cell is code for is refused with what to give instead."""
    error = shell.run(f"%%fcdeploy other --runtime {runtime}\nclass A {{}}").error
    assert isinstance(error, errors.CellError)
    assert words in str(error)


def test_an_image(shell: Shell, here: Path) -> None:
    """A container does not run on this machine, and the refusal says where it does."""
    line = "--runtime custom-container --image-url registry.example.com/a/b:1 --image-tag 1"
    error = shell.run(f"%fcdeploy contained {line}").error
    assert isinstance(error, errors.FcError)
    assert "container" in str(error)


def test_a_shell_program_with_files(shell: Shell, here: Path) -> None:
    """A cell that is a bootstrap finds the file that was put beside it."""
    cell = (
        "%%fcdeploy shelly --runtime custom.debian12 --file data.json\n#!/usr/bin/env python3\n"
        "from http.server import BaseHTTPRequestHandler, HTTPServer\n"
        "class Answer(BaseHTTPRequestHandler):\n"
        "    def do_POST(self):\n"
        "        self.send_response(200)\n        self.end_headers()\n"
        "        self.wfile.write(open('data.json', 'rb').read())\n"
        "HTTPServer(('0.0.0.0', 9000), Answer).serve_forever()\n"
    )
    assert shell.run(cell).success
    assert shell.run("shelly()").value == {"a": 1}
