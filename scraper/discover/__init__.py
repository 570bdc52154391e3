"""Trade 2: where is news? A body or a page goes in, Leads come out. Pure."""
