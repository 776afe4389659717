from django.urls import path

from catalog.api import converters
from quality.api import rules

app_name = "quality-api"
_ = converters
urlpatterns = [path("datasets/<cfslug:owner>/<cfslug:dataset>/rules", rules.RulesView.as_view(), name="rules")]
