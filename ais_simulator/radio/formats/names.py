"""What codes of ITU-R M.1371 are called in words, as the providers' files do."""

from typing import Final

DMA_STATUS: Final = {
    0: "Under way using engine",
    1: "At anchor",
    2: "Not under command",
    3: "Restricted maneuverability",
    4: "Constrained by her draught",
    5: "Moored",
    6: "Aground",
    7: "Engaged in fishing",
    8: "Under way sailing",
    9: "Reserved for future amendment [HSC]",
    10: "Reserved for future amendment [WIG]",
    11: "Power-driven vessel towing astern",
    12: "Power-driven vessel pushing ahead or towing alongside",
    13: "Reserved for future use [13]",
    14: "AIS-SART (active)",
    15: "Unknown value",
}

DMA_SHIP_TYPE: Final = {
    30: "Fishing",
    31: "Towing",
    32: "Towing long/wide",
    33: "Dredging",
    34: "Diving",
    35: "Military",
    36: "Sailing",
    37: "Pleasure",
    50: "Pilot",
    51: "SAR",
    52: "Tug",
    53: "Port tender",
    54: "Anti-pollution",
    55: "Law enforcement",
    56: "Spare 1",
    57: "Spare 2",
    58: "Medical",
    59: "Not party to conflict",
}
"""Types that stand for themselves; the others go by their group of ten."""

DMA_SHIP_GROUP: Final = {20: "WIG", 40: "HSC", 60: "Passenger", 70: "Cargo", 80: "Tanker", 90: "Other"}

UNGP_STATUS: Final = {
    0: "Under Way Using Engine",
    1: "At Anchor",
    2: "Not Under Command",
    3: "Restricted Manoeuvrability",
    4: "Constrained By Her Draught",
    5: "Moored",
    6: "Aground",
    7: "Engaged In Fishing",
    8: "Under Way Sailing",
    15: "Unknown",
}

UNGP_SHIP_TYPE: Final = {
    30: "Fishing",
    31: "Tug",
    32: "Tug",
    35: "Military",
    36: "Sailing",
    37: "Pleasure Craft",
    50: "Pilot",
    51: "SAR",
    52: "Tug",
}

UNGP_SHIP_GROUP: Final = {
    20: "WIG",
    40: "HSC",
    60: "Passenger",
    70: "Cargo",
    80: "Tanker",
    90: "Other",
}

FLAG: Final = {
    205: "Belgium",
    211: "Germany",
    219: "Denmark",
    224: "Spain",
    227: "France",
    232: "United Kingdom",
    244: "Netherlands",
    247: "Italy",
    257: "Norway",
    265: "Sweden",
    338: "United States",
    366: "United States",
    412: "China",
    431: "Japan",
    477: "Hong Kong",
    538: "Marshall Islands",
    563: "Singapore",
    636: "Liberia",
    352: "Panama",
}
"""Some countries by the first three digits of their ships' MMSI (ITU table of maritime identification digits)."""


def of_type(code: int, singles: dict[int, str], groups: dict[int, str], unknown: str) -> str:
    """Returns the name of a ship type.

    >>> of_type(71, DMA_SHIP_TYPE, DMA_SHIP_GROUP, "Undefined")
    'Cargo'
    """
    return singles.get(code) or groups.get(code // 10 * 10, unknown)
