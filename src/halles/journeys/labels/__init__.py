"""What is printed for samples on display: price labels and QR sheets, as PDF at real size.

Composes reads of `places`, `catalog` and `pricing`. A label says what the law asks for (price with VAT, unit price, lowest price
of thirty days beside a reduction) and leads a phone to the product by a GS1 Digital Link.
"""
