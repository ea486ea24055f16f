"""The notebook in Chinese: real kernels, cards and errors of both faces, and what stays as it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fc_magic.language import choice
from fc_magic.notebook import display, words
from fc_magic.notebook.form.form import Form
from fc_magic.wire.results import Invocation
from tests.notebook.conftest import (
    Kernel,
    Shell,
    deploying,
    environment,
    kernel_in,
    text_of,
    texts,
    words_of_html,
)
from tests.notebook.forms import all_tabs, shown

CHINESE = re.compile(r"[\u4e00-\u9fff]")
RAISES = "raise ValueError('the layers of this name are version 3')"


@pytest.fixture(scope="module")
def kernel(home: Path) -> Iterator[Kernel]:
    """One whose environment says Chinese."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FC_MAGIC_LANG", "zh")
        with kernel_in(home) as running:
            patch.undo()
            yield running


@pytest.fixture
def switched(shell: Shell) -> Iterator[Shell]:
    """A shell that may be switched, and is as before in the end."""
    yield shell
    shell.run("%config FcMagic.lang = None")
    choice.use("")


def faces(kernel: Kernel, cell: str, fails: bool = False) -> tuple[str, str]:
    """What a cell shows, as text and as the words of its html."""
    outputs = kernel.run(cell, fails=fails)
    html = [words_of_html(t) for t in texts([o for o in outputs if "data" in o], "text/html")]
    return text_of(outputs), "\n".join(html)


def is_narrow(text: str) -> bool:
    return all(words.width(line) < 100 for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())


# ---------------------------------------------------------------- cards


def test_cards(kernel: Kernel) -> None:
    """Deploy, call, list, log: the same facts in both faces, and no column that runs over."""
    deployed, html = faces(kernel, deploying("hallo", "print('the answer'); return 'deployed to local'"))
    assert "已部署到 local · 版本 1" in deployed
    assert "已部署到 local" in html
    called, html = faces(kernel, "%fcinvoke hallo {}")
    assert re.search(r"请求 1-[0-9a-f-]+", called)
    assert "冷启动" in called
    assert "日志  the answer" in called
    # what the function returned is its own, also where we say the same
    assert "'deployed to local'" in called
    assert "deployed to local" in html
    listed, html = faces(kernel, "%fclist")
    assert re.search(r"名称 +运行环境 +内存 +触发器 +更新时间 +版本", listed)
    assert "今日调用" in html
    logged, _ = faces(kernel, "%fclogs hallo")
    assert "the answer" in logged
    target, _ = faces(kernel, "%fctarget")
    assert "目标 local" in target
    assert "设置" in target
    assert re.search(r"lang +zh +FC_MAGIC_LANG", target)
    for text in (deployed, called, listed, logged, target):
        assert is_narrow(text), text


def test_columns_are_aligned(kernel: Kernel) -> None:
    """A wide character takes two columns: what stands under a title begins where it begins."""
    header, row = texts(kernel.run("%fclist"))[0].splitlines()[:2]
    at = words.width(header[: header.index("运行环境")])
    assert words.width(row[: row.index("python3.10")]) == at


def test_dry_run_and_help(kernel: Kernel) -> None:
    shown, _ = faces(kernel, deploying("hallo", "return 2", "--dry-run"))
    assert CHINESE.search(shown)
    assert "Nothing" not in shown
    helped = text_of(kernel.run("%fcdeploy --help"))
    assert "将单元格部署为函数" in helped
    assert "单个实例的内存" in helped
    assert is_narrow(helped)


# ---------------------------------------------------------------- errors


def test_a_failing_function(kernel: Kernel) -> None:
    """Our words are Chinese; the exception, its message and the names in it stay as the author wrote them."""
    kernel.run(deploying("fails", RAISES))
    shown, html = faces(kernel, "%fcinvoke fails {}", fails=True)
    assert "ValueError: the layers of this name are version 3" in shown
    assert "ValueError: the layers of this name are version 3" in html
    assert "函数 fails，请求 1-" in shown
    assert re.search(r"单元格 In\[\d+\] 第 \d 行", shown)


def test_a_returned_value_that_is_no_json(kernel: Kernel) -> None:
    """A place is set into the sentence as Chinese is: no space within it."""
    kernel.run(deploying("sets", "return {1, 2}"))
    shown, _ = faces(kernel, "%fcinvoke sets {}", fails=True)
    assert re.search(r"请求处理程序在单元格 In\[\d+\] 第 \d 行返回", shown)


def test_an_event_that_is_no_json(kernel: Kernel) -> None:
    """The same sentence wherever it is shown, whole in Chinese."""
    kernel.run(deploying("takes", "return 1"))
    said = "事件的类型是 dict，不能作为 JSON 发送：set 类型的对象无法序列化为 JSON"
    for cell, fails in (("takes({'amount': {1}})", True), ("takes.map([{'amount': {1}}, 2])", False)):
        shown, _ = faces(kernel, cell, fails=fails)
        assert said in shown


def test_errors_of_a_map(kernel: Kernel) -> None:
    """Chinese signs between Chinese, and what calls cost in the reader's own currency."""
    kernel.run(deploying("breaks", "raise ValueError('no')"))
    shown, _ = faces(kernel, "breaks.map([1, 2])")
    assert re.search(r"2 ×  ValueError: no  首个事件 0，单元格 In\[\d+\] 第 \d 行", shown)
    assert re.search(r"部署到云上约 0\.\d+ 元", shown)


def test_tables(kernel: Kernel) -> None:
    """What stands in a table is Chinese as well, but for names."""
    kernel.run(deploying("rows", "return 1"))
    kernel.run("rows({})")
    assert re.search(r"c-\S+ +空闲 +1 ", faces(kernel, "%fcinstances rows")[0])
    assert re.search(r"^  代码包 \d+ B$", faces(kernel, "%fcpackage rows")[0], re.MULTILINE)
    assert re.search(r"版本 +发布时间 +别名 +描述", faces(kernel, "%fcversions rows")[0])


def test_the_form_says_what_is_wrong(kernel: Kernel) -> None:
    shown, _ = faces(kernel, "form = %fcform rows\nform.fill({'memory': 7})\nprint(form.problems())")
    assert "过小：128 到 32768 MB，步长 64" in shown


def test_what_function_compute_says_itself(kernel: Kernel) -> None:
    """Its meaning stands in front; its own words, its code and the request id stay."""
    kernel.run(deploying("exits", "import os; os._exit(3)"))
    shown, _ = faces(kernel, "%fcinvoke exits {}", fails=True)
    assert shown.index("进程在完成请求之前意外退出") < shown.index("Process exited unexpectedly")
    missing, _ = faces(kernel, "%fcinvoke nobody {}", fails=True)
    assert missing.index("函数 'nobody' 不存在") < missing.index("function 'nobody' does not exist")
    assert re.search(r"FunctionNotFound · 请求 1-", missing)


def test_a_refused_deployment(kernel: Kernel) -> None:
    shown, html = faces(kernel, deploying("wrong", "return 1", "--memory 7 --timeout 0"), fails=True)
    assert "wrong 未部署：有 2 项设置需要修改" in shown
    assert re.search(r"--memory 7 .*128 到 32768 MB，步长 64", shown)
    assert "未发送任何内容" in shown
    assert "--timeout 0" in html
    assert is_narrow(shown)
    unknown, _ = faces(kernel, deploying("wrong", "return 1", "--memry 128"), fails=True)
    assert "无法理解该行" in unknown
    assert "是否要写 --memory？" in unknown


def test_errors_stay_english_for_programs(kernel: Kernel) -> None:
    """Code and logs rely on ``message`` and ``str``."""
    told = text_of(
        kernel.run(
            "from fc_magic.errors import FcError\n"
            "try:\n    get_ipython().run_line_magic('fcdelete', 'nobody')\n"
            "except FcError as error:\n    print(error.message, '|', str(error))"
        )
    )
    assert "there is no deployment named nobody | there is no deployment named nobody" in told
    assert not CHINESE.search(told)


# ---------------------------------------------------------------- the choice


def test_config_switches_at_once(switched: Shell, caplog: pytest.LogCaptureFixture) -> None:
    """From the next output on, and back; a value that there is not is refused."""
    assert "Nothing that begins with zz is deployed here." in switched.run("%fclist zz").text
    assert switched.run("%config FcMagic.lang = 'zh'").success
    assert "此处没有以 zz 开头的函数。" in switched.run("%fclist zz").text
    assert "列出已部署的函数" in switched.run("%fclist --help").text
    refused = switched.run("%config FcMagic.lang = 'fr'")
    # traitlets logs what a front end shows
    assert "lang 为 'fr'，不是 en 或 zh" in refused.text + caplog.text
    assert switched.run("%config FcMagic.lang = 'en'").success
    assert "Nothing that begins with zz is deployed here." in switched.run("%fclist zz").text


def test_language_of_the_system(home: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LC_ALL", "LC_MESSAGES"):
            patch.delenv(name, raising=False)
        patch.setenv("LANG", "zh_CN.UTF-8")
        with kernel_in(home) as kernel:
            assert "名称" in text_of(kernel.run("%fclist"))


def test_a_project_says_it(home: Path, tmp_path: Path) -> None:
    """A line of pyproject.toml, also for what is refused before anything is sent."""
    (tmp_path / "pyproject.toml").write_text('[tool.fc-magic]\nlang = "zh"\n')
    with kernel_in(tmp_path) as kernel:
        assert "函数没有名称" in text_of(kernel.run("%%fcdeploy\nx = 1", fails=True))


def command(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:

    with environment({**os.environ, **variables}):
        return subprocess.run(
            [sys.executable, "-m", "fc_magic", *arguments],
            capture_output=True,
            text=True,
            cwd=home,
            check=False,
        )


def test_the_command_line(home: Path, tmp_path: Path) -> None:
    assert "显示函数部署到何处" in command(tmp_path, "--help", FC_MAGIC_LANG="zh").stdout
    assert "缺少参数" in command(tmp_path, "pull", FC_MAGIC_LANG="zh").stderr
    for english in ("usage", "options", "arguments", "show", "error"):
        assert english not in command(tmp_path, "pull", "--help", FC_MAGIC_LANG="zh").stdout
        assert english not in command(tmp_path, "pull", FC_MAGIC_LANG="zh").stderr
    refused = command(tmp_path, "deploy", "nothing.ipynb", FC_MAGIC_LANG="zh")
    assert (refused.returncode, "没有该文件" in refused.stderr) == (2, True)
    assert "there is no such file" in command(tmp_path, "deploy", "nothing.ipynb").stderr
    wrong = command(tmp_path, "target", FC_MAGIC_LANG="fr")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "fc-magic: FC_MAGIC_LANG is 'fr', which is not en or zh\nexport FC_MAGIC_LANG=en\n",
    )


def test_a_finding_has_its_level(switched: Shell) -> None:
    switched.run("%config FcMagic.lang = 'zh'")
    ran = switched.run("%%fcdeploy leveled\nimport torch\ndef handler(event, context):\n    import pandas\n")
    assert "missing-module-in-function" in ran.text
    assert "（警告）" in ran.text
    assert "(warning)" not in ran.text


def test_findings_beside_a_deployment(switched: Shell) -> None:
    """Each part of one is a sentence by itself, as in a refusal: where, what, what would happen, what to do."""
    switched.run("%config FcMagic.lang = 'zh'")
    line = "%%fcdeploy garbled --runtime python3.9 --force --dry-run"
    ran = switched.run(
        f"{line}\nimport reqests\nimport tomllib\ndef handler(event, context):\n    import yaml\n"
    )
    text = "".join(ran.text.split())
    for said in (
        "第 2 行：reqests 既不在代码包中，也不在 python3.9 中：ImportModuleError: Unable to import module 'index': "
        "No module named 'reqests'；是否要写 requests？否则 --requirements reqests",
        "第 3 行：import tomllib 自 Python 3.11 起才有：ImportModuleError",
        "第 5 行：yaml 既不在代码包中，也不在 python3.9 中：No module named 'yaml'；--requirements PyYAML",
    ):
        assert "".join(said.split()) in text, text


def test_what_was_said_in_english_is_no_second_title() -> None:
    """FC's own words stand below ours, and are dim as those of other errors."""
    error = {"errorMessage": "Function timed out after 1 seconds (maxMemoryUsage: 16.48MB)"}
    failed = Invocation("hello", "1-1", json.dumps(error).encode(), "UnhandledInvocationError")
    try:
        for lang, heads in (("en", 1), ("zh", 1)):
            choice.use(lang)
            html = display.bundle(failed)["text/html"]
            assert html.count('class="fcm-head"') == heads
            assert re.search(f'class="fcm-{"head" if lang == "en" else "dim"}">Function timed out', html)
    finally:
        choice.use("")


# ---------------------------------------------------------------- how fast


def test_a_chinese_error_takes_no_time(switched: Shell) -> None:
    """An error with its problems and hint, both faces, once the catalogue is there."""
    from fc_magic.errors import Problem, UsageError
    from fc_magic.notebook import display

    choice.use("zh")
    problems = [
        Problem(f"--memory {n}", "must be 128 to 32768 MB in steps of 64", hint="try --memory 128")
        for n in range(4)
    ]

    def shown(n: int) -> float:
        error = UsageError(
            f"hello{n} was not deployed: {n} settings need attention", problems=problems, hint="%fclist"
        )
        began = time.process_time()
        assert CHINESE.search(display.bundle(error)["text/plain"])
        return time.process_time() - began

    shown(2)
    assert sorted(shown(n) for n in range(3, 40))[18] < 0.005


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("0 0 25 * * *", "没有有效的“时”：'25'"),
        ("0 0 0 * * 8", "没有有效的“周”：'8'"),
        ("CRON_TZ=Mars/Base 0 0 4 * * *", "没有有效的时区：'Mars/Base'"),
    ],
)
def test_note_of_a_schedule(switched: Shell, schedule: str, said: str) -> None:
    """It is read by itself beneath its field, and behind the trigger elsewhere."""
    choice.use("zh")
    form = Form("scheduled")
    form.fill({"trigger": f"timer:{schedule}"})
    all_tabs(form)
    assert f"✗ {said}" in " ".join(words_of_html(shown(form)).split())
    assert f"timer:{schedule} {said}" in form.problems()["triggers"]


def test_headings_of_the_command() -> None:
    """All colons are those of the language."""
    command = [sys.executable, "-m", "fc_magic", "--help"]
    env = {**os.environ, "FC_MAGIC_LANG": "zh", "FC_MAGIC_CONFIG": os.devnull}
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    for heading in ("用法", "选项", "命令"):
        assert f"{heading}：" in said
        assert f"{heading}:" not in said


@pytest.mark.parametrize("where", ["--env API_KEY=typed-by-hand\n", "\n#| fc: --env API_KEY=typed-by-hand\n"])
def test_secret_of_an_option(switched: Shell, where: str) -> None:
    """It need not stand on the first line."""
    switched.run("%config FcMagic.lang = 'zh'")
    ran = switched.run(f"%%fcdeploy said-in-chinese {where}def handler(event, context):\n    return 1\n")
    assert "API_KEY 疑似机密，且写在选项中" in ran.text
    switched.run("%fcdelete said-in-chinese")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "x = {'x-token': 'typed-by-hand'}",
            "x-token 疑似机密，且写在文件中：--env X_TOKEN 并在单元格中",
        ),
        (
            "x = 'https://me:typed-by-hand@host.com'; print(x)",
            "x 疑似机密，且写在文件中：--env X 并在单元格中",
        ),
        (
            "print('https://me:typed-by-hand@host.com')",
            "带有密码的 URL 写在文件中：--env SECRET 并在单元格中",
        ),
        (
            "x = 'value-of-a-test'",
            "handler 含有 CHINESE_API_KEY 的值，疑似机密，且写在文件中：--env CHINESE_API_KEY 并在",
        ),
    ],
)
def test_secret_of_the_cell(switched: Shell, monkeypatch: pytest.MonkeyPatch, line: str, said: str) -> None:
    """Each of what can be said of it."""
    monkeypatch.setenv("CHINESE_API_KEY", "value-of-a-test")
    switched.run("%config FcMagic.lang = 'zh'")
    ran = switched.run(
        f"%%fcdeploy said-in-chinese --dry-run\ndef handler(event, context):\n    {line}\n    return x\n"
    )
    assert said in "".join(ran.text.split("\n"))
