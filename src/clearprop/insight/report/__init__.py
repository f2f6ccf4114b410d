"""The evaluation report: a page that shows how good a model is, and where it fails."""

from clearprop.insight.report.classifier import Classifier, Model
from clearprop.insight.report.figures import Figures
from clearprop.insight.report.report import check_report, write_report

__all__ = ["Classifier", "Figures", "Model", "check_report", "write_report"]
