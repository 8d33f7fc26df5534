"""From when on something is asked about: every threshold of the questions, with its reason."""

from datetime import timedelta
from typing import Final

CLOCK_TOLERANCE: Final = timedelta(minutes=10)
"""Phones that set themselves by the network are off by seconds; without one by a minute in a month. As in `sync.clock`,
which flags the sealing from ten minutes on."""

TURNED_BACK: Final = timedelta(minutes=2)
"""A clock set by the network jumps by seconds. Only backwards is asked about: a phone that sleeps stops its
forward-only clock, so that its wall clock seems to run ahead."""

FIX_APART: Final = timedelta(minutes=5)
"""A phone that has no better position gives its last one. Whoever walks for five minutes has gone 400 m."""

LEAST_ACCURACY_M: Final = 1000.0
"""A radius in metres from which a fix comes from cell towers and says nothing about a place in a mine."""

REPEATED_AFTER: Final = timedelta(minutes=2)
"""Errors of a satellite fix wander by decimetres within a minute, so that it never repeats to 8 decimals."""

REPEATED_ACCURACY_M: Final = 30.0
"""A worse radius is that of a fix by Wi-Fi or cell, which repeats honestly as long as nothing new is heard."""

REPEATED_DECIMALS: Final = 5
"""Coordinates with no more decimals than these (1 m) were rounded by the phone and repeat honestly."""

MEAN_APART_M: Final = 0.05
"""Metres. A mean is told to 8 decimals (1 mm) and computed in doubles on both sides; what is further off was not computed."""

MEAN_ACCURACY_APART: Final = 0.01
"""Metres, for the same reason: the accuracy of a mean is the median of its fixes', told to 3 decimals."""

SCATTER_FACTOR: Final = 3.0
"""Half of all fixes lie within 0.8 of a radius of 68 %. Where half of them lie beyond three, that radius was not
the receiver's: with honest ones it does not happen in thirty fixes."""

FAR_FROM_AREA_M: Final = 200.0
"""Metres outside a licensed area, whose corners are surveyed: as the presence check of the domain (rule 4.5)."""

FAR_FROM_PLACE_M: Final = 1000.0
"""Metres from the object's position in the register. Such positions come from addresses and map services: the road
to a works is not its gate, and GCJ-02 (up to 700 m away) is among them."""

CAMERA_APART_M: Final = 1000.0
"""Metres between the position a camera wrote and the phone's. Cameras write old positions and some phones GCJ-02, up
to 700 m away, and none says how well it knows."""

FASTEST_M_PER_S: Final = 42.0
"""150 km/h: nobody drives so between two photos of one inspection."""

SHORTEST_WAY_M: Final = 1000.0
"""Metres. Fixes under trees and between walls jump by hundreds of metres while nobody moves."""

SHORTEST_STAY: Final = timedelta(minutes=15)
"""Showing certificates, telling rights, looking at one thing, writing the record and reading it out take longer."""

AROUND_STAY: Final = timedelta(minutes=60)
"""Beginning and end are typed, mostly to the quarter of an hour; a gate is photographed before, a receipt afterwards."""

OVERLAP: Final = timedelta(minutes=20)
"""Typed times are rounded up and down. Two inspectors part now and then, but the phone is in one hand."""

BESIDE: Final = 12
"""Records before and after on one phone that are looked at: some days of work. Reading never grows with what is stored."""

COPIED_AT_LEAST: Final = 6
"""Answers. Fewer are equal by chance: stock phrases, a role, a year."""

COPIED_SHARE: Final = 0.8
"""Of all that a person wrote or measured. An honest record of the same form shares stock phrases, less than half."""

SHORTEST_WRITTEN: Final = 4
"""Characters from which a text says something of its own."""

AS_REGISTERED_DECIMALS: Final = 7
"""Decimals of a degree (1 cm). A fix of a phone never falls on a registered point so closely."""

MOST_USES: Final = 5
"""Other uses of one file, or photos like it, that are listed; a page may have been sent a thousand times."""

EDITORS: Final = (
    "photoshop", "lightroom", "adobe", "snapseed", "gimp", "picsart", "meitu", "美图", "xingtu", "醒图", "vsco",
    "canva", "pixelmator", "affinity", "paint.net", "acdsee", "faceapp", "b612", "polarr", "picasa", "xnview",
)  # fmt: skip
"""Programs that change pictures, as EXIF `Software` names them. Cameras write their firmware there: no question."""

LARGE_GAP: Final = 3
"""Numbers of a device that never came. Phones send in order; one or two may be items that could not be read, which lie in
quarantine without a number, while three are a piece of work."""
