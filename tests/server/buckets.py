"""The official SDKs of OSS at the object store of a real server, with the keys of a test."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import alibabacloud_oss_v2 as oss_v2
import requests

with warnings.catch_warnings():
    # oss2 has escapes that Python warns of whenever it compiles them, which an installer may have left to us
    warnings.simplefilter("ignore")
    import oss2

from tests.conftest import KEY_ID, REGION, SECRET


@contextmanager
def bucket_at(url: str, name: str, auth: oss2.Auth | None = None, make: bool = True) -> Iterator[oss2.Bucket]:
    """``oss2`` at one bucket, which is made."""
    session = oss2.Session()
    found = oss2.Bucket(
        auth or oss2.AuthV4(KEY_ID, SECRET), url, name, region=REGION, session=session, connect_timeout=20
    )
    try:
        if make:
            found.create_bucket()
        yield found
    finally:
        session.session.close()


@contextmanager
def client_at(url: str) -> Iterator[oss_v2.Client]:
    """``alibabacloud-oss-v2``."""
    settings = oss_v2.config.load_default()
    settings.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(KEY_ID, SECRET)
    settings.region, settings.endpoint, settings.retry_max_attempts = REGION, url, 1
    with requests.Session() as session:
        settings.http_client = oss_v2.transport.RequestsHttpClient(session=session)
        yield oss_v2.Client(settings)
