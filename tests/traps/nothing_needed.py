"""A cell that needs nothing is sent as it is."""

# %%
SECRET = "stays here"

# %% deploy
def handler(event, context):
    SECRET = "own"
    return [SECRET]

# %% expect
# answers
# lacks: stays here
