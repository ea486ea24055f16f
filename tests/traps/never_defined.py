"""A name that nobody ever defined is named before anything is sent."""

# %%
def use():
    return not_there_at_all

# %% deploy
def handler(event, context):
    return [use()]

# %% expect
# refused: not_there_at_all
