"""What a flow, version, run, step, event and connection are: frozen data, exact values, named
limits.

This room does no I/O, reads no clock and knows no other room.
"""
