"""One file a page: a router, its questions to memory, its values for the template of the same name."""
