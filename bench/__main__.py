"""`python -m bench [NAME …]`: run the named benches, or all; each prints its ratios."""

import subprocess
import sys

BENCHES = ("pipeline", "convert", "validate", "difference", "messy", "rows", "catalog", "pages")


def main() -> None:
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or list(BENCHES)
    options = [option for option in sys.argv[1:] if option.startswith("-")]
    for name in names:
        print(f"# {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}", *options], check=True)


if __name__ == "__main__":
    main()
