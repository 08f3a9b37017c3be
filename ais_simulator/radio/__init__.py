"""Radio of the simulation: from the true state of a day to the file of messages that an office receives.

messages = day_messages(sea, scenario, thin_s=60, seed=1)
path = write_day(messages, "nmea", folder)
"""

from ais_simulator.radio.formats import FORMATS, Format, file_name, write_day
from ais_simulator.radio.messages import day_messages
from ais_simulator.radio.records import DayMessages

__all__ = ["FORMATS", "DayMessages", "Format", "day_messages", "file_name", "write_day"]
