"""NumPy functions that generated modules carry along: arrays in, arrays out, and a float keeps its dtype."""

from .elementwise import *
from .exponentials import *
from .margins import *
from .moments import *
from .places import *
from .special import *
