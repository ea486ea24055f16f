"""How large the package will be, against what Function Compute takes and an instance holds."""

from __future__ import annotations

from collections.abc import Iterator

from fc_magic.preflight import provided
from fc_magic.preflight.finding import Finding, Place
from fc_magic.preflight.view import View
from fc_magic.wire.layers import MAX_LAYERS_BYTES
from fc_magic.wire.source import MAX_PACKAGE_BYTES

#: of the ZIP, in the smaller regions; nobody says which those are
SMALLER_REGIONS = 100 * 1024 * 1024
#: of an instance, unless it has the larger disk; that the code counts is not documented
DISK = 512 * 1024 * 1024


def examine(view: View) -> Iterator[Finding]:
    contents = view.contents
    wheels = [wheel for wheel in contents.wheels if wheel.path.exists()]
    packed = sum(wheel.path.stat().st_size for wheel in wheels)
    most = MAX_LAYERS_BYTES if view.apart else MAX_PACKAGE_BYTES
    if packed > most:
        said = f"the libraries have {_mb(packed)} as ZIPs, and at most {_mb(most)} are taken"
        yield Finding(
            "package-too-large", Place(), said, "", "fewer requirements, or an image: --image-url URL"
        )
    elif packed > SMALLER_REGIONS and not view.apart:
        said = (
            f"the libraries have {_mb(packed)} as ZIPs, and the smaller regions take {_mb(SMALLER_REGIONS)}"
        )
        yield Finding("large-package", Place(), said)
    unpacked = sum(map(len, contents.files.values())) + sum(map(provided.unpacked, wheels))
    if unpacked > DISK:
        said = (
            f"{_mb(unpacked)} unpacked, and the disk of an instance has {_mb(DISK)} unless more is asked for"
        )
        yield Finding("large-package", Place(), said, "OSError: No space left on device")


def _mb(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MB"
