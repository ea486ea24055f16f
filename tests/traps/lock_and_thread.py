"""A lock is of this process."""

# %%
import threading
lock = threading.Lock()

# %%
def safe(x):
    with lock:
        return x

# %% deploy
def handler(event, context):
    return [safe(1)]

# %% expect
# refused: lock
