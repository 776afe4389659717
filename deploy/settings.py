"""Django's settings, all in one place. What differs between installations comes from deploy/environment.py."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from deploy.environment import BASE_DIR, list_of, read_environment

ENVIRONMENT = read_environment()

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key.get_secret_value()
SECRET_KEY_FALLBACKS = list_of(ENVIRONMENT.secret_key_fallbacks.get_secret_value())
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.allowed_hosts.split(",") if host.strip()]
BASE_URL = ENVIRONMENT.base_url
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "catalog.web.frame.errors.csrf_failed"
VAR_DIR = ENVIRONMENT.var_dir

INSTALLED_APPS = [
    "catalog",
    "ingest",
    "quality",
    "deploy",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "catalog.web.frame.content_policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "catalog.protocols.signposting.middleware.Negotiation",
    "catalog.api.manners.throttling.RateLimitHeaders",
]

ROOT_URLCONF = "deploy.urls"
WSGI_APPLICATION = "deploy.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.web.frame.context.frame",
            ],
            "builtins": ["catalog.templatetags.kit"],
        },
    }
]

# ---------------------------------------------------------------- the three servers
DATABASES = {"default": ENVIRONMENT.database}

S3_ENDPOINT_URL = ENVIRONMENT.s3_endpoint_url
S3_PUBLIC_ENDPOINT_URL = ENVIRONMENT.s3_public_endpoint_url or ENVIRONMENT.s3_endpoint_url
S3_ACCESS_KEY_ID = ENVIRONMENT.s3_access_key_id.get_secret_value()
S3_SECRET_ACCESS_KEY = ENVIRONMENT.s3_secret_access_key.get_secret_value()
S3_BUCKET = ENVIRONMENT.s3_bucket
S3_REGION = ENVIRONMENT.s3_region
S3_ADDRESSING_STYLE = ENVIRONMENT.s3_addressing_style
PRESIGNED_SECONDS = ENVIRONMENT.presigned_seconds

BROKER_URL = ENVIRONMENT.broker_url.get_secret_value()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": BROKER_URL}}

# ---------------------------------------------------------------- work
LEASE_SECONDS = ENVIRONMENT.lease_seconds
SWEEP_SECONDS = ENVIRONMENT.sweep_seconds
DECISION_GRACE = ENVIRONMENT.decision_grace
UPLOAD_LIMIT_BYTES = ENVIRONMENT.upload_limit_bytes
DOCUMENT_LIMIT_BYTES = ENVIRONMENT.document_limit_bytes
UPLOAD_DAYS = ENVIRONMENT.upload_days
ACCESS_REQUEST_DAYS = ENVIRONMENT.access_request_days
NOTICE_DAYS = ENVIRONMENT.notice_days
PREVIEW_CACHE_BYTES = ENVIRONMENT.preview_cache_bytes
ENGINE_MEMORY = ENVIRONMENT.engine_memory
ENGINE_THREADS = ENVIRONMENT.engine_threads
QUERY_SECONDS = ENVIRONMENT.query_seconds
QUERY_WAIT_SECONDS = ENVIRONMENT.query_wait_seconds
QUERY_SLOTS = ENVIRONMENT.query_slots
QUERY_SPARES = ENVIRONMENT.query_spares
QUERY_KEPT = ENVIRONMENT.query_kept
QUERY_MEMORY_BYTES = ENVIRONMENT.query_memory_bytes
QUERY_TEMPORARY_BYTES = ENVIRONMENT.query_temporary_bytes
QUERY_ROWS = ENVIRONMENT.query_rows
QUERY_BYTES = ENVIRONMENT.query_bytes
EXPORT_SLOTS = ENVIRONMENT.export_slots
EXPORT_SECONDS = ENVIRONMENT.export_seconds
PART_BYTES = ENVIRONMENT.part_bytes
SMALL_FILE_BYTES = ENVIRONMENT.small_file_bytes
LARGE_FILE_BYTES = ENVIRONMENT.large_file_bytes
SMALL_SLOTS = ENVIRONMENT.small_slots
INGEST_MEMORY_BYTES = ENVIRONMENT.ingest_memory_bytes
INGEST_SECONDS = ENVIRONMENT.ingest_seconds
INGEST_SECONDS_PER_GB = ENVIRONMENT.ingest_seconds_per_gb
INGEST_FILE_BYTES = ENVIRONMENT.ingest_file_bytes
IMPORT_SCHEMES = list_of(ENVIRONMENT.import_schemes)
IMPORT_PORTS = [int(port) for port in list_of(ENVIRONMENT.import_ports)]
IMPORT_NETWORKS = [ip_network(network) for network in list_of(ENVIRONMENT.import_networks)]
IMPORT_CA_FILE = ENVIRONMENT.import_ca_file
IMPORT_SECONDS = ENVIRONMENT.import_seconds
RATE_ANONYMOUS = ENVIRONMENT.rate_anonymous
RATE_SIGNED_IN = ENVIRONMENT.rate_signed_in
RATE_QUERIES = ENVIRONMENT.rate_queries
QUOTA_STORAGE_BYTES = ENVIRONMENT.quota_storage_bytes
QUOTA_DOWNLOAD_BYTES = ENVIRONMENT.quota_download_bytes
QUOTA_REQUESTS = ENVIRONMENT.quota_requests

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Sweeps are tasks too; memory is what a child is replaced for.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000  # KiB
CELERY_TASK_SOFT_TIME_LIMIT = 6 * 3600
CELERY_TASK_TIME_LIMIT = 6 * 3600 + 300
# Longer than the longest task: with Redis, a shorter one makes healthy tasks run twice (the lease would
# refuse the second, but it costs a slot).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 12 * 3600,
    "socket_connect_timeout": 3,
    "socket_timeout": 30,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1}
CELERY_TASK_DEFAULT_QUEUE = "default"
# Sweeps and signs of life, and jobs by their size (catalog/jobs/lanes.py). Without -Q, a worker takes from all.
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "small", "medium", "large")]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep-uploads": {"task": "ingest.sweep_uploads", "schedule": SWEEP_SECONDS},
    "expire-uploads": {"task": "ingest.expire_uploads", "schedule": 3600},
    "sweep-checks": {"task": "quality.sweep_checks", "schedule": SWEEP_SECONDS},
    "worker-heartbeat": {"task": "catalog.beat_heart", "schedule": 15},
    "sweep-decisions": {"task": "catalog.sweep_decisions", "schedule": SWEEP_SECONDS},
    "send-notices": {"task": "catalog.send_notices", "schedule": SWEEP_SECONDS},
    "sweep-access": {"task": "catalog.sweep_access", "schedule": 600},
    "extend-audit-chain": {"task": "catalog.extend_audit_chain", "schedule": SWEEP_SECONDS},
    "witness-audit-chain": {"task": "catalog.witness_audit_chain", "schedule": 3600},
    "verify-audit-chain": {"task": "catalog.verify_audit_chain", "schedule": 24 * 3600},
}

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "catalog.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_BLACKLIST = ["admin", "api", "new", "review", "latest", "draft"]
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "catalog.web.account.accounts.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {
    "login": "catalog.web.forms.account.LoginForm",
    "signup": "catalog.web.forms.account.SignupForm",
    "add_email": "catalog.web.forms.account.AddEmailForm",
    "change_password": "catalog.web.forms.account.ChangePasswordForm",
    "set_password": "catalog.web.forms.account.SetPasswordForm",
    "reset_password": "catalog.web.forms.account.ResetPasswordForm",
    "reset_password_from_key": "catalog.web.forms.account.ResetPasswordKeyForm",
    "reauthenticate": "catalog.web.forms.account.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "catalog.web.forms.account.SecondStepForm",
    "reauthenticate": "catalog.web.forms.account.SecondStepAgainForm",
    "activate_totp": "catalog.web.forms.account.ActivateForm",
}
MFA_ADAPTER = "catalog.web.account.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Commonfield"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

EMAIL_BACKEND = (
    "django.core.mail.backends.console.EmailBackend"
    if ENVIRONMENT.email_url.startswith("console://")
    else "deploy.mail.UrlEmailBackend"
)
EMAIL_URL = ENVIRONMENT.email_url
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from

# ---------------------------------------------------------------- pages
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "catalog" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "deploy.static.StaticStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

CONTENT_SECURITY_POLICY = {
    # The browser's API documentation is a page of another maker with inline scripts; it has its own policy.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, S3_PUBLIC_ENDPOINT_URL],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# ---------------------------------------------------------------- safety
SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# ---------------------------------------------------------------- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog.api.manners.authentication.TokenAuthentication",
        "catalog.api.manners.authentication.SessionAuthentication",
    ],
    # Services decide and querysets hide (R11); a view that forgets both shows nothing.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_THROTTLE_CLASSES": ["catalog.api.manners.throttling.Allowance"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "catalog.api.manners.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # ?format= is a word of our own (the facet of search, the rows of a table), and no way to ask for a renderer.
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "catalog.api.manners.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commonfield",
    "DESCRIPTION": "Register, check, publish and pull versioned tables.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "catalog.logs.ScrubTokens"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["scrub"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {name: {"level": ENVIRONMENT.log_level} for name in ("catalog", "ingest", "quality", "deploy")},
}
