"""Who is where: carers and their papers, visits as they are rostered and as they happened, every kilometre."""
