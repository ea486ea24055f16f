"""Every value that cannot go is named at once, each with its reason."""

# %%
import io, weakref
class Thing: pass
thing = Thing()
ref = weakref.ref(thing)
stream = io.StringIO("text")
gen = (n for n in range(3))

# %% deploy
def handler(event, context):
    return [ref(), stream.read(), next(gen)]

# %% expect
# refused: ref | stream | gen
