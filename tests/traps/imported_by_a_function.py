"""A module that a function bound as a global."""

# %%
def setup():
    global js
    import json as js
setup()
def read(text):
    return js.loads(text)

# %% deploy
def handler(event, context):
    return read("[1, 2]")

# %% expect
# answers
