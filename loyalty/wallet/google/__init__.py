"""Google Wallet: what Google is told of a program and a card, the save link, and the callback."""
