"""A picture made anew from its pixels: what was around them (places, cameras, comments, other files) is gone."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST = 1600
"""Pixels of the longer side of what is made."""
ORIENTATION = 0x0112
"""The one field of EXIF that is heeded: how the camera was held."""
Image.MAX_IMAGE_PIXELS = 50_000_000
"""What the largest usual cameras make; with four bytes each it fits into the memory there is."""
warnings.simplefilter("error", Image.DecompressionBombWarning)


def make(content: bytes) -> bytes:
    """Give its first frame, upright, as JPEG; raises something if it is none of these formats, damaged or too large."""
    image: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
    if image.mode == "P":
        image = image.convert("RGBA")  # of a palette no mean can be taken
    image.thumbnail((LONGEST, LONGEST))
    image = ImageOps.exif_transpose(image).convert("RGBA")
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image, mask=image.getchannel("A"))
    return _written(clean, "JPEG")


def _written(image: Image.Image, kind: str, **more: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, quality=80, **more)
    return file.getvalue()


def _load() -> None:
    """Make one of each kind, because a decoder loads much of itself only when it is used. MPO: JPEGs of some phones."""
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    for kind in (*FORMATS, "MPO"):
        make(_written(Image.new("RGB", (2, 2)), kind, exif=turned))


_load()
