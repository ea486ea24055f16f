"""What brings a module that cannot be imported."""

from __future__ import annotations

import pytest

from fc_magic.package.distributions import distribution


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
