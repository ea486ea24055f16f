"""A subclass that cannot go is told by its name where the class is asked for its subclasses."""

# %%
class Plugin: pass
def make():
    class Local(Plugin): pass
    return Local
kept = make()

# %% deploy
def handler(event, context):
    return len(Plugin.__subclasses__())

# %% expect
# refused: kept | its class statement is inside of a function
