"""Tab on our lines: what may stand there, and what is deployed."""
