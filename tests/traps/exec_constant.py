"""Names that a constant exec binds and needs are followed."""

# %%
exec("def made(x):\n    return x + base")
base = 10

# %% deploy
def handler(event, context):
    return [made(1)]

# %% expect
# refused: made
