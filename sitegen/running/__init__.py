"""Programs of posts are run here, watched and remembered; nothing here reads Markdown or writes pages."""
