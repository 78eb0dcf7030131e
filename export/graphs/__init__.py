"""The graphs of the prior, built node by node."""
