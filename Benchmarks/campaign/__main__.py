"""The crash campaign: power cuts, failing disks and the order of what is written.

Usage: python3 Benchmarks/campaign FAXLOCK [part ...] [options]     Parts: kills points order faults (all of them by default)
Everything happens on loopback addresses and in a folder that is removed. Exits with 1 on any violation, with 3 where something
cannot be done on this machine.
"""
import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time

import faults
import kills
import order
import points
import senders

PARTS = {"kills": kills.run, "points": points.run, "order": order.run, "faults": faults.run}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faxlock", help="the server's executable")
    parser.add_argument("--debug-build", help="one of a debug build, which has the named crash points; the same by default")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to do")
    parser.add_argument("--kills", type=int, default=1000, help="random kills")
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--faxes", type=int, default=None, help="in all; three a kill by default")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--minutes", type=float, default=30, help="a bound for the random kills")
    parser.add_argument("--drain", type=float, default=60, help="seconds in which some fax must move at the end")
    parser.add_argument("--calm", type=float, default=8, help="seconds without any change after which what waits is withdrawn")
    parser.add_argument("--refusals", type=int, default=2, help="refusals of one webhook: it is tried again after 5 s, 25 s")
    parser.add_argument("--hook-limit", type=float, default=180, help="seconds that the last webhooks may take")
    parser.add_argument("--line", action="store_true", help="call the exchange inside, with real calls, instead of the sandbox")
    parser.add_argument("--without", action="append", default=[], choices=["keys", "hooks", "cancel", "fields"])
    parser.add_argument("--turns", type=lambda text: [int(turn) for turn in text.split(",")], default=[1, 3],
                        help="at which of the times that a crash point is reached")
    parser.add_argument("--point-limit", type=float, default=30, help="seconds in which a crash point must be reached")
    parser.add_argument("--faults", type=int, default=0, help="failing calls of each kind and error; all by default")
    parser.add_argument("--jobs", type=int, default=3, help="servers with a failing disk at a time")
    parser.add_argument("--keep", action="store_true", help="keep the folder, for looking at it")
    options = parser.parse_args()
    options.faxlock = os.path.abspath(options.faxlock)
    options.debug_build = os.path.abspath(options.debug_build or options.faxlock)
    options.faxes = options.faxes or 3 * options.kills
    options.numbers = senders.LOOPBACK if options.line else None
    options.has_keys = "keys" not in options.without
    options.has_hooks = "hooks" not in options.without
    options.has_cancel = "cancel" not in options.without
    options.is_plain = "fields" in options.without
    options.environment = {"FAXLOCK_LINES": "32", "FAXLOCK_RENDERERS": "2", "FAXLOCK_FAXES_PER_CALL": "4"}
    if options.has_hooks:
        options.environment["FAXLOCK_WEBHOOK_ALLOW_LOOPBACK"] = "true"
    # Each life of the server has the one sandbox or the other: many faxes, or real calls.
    options.mode = lambda random: {} if options.line or random.random() < 0.35 else {"FAXLOCK_SANDBOX": "instant"}
    options.say = lambda text: print(f"  ... {text}", flush=True)
    return options


def main():
    # Whoever ends this (timeout, CI) ends its servers too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = arguments()
    print(f"seed {options.seed}", flush=True)
    failed, skipped = False, False
    for name in options.parts or PARTS:
        folder = tempfile.mkdtemp(prefix="faxlock-campaign-", dir="/var/tmp")
        began = time.monotonic()
        try:
            rows, violations = asyncio.run(PARTS[name](options, folder))
        except order.NotPermitted as reason:
            print(f"{name}  not done: {reason}")
            skipped = True
            continue
        finally:
            if options.keep:
                print(f"kept {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
        print(f"{name}  ({time.monotonic() - began:.0f} s)")
        width = max(map(len, rows)) + 2
        for row, value in rows.items():
            print(f"  {row:<{width}}{value}")
        print(f"  {'violations':<{width}}{len(violations)}")
        for violation in violations[:20]:
            print(f"    {violation}")
        failed = failed or bool(violations)
    return 1 if failed else 3 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
