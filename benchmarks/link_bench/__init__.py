"""How fast a file is uploaded over links as people have them: an emulated link between two network namespaces."""
