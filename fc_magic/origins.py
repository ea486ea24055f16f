"""The files that settings come from: ``[tool.fc-magic]`` of a project, and a file of the user's own. TOML.

It reads and judges the file; what a setting may be is said by ``config``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fc_magic.errors import UsageError

PROJECT, TABLE = "pyproject.toml", "fc-magic"
#: names another user file
CONFIG_VARIABLE = "FC_MAGIC_CONFIG"
SECRET = ("access_key_secret", "security_token")
#: a project's file is committed and shared: what only a person can say has no place in it
PERSONAL = {
    "access_key_secret": "it is committed with the project",
    "security_token": "it is committed with the project",
    "yes": "whoever opens the project agrees for themselves",
}


def project_settings(folder: Path) -> tuple[str, dict[str, Any]]:
    """The nearest pyproject.toml from ``folder`` upwards: its path as shown, and its table. Raises UsageError."""
    path = next((p for at in (folder, *folder.parents) if os.path.isfile(p := at / PROJECT)), None)
    if path is None:
        return "", {}
    place = shown(path)
    raw = _bytes(path, place)
    if not re.search(rb"\bfc-magic\b", raw):
        return place, {}  # most projects have no such table: nothing is parsed, nothing is imported for it
    tool = _parsed(raw, place).get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is None:
        return place, {}
    if not isinstance(table, dict):
        raise UsageError(f"{place}: tool.{TABLE} is no table", hint=f"[tool.{TABLE}]")
    settings = _named(table, place)
    for name, why in PERSONAL.items():
        if name in settings:
            raise UsageError(
                f"{place} has {name}, and may not: {why}",
                hint=f"take it out, and put it into the environment or into {shown(user_file())}",
            )
    return place, settings


def user_file(environ: Mapping[str, str] | None = None) -> Path:
    """The user's own file: the one that ``FC_MAGIC_CONFIG`` names, else in the system's folder for such files."""
    named = (os.environ if environ is None else environ).get(CONFIG_VARIABLE, "").strip()
    if named:
        return Path(os.path.abspath(os.path.expanduser(named)))
    from platformdirs import user_config_dir

    return Path(user_config_dir("fc-magic", appauthor=False)) / "config.toml"


def user_settings(environ: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The user file's path as it is shown, and its settings; none if there is no file. Raises UsageError."""
    path = user_file(environ)
    place = shown(path)
    if not os.path.exists(path):
        if environ.get(CONFIG_VARIABLE, "").strip():
            raise UsageError(f"{CONFIG_VARIABLE} names {place}, and there is no such file")
        return place, {}
    settings = _named(_parsed(_bytes(path, place), place), place)
    secret = [name for name in SECRET if settings.get(name)]
    if secret and os.name == "posix" and path.stat().st_mode & 0o077:
        raise UsageError(
            f"{place} has {', '.join(secret)}, and others than you can read it",
            hint=f"chmod 600 {place}",
        )
    return place, settings


def shown(path: Path) -> str:
    """A path as a person writes it."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _bytes(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}") from None


def _parsed(raw: bytes, place: str) -> dict[str, Any]:
    # only who has such a file pays for the parser
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        found: dict[str, Any] = tomllib.loads(raw.decode())
        return found
    except (ValueError, RecursionError) as error:
        # the parser's own message may repeat what is in the file, and that may be a secret
        at = re.search(r"\(at (?:line \d+, column \d+|end of document)\)", str(error))
        raise UsageError(
            f"{place} is not TOML {at[0] if at else ''}".rstrip(), hint='target = "local"'
        ) from None


def _named(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Names as Python writes them; TOML's own custom is a hyphen."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name in found:
            raise UsageError(f"{place} has {name} twice, with - and with _")
        found[name] = value
    return found
