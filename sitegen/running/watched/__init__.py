"""What a program may touch and what it looked at: refused where it must not, else noted, so that it runs again only when that changes."""
