"""A file from an address that a stranger gave: fetched without reaching anything that the stranger could not.

``policy`` says what is allowed, ``address`` what an address is and where it may lead, ``fetching`` goes there: each
name is resolved once, each of its addresses is looked at, and the connection goes to the very address that was looked
at, under the name that was asked for.
"""
