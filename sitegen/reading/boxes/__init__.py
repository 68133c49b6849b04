"""Containers of every dialect, once `rules` found them: what each is and the tokens that it becomes."""
