"""`python -m labtools.commands` is `labtools`, where the script is not on the PATH."""

import sys

from labtools.commands.main import main

if __name__ == "__main__":  # a process that runs cells imports this file again
    sys.exit(main())
