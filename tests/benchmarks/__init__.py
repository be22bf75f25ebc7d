"""How fast it is, as ratios to something named that ran in the same minute on the same machine; `make bench`."""
