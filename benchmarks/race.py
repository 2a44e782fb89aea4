"""Several ways to do one thing, compared: each runs in a process of its own, in turn, and the best of its rounds counts.

Speed and peak memory are of the whole process. A module of ways calls `main` when it is run by itself, which is how a way starts.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from benchmarks.org import Org

Way = Callable[[Org], int]
"""Does the work on a sandbox and returns how many rows it had in hand."""
OURS = "guanxi"


def measure(module: str, way: str, org: Org) -> dict[str, float]:
    """One way in a process of its own: rows, seconds, megabytes at most, requests."""
    words = [sys.executable, "-m", module, way, org.url]
    before = org.requests()
    figures = dict(json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1]))
    return figures | {"requests": org.requests() - before}


def table(module: str, ways: Mapping[str, Way], org: Org, rounds: int) -> Iterator[str]:
    """The comparison as lines of Markdown; ratios are against ours."""
    yield "| way | rows/s | peak memory | requests | rows/s against ours |\n|---|---|---|---|---|"
    done = [{way: measure(module, way, org) for way in ways} for _ in range(rounds)]
    best = {way: max((figures[way] for figures in done), key=_speed) for way in ways}
    for way, figures in best.items():
        ratio = "1" if way == OURS else f"1 / {_speed(best[OURS]) / _speed(figures):.1f}"
        yield f"| {way} | {_speed(figures):,.0f} | {figures['megabytes']:,.0f} MB | {figures['requests']:,.0f} | {ratio} |"


def main(ways: Mapping[str, Way]) -> None:
    """One way, for `measure`."""
    way, url = sys.argv[1:]
    org = Org(url)
    org.requests()
    began = time.monotonic()
    rows = ways[way](org)
    seconds = time.monotonic() - began
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _speed(figures: Mapping[str, float]) -> float:
    return figures["rows"] / figures["seconds"]
