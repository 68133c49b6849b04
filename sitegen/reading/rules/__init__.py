"""Rules of markdown-it: each finds one construct in text or in lines and writes its tokens; `markdown` puts them in their order."""
