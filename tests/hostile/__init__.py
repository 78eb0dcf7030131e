"""Bytes that anybody may have made: what decodes them, how they are damaged, a corpus to begin with, and a fuzzer."""
