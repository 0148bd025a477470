"""A replica of Linli, written from README.md, Protocol/, and Fixtures/ alone.

Each module says which section of which document it follows.
"""
