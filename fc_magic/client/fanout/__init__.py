"""Many calls of one function at once: on their way, judged, tried again, and what came of them."""
