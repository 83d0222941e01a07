"""kill -9 at random instants while many senders submit."""
import asyncio
import random
import signal
import time

import audit
import controls
import ledger
from gateway import Gateway
from hooks import Receiver
from senders import Senders
from server import KEY, Server


# What the receiver is told of.
EVENTS = ["fax.delivered", "fax.failed", "fax.cancelled", "fax.unknown"]


# How many faxes may be on their way.
BACKLOG = 80


class Campaign:
    """One data folder, its server, its senders and its webhook receiver."""

    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.server = Server(options.faxlock, folder, options.environment)
        self.gateway = Gateway(KEY)
        self.senders = Senders(self.gateway, options, options.seed + 1)
        self.receiver = Receiver(options.seed + 2, options.refusals) if options.has_hooks else None
        self.kills = 0
        self.startup_kills = 0
        self.has_calls = True
        self.violations = []

    async def start(self):
        """Starts the server, with the sandbox that this life of it has."""
        mode = self.options.mode(self.random)
        self.has_calls = not mode
        self.gateway.url = await self.server.start(mode)

    async def subscribe(self):
        """Makes the webhook endpoint."""
        if self.receiver is None:
            return
        answer = await self.gateway.post_json("/webhooks", {"url": await self.receiver.start(), "events": EVENTS})
        if answer.status != 201:
            raise RuntimeError(f"POST /webhooks was answered {answer.status}: {answer.body[:300]!r}")

    async def kill(self):
        """Ends the server as a power cut does."""
        self.gateway.url = None
        self.kills += self.server.process.returncode is None
        await self.server.end(signal.SIGKILL)

    async def random_kills(self, count, end):
        """Kills and starts again, `count` times at most, until the clock says `end`."""
        faxes = self.options.faxes
        while self.kills < count and time.monotonic() < end:
            # Spread over the campaign; and no backlog that would outlast it.
            planned, begun = -(-faxes * (self.kills + 1) // count), len(self.senders.faxes)
            self.senders.allowed = min(planned, begun + max(0, BACKLOG - audit.moving(self.server)))
            await asyncio.sleep(self._life())
            await self.kill()
            # A power cut during the start, too.
            while self.random.random() < 0.1 and self.kills < count:
                await self.server.begin(self.options.mode(self.random))
                await asyncio.sleep(self.random.uniform(0, 0.15))
                await self.kill()
                self.startup_kills += 1
            await self.start()
            if self.kills % 100 == 0:
                self.options.say(f"{self.kills} kills, {len(self.senders.promised())} faxes accepted")

    def _life(self):
        """How long the server may live: mostly for a step or two of a fax; for some calls where it makes real ones."""
        if self.has_calls:
            return self.random.uniform(0.1, 2)
        return self.random.uniform(0, 0.2) if self.random.random() < 0.5 else self.random.uniform(0.1, 0.8)

    async def clean_up(self):
        """Ends what this started."""
        await self.server.clean_up()
        if self.receiver is not None and self.receiver.url is not None:
            await self.receiver.stop()

    async def finish(self):
        """Lets everything come to its rest and looks at all of it; gives the rows of the report."""
        options, senders = self.options, self.senders
        rows = {}
        withdrawn = await audit.settle(self.server, self.gateway, options.drain, options.has_cancel, options.calm)
        withdrawn and await audit.settle(self.server, self.gateway, 20, False)
        promised = {fax.id: fax.number for fax in senders.promised()}
        found = await audit.existing(self.gateway, promised)
        self.violations += [f"{fax} was accepted and the server does not show it" for fax in promised if fax not in found]
        if self.receiver is not None:
            self.receiver.rudeness = 0
            missing = await audit.wait_for_hooks(self.server, self.receiver, EVENTS, options.hook_limit)
            self.violations += [f"the receiver was never told {kind} of {fax}" for kind, fax in missing]
        documents, problems = await ledger.blobs(self.gateway)
        folder, key = await ledger.export(self.server, self.gateway.url)
        status = await self.server.end(signal.SIGTERM)
        if status != 0:
            problems.append(f"the last stop was no clean one: {status}")
        events, others = await ledger.verify(self.server, folder, key)
        keys = len(senders.faxes) if options.has_keys else None
        findings = audit.Findings(self.server, promised, keys)
        seen, blind = controls.run(self.server, promised, keys)
        self.violations += senders.violations + problems + others + findings.violations + blind
        await asyncio.sleep(0.5)
        left = self.server.left_over()
        if left:
            self.violations.append(f"workers outlived their server: {left[:5]}")
        starts = sorted(self.server.starts)
        rows["kills"] = f"{self.kills} ({self.startup_kills} of them during a start)"
        rows["restart"] = f"{starts[len(starts) // 2] * 1000:.0f} ms median, {starts[-1] * 1000:.0f} ms longest"
        rows["requests"] = f"{sum(fax.posts for fax in senders.faxes)}, of which {senders.disconnected} met a dead server"
        rows["faxes accepted"] = len(promised)
        rows["faxes in the database"] = len(findings.faxes)
        rows["lost"] = len(findings.lost)
        rows["states"] = ", ".join(f"{state} {count}" for state, count in sorted(findings.states.items()))
        rows["calls"] = sum(len(attempts) for attempts in findings.attempts.values())
        rows["received by the exchange inside"] = len(findings.inbound)
        rows["transmitted twice"] = len(findings.duplicates)
        rows["through unknown"] = sum(
            any(row["outcome"] == "unknown" for row in attempts) for attempts in findings.attempts.values())
        rows["reconciled by a record"] = findings.reconciled
        rows["repeated with their key"] = f"{senders.repeats} on purpose" if options.has_keys else "(no keys)"
        rows["cancelled / withdrawn at the end"] = f"{senders.cancels} / {withdrawn}"
        if self.receiver is not None:
            taken, again = self.receiver.deliveries()
            rows["webhooks"] = f"{taken} taken, {again} of them again, {sum(self.receiver.refusals.values())} refused by the receiver"
        rows["sealed documents proved"] = documents
        rows["ledger events verified"] = events
        rows["wrong things put into a copy, and found"] = seen
        return rows


async def run(options, folder):
    """The whole campaign of random kills; gives rows and violations."""
    campaign = Campaign(options, folder)
    began = time.monotonic()
    try:
        await campaign.start()
        await campaign.subscribe()
        sending = asyncio.create_task(campaign.senders.run(options.senders))
        await campaign.random_kills(options.kills, began + options.minutes * 60)
        if campaign.kills < options.kills:
            campaign.violations.append(f"{options.minutes} minutes were over after {campaign.kills} of {options.kills} kills")
        campaign.senders.finish()
        await asyncio.wait_for(sending, 120)
        rows = await campaign.finish()
        rows["duration"] = f"{time.monotonic() - began:.0f} s"
        return rows, campaign.violations
    finally:
        await campaign.clean_up()
