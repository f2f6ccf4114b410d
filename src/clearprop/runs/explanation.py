"""The first batch of a training, step by step, as text."""

from clearprop.insight.explain import explain, first_batch
from clearprop.insight.explanation import render
from clearprop.model import FitArguments, plan_fit
from clearprop.runs.prepared import Prepared


def explanation(prepared: Prepared) -> str:
    """Return the first batch of a training, step by step, as text."""
    arguments = FitArguments(prepared.train, batch_size=prepared.recipe.fit.batch_size)
    fit = plan_fit(prepared.model.start, arguments).fit
    batch, values = first_batch(fit.network, fit.training, fit.inputs.preparation, fit.rows)
    steps = explain(fit.network, fit.position.state.params, batch, values)
    return render(steps, len(batch.x), adversarial=fit.training.adversarial)
