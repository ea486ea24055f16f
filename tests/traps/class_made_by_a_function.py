"""A class that a function made is known by no statement of its own."""

# %%
def make(limit):
    class Box:
        top = limit
        def get(self):
            return limit
    return Box
Box = make(3)

# %% deploy
def handler(event, context):
    return [Box().get()]

# %% expect
# refused: Box
