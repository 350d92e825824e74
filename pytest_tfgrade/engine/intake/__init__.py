"""Taking in what was handed in: folders, zips, names of platforms, the roster."""
