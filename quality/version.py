"""What a check run looks at, as a number: it is raised when reports made before lack something that later ones have."""

LOOKS = "2"
"""2 since a report tells where values are missing, correlations and groups, and what may be personal data."""
