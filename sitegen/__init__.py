"""A static blog generator whose posts compute."""
