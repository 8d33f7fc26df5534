"""The shape of a sound, to be drawn."""

from array import array
from dataclasses import dataclass, field
from typing import Any, Final

import av
from av.container import InputContainer

from media.containers import decoded
from media.unreadable import UnreadableMedia

PEAKS: Final = 256
#: Longest sound whose shape is drawn, in seconds.
LONGEST_SECONDS: Final = 8 * 3600

_RATE: Final = 8000  # hertz
_WINDOW: Final = 80  # samples: 10 ms


@dataclass(frozen=True)
class Waveform:
    """The shape of a sound: its loudest moments, 0 to 255, in `PEAKS` equal parts of `duration` seconds."""

    duration: float
    peaks: list[int]


def shape_of(container: InputContainer, audio: Any) -> Waveform:
    """Decode a sound wholly, past what is broken. Raises `UnreadableMedia` when nothing of it can be heard."""
    peaks = _Peaks()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    try:
        for frame in decoded(container, audio):
            for piece in resampler.resample(frame):
                peaks.take(piece)
            if peaks.samples > LONGEST_SECONDS * _RATE:
                raise UnreadableMedia("录音过长。The recording is too long to be looked through.")
        for piece in resampler.resample(None):
            peaks.take(piece)
    except (av.FFmpegError, ValueError):
        if not peaks.samples:
            raise  # else it was cut: what came before the cut has a shape
    if not peaks.samples:
        raise UnreadableMedia("录音中没有可播放的声音。There is no sound in it that can be played.")
    return Waveform(round(peaks.samples / _RATE, 3), peaks.end())


@dataclass
class _Peaks:
    """Takes samples as they are decoded and keeps the loudest of every 10 ms."""

    windows: "array[int]" = field(default_factory=lambda: array("H"))
    samples: int = 0
    _rest: "array[int]" = field(default_factory=lambda: array("h"))

    def take(self, frame: Any) -> None:
        self.samples += frame.samples
        self._rest.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
        whole = len(self._rest) - len(self._rest) % _WINDOW
        for at in range(0, whole, _WINDOW):
            self._keep(self._rest[at : at + _WINDOW])
        del self._rest[:whole]

    def end(self) -> list[int]:
        """Draw the windows together into `PEAKS` parts; a short sound repeats some."""
        if self._rest:
            self._keep(self._rest)
        count = len(self.windows)
        parts = ((at * count // PEAKS, (at + 1) * count // PEAKS) for at in range(PEAKS))
        return [max(self.windows[first : max(last, first + 1)]) * 255 // 32768 for first, last in parts]

    def _keep(self, window: "array[int]") -> None:
        self.windows.append(max(*window, -min(window)))
