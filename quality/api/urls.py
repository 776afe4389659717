from django.urls import path

from catalog.api.manners import converters
from quality.api import differences, rule_sets, rules, trials

app_name = "quality-api"
_ = converters
DATASET = "datasets/<cfslug:owner>/<cfslug:dataset>"
DIFFERENCE = f"{DATASET}/versions/<cfversion:version>/difference"
RULE_SET = "rule-sets/<cfslug:owner>/<cfslug:name>"
urlpatterns = [
    path(f"{DATASET}/rules", rules.RulesView.as_view(), name="rules"),
    path(f"{DATASET}/rules/proposals", trials.ProposalsView.as_view(), name="rule-proposals"),
    path(f"{DATASET}/rules/preview", trials.PreviewView.as_view(), name="rule-preview"),
    path(f"{DATASET}/rules/suite", trials.SuiteView.as_view(), name="rule-suite"),
    path("rule-sets", rule_sets.RuleSetsView.as_view(), name="rule-sets"),
    path(RULE_SET, rule_sets.RuleSetView.as_view(), name="rule-set"),
    path(f"{RULE_SET}/versions", rule_sets.RuleSetVersionsView.as_view(), name="rule-set-versions"),
    path(f"{RULE_SET}/<cfversion:number>", rule_sets.RuleSetVersionView.as_view(), name="rule-set-version"),
    path(f"{DATASET}/rule-sets", rule_sets.AttachedView.as_view(), name="attached-rule-sets"),
    path(
        f"{DATASET}/rule-sets/<cfslug:set_owner>/<cfslug:name>",
        rule_sets.DetachView.as_view(),
        name="attached-rule-set",
    ),
    path(DIFFERENCE, differences.DifferenceView.as_view(), name="difference"),
    path(f"{DIFFERENCE}/<cfslug:resource>.parquet", differences.ChangesView.as_view(), name="changes"),
]
