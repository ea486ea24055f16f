"""A global that the deployed code sets before it reads it needs no value of the notebook."""

# %%
def setup():
    global config_
    config_ = "set up there"
def read():
    return config_

# %% deploy
def handler(event, context):
    setup()
    return [read()]

# %% expect
# answers
