"""Clients that send small faxes and do not let go: a request whose answer did not come is made again with the same Idempotency-Key."""
import asyncio
import random

from gateway import ConnectionDied

# The sandbox's numbers (docs/sandbox.md) and how often each is called. The others of its range deliver.
SCRIPTED = {
    "+15005550001": 20, "+15005550002": 1, "+15005550003": 1, "+15005550004": 3, "+15005550005": 3, "+15005550006": 2, "+15005550007": 5,
    "+15005550008": 3, "+15005550010": 3,
}
DELIVERING = [f"+15005550{number:03}" for number in range(20, 100)]
# Those of the exchange inside, whose inbox is the far end's own word for what arrived.
LOOPBACK = [f"+155512301{number:02}" for number in range(0, 99)]


class Fax:
    """One document of one sender."""

    def __init__(self, key, number, text, fields):
        self.key = key
        self.number = number
        self.text = text
        self.fields = fields
        self.id = None
        # Answers to it, of which each must name the same fax.
        self.answers = 0
        self.posts = 0


class Senders:
    """All senders of a campaign, and what they were promised."""

    def __init__(self, gateway, options, seed):
        # The part of the faxes that have more than one page.
        self.several_pages = 0.1
        self.gateway = gateway
        self.options = options
        self.random = random.Random(seed)
        self.faxes = []
        self.violations = []
        self.refusals = {}
        self.cancels = 0
        self.repeats = 0
        self.disconnected = 0
        # How many faxes may have been begun by now: it grows with the campaign, so that the load is spread over it.
        self.allowed = 0
        # How often a fax is cancelled.
        self.eagerness = 0.05
        self._is_over = asyncio.Event()

    def finish(self):
        """No new faxes; those that were begun are brought to their answer."""
        self._is_over.set()

    async def run(self, count):
        """Works until `finish` was called and every request has its answer."""
        await asyncio.gather(*(self._send(index) for index in range(count)))

    def promised(self):
        """Faxes that were accepted."""
        return [fax for fax in self.faxes if fax.id is not None]

    def _make(self, sender):
        if self.options.numbers:
            number = self.random.choice(self.options.numbers)
        else:
            range_ = self.random.choices(("scripted", "delivering", "loopback"), weights=(40, 40, 20))[0]
            if range_ == "scripted":
                number = self.random.choices(list(SCRIPTED), weights=list(SCRIPTED.values()))[0]
            else:
                number = self.random.choice(DELIVERING if range_ == "delivering" else LOOPBACK)
        pages = 3 if number == "+15005550005" or self.random.random() < self.several_pages else 1
        name = f"{sender}-{len(self.faxes)}"
        text = "\f".join(f"Fax {name} of the campaign, page {page + 1} of {pages}\n" for page in range(pages))
        fields = {}
        if not self.options.is_plain:
            fields["priority"] = self.random.choice(["normal", "normal", "urgent", "bulk"])
        fax = Fax(f"campaign-{self.options.seed}-{name}", number, text, fields)
        self.faxes.append(fax)
        return fax

    async def _send(self, sender):
        while not self._is_over.is_set():
            if len(self.faxes) >= self.allowed:
                await self._pause(0.02)
                continue
            fax = self._make(sender)
            await self._submit(fax)
            if self.options.has_keys and self.random.random() < 0.15:
                # As a client that lost its notes does.
                self.repeats += 1
                await self._pause(self.random.uniform(0, 1))
                await self._submit(fax)
            if self.options.has_cancel and fax.id is not None and self.random.random() < self.eagerness:
                await self._pause(self.random.uniform(0, 0.5))
                await self._cancel(fax)
            await self._pause(self.random.uniform(0, 0.2))

    async def _pause(self, seconds):
        try:
            await asyncio.wait_for(self._is_over.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    async def _submit(self, fax):
        while True:
            while self.gateway.url is None:
                await asyncio.sleep(0.01)
            fax.posts += 1
            try:
                answer = await self.gateway.submit(fax.number, fax.text, fax.key if self.options.has_keys else None, fax.fields)
            except ConnectionDied:
                self.disconnected += 1
                if not self.options.has_keys:
                    # It may have been accepted; without a key nobody may ask again.
                    return
                await asyncio.sleep(self.random.uniform(0.01, 0.08))
                continue
            if answer.status == 202:
                fax.answers += 1
                found = answer.json()["id"]
                if fax.id is not None and fax.id != found:
                    self.violations.append(f"key {fax.key} named {fax.id} and then {found}")
                fax.id = found
                return
            if answer.status in (409, 429, 503):
                self.refusals[answer.status] = self.refusals.get(answer.status, 0) + 1
                await asyncio.sleep(self.random.uniform(0.05, 0.2))
                continue
            self.violations.append(f"a fax to {fax.number} was answered {answer.status}: {answer.body[:200]!r}")
            return

    async def _cancel(self, fax):
        while True:
            try:
                answer = await self.gateway.post_json(f"/fax/{fax.id}/cancel")
            except ConnectionDied:
                await asyncio.sleep(self.random.uniform(0.01, 0.08))
                continue
            if answer.status in (200, 202):
                self.cancels += 1
            elif answer.status != 409:
                self.violations.append(f"a cancellation was answered {answer.status}: {answer.body[:200]!r}")
            return
