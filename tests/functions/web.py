"""Answers an HTTP trigger as the event's query says, else shows the event."""

import base64
import json


def handler(event, context):
    request = json.loads(event)
    mode = request["queryParameters"].get("mode")
    if mode == "plain":
        return "just text"
    if mode == "object":
        return {"no": "status code"}
    if mode == "binary":
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "image/png"},
            "isBase64Encoded": True,
            "body": base64.b64encode(bytes(range(256))).decode(),
        }
    if mode == "bad-body":
        return {"statusCode": 200, "body": {"not": "text"}}
    if mode == "bad-status":
        return {"statusCode": 42, "body": ""}
    if mode == "raise":
        raise ValueError("no")
    if mode == "big-headers":
        return {"statusCode": 200, "headers": {"X-Big": "x" * 9000}, "body": ""}
    if mode == "headers":
        return {
            "statusCode": 201,
            "headers": {"X-Own": "yes", "X-Fc-Own": "no", "Date": "never"},
            "body": "made",
        }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(request)}
