"""What a change of the contract means for programs that rely on it: decisions without effects.

`operations.compare` takes two documents and lists the changes, `versions` says which version number they need, `report`
puts them into words. `tools/breaking.py` reads the documents and prints.
"""
