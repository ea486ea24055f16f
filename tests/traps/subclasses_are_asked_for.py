"""A class that is asked for its subclasses has those of the notebook, though nothing names them."""

# %%
class Plugin:
    def go(self): raise NotImplementedError
def every(cls):
    found = []
    for below in cls.__subclasses__():
        found += [below, *every(below)]
    return found

# %%
class One(Plugin):
    def go(self): return 1
class Two(One):
    def go(self): return helper()

# %%
def helper(): return 20
class Three(Plugin):
    def go(self): return 3

# %%
class Three(Plugin):
    def go(self): return 30

# %% deploy
class Own(Plugin):
    def go(self): return 4
def handler(event, context):
    return sorted([c.__name__, c().go()] for c in every(Plugin))

# %% expect
# answers
