"""A client's webhook receiver on loopback, which misbehaves: it refuses, hangs up and takes its time."""
import asyncio
import json
import random


class Receiver:
    """Keeps what it was told: (type, fax) to the ids of the messages that told it."""

    def __init__(self, seed, most):
        """`most`: how often it refuses one message."""
        self.random = random.Random(seed)
        self.most = most
        self.told = {}
        self.messages = {}
        self.refusals = {}
        # How often in a hundred it does not take a message.
        self.rudeness = 10
        self.url = None
        self._server = None

    async def start(self):
        """Listens; gives the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"
        return self.url

    async def stop(self):
        """Listens no more."""
        self._server.close()
        await self._server.wait_closed()

    def deliveries(self):
        """Messages that were taken, and how many of them again."""
        taken = sum(self.messages.values())
        return taken, taken - len(self.messages)

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                await asyncio.sleep(self.random.choice((0, 0, 0.02, 0.3)))
                message = fields.get("webhook-id", "")
                if self.random.randrange(100) < self.rudeness and self.refusals.get(message, 0) < self.most:
                    self.refusals[message] = self.refusals.get(message, 0) + 1
                    if self.random.random() < 0.5:
                        return
                    status = "500 Internal Server Error"
                else:
                    self._note(fields, body)
                    status = "204 No Content"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (OSError, EOFError):
            return
        finally:
            writer.close()

    def _note(self, fields, body):
        message = fields["webhook-id"]
        self.messages[message] = self.messages.get(message, 0) + 1
        event = json.loads(body)
        fax = event.get("data", {}).get("id") or event.get("data", {}).get("fax")
        self.told.setdefault((event["type"], fax), set()).add(message)
