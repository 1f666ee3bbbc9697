"""What two price files say about each other: pure functions of prices, and the words for it."""
