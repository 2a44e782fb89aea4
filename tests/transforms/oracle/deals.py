"""Life cycle and importance of accounts (`method.md` sections 6 and 7) from their deals and what people entered."""

import math
from functools import cached_property
from typing import Any

from tests.transforms.oracle.evidence import DAY, Row, World, rounded


class Deals:
    """The deals of every account as they stood at an instant."""

    def __init__(self, world: World, at: int) -> None:
        self.world, self.at, self.method = world, at, world.method

    def of(self, account: str) -> dict[str, Any]:
        """Won, lost and open deals by the as-of."""
        today, open_, won, lost, recent = self.at // DAY, [0.0], 0, 0, [0.0]
        for deal in self.world.opportunities:
            if deal["account_id"] != account or (deal["created_s"] or 0) > self.at:
                continue
            if not deal["is_closed"]:
                open_.append(deal["amount"] or 0.0)
            elif deal["close_day"] <= today:
                won, lost = won + bool(deal["is_won"]), lost + (not deal["is_won"])
                if deal["is_won"] and deal["close_day"] > today - self.method["lifecycle.days"]:
                    recent.append(deal["amount"] or 0.0)
        return {"open": math.fsum(open_), "won": won, "lost": lost, "recent": len(recent) - 1, "sales": math.fsum(recent)}

    @cached_property
    def totals(self) -> dict[str, dict[str, Any]]:
        return {account["account_id"]: self.of(account["account_id"]) for account in self.world.accounts}

    def large_from(self, account: str) -> float:
        """The amount of the account's industry, else the general one, else (0) the percentile."""
        industry = next(one["industry"] for one in self.world.accounts if one["account_id"] == account)
        if fixed := self.method.of(industry)["lifecycle.large_amount"]:
            return float(fixed)
        sums = sorted(total["sales"] for total in self.totals.values() if total["sales"] > 0)
        place = self.method["lifecycle.large_percentile"] * (len(sums) - 1)
        low, high = sums[math.floor(place)], sums[math.ceil(place)]
        return float(low + (high - low) * (place - math.floor(place)))

    def stage(self, account: str, rows: list[Row]) -> str:
        total = self.totals[account]
        if total["sales"] > 0 and total["sales"] >= self.large_from(account):
            return "Large deals"
        if total["recent"] >= 2:
            return "Small deals"
        return "Customer" if total["won"] else "User" if any(row["two_way"] for row in rows) else "Stranger"

    @cached_property
    def importance(self) -> dict[str, float | None]:
        live = [account for account in self.world.accounts if account["is_live"]]
        closed = sum(self.totals[one["account_id"]]["won"] + self.totals[one["account_id"]]["lost"] for one in live)
        mean_rate = sum(self.totals[one["account_id"]]["won"] for one in live) / closed if closed else None
        return {one["account_id"]: self._importance(one, self._peers(one), mean_rate) for one in live}

    def _peers(self, account: Row) -> list[Row]:
        industry = account["industry"] or ""
        return [one for one in self.world.accounts if one["is_live"] and (one["industry"] or "") == industry]

    def _importance(self, account: Row, peers: list[Row], mean_rate: float | None) -> float | None:
        entered = {"potential": account["potential"], "demonstration": account["demonstration"], "can_win": account["can_win"]}
        points, weight = 0.0, self.method.of(account["industry"])
        for name in ("sales", "potential", "demonstration", "can_win"):
            value = entered.get(name)
            if value is None:
                value = self._percentile([self._figure(one, name, mean_rate) for one in peers], self._figure(account, name, mean_rate))
            points += 10 * weight[f"importance.weight_{name}"] * (self.method["importance.unknown"] if value is None else value)
        return rounded(points, 1)

    def _figure(self, account: Row, name: str, mean_rate: float | None) -> float | None:
        total, shrink = self.totals[account["account_id"]], self.method["importance.shrink"]
        if name == "can_win":
            rate = None if mean_rate is None else (total["won"] + shrink * mean_rate) / (total["won"] + total["lost"] + shrink)
            return rounded(rate, 9)
        return {"sales": total["sales"], "potential": total["open"], "demonstration": account["employees"]}[name]

    @staticmethod
    def _percentile(values: list[float | None], own: float | None) -> float | None:
        known = [value for value in values if value is not None]
        if own is None:
            return None
        return 10 * (sum(value < own for value in known) + sum(value == own for value in known) / 2) / len(known)

    def key_account(self, account: Row) -> bool:
        scores = [self.importance[one["account_id"]] or 0 for one in self._peers(account)]
        own = self.importance[account["account_id"]] or 0
        better, as_good = sum(score > own for score in scores), sum(score >= own for score in scores)
        places = math.ceil(round(self.method.of(account["industry"])["importance.key_share"] * len(scores), 6))
        return better < places and (as_good <= places or 2 * as_good <= len(scores))
