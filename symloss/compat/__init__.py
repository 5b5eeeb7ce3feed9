"""Names, signatures and argument orders of four earlier libraries, over the losses of symloss.

Each module stands in for one library and is imported by itself, as in
``import symloss.compat.lasagne as lasagne``. Where an original is wrong, the function here is right, and its
docstring says how it differs.
"""
