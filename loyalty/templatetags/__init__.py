"""What loyalty's templates may ask for: `{% load wallets %}`."""
