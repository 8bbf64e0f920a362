"""A Telegram of one's own: a local Bot API and a page with phones, for trying and for tests."""
