"""That the attributes of an object were shown once makes them nobody else's."""

# %%
class Expression:
    def __init__(self, op, *args):
        self.op, self.args = op, args
sin = Expression("sin", 1)

# %%
sin.__dict__

# %%
vars(sin)

# %% deploy
def handler(event, context):
    return [sin.op, sin.args, list(vars(sin))]

# %% expect
# answers
