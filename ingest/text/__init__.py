"""From bytes to records: encoding, delimiter, quotes, header, lines."""
