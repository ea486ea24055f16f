"""A name behind globals()['x'] is followed."""

# %%
x = 5
def get():
    return globals()["x"] + 1

# %% deploy
def handler(event, context):
    return [get()]

# %% expect
# answers
