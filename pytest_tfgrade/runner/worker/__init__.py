"""The untrusted side: a zygote that forks one child for each submitted model.

This package is executed by path under the interpreter of the graded course, which need
not have pytest-tfgrade installed. It depends on the standard library, NumPy and the
libraries of its program (TensorFlow, or h5py), and on Python 3.9 or later. The trusted
side imports ``frames`` alone from here.
"""
