"""From a column of text to a column of a type: evidence, plan, strict cast, questions."""
