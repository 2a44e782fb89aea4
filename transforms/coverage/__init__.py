"""Coverage 深 广 透: how deep, how broad and how mutual our relations with each account are, by whom, and what leaves with a user.

`team_people` says what a manager and his or her reports together are to a person; `teams` and `accounts` sum up; `handover`
is the pack of each user, should he or she leave; `known_people` is everybody one of us ever dealt with, found by `known`.

Deliberately absent: any judgement of a user by it; coverage is of accounts. Nothing of it is written back.
"""
