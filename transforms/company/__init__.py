"""Who knows whom in the whole company: the figures of `transforms.scores` over identities instead of records.

    model.interactions -> repeats -> interactions (of people and accounts that several CRMs know; what two CRMs logged counts once)
                       -> pair_facts -> pair_intensity (of those people)
    with scores.* for everybody else -> kappa -> pairs -> people
                                              accounts

The selects are those of `transforms.scores`, fed with another log, so a figure has one definition. What only one CRM knows
is taken over from there, which is why these tables cost little where nothing is shared. One kappa serves the whole
company, so that pairs of different CRMs can be compared. Nothing here is written to a CRM.

The same event is one that two CRMs tell about the same two people in the same minute, over the same channel, in the same
direction; mails that both carry a message identifier are compared by it alone.
"""
