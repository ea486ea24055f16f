"""An instance whose class was redefined is an instance of the older one."""

# %%
class Dog:
    def sound(self):
        return "old wow"
rex = Dog()

# %%
class Dog:
    def sound(self):
        return "new wow"

# %% deploy
def handler(event, context):
    return [rex.sound(), Dog().sound()]

# %% expect
# answers
