"""Chaos: real processes under real faults, judged by what the outside saw.

A campaign starts `tramo` and its neighbours as child processes, hurts them, and then reads three
things only: what the sender of deliveries was told, what the vendors were asked for, and what the
database says. It knows nothing of Tramo's insides.
"""
