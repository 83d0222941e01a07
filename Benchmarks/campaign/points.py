"""kill -9 at every named crash point (Sources/Store/CrashPoint.swift) of a debug build."""
import asyncio
import pathlib
import re
import time

import audit
from kills import Campaign
from server import ServerEnded

SOURCE = pathlib.Path(__file__).parents[2] / "Sources/Store/CrashPoint.swift"
# Faxes that begin in the life of a server that ends at a point.
FAXES = 3
# Points of the start after calls were cut. Workers whose server is gone bring their page to an end first, which takes a minute.
AFTER_A_CUT_CALL = {"reconciled"}
# Beyond the usual limit, seconds.
LONGER = 90
# So many faxes may be on their way before there are more.
BACKLOG = 12


def names():
    """The points that the source names: one that is added is tried, and one that is never reached is found out."""
    return re.findall(r'^    case \w+ = "(\w+)"$', SOURCE.read_text(), re.MULTILINE)


async def run(options, folder):
    """Each point at its first and at a later time; gives rows and violations."""
    options.mode = lambda random: {}
    options.faxlock = options.debug_build
    campaign = Campaign(options, folder)
    senders = campaign.senders
    began = time.monotonic()
    reached = 0
    points = [(name, turn) for name in names() for turn in options.turns]
    campaign.random.shuffle(points)
    try:
        await campaign.start()
        await campaign.subscribe()
        # A point can be reached only by work: all that there is to do is done, all the time.
        senders.eagerness = 0.4
        senders.several_pages = 0.5
        sending = asyncio.create_task(senders.run(options.senders))
        for index, (name, turn) in enumerate(points):
            await campaign.kill()
            senders.allowed = len(senders.faxes) + FAXES
            if name in AFTER_A_CUT_CALL:
                await _cut_calls(campaign, turn + 1)
            limit = options.point_limit + (LONGER if name in AFTER_A_CUT_CALL else 0)
            if await _dies_at(campaign, f"{name}:{turn}", limit):
                reached += 1
            else:
                campaign.violations.append(f"{name}:{turn} was never reached")
            if index % 10 == 9:
                options.say(f"{index + 1} of {len(points)} crash points")
        await campaign.start()
        senders.finish()
        await asyncio.wait_for(sending, 120)
        rows = {"crash points": f"{len(names())}, each at time {' and '.join(map(str, options.turns))}: {reached} of {len(points)} reached"}
        rows |= await campaign.finish()
        rows["duration"] = f"{time.monotonic() - began:.0f} s"
        return rows, campaign.violations
    finally:
        await campaign.clean_up()


async def _cut_calls(campaign, count):
    """Lives until so many faxes are in calls, at the speed of a modem, and dies."""
    campaign.gateway.url = await campaign.server.start({"FAXLOCK_LOOPBACK_UNPACED": "false"})
    end = time.monotonic() + campaign.options.point_limit + LONGER
    while time.monotonic() < end and audit.states(campaign.server).get("sending", 0) < count:
        _allow_more(campaign)
        await asyncio.sleep(0.1)
    await campaign.kill()


def _allow_more(campaign):
    """Another fax, unless what is there keeps the server busy."""
    if audit.moving(campaign.server) < BACKLOG and campaign.senders.allowed <= len(campaign.senders.faxes):
        campaign.senders.allowed += 1


async def _dies_at(campaign, point, limit):
    """Whether a server that is told so dies at the point; it is down when this returns."""
    server = campaign.server
    await server.begin({"FAXLOCK_CRASH_POINT": point})
    campaign.gateway.url = None
    end = time.monotonic() + limit
    try:
        campaign.gateway.url = await server.listening()
    except ServerEnded:
        code = await server.process.wait()
        if code != -9:
            raise RuntimeError(f"no crash points in this build, or it cannot start (it ended with {code}): {server.log_end(500)}") from None
        campaign.kills += 1
        return True
    while time.monotonic() < end:
        try:
            await asyncio.wait_for(server.process.wait(), 1)
        except asyncio.TimeoutError:
            # Some points come only with more to do.
            _allow_more(campaign)
            continue
        campaign.gateway.url = None
        campaign.kills += 1
        return server.process.returncode == -9
    await campaign.kill()
    return False
