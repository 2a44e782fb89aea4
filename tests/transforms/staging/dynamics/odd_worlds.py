"""A company with every odd kind of record, and any number of random Dynamics activities among them: worlds for the oracle."""

import random
from collections.abc import Sequence

from tests.transforms.staging.dynamics.kit import PEOPLE, World

ODD_PEOPLE = """
systemuser u.gone fullname=Gone internalemailaddress=gone@ours.example isdisabled=true
systemuser u.udo2 fullname=Udo internalemailaddress=udo@ours.example isdisabled=true
systemuser u.int fullname=Int internalemailaddress=int@ours.example isintegrationuser=true
systemuser u.job fullname=Job accessmode=4
systemuser u.nore fullname=Mailer internalemailaddress=no-reply@ours.example
account a.old ownerid=u.udo merged=true masterid=a.acme statecode=1
account a.del ownerid=u.uma is_deleted=true
opportunity o.deal parentaccountid=a.old customerid=c.ann
opportunity o.cust customerid=a.beta
contact c.old parentcustomerid=a.acme merged=true masterid=c.ann statecode=1 emailaddress1=old@acme.example
contact c.del parentcustomerid=a.acme is_deleted=true emailaddress1=gone@acme.example
contact c.x1 merged=true masterid=c.x2 emailaddress1=x1@acme.example
contact c.x2 merged=true masterid=c.x1
contact c.udo parentcustomerid=a.acme emailaddress1=uu@acme.example emailaddress3=UDO@ours.example
contact c.bot parentcustomerid=a.acme emailaddress1=app@ours.example
contact c.nor parentcustomerid=a.acme emailaddress1=noreply@acme.example
contact c.mix parentcustomerid=a.acme emailaddress1=noreply@acme.example emailaddress2=mix@acme.example
contact c.tw1 parentcustomerid=a.beta emailaddress2=twin@shared.example
contact c.tw2 parentcustomerid=a.old emailaddress1=Twin@shared.example emailaddress2=twin@shared.example
contact c.sub parentcustomerid=c.ann statecode=1
contact c.born parentcustomerid=a.acme originatingleadid=l.con
lead l.twin emailaddress1=twin@shared.example
lead l.ann emailaddress1=ann@acme.example
lead l.con statecode=1 emailaddress1=con@acme.example
lead l.par statecode=1 parentcontactid=c.old emailaddress2=par@acme.example
lead l.cus statecode=1 customerid=c.cat
lead l.hid statecode=1 parentcontactid=c.hidden emailaddress1=hid@acme.example
lead l.open parentcontactid=c.ann emailaddress1=open@acme.example
lead l.dis statecode=2 emailaddress1=dis@gamma.example
lead l.dup merged=true masterid=l.con
"""
OWNERS = [*["u.uma", "u.udo"] * 6, "u.gone", "u.udo2", "u.app", "u.int", "u.job", "u.nore", "u.lost", "t.team", "q.queue"]
OUTSIDE = [
    *["c.ann", "c.bob", "c.cat", "l.lea"] * 4,
    "c.old",
    "c.del",
    "c.x1",
    "c.udo",
    "c.bot",
    "c.nor",
    "c.mix",
    "c.tw1",
    "c.tw2",
    "c.sub",
    "c.lost",
]
OUTSIDE += ["l.twin", "l.ann", "l.con", "l.par", "l.cus", "l.hid", "l.open", "l.dis", "l.dup"]
OTHERS = ["a.acme", "a.beta", "q.queue", "t.team"]
ADDRESSES = ["uma@ours.example", " UMA@Ours.example ", "gone@ours.example", "app@ours.example", "ann@acme.example", "BOB@home.example"]
ADDRESSES += ["old@acme.example", "gone@acme.example", "noreply@acme.example", "MAILER-DAEMON@x.example", "mix@acme.example"]
ADDRESSES += ["twin@shared.example", "con@acme.example", "par@acme.example", "hid@acme.example", "x@y.example"]
MATTERS = ["", "a.acme", "a.beta", "a.old", "a.del", "o.deal", "o.cust", "c.ann", "c.bob", "c.nor", "l.lea", "c.del"]


class OddWorld:
    """Draws one world; the same seed gives the same world."""

    def __init__(self, seed: int, size: int) -> None:
        self.random, self.size = random.Random(seed), size
        self.world = World.of(PEOPLE, ODD_PEOPLE)

    def draw(self) -> World:
        for number in range(self.size):
            self.mail(f"e.{number}")
            self.call(f"p.{number}")
            self.meeting(f"m.{number}")
        self.activity("task", "d.1", statecode="1")
        self.activity("recurringappointmentmaster", "s.1", statecode="3")
        return self.world

    def one(self, *choices: str | Sequence[str]) -> str:
        """One of the choices; of a list, one of its items."""
        choice = self.random.choice(choices)
        return choice if isinstance(choice, str) else self.random.choice(choice)

    def rarely(self) -> str:
        return self.one(*["false"] * 12, "true", "")

    def moment(self) -> str:
        """Mostly some second of May 2026, sometimes the as-of, one second later, or unknown."""
        second = self.random.randint(0, 27 * 86_400)
        hour, day = second % 86_400 // 3600, second // 86_400 + 1
        some = f"2026-05-{day:02d}T{hour:02d}:{second % 3600 // 60:02d}:{second % 60:02d}Z"
        return self.one(*[some] * 20, "", "2026-06-01T00:00:00Z", "2026-06-01T00:00:01Z")

    def activity(self, table: str, key: str, **cells: str) -> None:
        owner, matter = self.one(OWNERS), self.one("", MATTERS)
        links = {"ownerid": owner} | ({"regardingobjectid": matter} if matter else {})
        self.world.add(table, key, is_deleted=self.rarely(), **links, **cells)

    def mail(self, key: str) -> None:
        state, reason = self.one(*["1 3"] * 8, "1 4", "1 2", "1 6", "1 7", "0 1", "0 8", "2 5").split()
        sent = {
            "senton": self.moment(),
            "actualend": self.one("", self.moment()),
            "messageid": self.one("", f"<{self.random.randint(0, 9)}@x>"),
        }
        flags = {"directioncode": self.one("true", "false", ""), "ismapiprivate": self.rarely()}
        self.activity("email", key, statecode=state, statuscode=reason, **sent, **flags)
        for mask in self.one("1 2", "1 2 2", "1 2 3", "1 2 3 4", "1 2 13", "2", "1", "1" + " 2" * 9 + " 3" * 4).split():
            self.party(key, mask, OWNERS, OUTSIDE, ADDRESSES, OTHERS)

    def call(self, key: str) -> None:
        times = {"actualend": self.one(*[self.moment()] * 5, ""), "actualstart": self.one("", self.moment()), "scheduledend": self.moment()}
        flags = {
            "directioncode": self.one("true", "false", ""),
            "leftvoicemail": self.one("true", "false", ""),
            "ismapiprivate": self.rarely(),
        }
        self.activity("phonecall", key, statecode=self.one(*["1"] * 8, "0", "2"), **times, **flags)
        for mask in self.one("1 2", "1 2 2", "2", "1", "1 2 11 10", "").split():
            self.party(key, mask, OWNERS, OWNERS, OUTSIDE, OUTSIDE, ADDRESSES, OTHERS)

    def meeting(self, key: str) -> None:
        times = {
            "scheduledstart": self.moment(),
            "scheduledend": self.one("", "2026-05-29T00:00Z"),
            "actualstart": self.one("", self.moment()),
        }
        lasts = {"scheduleddurationminutes": self.one("30", "60", ""), "isalldayevent": self.rarely()}
        kind = {"instancetypecode": self.one("", "0", "2", "3", "1"), "isdraft": self.rarely(), "ismapiprivate": self.rarely()}
        self.activity("appointment", key, statecode=self.one("1", "1", "3", "3", "0", "2"), **times, **lasts, **kind)
        for mask in self.one("7 5", "7 5 6", "5", "7", "7 5 5 10", "").split():
            self.party(key, mask, OWNERS, OUTSIDE, OUTSIDE, ADDRESSES, OTHERS)

    def party(self, key: str, mask: str, *choices: Sequence[str]) -> None:
        """A party by id, by address, or by both; one that was taken off again now and then."""
        who = self.one(*choices)
        beside = {"addressused": self.one("", "", ADDRESSES)} if who[:2] in ("c.", "l.", "q.", "a.") else {}
        self.world.add_party(key, mask, who, is_deleted=self.rarely(), **beside)
