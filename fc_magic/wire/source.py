"""Where the code of a deployment is: one of a ZIP, its URL, an OSS object, a container image."""

from __future__ import annotations

import re
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import ConfigDict, Field, field_validator

from fc_magic.wire.fields import Value, field, said

#: of a request's code as it travels, which is base64
MAX_CODE_BYTES = 100 * 1024 * 1024
#: of a ZIP that travels in the request. UNCONFIRMED whether FC's 100 MB count before or after base64, which makes
#: four bytes of three; so this holds either way
INLINE_BYTES = MAX_CODE_BYTES // 4 * 3
#: of a ZIP that Function Compute takes from OSS
MAX_PACKAGE_BYTES = 500 * 1024 * 1024
#: where in a bucket a package lies while it is deployed
PASSING = "fc-magic/"


def passing_key(place: str, checksum: str) -> str:
    """The key of a package on its way: who comes back with the same one finds what got there of it."""
    return f"{PASSING}{place}/{checksum}.zip"


def public(url: str) -> str:
    """A URL without what may be secret in it: the user and password before the host, query and fragment."""
    return re.sub(r"^([^/]*//)[^/]*@", r"\1", re.split(r"[?#]", url, maxsplit=1)[0])


@runtime_checkable
class InFile(Protocol):
    """Bytes that are read when they are needed: their number and checksum are known, and a slice is bytes."""

    @property
    def checksum(self) -> str: ...

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class Inline(Value):
    """The ZIP itself. One of more than ``INLINE_BYTES`` goes through OSS."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    zip: Annotated[bytes | InFile, Field(max_length=MAX_PACKAGE_BYTES, repr=False)]


class Zip(Value):
    """A ZIP to fetch by URL; ``from_code`` if the URL came in the field ``code``."""

    zip_file: str = field(
        ...,
        "URL of a ZIP with the code; then the cell's own code is ignored",
        said("https://example.com/function.zip", "an http or https URL"),
        pattern=r"^https?://[^\s/]+\S*$",
        max_length=4096,
        repr=False,
    )
    from_code: bool = False


class Oss(Value):
    """A ZIP in an OSS bucket of the function's region."""

    oss_bucket: str = field(
        ...,
        "OSS bucket of the ZIP, with oss_object_key; then the cell's own code is ignored",
        said("my-bucket", "3 to 63 lower-case letters, digits and -"),
        pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$",
    )
    oss_object_key: str = field(
        ...,
        "key of the ZIP in the bucket; then the cell's own code is ignored",
        said("myfunction.zip", "1 to 1023 bytes, not starting with / or \\"),
        pattern=r"^[^/\\]",
        max_length=1023,
    )

    @field_validator("oss_object_key")
    @classmethod
    def _bytes(cls, value: str) -> str:
        if len(value.encode()) > 1023:
            raise ValueError("is longer than 1023 bytes")
        return value


# pydantic's \w and \d take the letters and digits of every script
_W = "A-Za-z0-9_"
_TAG = f"[{_W}][{_W}.-]{{0,127}}"


class Image(Value):
    """A container image; the runtime is then ``custom-container``."""

    image_url: str | None = field(
        None,
        "container image; then the cell's own code is ignored",
        said("registry.example.com/team/web:1.4", "REGISTRY/NAME[:TAG][@DIGEST]"),
        pattern=rf"^(https?://)?[{_W}.-]+(:[0-9]+)?(/[{_W}.-]+)*(:{_TAG})?(@sha256:[0-9a-f]{{64}})?$",
        max_length=512,
    )
    image_tag: str | None = field(
        None,
        "tag of the image",
        said("latest", "letters, digits, _ . -, at most 128"),
        pattern=rf"^{_TAG}$",
    )
    image_digest_value: str | None = field(
        None,
        "digest of the image",
        said("sha256:<64 hex digits>", "sha256: and 64 hex digits"),
        pattern=r"^(sha256:)?[0-9a-f]{64}$",
    )
    custom_container_config: dict[str, Any] | None = field(
        None,
        "container settings (port, command, args, health_check)",
        said('{"port": 9000}', "a JSON object"),
        repr=False,
    )


Code = Inline | Zip | Oss | Image
