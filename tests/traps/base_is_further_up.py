"""A base whose name now means the class above it would leave out what is between."""

# %%
class Animal:
    def sound(self):
        return "any"

# %%
class Dog(Animal):
    def sound(self):
        return "wow"

# %%
class Puppy(Dog):
    pass

# %%
Dog = Animal

# %% deploy
def handler(event, context):
    return [Puppy().sound()]

# %% expect
# refused: Puppy | Dog
