"""Is the score worth more than counting? Answered on the company's own log, with the answer said plainly either way.

Walk-forward: at each of several past dates the score is computed by the very models of the pipeline from the log as it
stood then, and compared with what happened in the 90 days after, beside four scores anybody could compute by hand.

    model.interactions, the pair models at each date  -> outcomes -> ranking (how well each score orders the pairs)
                                                                  -> calibration -> chances
    closed deals, the pair models on the day before   -> deal_eves -> deals
    ranking, calibration, deals                       -> verdicts (one sentence per question), `text.backtest_lines`

The dates are starts of months, so the two large steps are done once a month and kept until the month, the method or the set
of CRMs changes (`run`); what follows from them is made anew in every run.
Deliberately absent: what people entered (nobody knows what stood there at the date), anything a machine would learn beyond a
share per band, and any word on causes.
"""
