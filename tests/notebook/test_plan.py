"""``--dry-run`` beside what is live: what it says is what deploying does, and it changes nothing."""

from __future__ import annotations

import base64
import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fc_magic.package.bundle import bundle
from fc_magic.package.layered import OURS
from fc_magic.wire.checksum import crc64
from tests.client.endpoint import Endpoint, answer, refusal
from tests.notebook.conftest import HANDLER, Ran, Shell, words_of_html
from tests.package.wheelhouse import Index, serving

APIS = ("v2", "fc3")
SECRET, OTHER = "kept-to-oneself-1", "kept-to-oneself-2"
_NAMES = (f"p{number}" for number in itertools.count())


@pytest.fixture
def name(shell: Shell) -> Iterator[str]:
    """Of a function that is deleted afterwards; the shell has no names of an earlier test."""
    shell.ip.reset(new_session=False)
    name = next(_NAMES)
    yield name
    if any(f.name == name for f in shell.run(f"%fclist {name}").value):
        assert shell.run(f"%fcdelete {name}").success


@pytest.fixture
def key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An access key for targets elsewhere; settings are read again."""
    monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_ID", "LTAI5tNobodyAtAll")
    shell.run("%config FcMagic.retries = 0")
    yield
    shell.run("%config FcMagic.retries = None")


def cell(name: str, body: str = "return 1", options: str = "") -> str:
    return f"%%fcdeploy {name} {options}\n{HANDLER}    {body}\n"


def deployed(shell: Shell, name: str, body: str = "return 1", options: str = "") -> Ran:
    ran = shell.run(cell(name, body, options))
    assert ran.success, ran.text
    return ran


def planned(shell: Shell, name: str, body: str = "return 1", options: str = "") -> Ran:
    """A dry run, of which both faces have no secret."""
    ran = shell.run(cell(name, body, f"--dry-run {options}"))
    assert ran.success, ran.text + str(ran.error)
    html = words_of_html(shell.bundle(ran.value)["text/html"])
    for seen in (ran.text, html, repr(ran.value)):
        assert SECRET not in seen
        assert OTHER not in seen
    return ran


def rows(ran: Ran) -> dict[str, tuple[str, str]]:
    return {one.setting: (one.before, one.after) for one in ran.value.plan.changes}


# ---------------------------------------------------------------- what it says is what is done


def test_a_new_function_is_shown_whole(shell: Shell, name: str) -> None:
    """Each part with its cell; nothing is there afterwards."""
    shell.run("RATE = 0.19")
    ran = planned(shell, name, "return RATE")
    assert ran.value.plan.outcome == "created"
    assert f"+ {name}  would be created on local" in ran.text
    assert "RATE = 0.19" in ran.text
    assert "A deployment sends the code (" in ran.text
    assert not rows(ran)  # nothing was said that is not so anyway
    assert not shell.run(f"%fclist {name}").value


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    "target", ["local", "cn-hangzhou --role acs:ram::1:role/r", "http://127.0.0.1:9 --role acs:ram::1:role/r"]
)
def test_settings_of_a_new_function(shell: Shell, name: str, target: str) -> None:
    """All that the line says is there, whoever can be asked; of a variable only that it is set."""
    said = "--memory 512 --timeout 5 --trigger http --runtime python3.12 --description shop --layer any:3"
    ran = planned(shell, name, options=f"--target {target} {said} --env A={SECRET}")
    shown = {
        "runtime": "python3.12",
        "memory": "512 MB",
        "timeout": "5 s",
        "description": "shop",
        "env A": "set",
        "trigger http-1": "http",
        "layer any": "3",
    }
    if "--role" in target:
        shown["role"] = "acs:ram::1:role/r"
    assert rows(ran) == {setting: ("", value) for setting, value in shown.items()}
    for setting, value in shown.items():
        assert re.search(rf"{setting} +{value}\n", ran.text), ran.text


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("before", "after", "setting", "shown"),
    [
        ("", "--memory 512", "memory", ("128 MB", "512 MB")),
        ("--timeout 7", "", "timeout", ("7 s", "60 s")),
        ("", "--description 'a shop'", "description", ("", "a shop")),
        (
            f"--description {'d' * 80}1",
            f"--description {'d' * 80}2",
            "description",
            ("d" * 57 + "…", "d" * 57 + "…, with another end"),
        ),
        ("--runtime python3.10", "--runtime python3.12", "runtime", ("python3.10", "python3.12")),
        (f"--env A={SECRET}", f"--env A={OTHER}", "env A", ("set", "set to another value")),
        ("", f"--env A={SECRET}", "env A", ("", "set")),
        (f"--env A={SECRET}", "", "env A", ("set", "")),
        ("", "--trigger http", "trigger http-1", ("", "http")),
        ("--trigger 'timer:@every 5m'", "", "trigger timer-1", ("timer, @every 5m", "")),
        (
            "--trigger 'timer:@every 5m'",
            "--trigger 'timer:@every 9m'",
            "trigger timer-1",
            ("timer, @every 5m", "timer, @every 9m"),
        ),
        ("--no-publish", "", "version", ("not published", "would be published")),
    ],
)
def test_one_setting(
    shell: Shell, name: str, api: str, before: str, after: str, setting: str, shown: tuple[str, str]
) -> None:
    """It is the only row, and deploying it updates the function; then there is nothing to change."""
    deployed(shell, name, options=f"--api {api} {before}")
    ran = planned(shell, name, options=f"--api {api} {after}")
    assert rows(ran) == {setting: shown}
    assert not ran.value.plan.files
    assert setting in ran.text
    done = deployed(shell, name, options=f"--api {api} {after}").value.info
    assert done.outcome == "updated"
    assert done.changed
    again = planned(shell, name, options=f"--api {api} {after}")
    assert again.value.plan.outcome == "unchanged"
    assert "Nothing to change." in again.text
    assert deployed(shell, name, options=f"--api {api} {after}").value.info.outcome == "unchanged"


@pytest.mark.parametrize("api", APIS)
def test_the_source_line_by_line(shell: Shell, name: str, api: str) -> None:
    """With signs; what is the same is not in it but for the lines around."""
    body = "\n    ".join([*(f"a{n} = {n}" for n in range(20)), "return 1"])
    deployed(shell, name, body, f"--api {api}")
    ran = planned(shell, name, body.replace("return 1", "return 2"), f"--api {api}")
    assert "  -    return 1\n  +    return 2\n" in ran.text
    assert "a19 = 19" in ran.text
    assert "a1 = 1\n" not in ran.text
    assert "index.py" in ran.text
    assert "+1 −1 lines" in ran.text
    assert ran.value.source.endswith("return 2\n")
    assert "fcm-added" in shell.bundle(ran.value)["text/html"]


def test_secrets_of_both_sides_are_masked(shell: Shell, name: str) -> None:
    """Also that of the live code, which the notebook does not have any more."""
    shell.run(f"api_token = '{SECRET}'")
    deployed(shell, name, "return len(api_token)")
    shell.run(f"api_token = '{OTHER}'")
    ran = planned(shell, name, "return len(api_token)")
    assert "-api_token = '****'" in ran.text
    assert "+api_token = '****'" in ran.text


def test_files(shell: Shell, name: str, tmp_path: Path) -> None:
    """Added, removed, changed, each with its size; a secret in one of any language is masked."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "index.py").write_text(HANDLER + "    return 1\n")
    (app / "gone.txt").write_text("x" * 10)
    (app / "conf.env").write_text(f"A=1\nPASSWORD={SECRET}\n")
    (app / "picture.bin").write_bytes(b"\0\1")
    assert shell.run(f"%fcdeploy {name} --folder {app}").success
    (app / "gone.txt").unlink()
    (app / "new.txt").write_text("y" * 20)
    (app / "conf.env").write_text(f"A=2\nPASSWORD={OTHER}\n")
    (app / "picture.bin").write_bytes(b"\0\1\2")
    ran = shell.run(f"%fcdeploy {name} --folder {app} --dry-run")
    assert ran.success, ran.text
    sizes = {one.path: (one.before, one.after, one.added, one.removed) for one in ran.value.plan.files}
    assert sizes["gone.txt"] == (10, None, 0, 1)
    assert sizes["new.txt"] == (None, 20, 1, 0)
    assert sizes["picture.bin"] == (2, 3, 0, 0)
    assert sizes["conf.env"][2:] == (2, 2)
    assert "index.py" not in sizes
    for said in ("-PASSWORD=****", "+PASSWORD=****", "+A=2"):
        assert said in ran.text
    assert SECRET not in ran.text + OTHER
    html = shell.bundle(ran.value)["text/html"]
    assert SECRET not in html
    assert "<summary>conf.env  +2 −2 lines</summary>" in html


def test_a_long_line(shell: Shell, name: str) -> None:
    """Data in a line of its own does not fill the screen."""
    deployed(shell, name)
    ran = planned(shell, name, f"return '{'a1' * 10_000}'")
    assert "a1" * 100 in "".join(ran.text.split())
    assert len(ran.text) < 3000
    assert len(shell.bundle(ran.value)["text/html"]) < 10_000


def test_many_files(shell: Shell, name: str, tmp_path: Path) -> None:
    """The card has a bound: some lines, and some rows, are seen; the others are counted."""
    for number in range(90):
        text = "".join(f"{n},{number}\n" for n in range(60))
        (tmp_path / f"d{number:02}.csv").write_text(text)
    (tmp_path / "index.py").write_text(HANDLER + "    return 1\n")
    new = shell.run(f"%fcdeploy {name} --folder {tmp_path} --dry-run")
    assert "d59.csv" in new.text
    assert "d60.csv" not in new.text
    assert "… and 31 more" in new.text
    assert shell.run(f"%fcdeploy {name} --folder {tmp_path}").success
    for path in tmp_path.iterdir():
        path.write_text(
            path.read_text().replace(",", ";;" * (path.suffix == ".csv") or ",").replace("1", "2")
        )
    ran = shell.run(f"%fcdeploy {name} --folder {tmp_path} --dry-run")
    assert ran.success, ran.text
    assert "-    return 1\n" in ran.text
    assert "index.py  42 B   42 B  +1 −1 lines" in ran.text
    assert "d58.csv" in ran.text
    assert "d59.csv" not in ran.text
    assert "… and 31 more" in ran.text
    assert len(ran.text.splitlines()) < 2500
    assert len(shell.bundle(ran.value)["text/html"]) < 400_000


def test_layers(shell: Shell, name: str) -> None:
    """Those of a person's own by name and number; the latest is the one that it is now."""
    layer = f"layer-of-{name}"
    code = bundle({"python/part.py": b"X = 1\n"})
    client = shell.ip.run_cell("import fc_magic\nfc_magic.connect()").result
    client.publish_layer(layer, code)
    deployed(shell, name, options=f"--layer {layer}:1")
    assert planned(shell, name, options=f"--layer {layer}").value.plan.outcome == "unchanged"
    client.publish_layer(layer, bundle({"python/part.py": b"X = 2\n"}))
    assert rows(planned(shell, name, options=f"--layer {layer}")) == {f"layer {layer}": ("1", "2")}
    assert rows(planned(shell, name)) == {f"layer {layer}": ("1", "")}


@pytest.mark.parametrize("api", APIS)
def test_layers_in_another_order(shell: Shell, name: str, api: str) -> None:
    """The plan says it, and the card of the deployment, too."""
    client = shell.ip.run_cell("import fc_magic\nfc_magic.connect()").result
    for letter in "ab":
        client.publish_layer(f"{letter}-of-{name}", bundle({f"python/{letter}.py": b"X = 1\n"}))
    deployed(shell, name, options=f"--api {api} --layer a-of-{name}:1 --layer b-of-{name}:1")
    other = f"--api {api} --layer b-of-{name}:1 --layer a-of-{name}:1"
    assert set(rows(planned(shell, name, options=other))) == {"layers"}
    assert deployed(shell, name, options=other).value.info.changed == ("layers changed",)


@pytest.mark.parametrize("how", ["damaged", "encrypted"])
@pytest.mark.usefixtures("key")
def test_live_code_that_cannot_be_read(shell: Shell, name: str, how: str) -> None:
    """One of its files: the card says so, and the code is compared by its checksum."""
    raw = bytearray(bundle({"index.py": HANDLER.encode() + b"    return 2\n", "part.txt": b"AAAA"}))
    if how == "damaged":
        raw[raw.index(b"AAAA")] ^= 1
    else:
        raw[raw.rindex(b"PK\3\4") + 6] |= 1
        raw[raw.rindex(b"PK\1\2") + 8] |= 1
    live = {
        "name": name, "runtime": "python3.10", "handler": "index.handler", "memory": 128, "timeout": 60,
        "role": "acs:ram::1:role/r", "version": "1", "codeChecksum": "1", "codeSize": len(raw),
    }  # fmt: skip
    with Endpoint([]) as endpoint:
        place = {"url": f"{endpoint.url}/code.zip", "checksum": str(crc64(bytes(raw)))}
        endpoint.script += [
            answer(200, live),
            answer(200, place),
            answer(200, bytes(raw)),
            refusal(404, "NotFound"),
        ]
        ran = planned(shell, name, options=f"--target {endpoint.url} --role acs:ram::1:role/r")
    assert "the live code could not be compared: " in ran.text
    assert set(rows(ran)) == {"code"}


def test_code_of_somewhere_else(shell: Shell, name: str, tmp_path: Path) -> None:
    """What is not here is named, and never said to be the same."""
    file = tmp_path / "app.zip"
    file.write_bytes(bundle({"index.py": b"def handler(event, context):\n    return 1\n"}))
    deployed(shell, name)
    ran = shell.run(f"%fcdeploy {name} --code {file} --dry-run")
    assert [one.path for one in ran.value.plan.files] == ["index.py"]
    ran = shell.run(f"%fcdeploy {name} --zip-file http://127.0.0.1:9/app.zip?Signature={SECRET} --dry-run")
    assert ran.success, ran.text
    assert "http://127.0.0.1:9/app.zip" in ran.text
    assert SECRET not in ran.text
    assert ran.value.plan.outcome == "updated"


@pytest.mark.usefixtures("key")
def test_settings_of_a_container(shell: Shell, name: str) -> None:
    """Those that differ, each by its key; what is secret is not shown."""
    live = {
        "name": name, "runtime": "custom-container", "handler": "index.handler", "memory": 128, "timeout": 60,
        "role": "acs:ram::1:role/r", "version": "1", "image_url": "r.example.com/web:1",
        "custom_container_config": {"port": 9000, "args": "-v", "password": SECRET},
    }  # fmt: skip
    with Endpoint([answer(200, live)]) as endpoint:
        config = f'{{"port": 8000, "password": "{OTHER}", "health_check": {{"path": "/"}}}}'
        options = f"--target {endpoint.url} --role acs:ram::1:role/r --runtime custom-container"
        line = f"{options} --image-url r.example.com/web:1 --custom-container-config '{config}' --dry-run"
        ran = shell.run(f"%fcdeploy {name} {line}")
        assert ran.success, ran.text
        assert rows(ran) == {
            "container args": ("-v", ""),
            "container health_check": ("", '{"path": "/"}'),
            "container password": ("…", "set to another value"),
            "container port": ("9000", "8000"),
        }
        assert "container port" in ran.text
        assert SECRET not in ran.text
        assert OTHER not in ran.text


def test_large_code_is_compared_by_checksum(shell: Shell, name: str, tmp_path: Path) -> None:
    """It is not fetched, and the card says so."""
    noise = random.Random(1).randbytes(9 << 20)
    (tmp_path / "noise.bin").write_bytes(noise)
    option = f"--file {tmp_path / 'noise.bin'}"
    deployed(shell, name, options=option)
    assert planned(shell, name, options=option).value.plan.outcome == "unchanged"
    ran = planned(shell, name, "return 2", option)
    assert "the live code has 9 MB: checksums are compared, not lines" in ran.text
    assert set(rows(ran)) == {"code"}


# ---------------------------------------------------------------- libraries


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    for variable in (
        "UV_INDEX",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    with serving() as made:
        made.add("tool", needs=("part",))
        made.add("part")
        monkeypatch.setenv("UV_DEFAULT_INDEX", made.url)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        yield made


def ours(shell: Shell) -> list[str]:
    return [layer.label for layer in shell.run("%fclayers").value if OURS.fullmatch(layer.name)]


@pytest.mark.parametrize("layer", ["", "--no-layer"])
def test_libraries(shell: Shell, name: str, index: Index, layer: str) -> None:
    """By their versions, wherever they are; a dry run leaves the lock, the layers and the function as they are."""
    lock = Path(f"pylock.{name}.toml")
    asked = f"--requirements tool {layer}"
    assert planned(shell, name, options=asked).value.plan.outcome == "created"
    assert not lock.exists()
    assert not ours(shell)
    deployed(shell, name, options=asked)
    locked = lock.read_bytes()
    assert planned(shell, name, options=asked).value.plan.outcome == "unchanged"
    index.add("tool", "2.0")
    ran = planned(shell, name, options=f"{asked} --upgrade")
    found = {key: shown for key, shown in rows(ran).items() if key.startswith("library")}
    assert found == {"library tool": ("1.0", "2.0"), "library part": ("1.0", "")}
    assert lock.read_bytes() == locked
    assert len(ours(shell)) == (0 if layer else 1)
    after = deployed(shell, name, options=f"{asked} --upgrade")
    assert "tool 1.0 → 2.0" in after.text
    assert "part removed" in after.text
    assert {key for key in rows(planned(shell, name)) if "library" in key} == {"library tool"}


def test_a_refused_deployment_leaves_no_layer(shell: Shell, name: str, index: Index) -> None:
    """Its libraries were published before it was refused by the endpoint."""
    ran = shell.run(cell(name, options="--requirements tool --layer no-such-layer:1"))
    assert ran.error.request_id
    assert not ours(shell)


# ---------------------------------------------------------------- targets that cannot be asked


@pytest.mark.usefixtures("key")
def test_nobody_answers(shell: Shell, name: str) -> None:
    """The card says so, and shows what there is to show; wrong settings are refused all the same."""
    nowhere = "--target http://127.0.0.1:9 --role acs:ram::1:role/r"
    ran = planned(shell, name, "return 3", nowhere)
    assert ran.value.plan.outcome == "unknown"
    assert "what is live on http://127.0.0.1:9 is not known" in " ".join(ran.text.split())
    assert "return 3" in ran.text
    assert_refused(shell.run(cell(name, options=f"--dry-run {nowhere} --memory 7")))


def assert_refused(ran: Ran) -> None:
    """In the words of the line; it is not said to be its own cause."""
    assert ran.error.__cause__ is None
    assert type(ran.error).__name__ == "InvalidArgument"
    for said in ("--memory 7", "try --memory 128", "Nothing was sent."):
        assert said in ran.text


def test_without_a_key(shell: Shell, name: str) -> None:
    """A region that wants one is not asked; a name that is no target is refused."""
    ran = planned(shell, name, "return 3", "--target cn-hangzhou")
    assert "needs an access key, and none was found" in " ".join(ran.text.split())
    assert type(shell.run(cell(name, options="--dry-run --target nowhere")).error).__name__ == "UsageError"
    assert_refused(shell.run(cell(name, options="--dry-run --target cn-hangzhou --memory 7")))


def test_wrong_settings_are_refused(shell: Shell, name: str) -> None:
    """As a deployment would, with every one of them."""
    ran = shell.run(cell(name, options="--dry-run --memory 7 --timeout 0"))
    assert not ran.success
    for said in ("--memory 7", "--timeout 0", "Nothing was sent."):
        assert said in ran.text
    assert_refused(ran)
    assert_refused(shell.run(cell(name, options="--memory 7")))


# ---------------------------------------------------------------- what it costs


def test_cost_of_what_nobody_called(shell: Shell, name: str) -> None:
    """An assumption, which is said."""
    ran = planned(shell, name, options="--memory 512 --rate 1e6/month")
    text = " ".join(ran.text.split())
    assert "for 1,000 calls of 100 ms (assumed)" in text
    assert "a month at 1e6/month, by the list of 2025-12-13" in text
    unasked = " ".join(planned(shell, name, options="--memory 512").text.split())
    assert "for 1,000 calls of 100 ms (assumed), by the list of 2025-12-13" in unasked
    assert "a month" not in unasked
    wrong = shell.run(cell(name, options="--dry-run --rate often"))
    assert type(wrong.error).__name__ == "UsageError"
    assert "--rate often" in wrong.text


def test_advice(shell: Shell, name: str) -> None:
    """Of memory and time-out that are far from what its calls used; none while all is well, or after few calls."""
    body = "import time; time.sleep(0.9 * (event == b'1')); return 1"
    deployed(shell, name, body, "--memory 1024 --timeout 1")
    shell.run(f"{name}(1)")
    few = " ".join(planned(shell, name, "return 2", "--memory 1024 --timeout 1").text.split())
    assert "its calls used" not in few
    shell.run(f"for n in range(5): {name}(0)")
    text = " ".join(planned(shell, name, "return 2", "--memory 1024 --timeout 1").text.split())
    assert "of 1024 MB: --memory 128 costs 14% a second, with 0.1 instead of 0.7 vCPU" in text
    assert "of 1 s: --timeout 2" in text
    assert "(the mean of 6)" in text
    fine = " ".join(planned(shell, name, "return 2", "--memory 128 --timeout 30").text.split())
    assert "its " not in fine
    long = " ".join(planned(shell, name, "return 2", "--timeout 900").text.split())
    assert "of 900 s: --timeout 10 ends one that hangs sooner" in long


def test_fccost(shell: Shell, name: str) -> None:
    """The same by itself, of what is deployed."""
    deployed(shell, name, options="--memory 512")
    ran = shell.run(f"%fccost {name} --rate 10/s")
    assert ran.success, ran.text
    for said in (
        "512 MB, 0.35 vCPU, 100 ms (assumed)",
        "at 10/s: 25,920,000 calls",
        "2025-12-13",
        "billed apart",
    ):
        assert said in ran.text
    assert words_of_html(shell.bundle(ran.value)["text/html"]).split() == ran.text.split()[1:]
    assert shell.run("%fccost no-such").error.code == "DeploymentNotFound"
    assert "--rate 1/year" in shell.run(f"%fccost {name} --rate 1/year").text


# ---------------------------------------------------------------- what a deployment says afterwards


@pytest.mark.parametrize("api", APIS)
def test_the_difference_after(shell: Shell, name: str, api: str) -> None:
    """One line for what became another, and one for what went along; none where nothing did."""
    shell.run("import math\nRATE = 1")
    number = len(shell.ip.user_ns["In"]) - 1
    shell.run("def clean(x):\n    return math.floor(x)")
    first = deployed(shell, name, "return clean(RATE)", f"--api {api} --env A=1")
    assert f"RATE, clean from In[{number}], In[{number + 1}]\n" in first.text
    assert "changes  " not in first.text
    options = f"--api {api} --memory 256 --env A=2"
    second = deployed(shell, name, "return clean(RATE) + 1", options)
    assert "changes  index.py +1 −1 lines, memory 128 → 256 MB, env A set to another value" in second.text
    third = deployed(shell, name, "return clean(RATE) + 1", options).text
    assert "changes  " not in third
    assert "with  " not in third


def test_what_went_along_has_the_names_of_the_notebook(shell: Shell, name: str) -> None:
    """Also what a decorator made of a function, and what a class or a closure holds: no name is one that was made."""
    shell.run(
        "import functools\ndef traced(f):\n    @functools.wraps(f)\n    def wrapper(*a):\n        return f(*a)\n"
        "    return wrapper\n@traced\ndef _halved(x):\n    return x / 2\ndef more():\n    table = {'a': 1}\n"
        "    return lambda: table\nmore = more()"
    )
    said = deployed(shell, name, "return _halved(more()['a'])").text
    assert re.search(r"\n  with  (.*) from In", said)[1].split(", ") == ["_halved", "more"]


def test_the_difference_after_a_restart(shell: Shell, name: str) -> None:
    """Nothing is remembered here: what was deployed is asked for."""
    deployed(shell, name, "return 1")
    assert shell.run("%unload_ext fc_magic").success
    assert shell.run("%load_ext fc_magic").success
    assert "changes  index.py +1 −1 lines\n" in deployed(shell, name, "return 2").text


# ---------------------------------------------------------------- in Chinese


def test_in_chinese(shell: Shell, name: str) -> None:
    """The sentences are, and names stay as they are."""
    deployed(shell, name)
    assert shell.run("%config FcMagic.lang = 'zh'").success
    try:
        ran = planned(shell, name, "return 2", f"--memory 512 --env A={SECRET} --rate 1000/h")
        for said in ("当前", "512 MB", "env A", "已设置", "行", "未发送任何内容。", "按 1000/h"):
            assert said in ran.text
        assert "没有需要更改的内容。" in planned(shell, name).text
    finally:
        shell.run("%config FcMagic.lang = ''")


def test_text_is_under_100_columns(shell: Shell, name: str) -> None:
    deployed(shell, name)
    ran = planned(shell, name, f"return '{'x' * 300}'", "--description " + "d" * 250)
    assert max(map(len, ran.text.splitlines())) < 100


def test_base64_is_code_as_well(shell: Shell, name: str) -> None:
    """A ZIP as text is compared by its checksum."""
    raw = base64.b64encode(bundle({"index.py": (HANDLER + "    return 1\n").encode()})).decode()
    assert shell.run(f"%fcdeploy {name} --code {raw}").success
    assert shell.run(f"%fcdeploy {name} --code {raw} --dry-run").value.plan.outcome == "unchanged"
