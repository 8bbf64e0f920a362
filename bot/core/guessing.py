"""What is tried first when a password is guessed: known words, runs, years, and the same thing again and again.

A list of breached passwords is not part of the program. Nearly all long ones in such lists are made of these parts, so
what counts is what is left of a password once they are taken away.
"""

import re
import unicodedata

LEAST_LEFT = 8
"""Characters, as ASVS 5.0.0 V6.2.1 asks of any password; at least FEWEST_KINDS of them different."""
FEWEST_KINDS = 5
SHORTEST_RUN = 3
COMMON = """
    abc admin administrator asdf asdfgh asdfghjkl azerty baseball batman changeme charlie computer dragon facebook
    football freedom google hello iloveyou internet killer letmein liverpool login love master michael monkey naruto
    passphrase password passwort pokemon princess qaz qwer qwerty qwertyuiop qwertz root sample samsung secret
    shadow starwars summer sunshine superman temp test trustno user welcome whatever winter wsx zxc zxcv zxcvbnm
"""
OURS = """
    angkor cambodia cambodian case chatbot console helpline hotline kampuchea khmer korea malaysia migrant migration
    operator penh phnom phnompenh supervisor telegram thailand worker
"""
"""Words of this trade and of where it is done: whoever guesses knows them."""
_WORDS = re.compile("|".join(sorted(map(re.escape, f"{COMMON} {OURS}".split()), key=len, reverse=True)))
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_SPELT = str.maketrans("01345789@$!", "oieastbgasi")


def is_guessable(password: str) -> bool:
    """Say whether too little is left of a password once what everybody tries is taken away."""
    plain = "".join(one for one in password.casefold() if unicodedata.category(one)[0] not in "ZPC" or one in "@!")
    rest = _once(plain)
    rest = _YEAR.sub("", _without_runs(rest)).translate(_SPELT)
    rest = _WORDS.sub("", rest)
    return len(rest) < LEAST_LEFT or len(set(rest)) < FEWEST_KINDS


def _once(text: str) -> str:
    """Give what a text repeats; all of it, if it repeats nothing."""
    return text[: (text + text).find(text, 1)] if text else text


def _without_runs(text: str) -> str:
    """Leave out three or more characters that are the same, or follow each other up or down."""
    kept, begin = [], 0
    while begin < len(text):
        end = max(_run_end(text, begin, step) for step in (-1, 0, 1))
        if end - begin < SHORTEST_RUN:
            end = begin + 1
            kept.append(text[begin])
        begin = end
    return "".join(kept)


def _run_end(text: str, begin: int, step: int) -> int:
    end = begin + 1
    while end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
        end += 1
    return end
