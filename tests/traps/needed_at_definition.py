"""What a default, a decorator and a base need stands before them, though cells ran in another order."""

# %%
class Base:
    kind = "old"
def start():
    return 1

# %%
class Derived(Base):
    def __init__(self, n=start()):
        self.n = n

# %%
def start():
    return helper() + 1
def helper():
    return 41
class Later(Derived):
    extra = start()

# %% deploy
def handler(event, context):
    return [Derived().n, Derived.kind, Later.extra, Later().n]

# %% expect
# answers
