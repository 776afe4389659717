"""What a table must satisfy: rules as data, their words, where they come from and the forms they are exchanged in."""
