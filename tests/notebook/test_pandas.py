"""The libraries that people ask for first, from the real index: compiled, with tests left out, and imported."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from fc_magic.server.worker import runtimes
from fc_magic.wire.runtimes import PYTHON
from tests.notebook.conftest import Shell

CELL = """%%fcdeploy lib_pandas --requirements "pandas==2.2.3 numpy" --runtime {runtime} --memory 1024
import importlib.metadata
import numpy, numpy.testing, pandas, pandas.testing
def handler(event, context):
    frame = pandas.DataFrame({{"a": [1, 2, 4]}})
    pandas.testing.assert_frame_equal(frame, frame)
    found = float(numpy.linalg.norm(frame.a)), importlib.metadata.version("pandas"), pandas.__file__
    return [*found, {number}]
"""


@pytest.mark.timeout(240)
def test_pandas(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deployed with its libraries in a layer, changed without sending them again, and looked at."""
    exact = [r for r in PYTHON if "python{}.{}".format(*runtimes.find(r).version) == r]
    if not exact or platform.machine() != "x86_64":
        pytest.skip("no wheel for a runtime loads on this machine")
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        ran = shell.run(CELL.format(runtime=exact[-1], number=number))
        assert ran.success, ran.text
        assert "libraries  numpy " in ran.text
        assert ran.value.info.code_size < 2000
        found = shell.run("lib_pandas()").value
        assert found == [pytest.approx(21**0.5), "2.2.3", "/opt/python/pandas/__init__.py", number]
    report = shell.run("%fcpackage lib_pandas").value
    assert {"pandas", "numpy", "python-dateutil"} <= {part.name for part in report.parts}
    assert report.left_out["tests of the library"][1] > 10 << 20
    assert shell.run("%fcdelete lib_pandas").success
