"""Fax pages for the tests against other fax machines.

fax_pages.py make FILE.tif PAGES TITLE    text pages of 1728 x 2292 (fine), as T.6; the same file for the same words
fax_pages.py same ONE OTHER               compares two documents, TIFF-F or PDF, picture element by picture element

`same` prints one line of JSON: {"pages": [n, m], "different": [page, ...], "ink": [black elements of each page of ONE]}.
"""

import json
import sys

import pypdf
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageSequence

WIDTH, HEIGHT = 1728, 2292


def draw(title, page, pages):
    """Light enough for ten pages in some three minutes: text on half of the page, rules, and a patch of fine checks."""
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=34)
    pen.text((140, 120), f"{title}, page {page} of {pages}", font=font, fill=0)
    pen.line((140, 180, WIDTH - 140, 180), fill=0, width=3)
    for line in range(10):
        dose = (page * 131 + line * 37) % 97 + 3
        pen.text((140, 220 + 60 * line), f"{line + 1:02}. Wren Quillfeather, {dose}.{line} mg, room {page}{line}", font=font, fill=0)
    for row in range(64):
        for column in range(row % 2, 64, 2):
            pen.point((140 + column, 1000 + row), fill=0)
    pen.rectangle((140, 2000, WIDTH - 140, 2100), outline=0, width=2)
    return image


def make(path, pages, title):
    images = [draw(title, page, pages) for page in range(1, pages + 1)]
    images[0].save(path, save_all=True, append_images=images[1:], compression="group4", dpi=(204, 196))


def read(path):
    if path.endswith(".pdf"):
        return [page.images[0].image.convert("1", dither=Image.Dither.NONE) for page in pypdf.PdfReader(path).pages]
    return [frame.convert("1", dither=Image.Dither.NONE) for frame in ImageSequence.Iterator(Image.open(path))]


def same(one, other):
    ours, theirs = read(one), read(other)
    different = [
        number
        for number, (left, right) in enumerate(zip(ours, theirs), 1)
        if left.size != right.size or ImageChops.logical_xor(left, right).getbbox()
    ]
    ink = [page.histogram()[0] for page in ours]
    print(json.dumps({"pages": [len(ours), len(theirs)], "different": different, "ink": ink}))


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]), sys.argv[4])
else:
    same(sys.argv[2], sys.argv[3])
