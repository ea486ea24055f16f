"""A function that is deployed already is no value: it is called through its target."""

# %%
# %%fcdeploy trap-other
def handler(event, context):
    return ["other"]

# %%
def ask():
    return trap_other(None)

# %% deploy
def handler(event, context):
    return ask()

# %% expect
# refused: trap_other
