"""How those who run Tramo see what it does: figures, logs, traces, and whether it can take work.

What is measured is never told here what it is measured for; no figure or line holds anybody's data.
"""
