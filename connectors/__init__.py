"""Talking to CRMs. No Dagster and no method here: records in, records out, with nothing lost and nothing guessed."""
