"""The formula of docs/closeness.md once more, one event after the other, with nothing of `transforms` but the numbers."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

DAY = 86_400
Pair = tuple[str, str]


class Plain:
    """Intensity of every pair of a log at one instant."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], as_of: float, numbers: Mapping[str, Any]) -> None:
        self.numbers, self.as_of = numbers, as_of
        seen: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            event = self.event(row)
            if event["src"] != event["dst"] and event["at"] <= as_of:
                merged = seen.setdefault(event["key"], event)
                merged["n"], merged["minutes"] = max(merged["n"], event["n"]), max(merged["minutes"] or 0, event["minutes"] or 0) or None
        self.events = list(seen.values())
        first = min(event["at"] for event in self.events)
        self.half_life = min(numbers["closeness.half_life_days"], max(1.0, (as_of - first) / DAY))
        self.crowds()

    @staticmethod
    def event(row: Mapping[str, Any]) -> dict[str, Any]:
        at, channel = datetime.fromisoformat(row["ts"]).timestamp(), row.get("channel") or "email"
        src, dst, message = row["src"], row["dst"], row.get("msg_id") or None
        meeting = channel == "meeting"
        pair = (min(src, dst), max(src, dst))
        minutes = float(row["duration_s"]) / 60 if meeting and row.get("duration_s") else None
        key = (*pair, None if meeting else src, at, channel, message)
        named = {"src": src, "dst": dst, "at": at, "channel": channel, "message": message, "minutes": minutes}
        return named | {"pair": pair, "key": key, "n": int(row.get("n_rcpt") or 1), "sender": None if meeting else src}

    def crowds(self) -> None:
        """How many other people each event has: what is said, or what the rows show."""
        there: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        for event in self.events:
            there[event["at"], event["message"], event["sender"]] |= set(event["pair"])
        for event in self.events:
            if event["message"]:
                event["n"] = max(event["n"], len(there[event["at"], event["message"], event["sender"]]) - 1)

    def decay(self, at: float) -> float:
        return float(2 ** -((math.floor(self.as_of) - math.floor(at)) / DAY / self.half_life))

    def weight(self, event: Mapping[str, Any]) -> float:
        number, channel = self.numbers, event["channel"]
        if channel in ("email", "sms"):
            return float(number[f"closeness.weight_{channel}"] / event["n"])
        if channel == "meeting":
            quality = 1.0
            if event["minutes"] is not None:
                quality = min(max((event["minutes"] / 30) ** 0.5, number["score.quality_min"]), number["score.quality_max"])
            return float(number["closeness.weight_meeting"] * quality / event["n"] ** 0.5)
        name = "closeness.weight_unanswered" if channel == "missed_call" else "closeness.weight_call"
        return float(number[name] / event["n"] ** 0.5)

    def sides(self, pair: Pair) -> tuple[float, float]:
        days: dict[tuple[str, str, int], list[tuple[float, bool]]] = defaultdict(list)
        for event in self.events:
            if event["pair"] == pair:
                channel = "call" if event["channel"] == "missed_call" else event["channel"]
                for who in pair if channel == "meeting" else (event["src"],):
                    worth = self.weight(event) * self.decay(event["at"])
                    days[who, channel, int(event["at"] // DAY)].append((worth, event["minutes"] is not None))
        found = dict.fromkeys(pair, 0.0)
        for (who, _, _), weights in days.items():
            timed = math.hypot(*(worth for worth, known in weights if known))
            found[who] += max(timed, *(worth for worth, _ in weights))
        return found[pair[0]], found[pair[1]]

    def two_way(self, pair: Pair) -> bool:
        mine = [event for event in self.events if event["pair"] == pair]
        spoken = {event["src"] for event in mine}
        return len(spoken) == 2 or any(event["channel"] in ("meeting", "call") for event in mine)

    def direct(self, pair: Pair) -> float:
        one, other = self.sides(pair)
        whole = (one**0.5 + other**0.5) ** 2 / 2
        cap = self.numbers["closeness.cap_one_way"]
        if whole <= cap or self.two_way(pair) or self.one_direction():
            return whole
        return float(cap * (1 + self.numbers["score.cap_slope"] * math.log(whole / cap)))

    def one_direction(self) -> bool:
        pairs = {event["pair"] for event in self.events}
        both = sum(self.two_way(pair) for pair in pairs)
        return len(pairs) >= self.numbers["score.one_way_pairs"] and both < self.numbers["score.one_way_share"] * len(pairs)

    def together(self, pair: Pair) -> float:
        messages: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
        for event in self.events:
            if event["channel"] in ("email", "sms") and 2 <= event["n"] <= self.numbers["score.together_most"]:
                messages[event["at"], event["sender"], event["message"]][event["dst"]] = event["n"]
        days: dict[int, float] = defaultdict(float)
        for (at, *_), who in messages.items():
            if pair[0] in who and pair[1] in who:
                days[int(at // DAY)] = max(days[int(at // DAY)], self.decay(at) / who[pair[0]])
        return sum(days.values())

    def intensity(self) -> dict[Pair, float]:
        pairs = {event["pair"] for event in self.events}
        partners = {who: sum(who in pair for pair in pairs) for pair in pairs for who in pair}
        found = {}
        for pair in pairs:
            direct = self.direct(pair)
            total = direct + self.numbers["score.together"] * (direct * self.together(pair)) ** 0.5
            found[pair] = total / (partners[pair[0]] * partners[pair[1]]) ** self.numbers["score.attention"]
        return found
