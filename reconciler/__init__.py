"""Keeps the SaaS back office of a retailer in Git: manifests, plan, apply, drift."""

__version__ = "0.1.0"
