"""Writes a PDF of N pages of Helvetica text, by hand: no library, the same bytes each time. Usage: text_pdf.py PAGES FILE"""
import sys

pages, path = int(sys.argv[1]), sys.argv[2]
objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
kids = []
for page in range(pages):
    lines = [f"({page + 1}.{line} Potassium {3.5 + line / 50:.2f} mmol/L, call +1 555 123 01{line:02d} with questions about this result.) Tj T*"
             for line in range(54)]
    content = ("BT /F1 10 Tf 12 TL 54 740 Td\n" + "\n".join(lines) + "\nET").encode()
    objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
                   % len(objects))
    kids.append(b"%d 0 R" % len(objects))
objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(kids))

out = bytearray(b"%PDF-1.4\n")
offsets = []
for number, body in enumerate(objects, 1):
    offsets.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
start = len(out)
out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
open(path, "wb").write(out)
