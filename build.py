#!/usr/bin/env python3
"""The command: `python build.py` builds the site, `python build.py --help` says what else it does."""

# Workers of the fork server import this module again under another name: everything heavy stays behind the guard.
if __name__ == "__main__":
    import sys

    try:
        from sitegen.cli import leave, main

        leave(main(sys.argv[1:]))
    except KeyboardInterrupt:  # while modules are loaded, or for the second time
        sys.exit(130)
