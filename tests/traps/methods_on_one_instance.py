"""A method that one object alone has, and a function among its attributes."""

# %%
import types
class Robot:
    def __init__(self, name):
        self.name = name
def wave(self):
    return f"{self.name} waves"
r = Robot("R2")
r.wave = types.MethodType(wave, r)
r.double = lambda x: x * 2

# %% deploy
def handler(event, context):
    return [r.wave(), r.double(4)]

# %% expect
# answers
