"""A metaclass of the notebook makes its classes up there too."""

# %%
class Registry(type):
    known = {}
    def __new__(mcls, name, bases, body, **options):
        made = super().__new__(mcls, name, bases, body)
        mcls.known[name] = options.get("tag", "none")
        return made
    def __len__(cls):
        return 7

# %%
class First(metaclass=Registry, tag="one"):
    pass

# %% deploy
def handler(event, context):
    return [Registry.known, len(First), type(First).__name__]

# %% expect
# answers
