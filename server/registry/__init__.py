"""One list and two libraries (一单两库): items, inspected objects with licences and markers, inspectors."""
