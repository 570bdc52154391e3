"""Trade 1: bring bytes, politely and safely. What they mean is for others."""
