"""Verifies a message by PyPI standardwebhooks, as a receiver would: argv names a folder with `secret`, `headers` and `body`."""
import json
import pathlib
import sys

from standardwebhooks import Webhook, WebhookVerificationError

folder = pathlib.Path(sys.argv[1])
headers = dict(line.split(": ", 1) for line in (folder / "headers").read_text().splitlines())
try:
    message = Webhook((folder / "secret").read_text()).verify((folder / "body").read_bytes(), headers)
    print("valid", json.dumps(message, sort_keys=True))
except WebhookVerificationError as error:
    print("invalid", error)
