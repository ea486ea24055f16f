"""A function and a value of a %%capture cell go."""

# %%
# %%capture out
def triple(x):
    print("called")
    return x * 3
nine = triple(3)

# %% deploy
def handler(event, context):
    return [triple(nine)]

# %% expect
# answers
