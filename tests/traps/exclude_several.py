"""Names that were excluded are told with what happens there; those that nothing needs are told too."""

# %%
import threading
log = threading.Lock()
lock = threading.Lock()
def save(x):
    with lock:
        log.acquire()

# %% deploy --exclude log,lock --exclude display --exclude foo
def handler(event, context):
    return [1] if event else save("x") or display(1)

# %% expect
# answers
# warned: log was left out (--exclude) | display is defined nowhere else (--exclude) | --exclude foo: nothing
