"""PyTorch side of emoterm: data, models, training loops, metrics. Never imports the app."""
