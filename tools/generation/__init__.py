"""How the contract becomes the generated package: read, made readable for the generator, generated, published."""
