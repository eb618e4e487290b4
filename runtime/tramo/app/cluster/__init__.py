"""One process among others on one database: what it hears of them, and what it does for all.

Nothing here is needed for a result to be right. Without these modules every process would still
find its runs, late; with them it finds them at once, and people see what happens elsewhere.
"""
