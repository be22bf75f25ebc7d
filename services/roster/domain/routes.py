"""How a point is named where a way between two of them is kept: to about a metre."""


def route_key(latitude: float, longitude: float) -> str:
    """The point to five decimals, such as 50.82250,-0.13720."""
    return f"{latitude:.5f},{longitude:.5f}"
