"""Charts, logs and statistics."""

WORDS = {
    "as numbers": "数值",
}
