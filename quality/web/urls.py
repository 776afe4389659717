"""The addresses of rules. They stand before the catalog's, whose ``/{owner}/`` would swallow them."""

from django.urls import URLPattern, path

from catalog.web import converters
from quality.web import proposals, rule, rule_sets, rules, suite

app_name = "quality"
_ = converters  # Registered by being imported.

RULES = "<name:owner>/<name:dataset>/rules/"
SETS = "organizations/<name:owner>/rule-sets/"

urlpatterns: list[URLPattern] = [
    path(SETS, rule_sets.list_all, name="rule_sets"),
    path("organizations/<name:owner>/new-rule-set/", rule_sets.create, name="rule_set_new"),
    path(f"{SETS}<name:name>/", rule_sets.one, name="rule_set"),
    path(f"{SETS}<name:name>/edit/", rule_sets.edit, name="rule_set_edit"),
    path(f"{SETS}<name:name>/new-version/", rule_sets.new_version, name="rule_set_version"),
    path(RULES, rules.rules, name="rules"),
    path(f"{RULES}add/", rule.choose, name="rule_choose"),
    path(f"{RULES}add/<slug:rule_type>/", rule.add, name="rule_add"),
    path(f"{RULES}attach/", rules.attach, name="rule_set_attach"),
    path(f"{RULES}detach/", rules.detach, name="rule_set_detach"),
    path(f"{RULES}proposals/", proposals.proposals, name="rule_proposals"),
    path(f"{RULES}suite/", suite.suite, name="rule_suite"),
    path(f"{RULES}suite.json", suite.export, name="rule_suite_json"),
    path(f"{RULES}<slug:rule_id>/edit/", rule.edit, name="rule_edit"),
    path(f"{RULES}<slug:rule_id>/remove/", rules.remove, name="rule_remove"),
]
