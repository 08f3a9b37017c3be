"""Disclosure control: what of a release would tell of a single ship or firm, and what is held back so that it does not.

Tables in, tables out; nothing here reads or writes files but the profiles. `docs/disclosure.md` has the method.
"""
