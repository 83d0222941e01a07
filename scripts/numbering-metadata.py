#!/usr/bin/env python3
"""Writes Sources/Numbering/Metadata/numbers.txt from the PyPI package phonenumbers, which carries libphonenumber's metadata.

    python -m venv venv && venv/bin/pip install phonenumbers==9.0.43
    venv/bin/python scripts/numbering-metadata.py Sources/Numbering/Metadata/numbers.txt

A line is one record, its fields divided by tabs, empty where there is nothing:
    V  version of the package
    C  country calling code, the regions that share it, the main one first (001: no region, such as +800)
    R  region, country calling code, international prefix, national prefix, what takes the national prefix' place, leading digits
    D  kind of number, lengths, lengths of local numbers, pattern; of the region above. `=` is the pattern of the line above
Prefixes, leading digits and patterns are regular expressions. Lengths are like `5,7-9`.
"""
import re
import sys

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonemetadata import PhoneMetadata

PINNED = "9.0.43"
KINDS = [
    ("general", "general_desc"),
    ("premium", "premium_rate"),
    ("tollfree", "toll_free"),
    ("shared", "shared_cost"),
    ("voip", "voip"),
    ("personal", "personal_number"),
    ("pager", "pager"),
    ("uan", "uan"),
    ("voicemail", "voicemail"),
    ("fixed", "fixed_line"),
    ("mobile", "mobile"),
]
# What the matcher in Pattern.swift knows: anything else must stop here, not be matched wrongly there.
KNOWN = re.compile(r"(?:[0-9]|\\d|\[[0-9-]+\]|\((?:\?:)?|\)|\||\?|\{[0-9]+(?:,[0-9]+)?\}|\$)*\Z")


def lengths(values):
    values = sorted(value for value in values if value > 0)
    runs = []
    for value in values:
        if runs and runs[-1][1] == value - 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def pattern(text):
    text = text or ""
    if not KNOWN.match(text):
        sys.exit(f"a pattern that Pattern.swift does not know: {text}")
    return text


def region_lines(metadata):
    yield ["R", metadata.id, str(metadata.country_code), pattern(metadata.international_prefix),
           pattern(metadata.national_prefix_for_parsing), metadata.national_prefix_transform_rule or "", pattern(metadata.leading_digits)]
    above = None
    for kind, field in KINDS:
        description = getattr(metadata, field)
        text = pattern(description.national_number_pattern) if description else ""
        if not text:
            continue
        yield ["D", kind, lengths(description.possible_length), lengths(description.possible_length_local_only),
               "=" if text == above else text]
        above = text


def lines():
    yield ["V", phonenumbers.__version__]
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        yield ["C", str(code), " ".join(regions)]
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            if metadata is not None:
                yield from region_lines(metadata)


def main():
    if phonenumbers.__version__ != PINNED:
        sys.exit(f"phonenumbers {phonenumbers.__version__} is installed, expected {PINNED}")
    text = "".join("\t".join(fields) + "\n" for fields in lines())
    with open(sys.argv[1], "w", encoding="ascii", newline="\n") as file:
        file.write(text)
    print(f"{len(text)} bytes, {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
