"""Events into prose: the plain teller, the model's teller, and the guard between them."""
