"""Objects go with their state, not by calling __init__ again."""

# %%
class Turtle:
    made = 0
    def __init__(self, x=0):
        Turtle.made += 1
        self.x, self.path = x, [x]
    def go(self, n):
        self.x += n
        self.path.append(self.x)
        return self

# %%
t = Turtle().go(3).go(-1)
friends = [t, Turtle(9)]
t.best = friends[1]

# %% deploy
def handler(event, context):
    return [t.path, friends[0] is t, t.best is friends[1], Turtle.made, t.go(1).x]

# %% expect
# answers
