"""The site on this machine while it is written: watch, rebuild, serve the same Build, reload."""
