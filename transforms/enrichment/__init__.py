"""What is written back: one table per CRM entity, columns named and typed as the fields of contract section 4.1."""
