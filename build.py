#!/usr/bin/env python3
"""The command: `python build.py` builds the site, `python build.py --help` says what else it does."""

# Workers of the fork server import this module again under another name: everything heavy stays behind the guard.
if __name__ == "__main__":
    import gc
    import sys

    gc.disable()  # what is loaded stays, and so does nearly all of a build: looking for garbage took a tenth of a short one
    try:
        from sitegen.cli import leave, main

        leave(main(sys.argv[1:]))
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in {"", "sitegen"}:
            raise
        sys.exit(
            f"this Python has no `{missing.name}`: `make site` installs all once; then run `.venv/bin/python build.py`"
        )
    except KeyboardInterrupt:  # while modules are loaded, or for the second time
        sys.exit(130)
