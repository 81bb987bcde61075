"""What a change of the contract means for those who rely on it: decisions without effects.

`operations.compare` takes two documents and says what changed, `versions` which version number that asks for, `report`
puts it into words. `tools/breaking.py` reads the documents and prints.
"""
