from quality.models.check_run import CheckRun, CheckRunState
from quality.models.comparison import Comparison, ComparisonState
from quality.models.rule_set import RuleSet, RuleSetUse, RuleSetVersion

__all__ = [
    "CheckRun",
    "CheckRunState",
    "Comparison",
    "ComparisonState",
    "RuleSet",
    "RuleSetUse",
    "RuleSetVersion",
]
