"""Methods that a loop made, each with a variable of its own."""

# %%
class Api:
    pass
def method(name):
    def call(self, x):
        return f"{name}({x})"
    return call
for name in ("get", "put"):
    setattr(Api, name, method(name))

# %% deploy
def handler(event, context):
    return [Api().get(1), Api().put(2)]

# %% expect
# answers
