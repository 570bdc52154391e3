"""A small association's site on localhost and the story of what happens to it."""
