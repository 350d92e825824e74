# Nothing: the rubric that names it is broken.
