"""A value that is too large for a package is refused with the way out."""

# %%
blob = bytes(80_000_000)

# %% deploy
def handler(event, context):
    return [len(blob)]

# %% expect
# refused: blob | --file
