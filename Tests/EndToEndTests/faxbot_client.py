"""Sends files with the published Python client, as it comes from PyPI, and follows each fax to its end.

Usage: faxbot_client.py URL KEY NUMBER FILE...
Prints a JSON list of the client's last answers. Exits with 3 when the installed client is not the published one.
"""
import base64
import hashlib
import importlib.metadata
import json
import sys
import time

from faxbot import FaxbotClient

SECONDS = 60


def is_as_published():
    distribution = importlib.metadata.distribution("faxbot")
    if distribution.version != "1.1.0":
        return False
    for file in distribution.files:
        if file.hash is None or not str(file).endswith(".py"):
            continue
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            return False
    return True


def main():
    if not is_as_published():
        sys.exit(3)
    url, key, number, *files = sys.argv[1:]
    client = FaxbotClient(base_url=url, api_key=key)
    answers = [client.send_fax(number, file) for file in files]
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and any(answer["status"] in ("queued", "in_progress") for answer in answers):
        time.sleep(0.1)
        answers = [client.get_status(answer["id"]) for answer in answers]
    print(json.dumps(answers))


main()
