"""A method that was taken away is not there."""

# %%
class Duck:
    def quack(self): return "quack"
    def swim(self): return "swim"

# %%
del Duck.quack

# %% deploy
def handler(event, context):
    return [hasattr(Duck(), "quack"), Duck().swim()]

# %% expect
# answers
