"""A client's receiver of webhooks on loopback, which verifies each message by PyPI standardwebhooks as the client would.

argv names a folder: the port goes to `port` there, the secret is read from `secret`. The first message that tells of a fax is refused once.
It ends when a fax was delivered, or after a minute, and prints the messages that were good, one a line.
"""
import http.server
import os
import pathlib
import sys
import time

from standardwebhooks import Webhook, WebhookVerificationError

folder = pathlib.Path(sys.argv[1])
types = []
refused = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 204
        try:
            message = Webhook((folder / "secret").read_text()).verify(body, dict(self.headers))
            if message["type"] != "webhook.test" and not refused:
                refused.append(self.headers["webhook-id"])
                status = 503
            else:
                types.append(message["type"])
                print(self.headers["webhook-id"], body.decode(), flush=True)
        except WebhookVerificationError as error:
            print("bad", error, flush=True)
            status = 401
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
server.timeout = 1
(folder / "port.new").write_text(str(server.server_port))
os.rename(folder / "port.new", folder / "port")
end = time.monotonic() + 60
# What was refused comes last: it is posted again after five seconds.
while time.monotonic() < end and not ("fax.delivered" in types and "fax.accepted" in types):
    server.handle_request()
