"""Programs that the tool is measured beside."""
