"""Closeness in any log of events between people (`guanxi score`, contract section 5), by the selects of `transforms.scores`.

    file -> reading (text columns, checked) -> persons, interactions (each event once, pairs without order)
         -> scores.pairs, scores.kappa fed with that log, together -> answers, forecast -> result

What differs from a CRM is data, not code: another `Log`, and the numbers of `[score]` in place of those of `[closeness]`.
Deliberately absent: names, texts, any state; a log is scored from the file alone.
"""
