"""What calls functions by itself."""
