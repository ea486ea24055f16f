"""A class that an abstract class of the library was told of is not known to it there."""

# %%
import collections.abc
class Bag:
    pass
collections.abc.Sequence.register(Bag)

# %% deploy
def handler(event, context):
    return [Bag.__name__]

# %% expect
# kernel: yes
# answers
# warned: Sequence.register(Bag)
