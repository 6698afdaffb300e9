"""A bare loop of httpx: eight threads that send one POST after another over one client.

Arguments: the URL, and a file with the body of a request in each line.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

THREADS = 8
HEADERS = {"X-API-Key": "sandbox-kobo-key"}


def main() -> None:
    """Send them all; a thread has every eighth of them."""
    url, path = sys.argv[1:]
    lines = Path(path).read_text("utf-8").splitlines()
    with httpx.Client(headers=HEADERS) as client, ThreadPoolExecutor(THREADS) as pool:

        def send(first: int) -> int:
            count = 0
            for line in lines[first::THREADS]:
                client.post(url, json=json.loads(line)).raise_for_status()
                count += 1
            return count

        print(f"{sum(pool.map(send, range(THREADS)))} created")


if __name__ == "__main__":
    main()
