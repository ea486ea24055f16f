"""A name that is only known while the function runs cannot be followed."""

# %%
red, green = 1, 2
def colour(name):
    return globals()[name]

# %% deploy
def handler(event, context):
    return [colour("red")]

# %% expect
# refused: colour | globals
