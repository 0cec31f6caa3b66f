"""Migration statements as text: tokens, what a statement does, what is true after it. No Django."""
