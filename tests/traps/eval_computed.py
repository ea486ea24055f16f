"""An eval of a text that is made while it runs is refused: nobody knows what it needs."""

# %%
x = 41
def calculate(text):
    return eval(text)

# %% deploy
def handler(event, context):
    return [calculate("x + 1")]

# %% expect
# refused: calculate | eval
