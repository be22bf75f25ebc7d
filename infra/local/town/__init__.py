"""A believable town for a first look: Brighton & Hove, with two smaller desks in Flanders and in France."""
