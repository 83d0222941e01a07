"""The smallest HTTP client that senders need: one request a connection, so that a killed server is met in every state of a connection."""
import asyncio
import json


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class ConnectionDied(Exception):
    """No whole answer came: the request may have been done or not."""


class Gateway:
    """Calls one server; `url` changes when it is started again."""

    def __init__(self, key):
        self.key = key
        self.url = None

    async def call(self, method, path, body=b"", headers=None, timeout=30):
        """Makes one request; raises ConnectionDied unless a whole answer came."""
        if self.url is None:
            raise ConnectionDied("the server is not up")
        host, port = self.url.removeprefix("http://").split(":")
        try:
            return await asyncio.wait_for(self._call(host, int(port), method, path, body, headers or {}), timeout)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
            raise ConnectionDied(f"{type(error).__name__}: {error}") from error

    async def _call(self, host, port, method, path, body, headers):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", f"X-API-Key: {self.key}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            lines.append(f"Content-Length: {len(body)}")
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split(" ")[1])
            fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            if "content-length" in fields:
                content = await reader.readexactly(int(fields["content-length"]))
            elif fields.get("transfer-encoding") == "chunked":
                content = await self._chunks(reader)
            else:
                content = b""
            return Answer(status, fields, content)
        finally:
            writer.close()

    @staticmethod
    async def _chunks(reader):
        content = b""
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            piece = await reader.readexactly(size + 2)
            if size == 0:
                return content
            content += piece[:-2]

    async def post_json(self, path, value=None, headers=None):
        """POST of a JSON body, or of none."""
        body = b"" if value is None else json.dumps(value).encode()
        fields = dict(headers or {})
        if body:
            fields["Content-Type"] = "application/json"
        return await self.call("POST", path, body, fields)

    async def submit(self, number, text, key=None, fields=None):
        """POST /fax with a text document."""
        parts = {"to": number, **(fields or {})}
        mark = "campaign-boundary"
        name = f"--{mark}\r\nContent-Disposition: form-data; name="
        body = "".join(f'{name}"{part}"\r\n\r\n{value}\r\n' for part, value in parts.items())
        body += f'{name}"file"; filename="fax.txt"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--{mark}--\r\n'
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        if key is not None:
            headers["Idempotency-Key"] = f'"{key}"'
        return await self.call("POST", "/fax", body.encode(), headers)
