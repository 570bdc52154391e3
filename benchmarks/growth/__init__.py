"""How cost grows: with the size of a page, the number of sources, of versions, of parser processes."""
