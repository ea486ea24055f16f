"""The libraries of a deployment: in layers of their own, which are published once, or in its ZIP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fc_magic.errors import ApiError, FcError, Interrupted, UsageError
from fc_magic.package import unread
from fc_magic.package.contents import Contents
from fc_magic.package.layered import OURS, Layered, labels, layered
from fc_magic.wire.runtimes import PYTHON
from fc_magic.wire.spec import MAX_LAYERS

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.client.function import RemoteFunction
    from fc_magic.notebook.build import Asked, Built
    from fc_magic.notebook.packages import Noted
    from fc_magic.package.packed import Packed
    from fc_magic.package.workplace import Workplace

NO_LAYER, LEAVE_OUT, KEEP = "no-layer", "leave-out", "keep"


def patterns(asked: Asked, usual: str = "") -> tuple[str, ...]:
    """What of libraries is left out, or stays, besides what always is: the setting's, then the line's. Raises
    UsageError."""
    kept = (f"!{pattern}" for pattern in asked.every(KEEP))
    return tuple(map(unread.checked, [*usual.split(), *asked.every(LEAVE_OUT), *kept]))


def packed(
    contents: Contents, asked: Asked, at: Workplace | None
) -> tuple[bytes | Packed, tuple[Layered, ...]]:
    """The ZIP of a deployment, and the layers beside it. Raises PackageError."""
    contents = dataclasses.replace(contents, left_out=patterns(asked, at.leave_out if at else ""))
    cache = at.packages if at else None
    if not contents.wheels or not are_apart(asked):
        return contents.zipped(cache), ()
    made = layered(contents.wheels, asked.runtime, contents.left_out, cache)
    own = asked.settings.get("layers") or ()
    if len(own) + len(made) > MAX_LAYERS:
        raise UsageError(
            f"{asked.name} would have {len(own) + len(made)} layers with those of its libraries; "
            f"Function Compute takes {MAX_LAYERS}",
            hint=f"--{NO_LAYER} puts the libraries into the ZIP",
        )
    return dataclasses.replace(contents, wheels=()).zipped(), made


def are_apart(asked: Asked) -> bool:
    """Whether libraries become layers. Custom runtimes look for nothing in one by themselves."""
    return asked.runtime in PYTHON and not asked.has(NO_LAYER)


def deploy(client: Client, built: Built, kept: Noted | None = None) -> RemoteFunction:
    """Deploys with the layers of libraries, which are published unless they are there; those that nobody has any
    more are removed. ``kept``: of what was deployed before from here. Raises ApiError, ConnectionFailed."""
    from fc_magic.notebook.plan import after

    try:
        function = _deployed(client, built)
    except KeyboardInterrupt as error:
        if isinstance(error, Interrupted):
            raise
        name = built.fields["name"]
        raise Interrupted(
            f"{name} was interrupted while it was sent; %fcversions {name} shows what is deployed now, "
            "and deploying it again completes it"
        ) from None
    info = after.told(client, function.info, built, kept)
    had = info.before.layers if info.before else ()
    dropped = {_label(one) for one in had} - {_label(one) for one in info.layers}
    warnings = collect(client, dropped, info.name)
    wheels = built.contents.wheels if built.contents else ()
    function.info = dataclasses.replace(info, warnings=(*info.warnings, *warnings), libraries=labels(wheels))
    return function


def _deployed(client: Client, built: Built) -> RemoteFunction:
    published: list[str] = []
    try:
        return client.deploy(_with_layers(client, built, published))
    except ApiError as error:
        if not built.layers or all(client.layers(one.name) for one in built.layers):
            if not error.maybe_done:
                collect(client, published)  # what was refused has them not
            raise
        # somebody else found no function that has it, and removed it before ours had
        return client.deploy(_with_layers(client, built, published))


def _with_layers(client: Client, built: Built, published: list[str]) -> Mapping[str, Any]:
    """The fields with the layers of libraries: behind those that a person names, which win. Those that are new are
    added to ``published``."""
    if not built.layers:
        return built.fields
    client.complete(built.fields)  # what is refused anyway is refused before its libraries are sent
    found = []
    for one in built.layers:
        layer = client.publish_layer(
            one.name, one.libraries.whole(), runtimes=(one.runtime,), description=one.description
        )
        found.append({"name": layer.name, "version": str(layer.version)})
        if layer.outcome == "published":
            published.append(_label(layer))
    return {**built.fields, "layers": [*(built.fields.get("layers") or ()), *found]}


def delete(client: Client, name: str) -> list[str]:
    """Deletes a function, and the layers of libraries that only it had; returns warnings."""
    had = _had(client, name)
    client.delete(name)
    return collect(client, had)


def _had(client: Client, name: str) -> Iterable[str]:
    """Our layers of a function and of its versions; where there is none of ours, nobody is asked."""
    try:
        if not any(OURS.fullmatch(layer.name) for layer in client.layers()):
            return ()
        return client.layers_of(name)
    except FcError:
        return ()  # whether it is there says the deletion


def collect(client: Client, labels: Iterable[str], first: str = "") -> list[str]:
    """Removes those of ours that no function has; returns warnings, since what was asked for is done."""
    ours = [label for label in labels if OURS.fullmatch(label.rpartition(":")[0])]
    try:
        client.collect_layers(ours, first)
    except FcError as error:
        return [f"a layer that no function has may still be there: {error.message.rstrip('.')}"]
    return []


def _label(layer: Any) -> str:
    return f"{layer.name}:{layer.version}"
