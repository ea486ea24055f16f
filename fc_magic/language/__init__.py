"""What people read, in their language. The code says everything in English; this room knows the other words."""
