"""Whether an opened case may be passed on to an organisation."""

from bot.service.entries import CaseFile, Consent


def standing(file: CaseFile, organisation: str) -> Consent | None:
    """Give the consent by which a case may be passed on to an organisation, for the purpose it names; None: it may not.

    The newest word counts: a yes, or the recorded reason why nobody was asked. Asked anew, an earlier yes is over.
    """
    about = [one for one in file.entries if isinstance(one, Consent) and one.organisation == organisation]
    return about[-1] if about and about[-1].answer in ("yes", "unasked") else None
