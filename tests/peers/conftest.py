"""What is compared here with another package is collected only where that package is installed."""

from importlib.util import find_spec

PEERS = {"test_hessianfree.py": "hessianfree"}
collect_ignore = [file for file, package in PEERS.items() if find_spec(package) is None]
