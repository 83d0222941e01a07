"""A real `faxlock serve` on a data folder of its own: started, killed as a power cut would, and started again."""
import asyncio
import os
import pathlib
import signal
import time

KEY = "campaign-key-for-loopback-only"


class ServerEnded(Exception):
    """The server ended where it should have listened."""


class Server:
    """One data folder and the processes that serve it, one after the other."""

    def __init__(self, faxlock, folder, environment):
        self.faxlock = faxlock
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "API_KEY": KEY, "INBOUND_ENABLED": "true", "FAX_HEADER": "Quillfeather Test Clinic",
            "FAX_LOCAL_STATION_ID": "+15551230199", "FAXLOCK_LOG_LEVEL": "notice", **environment,
        }
        self.process = None
        self.starts = []
        self._sessions = set()
        self._began = 0.0

    async def begin(self, extra=None):
        """Starts the process and does not wait for it."""
        self._began = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.faxlock, "serve", "--port", "0", "--data", str(self.data), env={**self.environment, **(extra or {})},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True)
        self._sessions.add(self.process.pid)

    async def listening(self, limit=60):
        """Waits for the line with the address and gives it."""
        async def read():
            while line := await self.process.stdout.readline():
                if b" listens on " in line:
                    return line.decode().split()[-1]
            raise ServerEnded(f"the server ended instead of listening: {self.log_end()}")

        url = await asyncio.wait_for(read(), limit)
        self.starts.append(time.monotonic() - self._began)
        return url

    async def start(self, extra=None):
        """Starts and waits; gives the address."""
        await self.begin(extra)
        return await self.listening()

    async def end(self, number=signal.SIGKILL, limit=60):
        """Sends a signal to the server alone and waits for its end; gives the exit status, negative after a signal."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), limit)

    def log_end(self, length=2000):
        """The end of what it said."""
        return self.log.read_bytes()[-length:].decode(errors="replace") if self.log.exists() else ""

    def log_length(self):
        """How much it said, in bytes."""
        return self.log.stat().st_size if self.log.exists() else 0

    def left_over(self):
        """Processes that servers of this folder started and that are still there."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)
            except OSError:
                continue
            # Fields after the name: state, parent, group, session.
            state, session = fields[1].split()[0], int(fields[1].split()[3])
            if session in self._sessions and state != "Z":
                found.append((int(entry), fields[0].split("(", 1)[1]))
        return found

    async def clean_up(self):
        """Ends whatever is left of them."""
        if self.process is not None and self.process.returncode is None:
            await self.end()
        for process, _ in self.left_over():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
