"""A class that answers to every attribute does not confuse whoever copies its objects."""

# %%
class Any_:
    def __init__(self, **kw):
        self.__dict__.update(kw)
    def __getattr__(self, name):
        return f"<{name}>"
    def __call__(self, x):
        return [self.a, x]
    def __iter__(self):
        return iter(self.a)
    def __eq__(self, other):
        raise RuntimeError("do not compare")
    __hash__ = object.__hash__
    def __repr__(self):
        raise RuntimeError("do not look")
one = Any_(a=[1, 2])

# %% deploy
def handler(event, context):
    return [one.a, one.nothing, one(3), list(one)]

# %% expect
# answers
