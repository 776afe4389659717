"""How people write values: numbers, dates, times, truth, and that there is none."""
