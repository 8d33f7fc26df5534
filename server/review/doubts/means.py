"""Rules about positions that are the mean of many fixes: the fixes lie beside the answer, so the mean is made again."""

import math
from collections.abc import Iterator, Sequence
from statistics import median

from forms import Geopoint
from forms.geodesy import Words, ground_distance
from server.review.doubts import limits
from server.review.doubts.case import Case, Measured
from server.review.doubts.kinds import Code, Item
from sync import RawFix


def doubt_means(case: Case) -> Iterator[Item]:
    """Ask about each averaged position of a version that does not follow from its fixes."""
    for measured in case.measured:
        if measured.fixes and not _is_one_of_them(measured):
            yield from _doubt_mean(measured)


def mean_of(fixes: Sequence[RawFix]) -> tuple[float, float, float]:
    """Make the mean as the phone does: latitude, longitude and accuracy (metres, 0 where no fix told one).

    Each fix weighs by its own accuracy; the mean's is the median of theirs, because errors of fixes that follow
    each other are alike. `web/phone/src/capture/averaging.ts` is the other half.
    """
    known = [each for each in fixes if each.accuracy > 0]
    used = known or list(fixes)
    weights = [1 / each.accuracy**2 if known else 1.0 for each in used]
    whole = math.fsum(weights)
    latitude = math.fsum(weight * each.latitude for weight, each in zip(weights, used, strict=True)) / whole
    longitude = math.fsum(weight * each.longitude for weight, each in zip(weights, used, strict=True)) / whole
    radii = sorted(each.accuracy for each in known)
    return latitude, longitude, radii[len(radii) // 2] if radii else 0.0


def _is_one_of_them(measured: Measured) -> bool:
    """Where no verdict hangs on a position, the phone takes the best fix instead of the mean."""
    told = measured.told
    return any(
        (round(each.latitude, 8), round(each.longitude, 8))
        == (round(told.latitude, 8), round(told.longitude, 8))
        and abs(each.accuracy - (told.accuracy or 0.0)) <= limits.MEAN_ACCURACY_APART
        for each in measured.fixes
    )


def _doubt_mean(measured: Measured) -> Iterator[Item]:
    latitude, longitude, accuracy = mean_of(measured.fixes)
    told = measured.told
    here = (told.latitude, told.longitude)
    apart = ground_distance(here, (latitude, longitude))
    if apart > limits.MEAN_APART_M:
        words = Words(
            f"{measured.label}：距 {len(measured.fixes)} 次原始定位的平均值 {apart:.1f} 米",
            f"{measured.label}: {apart:.1f} m from the mean of its {len(measured.fixes)} fixes",
        )
        yield _item(measured, words, distance_m=round(apart, 2))
    if abs((told.accuracy or 0.0) - accuracy) > limits.MEAN_ACCURACY_APART:
        words = Words(
            f"{measured.label}：所报精度 {_metres(told)}，原始定位为 {accuracy:.2f} 米",
            f"{measured.label}: told {_metres(told)} of accuracy, its fixes {accuracy:.2f} m",
        )
        yield _item(measured, words, accuracy_m=told.accuracy, of_fixes_m=round(accuracy, 3))
    scatter = median(
        ground_distance((latitude, longitude), (each.latitude, each.longitude)) for each in measured.fixes
    )
    if accuracy > 0 and scatter > limits.SCATTER_FACTOR * accuracy:
        words = Words(
            f"{measured.label}：原始定位相互散开 {scatter:.0f} 米，所报精度只有 {accuracy:.1f} 米",
            f"{measured.label}: its fixes scatter over {scatter:.0f} m with a told accuracy of {accuracy:.1f} m",
        )
        yield _item(measured, words, scatter_m=round(scatter, 2), of_fixes_m=round(accuracy, 3))


def _item(measured: Measured, words: Words, **details: float | None) -> Item:
    return Item(
        Code.MEAN_DIFFERS, (), words, {"path": measured.path, "fixes": len(measured.fixes), **details}
    )


def _metres(told: Geopoint) -> str:
    return "—" if told.accuracy is None else f"{told.accuracy:.2f} m"
