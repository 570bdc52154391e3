"""Trade 4: what does it mean? Versions, changes, partnerships. Pure."""
