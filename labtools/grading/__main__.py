"""`python -m labtools.grading` is `labtools grade`, where the script is not on the PATH."""

import sys

from labtools.commands import main

if __name__ == "__main__":
    sys.exit(main(["grade", *sys.argv[1:]]))
