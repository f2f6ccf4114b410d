"""Flax NNX: the train step of its documentation, its advice for speed, and a scan over an epoch."""

import itertools
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.contenders.optax_rule import batches, floats, optimizer
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return the documentation's loop, its functional loop, and scans over floats and pixels."""
    makers = {"nnx.jit": Loop, "functional loop": Functional, "scan": Scan}
    made: Forms = {
        name: lambda maker=maker: maker(job, data.job_rows(job)) for name, maker in makers.items()
    }
    return made | {"scan, uint8 rows": lambda: Scan(job, data.pixels(job))}


def network(job: Job) -> Any:
    """Return linear layers with ReLU between them."""
    import jax
    from flax import nnx

    class Perceptron(nnx.Module):
        def __init__(self, rngs: Any) -> None:
            pairs = itertools.pairwise(job.layers)
            self.layers = nnx.List([nnx.Linear(a, b, rngs=rngs) for a, b in pairs])

        def __call__(self, x: Any) -> Any:
            for layer in self.layers[:-1]:
                x = jax.nn.relu(layer(x))
            return self.layers[-1](x)

    return Perceptron(nnx.Rngs(job.seed))


def train_step(model: Any, optimizer: Any, x: Any, y: Any) -> None:
    """Make one update, as the documentation writes it."""
    import optax
    from flax import nnx

    def loss_of(model: Any) -> Any:
        return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()

    optimizer.update(model, nnx.grad(loss_of)(model))


class Trainer:
    """A model, its optimizer and the rows on the device."""

    def __init__(self, job: Job, rows: tuple) -> None:
        import jax.numpy as jnp
        from flax import nnx

        self.job, self.rng = job, np.random.default_rng(job.seed)
        self.x, self.y = (jnp.asarray(a) for a in rows)
        self.model = network(job)
        self.optimizer = nnx.Optimizer(self.model, optimizer(job), wrt=nnx.Param)
        self.prepare()

    def prepare(self) -> None:
        """Compile what an epoch needs."""

    def train(self, epochs: int) -> None:
        """Make the epochs, and wait for the last update."""
        import jax

        for _ in range(epochs):
            self.epoch(*batches(self.rng, len(self.x), self.job.batch_size))
        jax.block_until_ready(self.leaves())

    def epoch(self, full: np.ndarray, rest: np.ndarray) -> None:
        """Make one epoch, a step after the other."""
        for index in (*full, *([rest] if len(rest) else [])):
            self.step(index)

    def step(self, index: np.ndarray) -> None:
        """Make one update on the rows of an index."""
        raise NotImplementedError

    def leaves(self) -> Any:
        """Return the arrays that the last update makes."""
        from flax import nnx

        return nnx.state(self.model)

    def accuracy(self) -> float:
        """Evaluate."""
        x, y = data.judging(self.job.held_out)
        return float((np.asarray(self.model(x)).argmax(1) == y).mean())


class Loop(Trainer):
    """`nnx.jit` with `nnx.cached_partial`, as the page on performance advises."""

    def prepare(self) -> None:
        """Let the graph be walked once and not at every step."""
        from flax import nnx

        @nnx.jit(graph=True, graph_updates=True)
        def step(model: Any, optimizer: Any, x: Any, y: Any, index: Any) -> None:
            train_step(model, optimizer, floats(x[index]), y[index])

        with nnx.set_graph_mode(True), nnx.set_graph_updates(True):
            self.cached = nnx.cached_partial(step, self.model, self.optimizer)

    def step(self, index: np.ndarray) -> None:
        """Make one update."""
        self.cached(self.x, self.y, index)


class Functional(Trainer):
    """The graph split into a definition and a state, and `jax.jit` over the state."""

    def prepare(self) -> None:
        """Split, and compile a step."""
        import jax
        from flax import nnx

        self.graph, self.state = nnx.split((self.model, self.optimizer))

        def step(state: Any, x: Any, y: Any, index: Any) -> Any:
            model, optimizer = nnx.merge(self.graph, state)
            train_step(model, optimizer, floats(x[index]), y[index])
            return nnx.state((model, optimizer))

        self.one = step
        self.compiled = jax.jit(step, donate_argnums=0)

    def step(self, index: np.ndarray) -> None:
        """Make one update."""
        self.state = self.compiled(self.state, self.x, self.y, index)

    def leaves(self) -> Any:
        """Return the state."""
        return self.state

    def accuracy(self) -> float:
        """Put the state back, and evaluate."""
        from flax import nnx

        self.model, self.optimizer = nnx.merge(self.graph, self.state)
        return super().accuracy()


class Scan(Functional):
    """All full batches of an epoch as one `lax.scan`; the rows that remain are a step more."""

    def prepare(self) -> None:
        """Compile an epoch as well."""
        import jax

        super().prepare()

        def epoch(state: Any, x: Any, y: Any, full: Any) -> Any:
            return jax.lax.scan(lambda s, i: (self.one(s, x, y, i), None), state, full)[0]

        self.whole = jax.jit(epoch, donate_argnums=0)

    def epoch(self, full: np.ndarray, rest: np.ndarray) -> None:
        """Make one epoch."""
        self.state = self.whole(self.state, self.x, self.y, full)
        if len(rest):
            self.step(rest)
