"""What this terminal can show, and drawing pictures into it."""
