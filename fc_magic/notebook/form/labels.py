"""What each setting is called on the screen."""

from __future__ import annotations

from fc_magic.language.speech import say

#: in English; of what has several boxes, the title of its tab
LABELS = {
    "runtime": "Runtime",
    "memory": "Memory",
    "timeout": "Timeout",
    "description": "Description",
    "triggers": "Triggers",
    "environment": "Environment",
    "handler": "Handler",
    "entrypoint": "Entry point",
    "file": "Files beside",
    "include": "Folders beside",
    "exclude": "Leave out names",
    "folder": "From a folder",
    "code": "From a ZIP",
    "zip_file": "From a URL",
    "oss_bucket": "From OSS bucket",
    "oss_object_key": "Its object",
    "publish": "Publish a version",
    "force": "Deploy in spite of findings",
    "requirements": "Requirements",
    "layers": "Layers",
    "leave-out": "Leave out files",
    "keep": "Keep files",
    "no-layer": "Into the ZIP",
    "locked": "As locked",
    "upgrade": "Newest that fit",
    "vpc_config": "Network",
    "role": "Role",
    "image_url": "Image",
    "image_tag": "Tag",
    "image_digest_value": "Digest",
    "custom_container_config": "Settings (JSON)",
}


def labelled(name: str) -> str:
    """A setting as it is called on the screen."""
    return say(LABELS[name])
