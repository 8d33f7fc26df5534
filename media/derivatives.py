"""What is made of an original: names, media types, and the recipe it was made by.

Derivatives prove nothing and can be made again at any time; they live apart from the originals.
"""

from typing import Final

#: What a look finds and makes. Raised when that changes; then `merestone media rebuild` makes all anew.
RECIPE: Final = 1

THUMBNAIL: Final = "thumbnail.jpg"
PREVIEW: Final = "preview.jpg"
POSTER: Final = "poster.jpg"
WAVEFORM: Final = "waveform.json"
VIDEO_COPY: Final = "playable.mp4"
SOUND_COPY: Final = "playable.m4a"

MEDIA_TYPES: Final = {
    THUMBNAIL: "image/jpeg",
    PREVIEW: "image/jpeg",
    POSTER: "image/jpeg",
    WAVEFORM: "application/json",
    VIDEO_COPY: "video/mp4",
    SOUND_COPY: "audio/mp4",
}
