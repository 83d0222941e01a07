"""What must be true of a data folder after any number of power cuts. It reads the database itself, and asks the server only where its word
is what is in question."""
import asyncio
import collections
import pathlib
import sqlite3
import time

import senders
from gateway import ConnectionDied

RESTING = {"delivered", "failed", "cancelled", "unknown", "held", "disabled"}


def database(server):
    """The server's database, for reading."""
    connection = sqlite3.connect(f"file:{server.data}/faxlock.db?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def states(server):
    """How many faxes are in which state."""
    connection = database(server)
    try:
        return dict(connection.execute("SELECT state, count(*) FROM faxes GROUP BY state").fetchall())
    finally:
        connection.close()


def moving(server):
    """How many faxes have not come to rest."""
    return sum(count for state, count in states(server).items() if state not in RESTING)


async def settle(server, gateway, limit, cancels, calm=8):
    """Waits until no fax moves by itself. What waits for its next call beyond that is withdrawn by its sender, where it can be.

    `limit`: seconds in which something must happen. `calm`: seconds after which what waits is taken to wait for longer. Gives how many
    were withdrawn."""
    before, since = None, time.monotonic()
    while time.monotonic() - since < limit:
        now = states(server)
        if not set(now) - RESTING:
            return 0
        if now != before:
            before, since = now, time.monotonic()
        # A retry after an error comes within seconds; those of busy numbers come after minutes.
        if set(now) <= RESTING | {"queued", "scheduled"} and time.monotonic() - since > calm:
            break
        await asyncio.sleep(0.2)
    if not cancels:
        return 0
    connection = database(server)
    waiting = [row["id"] for row in connection.execute("SELECT id FROM faxes WHERE state IN ('queued', 'scheduled')")]
    connection.close()
    for fax in waiting:
        await gateway.post_json(f"/fax/{fax}/cancel")
    return len(waiting)


async def existing(gateway, ids):
    """Those of the ids that the server shows."""
    found = set()
    for fax in ids:
        for _ in range(3):
            try:
                answer = await gateway.call("GET", f"/fax/{fax}")
            except ConnectionDied:
                continue
            if answer.status == 200 and answer.json()["id"] == fax:
                found.add(fax)
            break
    return found


async def wait_for_hooks(server, receiver, types, limit):
    """Waits until the receiver was told all that it must be; gives what it was not told."""
    end = time.monotonic() + limit
    while True:
        missing = untold(server, receiver, types)
        if not missing or time.monotonic() > end:
            return missing
        await asyncio.sleep(0.5)


def untold(server, receiver, types):
    """What the outbox has of these types and the receiver knows nothing of."""
    connection = database(server)
    rows = connection.execute("SELECT type, fax FROM fax_events").fetchall()
    connection.close()
    return [(row["type"], row["fax"]) for row in rows if row["type"] in types and (row["type"], row["fax"]) not in receiver.told]


class Findings:
    """The audit of one data folder, its server stopped."""

    def __init__(self, server, promised, keys=None):
        """`promised`: ids that a client holds, and their numbers. `keys`: how many documents were submitted, where each has an
        Idempotency-Key."""
        self.violations = []
        self.promised = promised
        self.keys = keys
        connection = database(server)
        try:
            self._read(connection)
            self._integrity(connection)
        finally:
            connection.close()
        self._lost()
        self._transmitted()
        self._blobs(server)

    def _read(self, connection):
        tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        self.faxes = {row["id"]: row for row in connection.execute("SELECT * FROM faxes")}
        self.attempts = collections.defaultdict(list)
        for row in connection.execute("SELECT * FROM attempts ORDER BY fax, number"):
            self.attempts[row["fax"]].append(row)
        self.pages = collections.defaultdict(list)
        for row in connection.execute("SELECT fax, attempt, page FROM attempt_pages"):
            self.pages[row["fax"]].append((row["attempt"], row["page"]))
        self.inbound = connection.execute("SELECT id, reference, status, pages FROM inbound").fetchall()
        self.documents = {row["id"] for row in connection.execute("SELECT id FROM documents WHERE shredded_at IS NULL")}
        self.history = collections.defaultdict(list)
        if "fax_events" in tables:
            for row in connection.execute("SELECT fax, type FROM fax_events ORDER BY id"):
                self.history[row["fax"]].append(row["type"])
        # Receptions that a start should have made faxes of.
        self.receptions = connection.execute("SELECT count(*) FROM receptions").fetchone()[0]
        self.states = collections.Counter(row["state"] for row in self.faxes.values())

    def _integrity(self, connection):
        for (line,) in connection.execute("PRAGMA integrity_check"):
            if line != "ok":
                self.violations.append(f"integrity_check: {line}")
        for row in connection.execute("PRAGMA foreign_key_check"):
            self.violations.append(f"foreign_key_check: {row['table']}")

    def _lost(self):
        self.lost = set(self.promised) - set(self.faxes)
        self.violations += [f"{fax} was accepted and is not there" for fax in sorted(self.lost)]
        # A key that was sent again made no second fax.
        if self.keys is not None and len(self.faxes) > self.keys:
            self.violations.append(f"{len(self.faxes)} faxes of {self.keys} documents: a repeated request made a second fax")
        for fax, row in self.faxes.items():
            if row["state"] not in RESTING:
                self.violations.append(f"{fax} came to no rest: {row['state']}")
        if self.receptions:
            self.violations.append(f"{self.receptions} receptions were left open")

    def _transmitted(self):
        """No document twice at the far end, by what the far end has and by what its confirmations say."""
        self.duplicates, self.reconciled = [], 0
        arrived = collections.Counter(row["reference"] for row in self.inbound if row["status"] == "received")
        known = {row["reference"] for attempts in self.attempts.values() for row in attempts}
        for reference in {row["reference"] for row in self.inbound} - known:
            self.violations.append(f"the far end has a fax of call {reference}, which no attempt intended")
        for fax, attempts in self.attempts.items():
            was_reconciled = self._was_reconciled(fax)
            self.reconciled += was_reconciled
            delivered = sum(row["outcome"] == "delivered" for row in attempts)
            copies = max(delivered, sum(arrived[row["reference"]] for row in attempts))
            confirmed = collections.Counter(page for _, page in self.pages[fax])
            again = sum(count - 1 for count in confirmed.values())
            if copies > 1 or again:
                self.duplicates.append(fax)
                if not was_reconciled:
                    self.violations.append(f"{fax} was transmitted {copies} times, {again} pages again, and no record resolved it")
            for earlier, later in zip(attempts, attempts[1:]):
                if earlier["outcome"] is None or earlier["outcome"] == "delivered":
                    self.violations.append(f"{fax} was dialled again after an attempt that was {earlier['outcome'] or 'open'}")
                if earlier["outcome"] == "unknown" and not was_reconciled:
                    self.violations.append(f"{fax} was dialled again after an unknown outcome that nothing resolved")
            row = self.faxes.get(fax)
            if row is None:
                self.violations.append(f"an attempt is of {fax}, which is not there")
            elif row["state"] == "delivered" and row["pages_confirmed"] != row["pages"]:
                self.violations.append(f"{fax} is delivered with {row['pages_confirmed']} of {row['pages']} pages confirmed")
            # A real call to the exchange inside: what its confirmation said is in its inbox.
            if self.promised.get(fax) in senders.LOOPBACK:
                for attempt in attempts:
                    if attempt["outcome"] == "delivered" and attempt["backend"] == "line" and not arrived[attempt["reference"]]:
                        self.violations.append(f"{fax} is delivered, and the far end does not have it")
            if attempts and attempts[-1]["outcome"] is None:
                self.violations.append(f"{fax} has an attempt without an end")

    def _was_reconciled(self, fax):
        history = self.history[fax]
        if "fax.unknown" not in history:
            return False
        after = history[history.index("fax.unknown") + 1:]
        return any(event in ("fax.delivered", "fax.queued", "fax.failed") for event in after)

    def _blobs(self, server):
        """Every document has its blob."""
        blobs = {path.name.split(".")[0] for path in pathlib.Path(server.data, "blobs").glob("??/*")}
        for document in sorted(self.documents - blobs):
            self.violations.append(f"the blob of document {document} is gone")
        self.orphans = len(blobs - self.documents)
