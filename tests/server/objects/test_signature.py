"""Both signatures against the signers of both official SDKs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.server.auth import Key
from fc_magic.server.objects import auth
from fc_magic.server.objects.refusals import Refused
from fc_magic.wire import oss_signature as signature
from fc_magic.wire.oss_signature import Signable
from tests.server.objects.serve import REGION

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

KEY_ID, SECRET = "LTAIid", "a secret/of+40=characters"
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"])
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
KEYS = st.one_of(TEXT, st.sampled_from(["a/b c+d", "../..", "a//b", "100%25", "é/世界", "~a*('!)"]))
#: what both SDKs sign in V1, beside parameters that they do not
PARAMS = st.dictionaries(
    st.sampled_from(
        ["acl", "uploadId", "partNumber", "prefix", "max-keys", "response-content-type", "tagging"]
    ),
    TEXT,
    max_size=4,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["x-oss-meta-a", "X-Oss-Object-Acl", "Content-Type", "Content-MD5", "x-oss-tagging", "Range"]
    ),
    st.text("abc /=;,世é09", min_size=1, max_size=9).map(str.strip).filter(bool),
    max_size=4,
)
TOKENS = st.sampled_from(["", "to/ken+=of a role"])
BUCKETS = st.sampled_from(["", "a-bucket"])


def received(method: str, bucket: str, key: str, query: str, headers: Mapping[str, str]) -> Signable:
    """The request as the server reads it: the query decoded, the names of headers in lower case."""
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return Signable(method, bucket, key, pairs, {k.lower(): v for k, v in headers.items() if v is not None})


def check(request: Signable, version: int) -> None:
    claim = signature.claim(request)
    assert claim is not None
    assert (claim.version, claim.key_id) == (version, KEY_ID)
    assert signature.verify(claim, request, SECRET), signature.string_to_sign(claim, request)
    assert not signature.verify(claim, request, SECRET + "x")
    changed = Signable(request.method, request.bucket, request.key + "x", request.query, request.headers)
    assert not signature.verify(claim, changed, SECRET) or not request.bucket


@pytest.mark.parametrize("in_url", [False, True], ids=["header", "url"])
@pytest.mark.parametrize("version", [1, 4])
@given(method=METHODS, bucket=BUCKETS, key=KEYS, params=PARAMS, headers=HEADERS, token=TOKENS)
def test_signatures_of_oss2(
    version: int,
    in_url: bool,
    method: str,
    bucket: str,
    key: str,
    params: dict[str, str],
    headers: dict[str, str],
    token: str,
) -> None:
    """What oss2 signs is verified, and nothing else is."""
    key = key if bucket else ""
    signer = oss2.StsAuth(KEY_ID, SECRET, token, f"v{version}")
    url = "http://127.0.0.1/" + quote(f"{bucket}/{key}")
    request = oss2.http.Request(method, url, b"", dict(params), dict(headers), region=REGION, product="oss")
    if in_url:
        signed = signer._sign_url(request, bucket, key, 60)
        query = signed.partition("?")[2]
        request.headers.pop("date", None)
    else:
        signer._sign_request(request, bucket, key)
        query = "&".join(f"{quote(k, '')}={quote(v, '')}" for k, v in request.params.items())
    check(received(method, bucket, key, query, request.headers), version)


@pytest.mark.parametrize("in_url", [False, True], ids=["header", "url"])
@pytest.mark.parametrize("version", [1, 4])
@given(
    method=METHODS,
    bucket=BUCKETS,
    key=KEYS,
    params=PARAMS,
    headers=HEADERS,
    token=TOKENS,
    additional=st.sets(st.sampled_from(["range", "host", "if-match"])),
)
def test_signatures_of_oss_v2(
    version: int,
    in_url: bool,
    method: str,
    bucket: str,
    key: str,
    params: dict[str, str],
    headers: dict[str, str],
    token: str,
    additional: set[str],
) -> None:
    """What alibabacloud-oss-v2 signs is verified, with additional headers as well."""
    key = key if bucket else ""
    query = "&".join(f"{quote(k, '')}={quote(v, '')}" for k, v in params.items())
    request = HttpRequest(
        method, f"http://127.0.0.1/{quote(f'{bucket}/{key}')}" + (f"?{query}" if query else "")
    )
    request.headers.update(headers)
    context = SigningContext(
        product="oss",
        region=REGION,
        bucket=bucket or None,
        key=key if bucket else None,
        request=request,
        credentials=oss_v2.credentials.Credentials(KEY_ID, SECRET, token or None),
        signing_time=datetime.datetime.now(datetime.timezone.utc),
    )
    context.auth_method_query, context.additional_headers, context.sub_resource = in_url, additional, []
    (SignerV1() if version == 1 else SignerV4()).sign(context)
    check(received(method, bucket, key, urlsplit(request.url).query, request.headers), version)


def test_sub_resources_of_both_sdks_are_known() -> None:
    """V1 signs certain parameters: every one that an SDK signs is signed here."""
    for signer in (oss2.auth.ProviderAuth, SignerV1):
        assert signer._subresource_key_set <= signature.SUBRESOURCES


NOW = 1_700_000_000.0
V4 = f"OSS4-HMAC-SHA256 Credential={KEY_ID}/20231114/{REGION}/oss/aliyun_v4_request,Signature=00"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (
            {"authorization": f"OSS {KEY_ID}:sig", "date": "Tue, 14 Nov 2023 22:13:20 GMT"},
            "SignatureDoesNotMatch",
        ),
        (
            {"authorization": f"OSS {KEY_ID}:sig", "date": "Tue, 14 Nov 2023 22:28:21 GMT"},
            "RequestTimeTooSkewed",
        ),
        (
            {"authorization": f"OSS {KEY_ID}:sig", "date": "Tue, 14 Nov 2023 21:58:19 GMT"},
            "RequestTimeTooSkewed",
        ),
        ({"authorization": f"OSS {KEY_ID}:sig"}, "AccessDenied"),
        ({"authorization": "OSS nobody:sig"}, "InvalidAccessKeyId"),
        ({"authorization": "OSS STS.role:sig"}, "InvalidAccessKeyId"),
        ({"authorization": "OSS STS.role:sig", "x-oss-security-token": "other"}, "InvalidSecurityToken"),
        ({"authorization": "OSS"}, "InvalidArgument"),
        ({"authorization": "OSS2 AccessKeyId:a,Signature:b"}, "InvalidArgument"),
        ({"authorization": V4, "x-oss-date": "20231114T221320Z"}, "SignatureDoesNotMatch"),
        ({"authorization": V4, "x-oss-date": "20231114T215819Z"}, "RequestTimeTooSkewed"),
        ({"authorization": V4.replace(REGION, "mars"), "x-oss-date": "20231114T221320Z"}, "InvalidArgument"),
        ({"authorization": V4.replace("/oss/", "/fc/"), "x-oss-date": "20231114T221320Z"}, "InvalidArgument"),
        (
            {"authorization": V4.replace("20231114", "20231113"), "x-oss-date": "20231114T221320Z"},
            "InvalidArgument",
        ),
        ({"authorization": V4.replace("_request", ""), "x-oss-date": "20231114T221320Z"}, "InvalidArgument"),
        (
            {"authorization": V4, "x-oss-date": "20231114T221320Z", "x-oss-content-sha256": "78af"},
            "InvalidArgument",
        ),
    ],
)
def test_what_is_refused(headers: dict[str, str], code: str) -> None:
    """Each fault of a signed header has OSS's own code; the clock is the verifier's."""
    keys = {KEY_ID: Key(SECRET), "STS.role": Key("role's secret", "role's token")}
    verifier = auth.Verifier(keys, REGION, lambda: NOW)
    with pytest.raises(Refused) as refused:
        verifier.check(Signable("GET", "b", "k", (), headers))
    assert refused.value.code == code
    assert SECRET not in str(refused.value.fields)
    assert "role's token" not in str(refused.value.fields)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"OSSAccessKeyId": KEY_ID, "Signature": "x", "Expires": "1699999999"}, "AccessDenied"),
        ({"OSSAccessKeyId": KEY_ID, "Signature": "x", "Expires": "soon"}, "AccessDenied"),
        ({"OSSAccessKeyId": KEY_ID, "Signature": "x", "Expires": "1700000000"}, "SignatureDoesNotMatch"),
        ({"x-oss-date": "20231114T221219Z", "x-oss-expires": "60"}, "AccessDenied"),
        ({"x-oss-date": "20231114T221220Z", "x-oss-expires": "60"}, "SignatureDoesNotMatch"),
        ({"x-oss-date": "20231114T221220Z", "x-oss-expires": "604801"}, "InvalidArgument"),
        ({"x-oss-date": "20231114T222821Z", "x-oss-expires": "60"}, "RequestTimeTooSkewed"),
    ],
)
def test_urls_that_are_refused(query: dict[str, str], code: str) -> None:
    """A presigned URL ends at its second, and has no more than seven days."""
    if "x-oss-date" in query:
        credential = f"{KEY_ID}/20231114/{REGION}/oss/aliyun_v4_request"
        query |= {
            "x-oss-signature-version": signature.ALGORITHM,
            "x-oss-credential": credential,
            "x-oss-signature": "0",
        }
    verifier = auth.Verifier({KEY_ID: Key(SECRET)}, REGION, lambda: NOW)
    with pytest.raises(Refused) as refused:
        verifier.check(Signable("GET", "b", "k", tuple(query.items()), {}))
    assert refused.value.code == code
