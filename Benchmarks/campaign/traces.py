"""Reads what `strace -f -y -ttt` wrote: each call with the moments of its beginning and its end, in the order of the trace."""
import codecs
import re

LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"\) += (-?\d+|\?)[^\"]*$")
DESCRIPTOR = re.compile(r"^\d+<([^>]*)>")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Call:
    """One system call: `began` and `ended` are line numbers of the trace, so that they order calls of all threads."""

    def __init__(self, thread, name, text, began):
        self.thread = thread
        self.name = name
        self.text = text
        self.began = began
        self.ended = None
        self.result = None
        self.time = 0.0

    @property
    def path(self):
        """The path of its first descriptor."""
        match = DESCRIPTOR.match(self.text)
        return match.group(1) if match else ""

    @property
    def strings(self):
        """Its strings, as bytes."""
        return [codecs.decode(text, "unicode_escape").encode("latin-1") for text in STRING.findall(self.text)]

    def holds(self, word):
        """Whether one of its strings has these bytes; they are letters and digits."""
        return word in self.text

    def _finish(self, text, line):
        self.text += text
        self.ended = line
        result = RESULT.search(self.text)
        self.result = int(result.group(1)) if result and result.group(1) != "?" else None


def read(path):
    """All calls, in the order in which they began."""
    calls, open_calls = [], {}
    with open(path, encoding="latin-1") as file:
        for number, line in enumerate(file):
            match = LINE.match(line.rstrip("\n"))
            if not match:
                continue
            thread, moment, rest = match.groups()
            resumed = RESUMED.match(rest)
            if resumed:
                call = open_calls.pop(thread, None)
                if call is not None:
                    call._finish(resumed.group(2), number)
                continue
            name, parenthesis, text = rest.partition("(")
            if not parenthesis or not name.isidentifier():
                continue
            call = Call(thread, name, text, number)
            call.time = float(moment)
            calls.append(call)
            if text.endswith("<unfinished ...>"):
                call.text = text.removesuffix("<unfinished ...>")
                open_calls[thread] = call
            else:
                call._finish("", number)
    return calls
