"""The flow: visit, check, fetch, read, recall, judge, keep, deliver. Brings the trades together."""
