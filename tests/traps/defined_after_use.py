"""A helper defined after the function that calls it, and a class after its user."""

# %%
def make(name):
    return Item(label(name))

# %%
def label(name):
    return PREFIX + name
class Item:
    def __init__(self, name):
        self.name = name

# %%
PREFIX = "item "

# %% deploy
def handler(event, context):
    return [make("x").name]

# %% expect
# answers
