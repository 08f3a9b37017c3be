"""Disclosure control: suppresses what would reveal data of a single ship or firm in a release.

Tables in, tables out; nothing here reads or writes files except the profiles. `docs/disclosure.md` has the method.
"""
