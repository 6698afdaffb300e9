"""Values and their schemas: field facts, validation, comparison, merging, secrets, text."""
