# SPDX-License-Identifier: Apache-2.0
"""Four threads, each with its ranges; all of the computing is in the C module beside this file."""
from concurrent.futures import ThreadPoolExecutor

import interpreter_lock

THREADS = 4
RANGES = 48

with ThreadPoolExecutor(THREADS) as pool:
    longest = max(pool.map(interpreter_lock.longest_in_range, range(RANGES)))
print(f"the longest sequence takes {longest} steps")
