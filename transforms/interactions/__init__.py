"""From staged records to the model: who is who, which activities count, and why the others do not."""
