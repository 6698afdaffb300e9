"""Results → text, JSON and other formats: pure functions, and the table of formats."""
