"""An eval that is given its names needs none of the notebook."""

# %%
def calculate(text, **names):
    return eval(text, {"__builtins__": {}}, names)

# %% deploy
def handler(event, context):
    return [calculate("a * b", a=6, b=7)]

# %% expect
# answers
