"""Pure decisions of welcome: how many are inside, which slots there are, who is called."""
