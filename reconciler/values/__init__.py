"""The one room for a value under its schema: fields, comparison, shape, secrets, text."""
