"""From raw CRM rows to one model, interactions, scores and enrichment: set-based, in the warehouse engine, no CRM calls."""
