"""A class that was made by calling type()."""

# %%
Thing = type("Thing", (), {"kind": "made", "get": lambda self: self.kind})

# %% deploy
def handler(event, context):
    return [Thing().get()]

# %% expect
# refused: Thing
