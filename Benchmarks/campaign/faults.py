"""A disk that is full or broken at each write of one fax's way: submission, rendering, call, outcome.

Whatever fails, the client gets an error or a 202 that holds after the next start; no document is called for twice; and the server goes on
when the disk does, or has stopped with a message.
"""
import asyncio
import collections
import errno
import mmap
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import time

import audit
import ledger
from gateway import ConnectionDied, Gateway
from order import NotPermitted
from server import KEY, Server, ServerEnded

HEAD, CALLS, LABEL = 68, 4096, 64
# A full disk stays full until somebody makes room; a bad block may be met once.
ERRORS = {"ENOSPC": (errno.ENOSPC, True), "EIO": (errno.EIO, False)}


class Disk:
    """The switch of the failing disk (failing_disk.c)."""

    def __init__(self, path):
        path.write_bytes(bytes(HEAD + CALLS * LABEL))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def arm(self, kind="", first=0, stays=False, error=0):
        """Counts from here; the `first` call of the kind fails, and all after it where that stays. 0: none."""
        struct.pack_into("=5i44si", self.memory, 0, 0, 0, stays, error, 0, kind.encode(), 0)
        struct.pack_into("=i", self.memory, 4, first)

    def disarm(self):
        """Works again."""
        struct.pack_into("=i", self.memory, 4, 0)

    @property
    def failed(self):
        """How many calls did."""
        return struct.unpack_from("=i", self.memory, 16)[0]

    def kinds(self):
        """The calls since it was armed: kinds, and how many of each."""
        count = struct.unpack_from("=i", self.memory, 64)[0]
        labels = [self.memory[HEAD + index * LABEL:HEAD + (index + 1) * LABEL] for index in range(min(count, CALLS))]
        return collections.Counter(label.split(b"\0")[0].decode(errors="replace") for label in labels)


class Trial:
    """One server on one folder, and fault after fault."""

    def __init__(self, options, folder, library, index):
        self.options = options
        folder = pathlib.Path(folder, str(index))
        folder.mkdir()
        self.disk = Disk(folder / "faults")
        environment = {
            **options.environment, "LD_PRELOAD": str(library), "DISK_FAULTS": str(folder / "faults"), "DISK_FOLDER": str(folder / "data"),
        }
        self.server = Server(options.faxlock, folder, environment)
        self.gateway = Gateway(KEY)
        self.numbers = 0
        self.keys = 0
        # Ids, and the numbers that were called.
        self.promised = {}
        self.violations = []
        self.met = collections.Counter()
        self.outcomes = collections.Counter()
        self.met_starts = 0
        self.stopped_starts = 0

    async def start(self):
        self.gateway.url = await self.server.start()

    async def _submit(self, text):
        """POST /fax; the status, or 0 when there was no whole answer."""
        self.numbers = (self.numbers + 1) % 99
        number = f"+155512301{self.numbers:02}"
        self.keys += 1
        try:
            answer = await self.gateway.submit(
                number, f"{text}\f{text}\n", f"fault-{self.keys}" if self.options.has_keys else None)
        except ConnectionDied:
            return 0, None
        if answer.status != 202:
            return answer.status, None
        fax = answer.json()["id"]
        self.promised[fax] = number
        return 202, fax

    def _is_resting(self, fax):
        """Whether it is at its end, or waits for another call after one that broke off."""
        connection = audit.database(self.server)
        try:
            row = connection.execute("SELECT state, due_at FROM faxes WHERE id = ?", (fax,)).fetchone()
            return row is not None and (
                row["state"] in audit.RESTING or row["state"] == "queued" and row["due_at"] > (time.time() + 3) * 1000)
        finally:
            connection.close()

    async def _rest(self, faxes, limit):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if all(self._is_resting(fax) for fax in faxes):
                return True
            await asyncio.sleep(0.03)
        return False

    async def baseline(self):
        """What one fax's way writes when nothing fails."""
        self.disk.arm()
        _, fax = await self._submit("A fax without a fault")
        if fax is None or not await self._rest([fax], 30):
            raise RuntimeError(f"a fax without a fault did not go its way: {self.server.log_end()}")
        await asyncio.sleep(0.2)
        kinds = self.disk.kinds()
        await self.server.end(signal.SIGKILL)
        self.disk.arm()
        await self.start()
        return kinds, self.disk.kinds()

    async def fail(self, kind, number, name):
        """One fax on a disk of which a call fails; then the disk is well again, and then the power is cut."""
        error, stays = ERRORS[name]
        self.disk.arm(kind, number, stays, error)
        faxes = set()
        status, fax = await self._submit(f"A fax with {name} at {kind} number {number}")
        if fax is not None:
            faxes.add(fax)
            end = time.monotonic() + 5
            failing = None
            # To its end; or until the failure has held it up, of which the server makes a pause of seconds.
            while time.monotonic() < end and not self._is_resting(fax) and self.server.process.returncode is None:
                if self.disk.failed and failing is None:
                    failing = time.monotonic()
                if failing is not None and time.monotonic() - failing > 0.7:
                    break
                await asyncio.sleep(0.03)
        if self.disk.failed:
            self.met[name, kind] += 1
        self.disk.disarm()
        where = f"{name} at {kind} number {number}"
        await self._goes_on(where, faxes)
        if self.server.process.returncode is None:
            await self.server.end(signal.SIGKILL)
        await self.start()
        # A full disk is said as what it is, but where SQLite does not tell it from a broken one.
        if status not in ((202, 503) if name == "ENOSPC" and not kind.startswith("sync /faxlock.db") else (202, 500, 503)):
            self.violations.append(f"{where}: the client was answered {status}")
        self.outcomes[name, status] += 1
        if not await self._rest(faxes, 30):
            self.violations.append(f"{where}: after the next start a fax that was accepted came to no rest or is gone")

    async def _goes_on(self, where, faxes):
        """The server takes the next fax, or has stopped as one that knows why."""
        code = self.server.process.returncode
        if code is None:
            status, fax = await self._submit(f"A fax after {where}")
            if fax is not None:
                faxes.add(fax)
                return
            await asyncio.sleep(0.2)
            code = self.server.process.returncode
            if code is None:
                self.violations.append(f"{where}: the disk was well again and the next fax was answered {status}")
                return
        if code < 0 or "error" not in self.server.log_end():
            self.violations.append(f"{where}: the server ended with {code}: {self.server.log_end(400)}")

    async def fail_start(self, kind, number, name):
        """A start during which a call fails: it succeeds, or ends with a message; the next one, on a good disk, succeeds."""
        error, stays = ERRORS[name]
        await self.server.end(signal.SIGKILL)
        self.disk.arm(kind, number, stays, error)
        where = f"{name} at {kind} number {number} of a start"
        said = self.server.log_length()
        await self.server.begin()
        try:
            self.gateway.url = await self.server.listening()
        except ServerEnded:
            code = await self.server.process.wait()
            if code < 0 or self.server.log_length() == said:
                self.violations.append(f"{where}: the server ended with {code}: {self.server.log_end(400)}")
            self.stopped_starts += 1
        self.met_starts += self.disk.failed > 0
        self.disk.disarm()
        if self.server.process.returncode is None:
            await self.server.end(signal.SIGKILL)
        await self.start()

    async def finish(self):
        """The audit of the folder."""
        await audit.settle(self.server, self.gateway, 60, True, calm=1)
        await audit.settle(self.server, self.gateway, 20, False)
        _, problems = await ledger.blobs(self.gateway)
        folder, key = await ledger.export(self.server, self.gateway.url)
        await self.server.end(signal.SIGTERM)
        _, others = await ledger.verify(self.server, folder, key)
        findings = audit.Findings(self.server, self.promised)
        self.violations += problems + others + findings.violations
        return findings


def _library(folder):
    """Builds the failing disk."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        raise NotPermitted("there is no C compiler")
    library = pathlib.Path(folder, "failing_disk.so")
    source = pathlib.Path(__file__).with_name("failing_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source, "-ldl"], check=True, timeout=60)
    return library


def _plan(fax, start, options):
    """Which calls fail, and how: all, or of each kind one, or the first, the last and some others."""
    plan = []
    for what, kinds in (("fax", fax), ("start", start)):
        for kind, count in sorted(kinds.items()):
            # One more than there were: another time there may be.
            numbers = range(1, count + 2)
            if options.faults:
                others = random.Random(options.seed + count).sample(numbers, len(numbers))
                numbers = others[:1] if options.faults == 1 else list(dict.fromkeys([1, count, *others]))[:options.faults]
            plan += [(what, kind, number, name) for number in numbers for name in ERRORS]
    random.Random(options.seed).shuffle(plan)
    return plan


async def run(options, folder):
    """Fault after fault, several servers at a time; gives rows and violations."""
    library = _library(folder)
    trials = [Trial(options, folder, library, index) for index in range(options.jobs)]
    end = time.monotonic() + options.minutes * 60
    try:
        await asyncio.gather(*(trial.start() for trial in trials))
        fax, start = (await asyncio.gather(*(trial.baseline() for trial in trials)))[0]
        plan = _plan(fax, start, options)
        waiting = plan[::-1]

        async def work(trial):
            while waiting and time.monotonic() < end:
                what, *fault = waiting.pop()
                await (trial.fail if what == "fax" else trial.fail_start)(*fault)
                if len(waiting) % 50 == 0:
                    options.say(f"{len(plan) - len(waiting)} of {len(plan)} faults")

        await asyncio.gather(*(work(trial) for trial in trials))
        findings = await asyncio.gather(*(trial.finish() for trial in trials))
    finally:
        await asyncio.gather(*(trial.server.clean_up() for trial in trials))
    violations = [violation for trial in trials for violation in trial.violations]
    if waiting:
        violations.append(f"{options.minutes} minutes were over before {len(waiting)} of {len(plan)} faults")
    met = sum((trial.met for trial in trials), collections.Counter())
    outcomes = sum((trial.outcomes for trial in trials), collections.Counter())
    rows = {
        "writes and syncs of one fax": f"{sum(fax.values())}, of {len(fax)} kinds; {sum(start.values())} of a start",
        "faults tried": len(plan) - len(waiting),
    }
    for name in ERRORS:
        statuses = sorted(status for key, status in outcomes if key == name)
        rows[f"{name}: answers"] = ", ".join(f"{status or 'none'} {outcomes[name, status]}" for status in statuses)
    for kind in sorted(fax):
        rows[f"  {kind}"] = ", ".join(f"{name} {met[name, kind]}" for name in ERRORS)
    rows["during a start"] = (
        f"{sum(trial.met_starts for trial in trials)} of the faults, of which {sum(trial.stopped_starts for trial in trials)} ended it "
        "with a message")
    rows["faxes accepted"] = sum(len(trial.promised) for trial in trials)
    rows["lost"] = sum(len(found.lost) for found in findings)
    rows["transmitted twice"] = sum(len(found.duplicates) for found in findings)
    total = sum((found.states for found in findings), collections.Counter())
    rows["states"] = ", ".join(f"{state} {count}" for state, count in sorted(total.items()))
    return rows, violations
