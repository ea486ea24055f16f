"""The files of the database."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import serving, zipped


def test_what_is_written_beside_it_stays_small(tmp_path: Path) -> None:
    """However often functions change, the file beside the database does not grow past a megabyte or so."""
    with serving(tmp_path) as server, server.client() as client:
        code = zipped("def handler(event, context): pass")
        for number in range(150):
            client.deploy({"name": "f", "code": code, "environment": {"A": f"{number:3000}"}})
        assert (tmp_path / "fc.sqlite-wal").stat().st_size < 1.2 * (1 << 20)
        # what was taken in is there
        assert client.get("f").info.environment == {"A": f"{149:3000}"}
