"""How the book is made."""
