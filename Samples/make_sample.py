#!/usr/bin/env python3
"""Makes sample.pdf: three Letter pages of invented clinic papers, as hard for a fax as real ones.

Needs reportlab, numpy and Pillow. The same file comes out every time.
"""
import io
import pathlib

import numpy
from PIL import Image
from reportlab.lib.colors import Color, black, white
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

WIDTH, HEIGHT = letter
CLINIC = "Willow Creek Family Clinic"
ADDRESS = "48 Example Street, Springfield   Phone +1 555 123 0100   Fax +1 555 123 0101"
RESULTS = [
    ("Sodium", "139", "mmol/L", "135 - 145", ""),
    ("Potassium", "5.3", "mmol/L", "3.5 - 5.1", "H"),
    ("Chloride", "103", "mmol/L", "98 - 107", ""),
    ("Bicarbonate", "24", "mmol/L", "22 - 29", ""),
    ("Urea nitrogen", "16", "mg/dL", "7 - 20", ""),
    ("Creatinine", "0.98", "mg/dL", "0.70 - 1.30", ""),
    ("Glucose, fasting", "108", "mg/dL", "70 - 99", "H"),
    ("Calcium", "9.4", "mg/dL", "8.6 - 10.3", ""),
    ("Haemoglobin", "13.6", "g/dL", "13.2 - 16.6", ""),
    ("Haematocrit", "40.8", "%", "38.3 - 48.6", ""),
    ("White cells", "6.85", "10^9/L", "3.40 - 9.60", ""),
    ("Platelets", "228", "10^9/L", "135 - 317", ""),
]


def heading(page, title):
    page.setFillColor(black)
    page.setFont("Helvetica-Bold", 16)
    page.drawString(54, HEIGHT - 60, CLINIC)
    page.setFont("Helvetica", 8)
    page.drawString(54, HEIGHT - 73, ADDRESS)
    page.setLineWidth(1)
    page.line(54, HEIGHT - 80, WIDTH - 54, HEIGHT - 80)
    page.setFont("Times-Bold", 14)
    page.drawString(54, HEIGHT - 104, title)


def footing(page, number):
    page.setFillColor(black)
    page.setFont("Helvetica", 7)
    page.drawString(54, 36, "Invented data: no person, clinic or number in this document exists.")
    page.drawRightString(WIDTH - 54, 36, f"Page {number} of 3")


def report(page):
    heading(page, "Laboratory report")
    page.setFont("Helvetica", 9)
    y = HEIGHT - 124
    for left, right in [
        ("Patient: Sample, Alex Q.", "Accession: 26-0041897-3"),
        ("Date of birth: 01/01/1970", "Collected: 11/03/2025 07:48"),
        ("Record number: 000-18-7365", "Reported: 11/03/2025 15:26"),
        ("Ordered by: Dr. R. Placeholder", "Call back: +1 555 123 0147"),
    ]:
        page.drawString(54, y, left)
        page.drawString(330, y, right)
        y -= 13
    y -= 8
    columns = [60, 215, 290, 370, 490]
    page.setFillColor(Color(0.85, 0.88, 0.93))
    page.rect(54, y - 4, WIDTH - 108, 15, stroke=0, fill=1)
    page.setFillColor(black)
    page.setFont("Helvetica-Bold", 9)
    for x, name in zip(columns, ["Test", "Result", "Unit", "Reference range", "Flag"]):
        page.drawString(x, y, name)
    for index, row in enumerate(RESULTS):
        y -= 15
        if index % 2:
            page.setFillColor(Color(0.94, 0.94, 0.94))
            page.rect(54, y - 4, WIDTH - 108, 15, stroke=0, fill=1)
        page.setFillColor(black)
        page.setFont("Courier-Bold" if row[4] else "Courier", 10)
        for x, text in zip(columns, row):
            page.drawString(x, y, text)
    y -= 30
    page.setFont("Times-Roman", 11)
    for line in [
        "Potassium is slightly above the range; the sample shows no haemolysis. Repeat within 7 days and review",
        "the dose of lisinopril (10 mg daily). Fasting glucose of 108 mg/dL suggests impaired fasting glycaemia;",
        "HbA1c (order 83036) is recommended. Please confirm that you have this report at +1 555 123 0147.",
    ]:
        page.drawString(54, y, line)
        y -= 15
    y -= 10
    for size in [9, 8, 7, 6, 5]:
        page.setFont("Helvetica", size)
        page.drawString(54, y, f"{size} point: lot 7305-8861-2294, 0.125 mg, 6.89 mL, 1/3, B8 S5 Z2 G6 Q0 O0 l1 I1 rn m cl d")
        y -= size * 1.6
    y -= 6
    for grey, name in [(0.35, "dark grey"), (0.5, "middle grey"), (0.65, "light grey")]:
        page.setFillColor(Color(grey, grey, grey))
        page.setFont("Helvetica", 9)
        page.drawString(54, y, f"Printed in {name}: reference 4410-93-5827, extension 0168")
        y -= 14
    for colour, name in [((0.75, 0.15, 0.15), "red"), ((0.15, 0.35, 0.8), "blue"), ((0.1, 0.55, 0.25), "green")]:
        page.setFillColor(Color(*colour))
        page.drawString(54, y, f"Printed in {name}: reference 7702-16-3849, extension 0153")
        y -= 14
    page.setFillColor(Color(0.1, 0.1, 0.25))
    page.rect(54, y - 18, WIDTH - 108, 20, stroke=0, fill=1)
    page.setFillColor(white)
    page.setFont("Helvetica-Bold", 10)
    page.drawString(62, y - 12, "White on dark: critical values are phoned to +1 555 123 0147 within 30 minutes.")
    footing(page, 1)


def tick(page, x, y):
    page.setLineWidth(1.6)
    page.line(x + 1.5, y + 4.5, x + 4, y + 1.5)
    page.line(x + 4, y + 1.5, x + 9.5, y + 9.5)


def form(page):
    heading(page, "Referral and release form")
    y = HEIGHT - 130
    page.setFont("Helvetica", 8)
    for row in [
        [("Last name", "Sample", 170), ("First name", "Alex", 150), ("Date of birth", "01 / 01 / 1970", 184)],
        [("Street", "48 Example Street", 250), ("City", "Springfield", 150), ("ZIP", "00000", 104)],
        [("Phone", "+1 555 123 0112", 170), ("Plan", "Example Health PPO", 190), ("Member number", "XH-4471-0098", 144)],
    ]:
        x = 54
        for label, value, width in row:
            page.setLineWidth(0.5)
            page.rect(x, y - 26, width, 30)
            page.setFont("Helvetica", 6)
            page.drawString(x + 3, y - 3, label)
            page.setFont("Courier", 11)
            page.drawString(x + 6, y - 19, value)
            x += width
        y -= 30
    y -= 20
    page.setFont("Helvetica-Bold", 9)
    page.drawString(54, y, "Referred to (tick all that apply)")
    y -= 18
    for index, name in enumerate(
        ["Cardiology", "Nephrology", "Endocrinology", "Radiology", "Physical therapy", "Nutrition", "Laboratory", "Other"]
    ):
        x = 54 + index % 4 * 126
        page.setLineWidth(0.7)
        page.rect(x, y, 10, 10)
        if index in (1, 2, 6):
            tick(page, x, y)
        page.setFont("Helvetica", 9)
        page.drawString(x + 15, y + 2, name)
        if index % 4 == 3:
            y -= 18
    y -= 8
    page.setFont("Helvetica-Bold", 9)
    page.drawString(54, y, "Medicines")
    y -= 8
    table = [
        ("Name", "Strength", "How often", "Since"),
        ("Lisinopril", "10 mg", "once a day", "03/2021"),
        ("Metformin", "500 mg", "twice a day", "09/2025"),
        ("Atorvastatin", "20 mg", "at bedtime", "06/2019"),
        ("", "", "", ""),
        ("", "", "", ""),
    ]
    edges = [54, 214, 314, 434, WIDTH - 54]
    for index, row in enumerate(table):
        page.setFont("Helvetica-Bold" if index == 0 else "Helvetica", 9)
        for x, text in zip(edges, row):
            page.drawString(x + 5, y - 13, text)
        page.setLineWidth(1 if index in (0, 1) else 0.25)
        page.line(edges[0], y, edges[-1], y)
        y -= 18
    page.setLineWidth(1)
    page.line(edges[0], y, edges[-1], y)
    page.setLineWidth(0.25)
    for x in edges:
        page.line(x, y, x, y + 18 * len(table))
    y -= 26
    page.setFont("Helvetica-Bold", 9)
    page.drawString(54, y, "Pain today (circle one)")
    for index in range(11):
        x = 190 + index * 32
        page.setFont("Helvetica", 10)
        page.drawCentredString(x, y, str(index))
        if index == 4:
            page.setLineWidth(1.2)
            page.circle(x, y + 3.5, 9)
    y -= 30
    page.setFont("Times-Roman", 10)
    for line in [
        "I allow the clinic to send the papers named above to the office that I am referred to. I can take this back in",
        "writing at any time. It ends one year from the date below.",
    ]:
        page.drawString(54, y, line)
        y -= 13
    y -= 40
    page.setDash(1, 2)
    page.line(54, y, 300, y)
    page.line(360, y, WIDTH - 54, y)
    page.setDash()
    page.setFont("Helvetica", 7)
    page.drawString(54, y - 9, "Signature")
    page.drawString(360, y - 9, "Date")
    path = page.beginPath()
    path.moveTo(70, y + 6)
    for x in range(70, 240, 20):
        path.curveTo(x + 4, y + 34 - (x - 70) / 8, x + 10, y - 8, x + 20, y + 8)
    page.setLineWidth(1.1)
    page.drawPath(path)
    page.setFont("Courier", 12)
    page.drawString(375, y + 5, "11 / 04 / 2025")
    y -= 60
    for index in range(44):
        bar = [2, 1, 1, 3, 1, 2, 2, 1][index * 5 % 8]
        page.rect(54 + index * 5, y, bar, 28, stroke=0, fill=1)
    page.setFont("Courier", 8)
    page.drawString(54, y - 10, "FRM-2025-00418")
    footing(page, 2)


def clouds(random, width, height, octaves):
    """Smooth noise of several sizes, 0 to 1."""
    total = numpy.zeros((height, width))
    for octave in range(octaves):
        cells = 3 * 2**octave
        grid = (random.random((cells, cells)) * 255).astype("uint8")
        layer = numpy.asarray(Image.fromarray(grid).resize((width, height), Image.BICUBIC)).astype(float)
        total += layer / 255 / 2**octave
    return (total - total.min()) / (total.max() - total.min())


def photograph(width, height):
    """A lake between hills, under clouds, with a house and its mirror image."""
    random = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    x /= width
    y /= height
    sky = clouds(random, width, height, 6)
    image = 200 - 70 * (0.55 - y) + 85 * (sky - 0.5)
    image += 60 * numpy.exp(-((x - 0.76) ** 2 + (y - 0.17) ** 2) / 0.004)
    shore = 0.62
    for depth, (base, tone) in enumerate([(0.42, 150), (0.50, 112), (0.57, 72)]):
        line = base + 0.07 * numpy.sin(x * (5 + 2 * depth) + depth * 2) + 0.03 * numpy.sin(x * 23 + depth)
        texture = clouds(random, width, height, 7)
        hill = tone + 60 * (texture - 0.5) - 50 * (y - line)
        image = numpy.where(y > line, hill, image)
    image[(x > 0.18) & (x < 0.32) & (y > 0.50) & (y < shore)] = 205
    roof = (y > 0.43) & (y < 0.505) & (abs(x - 0.25) < (y - 0.43) * 1.25)
    image[roof] = 48
    for left in (0.20, 0.235, 0.285):
        image[(x > left) & (x < left + 0.02) & (y > 0.53) & (y < 0.575)] = 30
    mirror = numpy.flipud(image[: int(height * shore)])
    lake = image[int(height * shore) :]
    ripples = (3 * numpy.sin(y[int(height * shore) :] * 420 + 3 * sky[int(height * shore) :])).astype(int)
    rows, columns = numpy.mgrid[0 : lake.shape[0], 0:width]
    reflected = mirror[numpy.minimum(rows, mirror.shape[0] - 1), numpy.clip(columns + ripples, 0, width - 1)]
    image[int(height * shore) :] = 0.72 * reflected + 12 + 10 * numpy.sin(y[int(height * shore) :] * 300)
    image += random.normal(0, 3, image.shape)
    return Image.fromarray(numpy.clip(image, 6, 250).astype("uint8"))


def picture(page):
    heading(page, "Attachment: photograph")
    data = io.BytesIO()
    photograph(1100, 800).save(data, "JPEG", quality=72)
    data.seek(0)
    page.drawImage(ImageReader(data), 66, 290, 480, 349)
    page.setFont("Times-Italic", 10)
    page.drawString(66, 272, "Figure 1. The view from room 214 at 07:48 on 11/03/2025: drawn by a program, as is all else here.")
    page.setFont("Helvetica", 9)
    y = 245
    for line in [
        "A fax has no greys. Where a page holds a photograph, it is sent as lines that grow with the darkness of the picture;",
        "text beside it, like this line, the number 0.125 mg and +1 555 123 0153, stays sharp.",
    ]:
        page.drawString(66, y, line)
        y -= 13
    for index in range(11):
        page.setFillColor(Color(index / 10, index / 10, index / 10))
        page.rect(66 + index * 43, 160, 43, 36, stroke=0, fill=1)
    page.setFillColor(black)
    page.setFont("Helvetica", 7)
    for index in range(11):
        page.drawCentredString(66 + index * 43 + 21, 150, f"{index * 10} %")
    footing(page, 3)


def main():
    target = pathlib.Path(__file__).with_name("sample.pdf")
    page = canvas.Canvas(str(target), pagesize=letter, invariant=1, pageCompression=1)
    page.setTitle("Sample fax")
    for draw in (report, form, picture):
        draw(page)
        page.showPage()
    page.save()


if __name__ == "__main__":
    main()
