"""Sources on disk -> Posts: discovery, front matter, Markdown with math and cells."""
