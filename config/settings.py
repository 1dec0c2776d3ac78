"""All settings. Nothing must be set to start; whatever may be comes from the environment."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config import databases, keys, proxies

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / "data"

env = environ.Env()

# --- Where and how it runs ------------------------------------------------------------------------

# DEBUG=0 is production: it refuses to start on what is only good enough for a try.
DEBUG = env.bool("DEBUG", default=True)
PORT = env.int("PORT", default=8000)
WORKERS = env.int("WORKERS", default=2)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

# Links and signed addresses are built from this, never from what a request calls its host.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

# X-Forwarded-For is believed of so many proxies, or of those in these networks (loyalty.networks).
TRUSTED_PROXIES = proxies.trusted(env.list("TRUSTED_PROXIES", default=[]))

# --- Keys -----------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="")
# The first key encrypts stored secrets, every one of them decrypts.
REGULARS_KEYS = env.list("REGULARS_KEYS", default=[])

if DEBUG:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
    SECRET_KEY = SECRET_KEY or keys.made_once(DATA_DIR / "secret_key", keys.new_secret_key)
    REGULARS_KEYS = REGULARS_KEYS or [
        keys.made_once(DATA_DIR / "encryption_key", keys.new_encryption_key)
    ]
elif problems := keys.problems_in_production(
    secret_key=SECRET_KEY, encryption_keys=REGULARS_KEYS, allowed_hosts=ALLOWED_HOSTS
):
    raise ImproperlyConfigured("\n".join(problems))

# --- Database -------------------------------------------------------------------------------------

DATABASES = {
    "default": databases.tuned(
        env.db_url("DATABASE_URL")
        if env.str("DATABASE_URL", default="")
        else databases.embedded(DATA_DIR / "regulars.sqlite3"),
        BASE_DIR,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ON_SQLITE = DATABASES["default"]["ENGINE"] == databases.SQLITE

# --- The house ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigAppConfig",
    "integrations.apps.IntegrationsConfig",
    "automations.apps.AutomationsConfig",
    "messaging.apps.MessagingConfig",
    "loyalty.apps.LoyaltyConfig",
    "config.admin_site.RegularsAdminConfig",
    "django.contrib.auth",
    "polymorphic",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_q",
    "django_htmx",
    "simple_history",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Files the browser loads ----------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # one for each folder in locale/, or half the page changes language
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # customers and shops have zones of their own; what we store and log has one

# --- Safety ---------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = False  # htmx reads the token from the page, other scripts from the cookie
SECURE_HSTS_SECONDS = 0 if DEBUG else 30 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No header of a proxy is believed. Behind one that ends TLS, this is what lets forms through.
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- Background work ------------------------------------------------------------------------------

# The rows are the truth and this queue is only the bell (docs/decisions/0001-waits-are-rows.md).
# guard_cycle: other values than 0.5 and 0.25 jump over zero, and a hung worker is never killed.
# retry counts from the moment a task leaves the queue, so it must outlast timeout and backlog.
# save_limit -1 saves a query per task; it also turns off chains and hooks, which we do not use.
Q_CLUSTER = {
    "name": "regulars",
    "orm": "default",
    "broker_class": "config.bell.Broker",
    "workers": WORKERS,
    "queue_limit": 2 * WORKERS,
    "bulk": 10,
    "poll": 0.2,
    "timeout": 60,
    "retry": 300,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "scheduler": False,  # see docs/decisions/0002-the-worker-heals-itself.md
    "guard_cycle": 0.5,
    "recycle": 10_000,
    "max_rss": 250_000,  # kilobytes, of one worker
    # A slow provider must not hold up a journey, so the outside world has processes of its own.
    # SQLite has one writer: more processes would only queue up for it.
    "ALT_CLUSTERS": {} if ON_SQLITE else {"io": {"workers": 2, "queue_limit": 4}},
}

# Journeys or events in one transaction, and fewer while cards are scanned, since who stands at the
# till waits for a batch that has their card; on SQLite everybody waits for every batch. After so
# many seconds of walking a batch ends all the same. A step that fails is tried again after these,
# then its journey stops; so does one that comes back to a step too often.
BATCH_ROWS = env.int("BATCH_ROWS", default=200 if ON_SQLITE else 1000)
BATCH_ROWS_BESIDE_TILL = env.int("BATCH_ROWS_BESIDE_TILL", default=100 if ON_SQLITE else 200)
BATCH_SECONDS = env.float("BATCH_SECONDS", default=0.2)
STEP_PATIENCE = [
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
]
MOST_RETURNS = env.int("MOST_RETURNS", default=100)

# Automations that start each other stop at this depth. A customer enters one automation so often a
# day. Steps that failed for so many journeys in an hour, and for such a share (percent) of those
# that moved, set their automation back to Draft.
DEEPEST_CAUSE = env.int("DEEPEST_CAUSE", default=8)
MOST_ENTRIES_A_DAY = env.int("MOST_ENTRIES_A_DAY", default=20)
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=20)
BREAKER_PERCENT = env.int("BREAKER_PERCENT", default=50)

# Days for which what journeys did, and why somebody did or did not enter, can be looked at; and
# journeys that ended, never shorter than their history. 0: for ever.
KEEP_HISTORY_DAYS = env.int("KEEP_HISTORY_DAYS", default=400)
KEEP_JOURNEYS_DAYS = env.int("KEEP_JOURNEYS_DAYS", default=800)

# Seconds in which something that is due must lead to something that ends, or the worker is started
# again; and in which it must have stopped when told to, or is killed (the promise is 20).
WORKER_PATIENCE = 15.0
WORKER_STOPS_WITHIN = 18.0

# --- The outside world ----------------------------------------------------------------------------

# Exact `host:port` that may be spoken to although they are private or have no certificate.
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
GOOGLE_WALLET_URL = env.str(
    "GOOGLE_WALLET_URL", default="https://walletobjects.googleapis.com/walletobjects/v1"
)
GOOGLE_KEYS_URL = env.str("GOOGLE_KEYS_URL", default="https://pay.google.com/gp/m/issuer/keys")
APNS_URL = env.str("APNS_URL", default="https://api.push.apple.com")

# --- HTTP API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["loyalty.api.auth.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "loyalty.api.errors.handler",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "DESCRIPTION": "Loyalty cards, and the automations that grow out of them.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CardStatus": ["active", "expired"],
        "TillVerb": ["accrue", "redeem"],
        "OrderStatus": "loyalty.models.order.OrderStatus.values",
    },
}

# --- Logs -----------------------------------------------------------------------------------------

# To stderr, one line for a record. Names, addresses and message texts of customers are not logged:
# say the id.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.OneLine",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"without_secrets": {"()": "config.logs.WithoutSecrets"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # "Not found" names the path, and a path may hold somebody's link.
        "django.request": {"level": "ERROR"},
        # Scanners of the whole internet ask for hosts that are not ours; the answer is a 400.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "propagate": True},
        # It would name every address it speaks to, and some end in somebody's secret.
        "httpx": {"level": "WARNING"},
    },
}
