"""Programs of posts are run here, watched and remembered; nothing here reads Markdown or writes pages.

The parent: `execute` decides what runs, `pool` keeps cores busy, `client` speaks to the `server`, which forks a `worker` for each program.
In the worker: `watched` sees what a program asks for, `figures` draws, `capture` and `claims` hear what a cell says.
"""
