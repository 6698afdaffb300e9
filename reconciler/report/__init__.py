"""Plans and outcomes → text, JSON and pages: pure functions, the same input the same output."""
