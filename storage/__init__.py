"""The memory: what we know and how it is kept. It knows nothing of how we come to know it."""
