"""Cards in the wallets of phones: what a pass shows, how it is signed, and who keeps which. It
speaks to no vendor: telling Apple and Google of a change is messaging's."""
