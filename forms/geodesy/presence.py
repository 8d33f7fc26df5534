"""Whether a record's position is near its object at all: a note to the reviewer, never a refusal (rule 4.5).

Sites in the country have wrong addresses, and nobody's attendance is measured by this.
"""

import math
from dataclasses import dataclass
from typing import Any

from forms.geodesy.ground import Place, ground_distance
from forms.geodesy.polygon import LicencePolygon
from forms.geodesy.wording import Language, Words, metres, rounded

PRESENT_WITHIN = 200.0
PRESENT_RADII = 3.0


@dataclass(frozen=True, slots=True)
class PresenceNote:
    """A position was `distance_m` from its object, more than the `allowed_m` that a note is made from."""

    distance_m: float
    allowed_m: float

    def sentence(self, language: Language = "zh") -> str:
        """Return the note for the reviewer."""
        return self._words().in_language(language)

    def as_json(self) -> dict[str, Any]:
        """Return the note as a finding carries it."""
        words = self._words()
        return {
            "kind": "presence",
            "distance_m": self.distance_m,
            "allowed_m": self.allowed_m,
            "formula": "max(200, 3·r68)",
            "sentence": words.zh,
            "sentence_en": words.en,
        }

    def _words(self) -> Words:
        far, allowed = metres(self.distance_m, 0), metres(self.allowed_m, 0)
        return Words(
            f"记录位置距检查对象登记位置 {far} 米，超过 {allowed} 米，请审核人员留意。",
            f"The record's position is {far} m from the registered place of its object, more than {allowed} m:"
            " for the reviewer's attention.",
        )


def check_presence(
    place: LicencePolygon | Place, latitude: float, longitude: float, radius_m: float | None = None
) -> PresenceNote | None:
    """Return a note where a fix is farther than max(200 m, 3 r68) from its object's area or position.

    `place` is a licensed area, within which every position is near, or a (latitude, longitude); `radius_m` is
    the radius the device reported (68 %). ValueError where there is no such place.
    """
    if isinstance(place, LicencePolygon):
        distance = max(0.0, place.signed_distance(latitude, longitude))
    else:
        distance = ground_distance(place, (latitude, longitude))
    is_reported = radius_m is not None and math.isfinite(radius_m)
    allowed = max(PRESENT_WITHIN, PRESENT_RADII * radius_m) if radius_m and is_reported else PRESENT_WITHIN
    return PresenceNote(rounded(distance), rounded(allowed)) if distance > allowed else None
