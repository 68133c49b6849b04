"""Programs of posts are run here, watched and remembered; nothing here reads Markdown or writes pages.

The parent: `execute` decides what runs, `pool` keeps cores busy, `client` speaks to the `server`, which forks a `worker` for each program.
The worker: `process` is made the program's own, `cell` runs each step, `showing` and `checking` make results of what it shows and
claims, and `outbox` hands them to the parent. `watched` sees what a program asks for, `figures` draws, `capture` hears what is printed.
"""
