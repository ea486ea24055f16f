"""The last output is another thing each time."""

# %%
7 * 6

# %%
def last():
    return _

# %% deploy
def handler(event, context):
    return [last()]

# %% expect
# refused: _ |
