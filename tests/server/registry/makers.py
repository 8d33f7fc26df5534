"""Workbooks and licences made for the tests of the registry."""

from io import BytesIO

from openpyxl import Workbook

# A square of 1 km around the test vector of Yangcheng, zone 37 of the 3° system.
SQUARE = "1,3929998.940,37627880.474\n2,3929998.940,37628880.474\n3,3928998.940,37628880.474\n4,3928998.940,37627880.474"


def a_workbook(*sheets):
    """Each sheet: (name, rows)."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def objects_workbook(*rows, columns=("名称", "统一社会信用代码", "住所")):
    return a_workbook(("检查对象", [columns, *rows]))


def send(client, path, data, expect=200):
    return client.post(path, expect=expect, data={"file": (BytesIO(data), "表.xlsx")})
