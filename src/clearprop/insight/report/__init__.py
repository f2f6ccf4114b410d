"""The evaluation report: a page that shows how good a classifier is, and where it fails."""

from clearprop.insight.report.classifier import Classifier
from clearprop.insight.report.figures import Figures
from clearprop.insight.report.writing import check_report, write_report

__all__ = ["Classifier", "Figures", "check_report", "write_report"]
