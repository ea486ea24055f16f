"""An excluded name that nothing binds there is no error of the examination; it fails where it is used."""

# %%
import threading
log = threading.Lock()

# %% deploy --exclude log,nothing_of_the_kind
def handler(event, context):
    return log is not None and display

# %% expect
# refused: display | leave it out: --exclude
