def complete(*a): return None
