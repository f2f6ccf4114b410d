"""The classic interface: Nielsen's vocabulary over `clearprop.MLP`, with the same training.

    from clearprop.classic import MLP, SGD, CrossEntropyLoss, Sigmoid, Monitor, load_data_wrapper

    train_data, val_data = load_data_wrapper()
    model = MLP(layers=[784, 30, 10], optimizer=SGD, loss=CrossEntropyLoss, activation=Sigmoid,
                learning_rate=0.1, lmbda=5.0)
    monitor = Monitor(training=True, validation=True, save=True)
    model.fit(train_data, val_data, epochs=5, batch_size=32, monitor=monitor)

M. Nielsen, Neural Networks and Deep Learning, Determination Press 2015.
"""

from clearprop.classic.mlp import MLP, load_model
from clearprop.classic.monitor import Monitor
from clearprop.classic.pairs import load_data_wrapper
from clearprop.classic.words import (
    SGD,
    Adam,
    CrossEntropyLoss,
    MeanSquaredError,
    ReLU,
    Sigmoid,
)

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "CrossEntropyLoss",
    "MeanSquaredError",
    "Monitor",
    "ReLU",
    "Sigmoid",
    "load_data_wrapper",
    "load_model",
]
