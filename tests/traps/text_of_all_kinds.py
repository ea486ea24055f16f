"""Texts with quotes, controls, half characters and other scripts."""

# %%
texts = ["'\"\\", "a\nb\tc\0d", "\u2028", "é👍", "\ud800", r"\n", "{x}", "'''", '"""', "%s", ""]
raw = bytes(range(256))

# %% deploy
def handler(event, context):
    return [ascii(texts), list(raw)]

# %% expect
# answers
