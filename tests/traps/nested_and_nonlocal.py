"""Functions in functions, nonlocal, and names of class bodies are no names of the notebook."""

# %%
x = "global"
def outer():
    x = "outer"
    class Inner:
        x = "class"
        def get(self):
            return x
        y = [x for _ in range(1)]
    def deeper():
        nonlocal x
        x = "changed"
    deeper()
    return [Inner().get(), Inner.x, Inner.y]

# %% deploy
def handler(event, context):
    return [outer(), x]

# %% expect
# answers
