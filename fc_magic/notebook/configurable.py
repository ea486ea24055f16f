"""``%config FcMagic.target = 'cn-hangzhou'``, and ``c.FcMagic.target`` in IPython's own files.

traitlets is there when IPython is; what a setting may be is imported when one is set. A secret is no trait: cells and
listings of traits show what they hold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from traitlets import Any as Value
from traitlets import TraitError
from traitlets.config import Configurable

#: the settings, without secrets: written down here so that loading the extension need not make them
NAMES = (
    *(
        "target",
        "api",
        "region",
        "endpoint",
        "oss_endpoint",
        "code_bucket",
        "network",
        "yes",
        "access_key_id",
    ),
    *(
        "profile",
        "ecs_role",
        "account_id",
        "role",
        "runtime",
        "lang",
        "home",
        "leave_out",
        "idle_stop",
        "connect_timeout",
    ),
    *("read_timeout", "retries"),
)


class _Settings(Configurable):
    """The settings that were said by ``%config``; None is one that was not."""

    changed: Callable[[str], object] = staticmethod(lambda name: None)

    def said(self) -> dict[str, Any]:
        return {name: value for name in NAMES if (value := getattr(self, name)) is not None}

    def update_config(self, given: Any) -> None:
        """Takes what is right, and nothing if something is wrong. Raises TraitError that names what is allowed."""
        said = given.get("FcMagic", {})
        read = {name: None if value is None else _read(name, value) for name, value in said.items()}
        for name, value in read.items():
            setattr(self, name, value)
            self.changed(name)

    @classmethod
    def class_get_help(cls, inst: Any = None, helptrait: Any = None) -> str:
        """What ``%config FcMagic`` prints."""
        from fc_magic.config import descriptions
        from fc_magic.language.speech import say, translated, word

        lines = [say("FcMagic options"), "---------------"]
        for name in NAMES:
            means, allowed = descriptions()[name]
            lines += [f"FcMagic.{name}=<{word(allowed)}>", f"    {translated(means)}"]
            lines += [f"    {say('Current: {0}', repr(getattr(inst, name)))}"] if inst is not None else []
        return "\n".join(
            [
                *lines,
                say("None is what was not set here; %fctarget shows every value and where it is from."),
            ]
        )


def _read(name: str, value: Any) -> Any:
    from fc_magic.client.cloud import check_target
    from fc_magic.config import configured
    from fc_magic.errors import UsageError
    from fc_magic.language.speech import say, translated
    from fc_magic.origins import SECRET

    if name in SECRET:
        raise TraitError(
            say("FcMagic.{0}: a cell is no place for a secret; the environment or a file of yours is", name)
        )
    try:
        found = configured(name, value)
        if name == "target":
            check_target(found)
    except UsageError as error:
        said = [translated(text) for text in (error.message, error.hint) if text]
        raise TraitError(f"FcMagic: {' · '.join(said)}") from None
    return found


#: the class has the name under which it is configured
FcMagic: type[Any] = type(
    "FcMagic", (_Settings,), {name: Value(None, allow_none=True).tag(config=True) for name in NAMES}
)


def configurable(shell: Any) -> Any:
    """The one of this shell, with what its files say."""
    made = FcMagic()
    for name, value in shell.config.get("FcMagic", {}).items():
        try:
            made.update_config({"FcMagic": {name: value}})
        except TraitError as error:  # of a file, or of a line that was refused before: no reason not to load
            print(f"⚠ {error}", file=sys.stderr)
    shell.configurables.append(made)
    return made
