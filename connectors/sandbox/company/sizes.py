"""How large a generated company is. Activities are source records of a CRM that keeps a task beside each mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Targets of one size; people per account and team sizes follow from the distributions of `customers`."""

    name: str
    accounts: int
    activities: int
    reps: int
    leads: int

    @property
    def managers(self) -> int:
        return max(1, self.reps // 7)

    @property
    def directors(self) -> int:
        return max(1, self.managers // 8)

    @property
    def specialists(self) -> int:
        """Presales people; as many support people."""
        return max(1, round(self.reps * 0.4))


SIZES = {
    size.name: size
    for size in (
        Size("tiny", accounts=12, activities=1_500, reps=3, leads=4),
        Size("small", accounts=60, activities=20_000, reps=7, leads=20),
        Size("medium", accounts=2_000, activities=1_000_000, reps=160, leads=600),
        Size("large", accounts=20_000, activities=10_000_000, reps=1_500, leads=6_000),
    )
}
