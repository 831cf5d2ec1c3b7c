"""An app for codes, as the tests hold it in their hand."""

from __future__ import annotations

import time

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from helpline.console import second_factor


def code_of(device: TOTPDevice) -> str:
    """Return the next code that the device takes: this one, or where it was used the one after it."""
    device.refresh_from_db()
    step = max(int(time.time() - device.t0) // device.step, device.last_t + 1)
    now = int(time.time() - device.t0) // device.step
    return f"{totp(device.bin_key, device.step, device.t0, device.digits, step - now):0{device.digits}d}"


def wrong_code(device: TOTPDevice) -> str:
    """Return a code that is none of those around now."""
    near = {f"{totp(device.bin_key, device.step, device.t0, device.digits, drift):06d}" for drift in range(-2, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def set_up(user: User) -> TOTPDevice:
    """Give an account a second factor."""
    second_factor.begin(user)
    device = second_factor.unconfirmed(user)
    return second_factor.confirm(user, code_of(device))


def after_password(user: User, password: str, **rest: str) -> Client:
    """Return a browser that has typed the password and is asked for a code."""
    client = Client()
    response = client.post("/login", {"username": user.get_username(), "password": password, **rest})
    assert (response.status_code, response.headers["Location"]) == (302, "/login/code")
    return client


def logs_in(client: Client, code: str) -> bool:
    """Type a code into the second step; tell whether the queue can be opened then."""
    client.post("/login/code", {"code": code})
    return client.get("/").status_code == 200
