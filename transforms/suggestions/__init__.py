"""Suggestions: what the evidence proposes to people, each with a confidence and what it rests on.

Roles, attitudes, departments and contact roles are entered by people and never written by us, so a proposal stays a row of
`suggestions.items` until somebody enters it. Evidence is told in ids and counts: no names, no text of any record.

Deliberately absent: attitudes that were there at our first look and are merely old. No CRM we read says when a field was
entered, so an age begins with an edit that a run has seen.
"""
