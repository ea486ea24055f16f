"""FC's event for a change, against the sample of the contract."""

from __future__ import annotations

from fc_magic.server.objects.changes import Change


def test_the_event_that_a_function_gets() -> None:
    """Names, places and types are those that FC documents."""
    change = Change(
        name="ObjectCreated:PutObject",
        bucket="pics",
        key="source/a.png",
        size=122539,
        delta_size=122539,
        etag="688A7BF4F233DC9C88A80BF985AB0000",
        mime_type="image/png",
        time=1767323045.0,
        source_ip="203.0.113.7",
        request_id="58F9FF2D3DF792092E12044C",
        user_meta={"x-oss-meta-origin": "app"},
    )
    assert change.event("cn-hangzhou", "1234567890123456", "9adac8e253828f4f7c0466d941fa3db811610000") == {
        "eventName": "ObjectCreated:PutObject",
        "eventSource": "acs:oss",
        "eventTime": "2026-01-02T03:04:05.000Z",
        "eventVersion": "1.0",
        "region": "cn-hangzhou",
        "oss": {
            "ossSchemaVersion": "1.0",
            "ruleId": "9adac8e253828f4f7c0466d941fa3db811610000",
            "bucket": {
                "name": "pics",
                "arn": "acs:oss:cn-hangzhou:1234567890123456:pics",
                "ownerIdentity": "1234567890123456",
                "virtualBucket": "",
            },
            "object": {
                "key": "source/a.png",
                "size": 122539,
                "deltaSize": 122539,
                "eTag": "688A7BF4F233DC9C88A80BF985AB0000",
                "objectMeta": {"mimeType": "image/png", "userMeta": {"x-oss-meta-origin": "app"}},
            },
        },
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {"requestId": "58F9FF2D3DF792092E12044C"},
        "userIdentity": {"principalId": "1234567890123456"},
    }
