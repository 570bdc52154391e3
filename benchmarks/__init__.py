"""What is measured, beside what people would use instead; figures and their circumstances stand in RESULTS.md."""
