"""Speaks Telegram: receiving, translating updates to events, sending."""
