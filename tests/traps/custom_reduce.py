"""A class that says itself how it is rebuilt still goes as it is."""

# %%
class Code:
    def __init__(self, n):
        self.n, self.hidden = n, "kept out of its state"
    def __reduce__(self):
        return (Code, (self.n,))

# %%
c = Code(4)
c.hidden = "changed"

# %% deploy
def handler(event, context):
    return [c.n, c.hidden]

# %% expect
# answers
