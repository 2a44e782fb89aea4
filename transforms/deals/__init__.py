"""Deals as the project line sees them: stage and time in it, class, six lamps 六有, purchase factors, and who works on what.

`stages`, `lamps`, `factors` and `team_types` are of open deals; `work` is of all deals, `credits` of open and lately won
ones; `rep_types` is of our users. Work on a deal is what was logged as regarding it: an activity that names no deal is
never guessed to belong to one.

Deliberately absent: any forecast of who wins, and any change to a deal. Nothing of it is written back.
"""
