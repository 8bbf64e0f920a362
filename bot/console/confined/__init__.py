"""What touches bytes that a stranger made: run as a program of its own, on one file, by `bot.console.apart`.

Nothing of ours can be imported there, and nothing here is imported by the helpline.
"""
