"""Every page that there is, as it is looked at: by whom, at which address, with which status.

A page of the URL configuration that no screen shows fails tests/catalog/test_screens.py. Names in braces are of what
the site of the screens holds (tests/e2e/screens_site.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """``name`` is the picture's; ``heavy`` is a page whose scripts are more than those of a page that is read."""

    name: str
    path: str
    person: str = ""
    status: int = 200
    heavy: bool = False


PENGUINS = "/institute/penguins"
DRAFT = "/institute/drafted/v/draft"
SHARE = "/share/institute/drafted"
SETS = "/organizations/institute/rule-sets"
GRID = "?filter=mass&row=3&min:mass=3000"

SCREENS = [
    # ------------------------------------------------------------ finding
    Screen("home", "/"),
    Screen("home-search", "/?q=palmer&access=public"),
    Screen("home-empty", "/?q=zzzqqq&access=public"),
    Screen("organizations", "/organizations/"),
    Screen("organization", "/institute/"),
    Screen("organization-quality", "/organizations/institute/quality/", "owner"),
    Screen("about", "/about/"),
    Screen("docs", "/docs/"),
    Screen("docs-page", "/docs/errors"),
    Screen("schemas", "/schemas/"),
    Screen("schema-standard", "/schemas/reading/"),
    Screen("schema-standard-version", "/schemas/reading/1.0.0/"),
    Screen("schema-standard-new", "/organizations/institute/new-schema/", "owner"),
    Screen("schema-standard-next", "/schemas/reading/new-version/", "owner"),
    # ------------------------------------------------------------ a dataset
    Screen("dataset", f"{PENGUINS}/"),
    Screen("dataset-old", f"{PENGUINS}/v/1.0.0/"),
    Screen("dataset-owner", f"{PENGUINS}/", "owner"),
    Screen("dataset-draft", f"{DRAFT}/", "contributor"),
    Screen("dataset-in-review", "/institute/waiting/v/draft/", "contributor"),
    Screen("dataset-withdrawn", "/institute/gone/v/1.0.0/"),
    Screen("dataset-restricted", "/institute/closed/"),
    Screen("data", f"{PENGUINS}/data/"),
    Screen("data-filtered", f"{PENGUINS}/data/{GRID}"),
    Screen("data-none", f"{PENGUINS}/data/?min:mass=9000"),
    Screen("data-refused", f"{PENGUINS}/data/?min:mass=heavy", status=400),
    Screen("data-version", f"{PENGUINS}/v/1.0.0/data/"),
    Screen("data-gate", "/institute/closed/data/", status=403),
    Screen("data-withdrawn", "/institute/gone/v/1.0.0/data/", status=410),
    Screen("data-strange", "/institute/strange/v/draft/data/", "contributor"),
    Screen("sql", f"{PENGUINS}/data/sql/?sql=SELECT+species,+count(*)+FROM+penguins+GROUP+BY+species"),
    Screen("sql-refused", f"{PENGUINS}/v/1.0.0/data/sql/?sql=SELEC", status=400),
    Screen("query", "/queries/{query}/"),
    Screen("schema", f"{PENGUINS}/schema/"),
    Screen("schema-version", f"{PENGUINS}/v/1.0.0/schema/"),
    Screen("schema-draft", f"{DRAFT}/schema/", "contributor"),
    Screen("schema-strange", "/institute/strange/v/draft/schema/", "contributor"),
    Screen("schema-edit", f"{DRAFT}/schema/edit/", "contributor"),
    Screen("schema-column", f"{DRAFT}/schema/column/?column=mass", "contributor"),
    Screen("quality", f"{PENGUINS}/quality/"),
    Screen("quality-version", f"{PENGUINS}/v/1.0.0/quality/"),
    Screen("quality-closed", "/institute/closed/quality/"),
    Screen("report", f"{PENGUINS}/report/"),
    Screen("report-problems", f"{PENGUINS}/v/1.0.0/report/?only=problems"),
    Screen("versions", f"{PENGUINS}/versions/"),
    Screen("versions-owner", f"{PENGUINS}/versions/", "owner"),
    Screen("compare", f"{PENGUINS}/compare/1.0.0...1.1.0/"),
    Screen("use", f"{PENGUINS}/use/?with=curl"),
    Screen("use-columns", f"{PENGUINS}/v/1.0.0/use/?with=python&column=species&column=mass"),
    Screen("annotations", f"{PENGUINS}/annotations/"),
    Screen("annotations-version", f"{PENGUINS}/v/1.0.0/annotations/?row=3", "stranger"),
    Screen("annotation", f"{PENGUINS}/annotations/{{annotation}}/", "owner"),
    Screen("dataset-audit", f"{PENGUINS}/audit/", "owner"),
    Screen("dataset-follow", f"{PENGUINS}/follow/", "stranger"),
    Screen("dataset-edit", f"{PENGUINS}/edit/", "contributor"),
    Screen("dataset-standing", f"{PENGUINS}/standing/", "owner"),
    Screen("version-standing", f"{PENGUINS}/v/1.0.0/standing/", "owner"),
    Screen("version-withdraw", f"{PENGUINS}/v/1.0.0/withdraw/", "owner"),
    # ------------------------------------------------------------ access
    Screen("access", "/institute/closed/access/", "owner"),
    Screen("access-granted", "/institute/closed/access/", "grantee"),
    Screen("access-ask", "/institute/closed/access/request/", "stranger"),
    Screen("agreement", "/institute/closed/access/agreement/1/", "owner"),
    Screen("agreement-edit", "/institute/closed/access/agreement/", "owner"),
    Screen("access-request", "/work/requests/{request}/", "owner"),
    # ------------------------------------------------------------ rules
    Screen("rules", f"{PENGUINS}/rules/", "owner"),
    Screen("rule-choose", f"{PENGUINS}/rules/add/", "owner"),
    Screen("rule-add", f"{PENGUINS}/rules/add/between/", "owner"),
    Screen("rule-edit", f"{PENGUINS}/rules/{{rule}}/edit/", "owner"),
    Screen("rule-proposals", f"{PENGUINS}/rules/proposals/", "owner"),
    Screen("rule-suite", f"{PENGUINS}/rules/suite/", "owner"),
    Screen("rule-sets", f"{SETS}/"),
    Screen("rule-set", f"{SETS}/series/"),
    Screen("rule-set-new", "/organizations/institute/new-rule-set/", "owner"),
    Screen("rule-set-edit", f"{SETS}/series/edit/", "owner"),
    Screen("rule-set-version", f"{SETS}/series/new-version/", "owner"),
    Screen("rule-set-choose", f"{SETS}/series/new-version/add/", "owner"),
    Screen("rule-set-add", f"{SETS}/series/new-version/add/unique/", "owner"),
    Screen("rule-set-rule", f"{SETS}/series/new-version/{{set_rule}}/edit/", "owner"),
    # ------------------------------------------------------------ sharing
    Screen("share", "/share/", "contributor", heavy=True),
    Screen("share-dataset", f"{SHARE}/", "contributor", heavy=True),
    Screen("share-clean", f"{SHARE}/tables/penguins/clean/", "contributor", heavy=True),
    Screen("share-map", f"{SHARE}/clean/?look", "contributor", heavy=True),
    Screen("share-cells", f"{SHARE}/tables/penguins/clean/1/", "contributor", heavy=True),
    Screen("share-check", f"{SHARE}/check/", "contributor", heavy=True),
    Screen("share-submit", f"{SHARE}/submit/", "contributor", heavy=True),
    Screen("share-submitted", "/share/institute/waiting/submitted/", "contributor", heavy=True),
    Screen("uploads", "/uploads/", "contributor", heavy=True),
    # ------------------------------------------------------------ deciding
    Screen("review-queue", "/review/", "steward"),
    Screen("review", "/review/{review}/", "steward"),
    Screen("review-submitter", "/review/{review}/", "contributor"),
    # ------------------------------------------------------------ one's own
    Screen("work", "/work/", "contributor"),
    Screen("tokens", "/tokens/", "contributor"),
    Screen("notices", "/notices/", "contributor"),
    Screen("settings", "/settings/", "contributor"),
    Screen("login", "/accounts/login/"),
    Screen("signup", "/accounts/signup/"),
    Screen("password-reset", "/accounts/password/reset/"),
    Screen("password-reset-done", "/accounts/password/reset/done/"),
    Screen("password-reset-key", "/accounts/password/reset/key/x-y/"),
    Screen("password-reset-key-done", "/accounts/password/reset/key/done/"),
    Screen("email", "/accounts/email/", "contributor"),
    Screen("email-sent", "/accounts/confirm-email/"),
    Screen("email-confirm", "/accounts/confirm-email/nothing/"),
    Screen("inactive", "/accounts/inactive/"),
    Screen("password-change", "/accounts/password/change/", "contributor"),
    Screen("logout", "/accounts/logout/", "contributor"),
    Screen("reauthenticate", "/accounts/reauthenticate/", "contributor"),
    Screen("mfa", "/accounts/2fa/", "contributor"),
    # ------------------------------------------------------------ an organization's
    Screen("people", "/organizations/institute/people/", "owner"),
    Screen("organization-edit", "/organizations/institute/edit/", "owner"),
    Screen("organization-new", "/organizations/new/", "owner"),
    # ------------------------------------------------------------ the site's
    Screen("audit", "/audit/", "staff"),
    Screen("administration", "/administration/", "staff"),
    Screen("jobs", "/administration/jobs/", "staff"),
    Screen("users", "/administration/users/", "staff"),
    Screen("user", "/administration/users/owner/", "staff"),
    Screen("all-agreements", "/administration/agreements/", "staff"),
    Screen("organization-verify", "/organizations/institute/verify/", "staff"),
    Screen("storage", "/administration/storage/", "staff"),
    Screen("storage-of", "/administration/storage/of/institute/", "staff"),
    # ------------------------------------------------------------ refusals
    Screen("not-found", "/nobody/", status=404),
    Screen("forbidden", f"{PENGUINS}/edit/", "stranger", status=403),
]

NOT_LOOKED_AT = {
    "answers a form": """compare_choose people_remove people_uninvite review_remark review_claim token_revoke
        review_undo access_remark access_cancel audit_verify jobs_again notices_read send_again grant_revoke
        version_take_back rule_set_take rule_set_discard rule_set_remove rule_set_attach rule_set_detach rule_remove
        describe import remove_table start_again apply_annotations cancel_upload storage_clean set_language
        describe_document remove_document keep_document""",
    "is a part of another page": "tables job suggested documents",
    "is a file or leads elsewhere": """badge rule_suite_json notice favicon mfa_download_recovery_codes changes_json
        changes_csv""",
    "is one of the forms behind the page of the second factor, looked at in its own tests": """mfa_authenticate
        mfa_reauthenticate mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes
        account_confirm_login_code""",
    "needs an address of its own, looked at in its own tests": "invitation account_set_password opening",
}
"""Names of the URL configuration that no screen shows, by the reason."""
