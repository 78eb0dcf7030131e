"""Checkpoints → ONNX → parity → bundle. The only place that sees both the trainer and the app."""
