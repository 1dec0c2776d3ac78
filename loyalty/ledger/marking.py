from loyalty.ledger.book import Book
from loyalty.postings import Posted, Posting


def mark(book: Book, posting: Posting) -> Posted:
    """An operation that moves nothing: the record, under its key, of what was decided on a card.

    Once for its key, as everything in a book; NotFound for a card that this book did not lock.
    """
    if before := book.replay(posting):
        return before
    card = book.card(posting.card_id)
    operation = book.pages.begin(posting, book.now)
    return Posted(operation.id, card.pk, operation.kind, operation.key, operation.at)
