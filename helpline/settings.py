"""Django settings, and every setting of the product, read from the environment once.

All names start with ``HELPLINE_``; `docs/operate.md` lists them, and a test compares the two.
"""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from helpline import environment
from helpline.paths import VAR

#: Plain http on a laptop; an operator behind https sets it, and then the installation is in earnest.
_HTTPS = os.environ.get("HELPLINE_HTTPS", "") == "1"

# --- the product ---------------------------------------------------------------------------------
HELPLINE_PORT = environment.whole("HELPLINE_PORT", 5005)
HELPLINE_CONSOLE_PORT = environment.whole("HELPLINE_CONSOLE_PORT", 8000)
HELPLINE_ACTIONS_PORT = environment.whole("HELPLINE_ACTIONS_PORT", 5055)
#: Where the servers listen: on loopback, or on the address that a proxy on another machine asks.
HELPLINE_INTERFACE = environment.address("HELPLINE_INTERFACE", "127.0.0.1")
#: Where the servers of this machine are for each other.
HELPLINE_HERE = environment.as_host(environment.from_here(HELPLINE_INTERFACE))
#: The machine of the action server, as Rasa reaches it.
HELPLINE_ACTIONS_HOST = os.environ.get("HELPLINE_ACTIONS_HOST") or HELPLINE_HERE
#: Our proxies: only from these is it believed for whom they ask.
HELPLINE_PROXIES = environment.networks("HELPLINE_PROXIES", "127.0.0.1, ::1")
#: Where Prometheus may ask how things stand; nowhere while it is empty.
HELPLINE_METRICS_PORT = environment.port("HELPLINE_METRICS_PORT")
#: Websites that may carry the widget; the website around it is of the channel's own origin.
HELPLINE_ORIGINS = environment.names("HELPLINE_ORIGINS")
#: Whose lines to show, as ISO 3166 alpha-2; empty means unknown, and no country's number is shown.
HELPLINE_COUNTRY = environment.country("HELPLINE_COUNTRY")
HELPLINE_MESSAGES_PER_MINUTE = environment.whole("HELPLINE_MESSAGES_PER_MINUTE", 30)
#: The same for all conversations of an address of the web channel, and for the whole line.
HELPLINE_ADDRESS_PER_MINUTE = environment.whole("HELPLINE_ADDRESS_PER_MINUTE", 300)
HELPLINE_LINE_PER_MINUTE = environment.whole("HELPLINE_LINE_PER_MINUTE", 3000)
HELPLINE_SESSIONS_PER_MINUTE = environment.whole("HELPLINE_SESSIONS_PER_MINUTE", 20)
HELPLINE_MAX_CHARACTERS = environment.whole("HELPLINE_MAX_CHARACTERS", 4000)
HELPLINE_SESSION_HOURS = environment.number("HELPLINE_SESSION_HOURS", 24)
#: How long after acceptance the watchdog looks whether the visitor got what is due, in seconds.
HELPLINE_WATCHDOG_SECONDS = environment.number("HELPLINE_WATCHDOG_SECONDS", 2.5)
#: How long a call to the action server may take, in seconds.
HELPLINE_ACTION_SECONDS = environment.number("HELPLINE_ACTION_SECONDS", 1.5)
#: How long a message is one process's to work on before another may take it over, in seconds.
HELPLINE_LEASE_SECONDS = environment.number("HELPLINE_LEASE_SECONDS", 15)
#: How long a reply may wait for the visitor before the responder sees it as failed, in minutes.
HELPLINE_DELIVERY_MINUTES = environment.number("HELPLINE_DELIVERY_MINUTES", 30)
#: How long a case may wait for a responder before the visitor is told that nobody is free yet, in
#: minutes; then each time after twice as long, so many times in all.
HELPLINE_WAITING_MINUTES = environment.number("HELPLINE_WAITING_MINUTES", 3)
HELPLINE_WAITING_TIMES = environment.whole("HELPLINE_WAITING_TIMES", 5)
#: How long a visitor may be silent after a question about danger before a case is opened, in minutes.
HELPLINE_ANSWER_MINUTES = environment.number("HELPLINE_ANSWER_MINUTES", 5)
#: Who is paged about a waiting case of high or imminent danger: Apprise addresses by group. The next group is
#: asked too each time nobody has claimed the case within so many minutes.
HELPLINE_PAGERS = environment.groups("HELPLINE_PAGE_FIRST", "HELPLINE_PAGE_SECOND", "HELPLINE_PAGE_THIRD")
HELPLINE_PAGE_MINUTES = environment.number("HELPLINE_PAGE_MINUTES", 2)
#: How often the line tests itself with a message of imminent danger, in minutes; never while it is empty. The test
#: begins at this address, and its page goes to these and to nobody of the staff.
HELPLINE_SELF_TEST_MINUTES = environment.optional("HELPLINE_SELF_TEST_MINUTES")
HELPLINE_SELF_TEST_URL = os.environ.get("HELPLINE_SELF_TEST_URL") or f"http://{HELPLINE_HERE}:{HELPLINE_PORT}"
HELPLINE_SELF_TEST_PAGE = environment.notifiers("HELPLINE_SELF_TEST_PAGE")
if HELPLINE_SELF_TEST_MINUTES and not HELPLINE_METRICS_PORT:
    raise ImproperlyConfigured("HELPLINE_SELF_TEST_MINUTES needs HELPLINE_METRICS_PORT: that process runs the test.")
#: The console's address as staff reach it, for the links in pages.
HELPLINE_CONSOLE_URL = os.environ.get("HELPLINE_CONSOLE_URL", "")
#: How long a visitor may wait for a word of who holds their case before it goes back to the queue, in minutes.
HELPLINE_HOLDER_MINUTES = environment.number("HELPLINE_HOLDER_MINUTES", 5)
#: When people are there, as "mon-fri 08:00-22:00, sat 10:00-18:00", in that zone; empty means at all times.
HELPLINE_TIME_ZONE = environment.zone("HELPLINE_TIME_ZONE", "UTC")
HELPLINE_HOURS = environment.hours("HELPLINE_HOURS", HELPLINE_TIME_ZONE)
#: What a visitor sees of the responder who talks with them: that it is staff, or their first name.
HELPLINE_RESPONDER_SHOWN = environment.one_of("HELPLINE_RESPONDER_SHOWN", "role", "first_name")
#: How often the console's alarm sounds again while a case of imminent danger is untaken, in seconds.
HELPLINE_ALARM_SECONDS = environment.number("HELPLINE_ALARM_SECONDS", 20)
#: Who runs the helpline, and an e-mail address to write to, as the site's pages name them.
HELPLINE_OPERATOR = os.environ.get("HELPLINE_OPERATOR", "")
HELPLINE_CONTACT = environment.mail("HELPLINE_CONTACT")
#: The chat's address as visitors and providers reach it; providers sign it, and are told it for receipts.
HELPLINE_PUBLIC_URL = os.environ.get("HELPLINE_PUBLIC_URL", "").rstrip("/")
#: Encrypts phone numbers and user ids. Several with commas: the first encrypts, all decrypt.
HELPLINE_ADDRESS_KEY = environment.secrets("HELPLINE_ADDRESS_KEY", "address-key", given=_HTTPS)
#: By the hash with this key a conversation is found again. With another one, nobody is known who wrote before.
HELPLINE_ADDRESS_HASH = environment.secret("HELPLINE_ADDRESS_HASH", "address-hash", given=_HTTPS)
#: How long a message is tried again while a provider cannot be reached, in hours.
HELPLINE_RETRY_HOURS = environment.number("HELPLINE_RETRY_HOURS", 24)
#: How long a provider may take to answer, in seconds; below the lease.
HELPLINE_PROVIDER_SECONDS = environment.number("HELPLINE_PROVIDER_SECONDS", 8)
#: Where the providers' interfaces are; tests point them to servers of their own.
HELPLINE_TELEGRAM_API = os.environ.get("HELPLINE_TELEGRAM_API", "https://api.telegram.org")
HELPLINE_TWILIO_API = os.environ.get("HELPLINE_TWILIO_API", "https://api.twilio.com")
HELPLINE_MESSENGER_API = os.environ.get("HELPLINE_MESSENGER_API", "https://graph.facebook.com/v23.0")
HELPLINE_SLACK_API = os.environ.get("HELPLINE_SLACK_API", "https://slack.com/api")
#: How long the link with which somebody sets their first or a new password may be used, in hours.
HELPLINE_INVITATION_HOURS = environment.number("HELPLINE_INVITATION_HOURS", 72)
#: Whether every account must have a second factor, or may.
HELPLINE_SECOND_FACTOR = environment.one_of("HELPLINE_SECOND_FACTOR", "optional", "required")
#: After how long without anything done in the console a login ends, in minutes.
HELPLINE_IDLE_MINUTES = environment.number("HELPLINE_IDLE_MINUTES", 720)
#: How long after its last message a conversation without an open case is kept, in days.
HELPLINE_RETENTION_DAYS = environment.whole("HELPLINE_RETENTION_DAYS", 90)
#: How often a process looks for what others wrote, in seconds; more seldom where the database tells.
HELPLINE_POLL_SECONDS = environment.number("HELPLINE_POLL_SECONDS", 0.2)
HELPLINE_PING_SECONDS = environment.number("HELPLINE_PING_SECONDS", 15)
#: After how many days a crisis line that nobody has verified again is reported.
HELPLINE_LINES_DAYS = environment.whole("HELPLINE_LINES_DAYS", 365)
#: In which form the processes log: for people, or a JSON object a line.
HELPLINE_LOGS = environment.one_of("HELPLINE_LOGS", "text", "json")
#: A Rasa model file to serve instead of the one for the present data, to go back to an earlier one.
HELPLINE_MODEL = os.environ.get("HELPLINE_MODEL", "")
#: The secret that Rasa shows to the action server.
HELPLINE_ACTIONS_SECRET = environment.secret("HELPLINE_ACTIONS_SECRET", "actions", given=_HTTPS)
#: Where limits and locks are kept that several Rasa processes share; in each one's memory while it is empty.
HELPLINE_REDIS = environment.redis("HELPLINE_REDIS")

# --- Django --------------------------------------------------------------------------------------
SECRET_KEY, *SECRET_KEY_FALLBACKS = environment.secrets("HELPLINE_SECRET_KEY", "django", given=_HTTPS)
DEBUG = False
#: The launcher and health checks ask by loopback names, or where it listens, whatever the operator adds.
ALLOWED_HOSTS = [*environment.names("HELPLINE_CONSOLE_HOSTS"), "localhost", "127.0.0.1", "[::1]", HELPLINE_INTERFACE]
ROOT_URLCONF = "helpline.console.urls"
ASGI_APPLICATION = "helpline.console.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
#: By whose clock days and hours are counted in figures; pages show times by the reader's own.
TIME_ZONE = HELPLINE_TIME_ZONE
LANGUAGE_CODE = "en"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "django_htmx",
    "helpline.conversations",
    "helpline.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    # A login that was idle for too long, or lacks its second factor, is none.
    "helpline.console.standing.StandingMiddleware",
    # Every page needs a login unless it says otherwise: nothing can be forgotten open.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    # And the role that helpline/console/roles.py names for it.
    "helpline.console.roles.RoleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": environment.database("HELPLINE_DATABASE", VAR / "helpline.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "queue"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = int(HELPLINE_INVITATION_HOURS * 3600)
#: What an app for codes shows beside the user name.
OTP_TOTP_ISSUER = "Helpline"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
# What a failed login posted is kept for a while: not the name, and neither a password nor a code.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]
# The audit log knows who logged in, and without their address.
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "console/locked.html"

SESSION_COOKIE_NAME = "helpline_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "helpline_csrf"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_TRUSTED_ORIGINS = environment.names("HELPLINE_CONSOLE_ORIGINS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
#: Chat and console: for so long a browser that came once takes no other way than https.
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if _HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": with it browsers send "Origin: null" with a form, and CSRF refuses every login.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

# Message texts never reach a log: libraries speak from warnings up, and our own lines carry ids.
LOGGING_CONFIG = "helpline.logs.configure"
LOGGING = {"form": HELPLINE_LOGS}
