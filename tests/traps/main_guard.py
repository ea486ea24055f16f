"""The cell's __name__ is not __main__ up there, so a guard's body does not run; what it bound in the notebook is a value."""

# %%
if __name__ == "__main__":
    ready = [1, 2]
def run():
    return ready

# %% deploy
def handler(event, context):
    return run()

# %% expect
# answers
