"""The four maps (四图谱) as tables ready to draw: the customer, our own resources, decision chains, the competitor.

One row per mark on the drawing: a person, a line, a seat. Beside them, who of us leads to a decider whom the account's owner
does not meet (`paths`). Keys are those of the model; each map belongs to one account or deal of one CRM.

Deliberately absent: layout and colours, which belong to whoever draws; lines between accounts; guesses about people without a
log. Nothing of it is written back.
"""
