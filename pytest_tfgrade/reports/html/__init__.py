"""Grades as pages: one for each candidate, and those of a grader for a whole cohort.

A page is one file: its style is in it, it asks for nothing from anywhere, and its
content policy forbids it to. ``pages`` fills templates, ``charts`` and ``scales`` draw,
``file_names`` names files.
"""
