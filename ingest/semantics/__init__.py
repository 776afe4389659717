"""What values mean beside their type: e-mail addresses, countries, identifiers. Advice that changes no value."""
