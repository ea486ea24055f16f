"""Answers an HTTP request with what its body, a Python expression, says; ``request`` is the event, parsed."""

import base64
import json


def handler(event, context):
    request = json.loads(event)
    body = request["body"]
    text = base64.b64decode(body).decode() if request["isBase64Encoded"] else body
    return eval(text, {"request": request, "base64": base64, "json": json, "context": context})
