"""`python -m commonfield` is the command line, for machines whose PATH lacks the script."""

from commonfield.cli import main

if __name__ == "__main__":
    main()
