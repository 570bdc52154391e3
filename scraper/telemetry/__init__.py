"""What the program tells about itself while it runs: logs and metrics. Reads reports, is never called by a trade."""
