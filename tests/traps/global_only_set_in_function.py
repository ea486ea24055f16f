"""A global that is bound nowhere but in a function, and the function is not called up there."""

# %%
def load():
    global model
    model = {"weights": [1, 2, 3]}

# %%
load()

# %%
def predict(x):
    return sum(w * x for w in model["weights"])

# %% deploy
def handler(event, context):
    return [predict(2)]

# %% expect
# answers
