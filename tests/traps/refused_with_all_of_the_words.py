"""When several names are refused, the hint excludes all of them, by words that one can type."""

# %%
import threading
log = threading.Lock()
class Box:
    def total(self, lock=threading.Lock()):
        return log

# %% deploy
def handler(event, context):
    return [log, Box().total()]

# %% expect
# refused: --exclude | Box | log
