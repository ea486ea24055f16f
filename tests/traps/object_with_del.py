"""An object that does something when it goes is refused."""

# %%
class Handle:
    def __init__(self, n): self.n = n
    def __del__(self): pass
h = Handle(1)

# %% deploy
def handler(event, context):
    return [h.n]

# %% expect
# refused: h
