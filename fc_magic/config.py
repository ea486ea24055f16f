"""Settings, made once and frozen. There is little to configure: what is not set works on this machine.

A magic's option or a call's argument beats ``%config``, that the environment, that the project's pyproject.toml,
that the user's file, and that the default. Each value knows where it came from, and a secret never shows.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from fc_magic import origins
from fc_magic.errors import UsageError
from fc_magic.origins import SECRET

#: seconds, and repetitions: more than anybody waits
MOST = 1_000_000
APIS = ("v2", "fc3")
NETWORKS = ("public", "account", "internal")
LANGUAGES = ("en", "zh")
_YES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
#: read by the credentials' own means, and no settings
OTHER_VARIABLES = (
    origins.CONFIG_VARIABLE,
    "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_ROLE_ARN",
)


def _setting(default: Any, help_: str, *names: str, allowed: tuple[str, ...] = (), form: str = "") -> Any:
    """``allowed``: the words it may be; ``form``: a pattern, with what it means behind a blank."""
    return field(default=default, metadata={"help": help_, "env": names, "allowed": allowed, "form": form})


def public(url: str) -> str:
    """A URL without the user and password it may name: what of it can be shown."""
    return re.sub(r"//.*@", "//****@", url)


@dataclass(frozen=True, repr=False)
class Settings:
    """Where to deploy, as whom, and how long to wait. Times in seconds."""

    target: str = _setting("local", "local, a region such as cn-hangzhou, or a URL", "FC_MAGIC_TARGET")
    api: str = _setting(
        "", "dialect: v2 or fc3 (local and a URL: v2, a region: fc3)", "FC_MAGIC_API", allowed=APIS
    )
    region: str = _setting(
        "cn-hangzhou", "region of the local Function Compute, or of a URL", "FC_MAGIC_REGION"
    )
    endpoint: str = _setting(
        "", "another address for a region", "FC_MAGIC_ENDPOINT", "FC_CLIENT_CUSTOM_ENDPOINT"
    )
    oss_endpoint: str = _setting(
        "", "address of the object store of a region or a URL", "FC_MAGIC_OSS_ENDPOINT"
    )
    code_bucket: str = _setting(
        "",
        "OSS bucket that code too big for a request goes through (one is made)",
        "FC_MAGIC_CODE_BUCKET",
        form=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9] 3 to 63 lower-case letters, digits and -",
    )
    network: str = _setting(
        "public",
        "which of a region's hosts: public, account or internal",
        "FC_MAGIC_NETWORK",
        allowed=NETWORKS,
    )
    yes: bool = _setting(False, "agree to writing to the cloud without being asked", "FC_MAGIC_YES")
    access_key_id: str = _setting(
        "", "access key id (local: generated)", "FC_MAGIC_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"
    )
    access_key_secret: str = _setting(
        "",
        "access key secret (local: generated)",
        "FC_MAGIC_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    )
    security_token: str = _setting(
        "",
        "STS token of temporary keys",
        "FC_MAGIC_SECURITY_TOKEN",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    )
    profile: str = _setting(
        "", "profile of the aliyun CLI (its current one)", "FC_MAGIC_PROFILE", "ALIBABA_CLOUD_PROFILE"
    )
    ecs_role: str = _setting(
        "",
        "take keys from the ECS metadata service: a RAM role, or auto (off)",
        "FC_MAGIC_ECS_ROLE",
        "ALIBABA_CLOUD_ECS_METADATA",
    )
    account_id: str = _setting(
        "", "account id (local: 1234567890123456)", "FC_MAGIC_ACCOUNT_ID", form=r"\d{1,32} digits"
    )
    role: str = _setting("", "role of functions: ARN (local: one is offered)", "FC_MAGIC_ROLE")
    runtime: str = _setting("python3.10", "runtime if a cell names none", "FC_MAGIC_RUNTIME")
    lang: str = _setting(
        "", "language of what is shown: en or zh (that of the system)", "FC_MAGIC_LANG", allowed=LANGUAGES
    )
    home: str = _setting("", "folder of the local Function Compute's data", "FC_MAGIC_HOME")
    leave_out: str = _setting(
        "",
        "patterns of files of libraries that are not packed, such as *.md; one that begins with ! stays",
        "FC_MAGIC_LEAVE_OUT",
    )
    idle_stop: float = _setting(
        600.0, "local: seconds after the last kernel until it ends; 0 = never", "FC_MAGIC_IDLE_STOP"
    )
    connect_timeout: float = _setting(5.0, "seconds to connect", "FC_MAGIC_CONNECT_TIMEOUT")
    read_timeout: float = _setting(
        60.0, "seconds to wait for an answer (calls: more)", "FC_MAGIC_READ_TIMEOUT"
    )
    retries: int = _setting(3, "repetitions after a failure, where repeating is safe", "FC_MAGIC_RETRIES")

    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value, _ in self.rows())})"

    def __reduce__(self) -> Any:
        if any(getattr(self, name) for name in SECRET):
            raise TypeError("settings that have a secret are not pickled; load them where they are needed")
        return super().__reduce__()

    def __copy__(self) -> Settings:
        return self

    def __deepcopy__(self, memo: object) -> Settings:
        return self  # frozen

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        folder: Path | None = None,
        configured: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Settings:
        """Option (``given``, None = not said) > ``configured`` > environment > project > user file > default.

        The project is looked for from ``folder`` (this process's) upwards. Files are not read when ``environ`` is
        given without ``folder``. Raises UsageError.
        """
        with_files = environ is None or folder is not None
        environ = os.environ if environ is None else environ
        check_names(given)
        layers = [_said(given, "option"), _said(configured or {}, "%config"), *_variables(environ)]
        if with_files:
            layers += _files(environ, folder or _here())
        found: dict[str, tuple[int, _Said]] = {}
        for name in names():
            at = next((n for n, layer in enumerate(layers) if name in layer), -1)
            if at >= 0:
                found[name] = at, layers[at][name]
        for name in _strangers(found, layers):
            del found[name]
        values = {name: read(name, said) for name, (_, said) in found.items()}
        return cls(**values, origins={name: said.origin for name, (_, said) in found.items()})

    def with_(self, origin: str, **values: Any) -> Settings:
        """A copy with some values changed; ``origin`` says by what."""
        return replace(self, **values, origins={**self.origins, **dict.fromkeys(values, origin)})

    def rows(self) -> list[tuple[str, str, str]]:
        """(name, value, where it came from) of each setting; secrets as ``****``."""
        out = []
        for item in _items():
            value = getattr(self, item.name)
            text = f"{value:g}" if isinstance(value, float) else _words(value)
            shown = "****" if item.name in SECRET and value else public(text)
            out.append((item.name, shown, self.origins.get(item.name, "default")))
        return out

    @property
    def folder(self) -> Path:
        """Where the local Function Compute keeps its data."""
        if self.home:
            return Path(self.home).expanduser().absolute()  # the server runs in another folder
        from platformdirs import user_data_dir

        return Path(user_data_dir("fc-magic", appauthor=False))

    @property
    def cache(self) -> Path:
        """Where wheels and packages are kept that can be fetched and packed again."""
        if self.home:
            return self.folder / "cache"
        from platformdirs import user_cache_dir

        return Path(user_cache_dir("fc-magic", appauthor=False))


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder was removed under us
        return Path("/")


def _words(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _items() -> list[Any]:
    return [item for item in fields(Settings) if item.metadata]


def names() -> list[str]:
    return [item.name for item in _items()]


def environment_names() -> dict[str, tuple[str, ...]]:
    """setting -> the environment variables that set it, the stronger first."""
    return {item.name: item.metadata["env"] for item in _items()}


def descriptions() -> dict[str, tuple[str, str]]:
    """setting -> what it means, and what it may be."""
    return {item.name: (item.metadata["help"], _allowed(item)) for item in _items()}


# ---------------------------------------------------------------- where values come from


class _Said(NamedTuple):
    """A value as it was said: ``place`` is how an error names it, ``origin`` how a table does."""

    value: Any
    place: str
    origin: str
    #: what to type instead, before the value; ``is_quoted``: that is Python
    typed: str
    is_quoted: bool = False


def _said(values: Mapping[str, Any], origin: str) -> dict[str, _Said]:
    return {n: _Said(v, n, origin, f"{n}=") for n, v in values.items() if v is not None}


def _variables(environ: Mapping[str, str]) -> Iterator[dict[str, _Said]]:
    """Our own variables, then those of others."""
    known = environment_names()
    for n in range(max(map(len, known.values()))):
        named = {name: variables[n] for name, variables in known.items() if len(variables) > n}
        yield {
            name: _Said(text, variable, variable, f"export {variable}=")
            for name, variable in named.items()
            if (text := environ.get(variable, "").strip())
        }


def _files(environ: Mapping[str, str], folder: Path) -> Iterator[dict[str, _Said]]:
    """The project's file, then the user's. Every value in them is judged, also one that something beats."""
    for place, settings in (origins.project_settings(folder), origins.user_settings(environ)):
        check_names(settings, f"{place}: ")
        layer = {n: _Said(v, f"{place}: {n}", place, f"{n} = ") for n, v in settings.items()}
        for name, said in layer.items():
            read(name, said)
        yield layer


def _strangers(found: Mapping[str, tuple[int, _Said]], layers: list[dict[str, _Said]]) -> list[str]:
    """What of a key is not meant: a key that is weaker than the profile that was chosen, and what would mix two keys,
    a weaker origin's half of a key that has its other half there too."""
    key = {name: found[name][0] for name in ("access_key_id", "access_key_secret") if name in found}
    if key and "profile" in found and found["profile"][0] < min(key.values()):
        return [name for name in ("access_key_id", *SECRET) if name in found]
    out = []
    if len(key) == 2 and len(set(key.values())) == 2:
        weaker, stronger = sorted(key, key=lambda name: -key[name])
        if stronger in layers[key[weaker]]:
            out.append(weaker)
    kept = {name: at for name, at in key.items() if name not in out}
    owner = kept.get("access_key_secret", kept.get("access_key_id"))
    if "security_token" in found and owner is not None and found["security_token"][0] > owner:
        out.append("security_token")
    return out


def check_names(given: Mapping[str, Any], place: str = "") -> None:
    """Raises UsageError for what is no setting."""
    unknown = sorted(set(given) - set(names()))
    if unknown:
        close = difflib.get_close_matches(unknown[0], names(), n=1)
        raise UsageError(
            f"{place}{', '.join(unknown)} is not a setting; there are {', '.join(names())}",
            hint=f"did you mean {close[0]}?" if close else "",
        )


# ---------------------------------------------------------------- what a value may be


def read(name: str, said: _Said) -> Any:
    """The value, as it is kept. Raises UsageError that names the place, the value and what is allowed."""
    item = next(item for item in _items() if item.name == name)
    value = said.value
    found = _READERS[type(item.default)](item, value)
    if found is None:
        is_ = "" if name in SECRET else f" is {value!r}, which"
        usual = item.default if isinstance(item.default, int | float) else _example(item)
        raise UsageError(
            f"{said.place}{is_} is not {_allowed(item)}",
            hint=said.typed + (repr(usual) if said.is_quoted else _words(usual)),
        )
    return found


def configured(name: str, value: Any) -> Any:
    """``value`` as ``%config`` gives it. Raises UsageError."""
    check_names({name: value})
    return read(name, _Said(value, name, "%config", f"%config FcMagic.{name} = ", is_quoted=True))


def _example(item: Any) -> str:
    words = item.metadata["allowed"]
    return words[0] if words else item.default or "…"


def _allowed(item: Any) -> str:
    if isinstance(item.default, bool):
        return "yes or no"
    if isinstance(item.default, int | float):
        # nothing can wait for no time at all, nor for more than a system's clock holds
        return f"a number from {'more than 0' if item.name.endswith('_timeout') else '0'} to {MOST}"
    form = item.metadata["form"].partition(" ")[2]
    return form or " or ".join(filter(None, item.metadata["allowed"])) or "text"


def _read_text(item: Any, value: Any) -> str | None:
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        return None
    text = str(value)  # an account id is written as a number, too
    words, form = item.metadata["allowed"], item.metadata["form"].partition(" ")[0]
    if text and ((words and text not in words) or (form and not re.fullmatch(form, text, re.ASCII))):
        return None
    return text


def _read_number(item: Any, value: Any) -> Any:
    try:
        number = type(item.default)(str(value))
    except ValueError:
        number = math.nan
    least_is_more = item.name.endswith("_timeout")
    return number if 0 < number <= MOST or (number == 0 and not least_is_more) else None


def _read_yes(item: Any, value: Any) -> bool | None:
    return _YES.get(str(value).lower())


_READERS: dict[type, Any] = {str: _read_text, int: _read_number, float: _read_number, bool: _read_yes}
