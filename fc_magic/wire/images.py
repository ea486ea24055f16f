"""What the image of a runtime has: its Python, its C library, and the libraries that are there without being packed.

Sources: the runtime overview of Function Compute 3.0, and for python3.9 the requirements of its public image, which
are complete. Of python3.10 the documented selection is here with what it needs in turn. The documented selection of
python3.12 is known in part: what the other images have may be there too, and nobody says so.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

#: runtime -> its Python
PYTHON: Mapping[str, tuple[int, int]] = {"python3.9": (3, 9), "python3.10": (3, 10), "python3.12": (3, 12)}
#: runtime -> the C library of its Debian
GLIBC: Mapping[str, tuple[int, int]] = {
    "python3.9": (2, 24),
    "python3.10": (2, 28),
    "python3.12": (2, 31),
    "custom": (2, 24),
    "custom.debian10": (2, 28),
    "custom.debian11": (2, 31),
    "custom.debian12": (2, 36),
}

_OSS2 = """
    aliyun-python-sdk-core aliyun-python-sdk-kms certifi cffi charset-normalizer crcmod cryptography idna
    jmespath oss2 pip pycparser pycryptodome requests six urllib3
"""
_SCRAPY = """
    attrs Automat constantly cssselect hyperlink incremental itemadapter itemloaders lxml parsel Protego pyasn1
    pyasn1-modules PyDispatcher pyOpenSSL queuelib Scrapy service-identity Twisted w3lib zope.interface
"""
_TEA = """
    aiohttp aiosignal alibabacloud-credentials alibabacloud-endpoint-util alibabacloud-gateway-spi
    alibabacloud-openapi-util alibabacloud-tea alibabacloud-tea-openapi alibabacloud-tea-util attrs frozenlist
    multidict yarl
"""
_SDKS = """
    aliyun-fc2 aliyun-log-python-sdk aliyun-mns aliyun-python-sdk-cdn aliyun-python-sdk-ecs
    aliyun-python-sdk-iot aliyun-python-sdk-ram aliyun-python-sdk-rds aliyun-python-sdk-sts
    aliyun-python-sdk-vpc async-timeout dateparser elasticsearch future Pillow protobuf python-dateutil pytz
    regex setuptools tablestore typing-extensions tzlocal Wand
"""
_ONLY_39 = """
    alibabacloud-fc-open20210406 aliyun-fc aliyun-python-sdk-dds aliyun-python-sdk-fnf aliyun-python-sdk-imm
    asn1crypto cbor chardet coverage cycler Cython debugpy greenlet h2 hpack hyperframe kiwisolver matplotlib
    numpy opencv-python priority pyparsing pytz-deprecation-shim scipy tzdata
"""
_ONLY_310 = "elastic-transport filelock packaging PyMySQL redis requests-file tldextract"
_ONLY_312 = """
    alibabacloud-cdn20180510 alibabacloud-ecs20140526 alibabacloud-kms20160120 alibabacloud-mns-open20220119
    alibabacloud-ram20150501 alibabacloud-rds20140815 alibabacloud-vpc20160428
"""
#: runtime -> distributions
DISTRIBUTIONS: Mapping[str, str] = {
    "python3.9": _OSS2 + _SCRAPY + _SDKS + _TEA + _ONLY_39,
    "python3.10": f"{_OSS2}{_SCRAPY}{_SDKS}{_ONLY_310}",
    "python3.12": _OSS2 + _TEA + _ONLY_312,
}
#: distribution -> the modules it brings, where they are not called like it
MODULES: Mapping[str, str] = {
    "alibabacloud-tea": "Tea",
    "aliyun-fc": "fc",
    "aliyun-fc2": "fc2",
    "aliyun-log-python-sdk": "aliyun.log",
    "aliyun-mns": "mns",
    "attrs": "attr attrs",
    "Automat": "automat",
    "Cython": "Cython cython pyximport",
    "future": "future past libfuturize libpasteurize",
    "matplotlib": "matplotlib mpl_toolkits pylab",
    "opencv-python": "cv2",
    "Pillow": "PIL",
    "Protego": "protego",
    "protobuf": "google.protobuf",
    "pycryptodome": "Crypto",
    "PyDispatcher": "pydispatch",
    "PyMySQL": "pymysql",
    "pyOpenSSL": "OpenSSL",
    "python-dateutil": "dateutil",
    "Scrapy": "scrapy",
    "setuptools": "setuptools pkg_resources",
    "Twisted": "twisted",
    "Wand": "wand",
    "zope.interface": "zope.interface",
}


@functools.cache
def modules(runtime: str) -> frozenset[str]:
    """What can be imported there beside the standard library; ``google.protobuf`` below a shared name."""
    return frozenset(
        name
        for one in DISTRIBUTIONS.get(runtime, "").split()
        for name in MODULES.get(one, _usual(one)).split()
    )


@functools.cache
def unconfirmed(runtime: str) -> frozenset[str]:
    """What may be there too: of an image whose documented list is not known to its end, what the one before has."""
    return modules("python3.10") - modules(runtime) if runtime == "python3.12" else frozenset()


def having(module: str) -> list[str]:
    """The runtimes whose image has a module."""
    return [runtime for runtime in DISTRIBUTIONS if module in modules(runtime)]


def _usual(distribution: str) -> str:
    return distribution.replace("aliyun-python-sdk-", "aliyunsdk").replace("-", "_")
