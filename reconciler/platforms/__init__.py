"""Speak to the platforms that host the repository and run CI: comments, issues and statuses."""
