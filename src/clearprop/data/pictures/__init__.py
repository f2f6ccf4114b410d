"""A picture of one's own, turned into what the makers of a data set did with theirs."""
