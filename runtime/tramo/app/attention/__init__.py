"""What needs people: questions, alerts, and the notices that bring them.

Everything here is found in the database after the fact: runs know nothing of it and pay nothing
for it. It decides nothing about a run; a person's answer goes to the runner like any happening.
"""
