#!/usr/bin/env python3
"""Makes the documents of this folder, which the tests send: invented lab papers. Needs Pillow, pypdf and cryptography.

encrypted.pdf holds fresh random salts each time; the others come out the same.
"""
import io
import pathlib

import pypdf
from PIL import Image, ImageDraw, ImageFont

HERE = pathlib.Path(__file__).parent
LETTER = (850, 1100)  # 100 dots to the inch


def paper(number):
    page = Image.new("L", LETTER, 255)
    draw = ImageDraw.Draw(page)
    draw.text((80, 80), f"Willow Creek Family Clinic, page {number}", fill=0, font=ImageFont.load_default(32))
    for row in range(12):
        draw.text((80, 160 + 40 * row), f"Result {row + 1}: {100 * number + row} mmol/L", fill=0, font=ImageFont.load_default(24))
    draw.rectangle((80, 700, 770, 1000), outline=0, width=3)
    for step in range(11):
        draw.rectangle((90 + 61 * step, 710, 150 + 61 * step, 990), fill=25 * step)
    return page


def main():
    paper(1).save(HERE / "scan.jpg", quality=40, dpi=(100, 100))
    paper(2).save(HERE / "scan.png", optimize=True, dpi=(100, 100))
    pages = [paper(number).point(lambda grey: 255 * (grey > 127)).convert("1") for number in (3, 4)]
    pages[0].save(HERE / "scan.tif", compression="group4", dpi=(100, 100), save_all=True, append_images=pages[1:])
    plain = io.BytesIO()
    paper(5).save(plain, "PDF", resolution=100)
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(plain))
    writer.encrypt("sesame", algorithm="AES-256")
    writer.write(HERE / "encrypted.pdf")


main()
