"""Class attributes are what they are now."""

# %%
class Counter_:
    count = 0
    names = []
    LIMIT = 3
    def __init__(self, name):
        type(self).count += 1
        self.names.append(name)

# %%
Counter_("a"); Counter_("b")
Counter_.LIMIT = 9

# %% deploy
def handler(event, context):
    return [Counter_.count, Counter_.names, Counter_.LIMIT]

# %% expect
# answers
