"""Trade 5: tell someone: which alerts are due, how they read, by which channel they go."""
