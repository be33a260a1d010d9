"""`registry`: a manifest and a commit in; the one canonical path of every governed symbol, as values, out."""
