"""Trade 3: Page -> Article. Pure."""

EXTRACTOR_VERSION = 2  # raised whenever the same page may give another Article
