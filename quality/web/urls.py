"""The addresses of rules. They stand before the catalog's, whose ``/{owner}/`` would swallow them."""

from django.urls import URLPattern, path

from catalog.web.frame import converters
from quality.web import proposals, rule, rule_sets, rules, set_editor, suite

app_name = "quality"
_ = converters  # Registered by being imported.

RULES = "<name:owner>/<name:dataset>/rules/"
SETS = "organizations/<name:owner>/rule-sets/"

urlpatterns: list[URLPattern] = [
    path(SETS, rule_sets.list_all, name="rule_sets"),
    path("organizations/<name:owner>/new-rule-set/", rule_sets.create, name="rule_set_new"),
    path(f"{SETS}<name:name>/", rule_sets.one, name="rule_set"),
    path(f"{SETS}<name:name>/edit/", rule_sets.edit, name="rule_set_edit"),
    path(f"{SETS}<name:name>/new-version/", set_editor.editor, name="rule_set_version"),
    path(f"{SETS}<name:name>/new-version/take/", set_editor.take, name="rule_set_take"),
    path(f"{SETS}<name:name>/new-version/discard/", set_editor.discard, name="rule_set_discard"),
    path(f"{SETS}<name:name>/new-version/add/", set_editor.choose, name="rule_set_choose"),
    path(f"{SETS}<name:name>/new-version/add/<slug:rule_type>/", set_editor.add, name="rule_set_add"),
    path(f"{SETS}<name:name>/new-version/<slug:rule_id>/edit/", set_editor.edit, name="rule_set_rule"),
    path(f"{SETS}<name:name>/new-version/<slug:rule_id>/remove/", set_editor.remove, name="rule_set_remove"),
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
