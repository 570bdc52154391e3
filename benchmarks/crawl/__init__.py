"""A crawl of a local site, ours beside Scrapy's: same pages, same server, in turn."""
