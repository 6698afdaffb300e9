"""The use cases: each is one function, callable from Python and from the command line."""
