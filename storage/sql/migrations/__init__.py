"""The database's history: one linear chain, run by the program itself."""
