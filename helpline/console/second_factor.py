"""The second factor of an account: an app that shows codes, and recovery codes for when it is lost.

Both are devices of django-otp, which refuses a code that was used and makes who guesses wait.
"""

from __future__ import annotations

from base64 import b32encode

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
_DIGITS = 6


class Refused(Exception):
    """A code was not taken; the message says why, in words for whoever typed it."""


def app_of(user: User) -> TOTPDevice | None:
    """Return the app that the account asks codes of; None where it has no second factor."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def unconfirmed(user: User) -> TOTPDevice | None:
    """Return the app that is being set up, and does not count yet."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def begin(user: User) -> None:
    """Make a new secret, in place of one that was never confirmed."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def confirm(user: User, code: str) -> TOTPDevice:
    """Let the app that is being set up count from now on, for its code.

    Raises:
        Refused: the code is not its code.
    """
    device = unconfirmed(user)
    if device is None:
        raise Refused("There is nothing to confirm. Begin again.")
    _verify(user, device, plain(code))
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    return TOTPDevice.objects.get(pk=device.pk)


def verify(user: User, code: str) -> TOTPDevice | StaticDevice:
    """Return the device of the account whose code this is: the app, or the recovery codes.

    By the form of the code, so that a wrong one counts against the device it was meant for.

    Raises:
        Refused: it is neither, or was used already, or too many wrong ones came before.
    """
    code = plain(code)
    kind = TOTPDevice if len(code) == _DIGITS and code.isascii() and code.isdigit() else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    if device is None:
        raise Refused(_WRONG)
    return _verify(user, device, code)


def new_recovery_codes(user: User) -> list[str]:
    """Make recovery codes in place of all earlier ones; this is the only time that they are told."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]} {code[4:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes were not used yet."""
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User) -> bool:
    """Take the second factor away; False where there was none."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        removed, _ = TOTPDevice.objects.filter(user=user).delete()
    return bool(removed)


def secret(device: TOTPDevice) -> str:
    """Return the secret as an app takes it by hand, in groups of four."""
    whole = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def picture(device: TOTPDevice) -> SafeString:
    """Return the secret as a picture for the app's camera, dark on light whatever the page's colours."""
    code = segno.make(device.config_url, micro=False)
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308  # made of squares, and of nobody's words


def plain(code: str) -> str:
    """Return a code without what people put between its parts."""
    return code.replace(" ", "").replace("-", "").lower()


_WRONG = "That code is not right, or was used already. Wait for the next one."


def _verify(user: User, device: TOTPDevice | StaticDevice, code: str) -> TOTPDevice | StaticDevice:
    allowed, why = device.verify_is_allowed()
    if not allowed:
        wait = max(1, round((why["locked_until"] - timezone.now()).total_seconds()))
        raise Refused(f"Too many wrong codes. Try again in {wait} s.")
    found = verify_token(user, device.persistent_id, code)
    if found is None:
        raise Refused(_WRONG)
    return found
