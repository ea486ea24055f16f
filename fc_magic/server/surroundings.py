"""The environment of an instance: what Function Compute sets, then the function's own variables."""

from __future__ import annotations

from collections.abc import Mapping

from fc_magic.server.identity import Identity
from fc_magic.server.worker import merge, runtimes
from fc_magic.wire.results import Function

#: of every instance, whatever its function
PLATFORM = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/tmp",  # noqa: S108 - what a function sees as home
    "PYTHONUNBUFFERED": "1",
}
#: runtimes on Debian 11 and newer name the version otherwise; which system nodejs18 is on is not confirmed
NEWER_SYSTEMS = ("python3.12", "nodejs18", "nodejs20", "custom.debian11", "custom.debian12")


def libraries(code: str, opt: str = merge.OPT) -> dict[str, str]:
    return {
        "PATH": f"{opt}/bin:{runtimes.PATH}",
        "LD_LIBRARY_PATH": f"{code}:{code}/lib:/usr/local/lib:{opt}/lib",
    }


def environment(identity: Identity, function: Function, code: str, opt: str) -> dict[str, str]:
    """Built from nothing: what Function Compute sets, then the function's own variables."""
    key, secret, token = identity.given(function.kept, "Env")
    version = "FC_FUNCTION_VERSION" if function.runtime in NEWER_SYSTEMS else "FC_VER_ID"
    return {
        **PLATFORM,
        **libraries(code, opt or merge.OPT),
        **merge.environment(function.runtime, opt),
        "FC_FUNC_CODE_PATH": code,
        "FC_ACCOUNT_ID": identity.account_id,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": function.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
        "FC_REGION": identity.region,
        version: function.qualifier,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": token,
        # ours: a region's endpoint has a name that everybody knows, and this one a port
        **({"OSS_ENDPOINT": identity.objects_url} if identity.objects_url else {}),
        **function.environment,
    }


def served_at(port: int, environment: Mapping[str, str], path: tuple[str, ...]) -> dict[str, str]:
    return {
        "PATH": ":".join([environment["PATH"], *path]),
        "FC_CUSTOM_LISTEN_PORT": str(port),
        "FC_SERVER_PORT": str(port),
    }
