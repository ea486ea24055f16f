"""What would fail on Function Compute, found before anything is sent. Nothing is run for it, and nobody is asked."""
