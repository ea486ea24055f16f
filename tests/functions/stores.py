"""Puts its event into the bucket that BUCKET names and gets it again, with the credentials it was given."""

import base64
import email.utils
import hashlib
import hmac
import os
import urllib.request

ENV = os.environ


def ask(method, path, body=None):
    token = ENV["ALIBABA_CLOUD_SECURITY_TOKEN"]
    date = email.utils.formatdate(usegmt=True)
    text = f"{method}\n\n{'text/plain' if body else ''}\n{date}\nx-oss-security-token:{token}\n{path}"
    mac = hmac.new(ENV["ALIBABA_CLOUD_ACCESS_KEY_SECRET"].encode(), text.encode(), hashlib.sha1).digest()
    signature = f"OSS {ENV['ALIBABA_CLOUD_ACCESS_KEY_ID']}:{base64.b64encode(mac).decode()}"
    headers = {"Date": date, "Authorization": signature, "x-oss-security-token": token}
    if body:
        headers["Content-Type"] = "text/plain"
    request = urllib.request.Request(ENV["OSS_ENDPOINT"] + path, body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def handler(event, context):
    path = f"/{ENV['BUCKET']}/{ENV.get('KEY', 'from/a/function')}"
    ask("PUT", path, event)
    return ask("GET", path)
