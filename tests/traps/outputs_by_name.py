"""What is only known as an output of the notebook is refused by that name."""

# %%
[1, 2, 3]

# %%
def first():
    return Out[1][0]

# %% deploy
def handler(event, context):
    return [first()]

# %% expect
# refused: Out
