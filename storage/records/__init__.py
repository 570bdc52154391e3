"""The nouns: frozen, slotted, keyword-only dataclasses of the standard library; import them from their own file."""
