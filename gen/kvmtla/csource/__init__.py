"""The operations of a specification held against the C that they model, function by function.

Both are run, side by side, with the same answers to each access to shared memory: whatever value
is there, whether a compare-and-exchange succeeds or not. They are the same if, whatever the
answers, they make the same accesses to the same places, in the same order and with the same
values, take the same locks, call the same functions and return the same.
"""
