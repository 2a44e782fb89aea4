"""Staging: each CRM's raw tables to one neutral shape; what is not visible is unknown (null or no rows), never an error."""
