"""What brings a module that cannot be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from fc_magic.package.distributions import distribution, meant

#: nearly like pandas, pymysql, serial, attr, ujson, …
NEIGHBOURS = ("geopandas", "pymssql", "pyserial", "attrs", "ijson", "pandasql", "dateutils", "docx2")


@pytest.mark.parametrize(
    ("module", "brings"),
    [
        ("yaml", "PyYAML"),
        ("yaml.nodes", "PyYAML"),
        ("cv2", "opencv-python-headless"),
        ("PIL.Image", "Pillow"),
        ("sklearn.linear_model", "scikit-learn"),
        ("pandas", "pandas"),
        ("pandas.core.frame", "pandas"),
        ("google.protobuf.message", "protobuf"),
        ("google.cloud.storage.blob", "google-cloud-storage"),
        ("google.cloud.firestore", "google-cloud-firestore"),
        ("azure.storage.blob.aio", "azure-storage-blob"),
        ("zope.event", "zope-event"),
        ("aliyunsdkecs.request.v20140526", "aliyun-python-sdk-ecs"),
        ("alibabacloud_ecs20140526.client", "alibabacloud-ecs20140526"),
    ],
)
def test_distribution_of_a_module(module: str, brings: str) -> None:
    """A module below it counts too; folders that many distributions share name none by themselves."""
    assert distribution(module) == brings


@pytest.mark.parametrize(
    ("module", "was"),
    [
        ("numpyy", "numpy"),
        ("nunpy.linalg", "numpy"),
        ("reqeusts", "requests"),
        ("sklern", "sklearn"),
        ("numpy", ""),
        ("yaml", ""),
        *((name, "") for name in NEIGHBOURS),
        ("my_own_module", ""),
    ],
)
def test_module_that_was_meant(module: str, was: str) -> None:
    """A name that is mistyped is not asked of an index as it is; one that is right is nobody else's."""
    assert meant(module) == was


def test_module_that_is_here_is_spelled_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is like."""
    assert meant("panda_s") == "pandas"
    (tmp_path / "panda_s.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert meant("panda_s") == ""
